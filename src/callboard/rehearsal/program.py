"""Reads a plan and finds what will or may go wrong with it: `finder` runs this file as a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from callboard.app import sections
from callboard.core.calendar import DateRange
from callboard.core.workshop import limit_memory, serve
from callboard.planfile.check import check
from callboard.planfile.report import Checked
from callboard.rehearsal import findings
from callboard.teams.plan.directory import drafted, seen_by

FILE = "plan.yml"
MOST_MEMORY = 1_500_000_000


def found(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings of a question as plain values: the plan's file, from when on, who is away, which gates passed."""
    checked = check(question["source"], FILE, sections())
    now = datetime.fromisoformat(question["now"])
    every = findings.find(_with_absences(checked, question["away"]), now=now, passed=question["passed"])
    return [{**asdict(each), "at": each.at and each.at.isoformat()} for each in every]


def _with_absences(checked: Checked, away: Mapping[str, Any]) -> Checked:
    """The same plan with the absences of today; those who are not named keep what the file says."""
    directory = drafted(checked.document)
    if directory is None:
        return checked
    days = {key: tuple(DateRange(*map(date.fromisoformat, each)) for each in own) for key, own in away.items()}
    people = {key: replace(each, away=days.get(key, each.away)) for key, each in directory.people.items()}
    return replace(checked, document=seen_by(checked.document, replace(directory, people=people)))


if __name__ == "__main__":
    limit_memory(MOST_MEMORY)
    serve(found)
