"""Where each table keeps what a person typed: the column that says who, and the columns that hold their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Words(NamedTuple):
    """Words of the person in `by`; a row without a plan of its own belongs to that of its gate."""

    by: str
    columns: Sequence[str]


WORDS: Mapping[str, Sequence[Words]] = {
    "awards": [Words("by", ["text"])],
    "blockers": [Words("reporter", ["what"])],
    "check_ins": [Words("person", ["answers", "why", "waits_for"])],
    "conflicts": [Words("ended_by", ["ended_why"]), Words("decided_by", ["decision"])],
    "emergencies": [Words("by", ["what"]), Words("ended_by", ["summary"])],
    "freeze_exceptions": [Words("by", ["answers"])],
    "gate_signatures": [Words("person", ["reason"])],
    "gate_ticks": [Words("by", ["evidence"])],
    "gate_waivers": [Words("by", ["why", "risk_of_adding", "risk_of_cutting"])],
    "holds": [Words("by", ["reason"])],
    "inquiries": [Words("by", ["answers"])],
    "kudos": [Words("by", ["text"])],
    "lessons": [Words("by", ["text"])],
    "lock_allowances": [Words("by", ["reason"])],
    "locks": [Words("holder", ["reason"]), Words("ended_by", ["ended_why"])],
    "measurements": [Words("by", ["link"])],
    "meetings": [Words("by", ["notes", "decisions", "lessons"])],
    "plan_edits": [Words("author", ["reason"])],
    "plan_versions": [Words("author", ["reason"])],
    "retrospective_lines": [Words("by", ["text"])],
    "risk_questions": [Words("person", ["said"])],
    "run_steps": [Words("ended_by", ["reason", "link"])],
    "runs": [Words("called_by", ["reason"])],
    "status_requests": [Words("person", ["replies"])],
}
PLAN = ("plan_drafts", "plan_edits", "plan_versions", "plans", "policies", "risks", "tasks")
"""What somebody adds to a plan is the plan's, and stays; only their names go from it."""
TIMES = ("at", "asked_at", "raised_at", "declared_at", "placed_at", "detected_at", "called_at", "started_at")
"""What tables call the time at which such words were typed."""
