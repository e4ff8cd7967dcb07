"""The sections `runbooks` and `rollbacks` of the plan file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.planfile.sections import Dated, Section, Waits, entries
from callboard.planfile.times import parse_time
from callboard.runbooks.plan import calendar, check
from callboard.runbooks.plan.types import RollbackPart, RunbookPart


def dated(written: Any) -> Iterator[Dated]:
    """The steps that say a time of day."""
    for key, runbook in entries(written):
        for number, step in entries(runbook.get("steps")):
            yield (key, "steps", number, "at"), step.get("title"), f"{runbook.get('day')} {step.get('at')}"


def starts(runbook: Mapping[str, Any]) -> str:
    """The day of a run-book, with the time of its first step where that is a time of day."""
    first = dict(entries(runbook.get("steps"))).get(0, {})
    at = str(first.get("at", ""))
    try:
        parse_time(at)
    except ValueError:
        at = ""
    return f"{runbook.get('day', '')} {at}".strip()


RUNBOOKS: Section[Mapping[str, RunbookPart]] = Section(
    name="runbooks", one="run-book", many="run-books", model=dict[str, RunbookPart], check=check.runbooks,
    happens=calendar.happens, shared_ids=True, waits=Waits.UNHELD, counted=True, dated=dated, starts=starts,
)  # fmt: skip
ROLLBACKS: Section[Mapping[str, RollbackPart]] = Section(
    name="rollbacks", one="rollback", model=dict[str, RollbackPart], check=check.rollbacks
)
