"""Whether what is waited for comes in time: a gate due after what needs it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from callboard.core.calendar import Wall, parse_time
from callboard.core.moments import Moment, Timetable, Unknown, parse_moment
from callboard.core.sections import Document, Problem
from callboard.plans import needs
from callboard.plans.difference import ONE
from callboard.plans.frame import timetable

BEGINS = ("from", "start", "due")
"""What is known of the beginning of something: it begins then, or it is done by then."""


class When(NamedTuple):
    """A moment, as it is shown, and what then is: it `begins` or `is due`."""

    at: datetime
    shown: str
    what: str


def check(document: Document) -> Iterator[Problem]:
    """Warn of gates that are due after what needs them begins, and of tasks due after what needs them is due."""
    table = timetable(document)
    if table is None:
        return
    order = _Order(document, table)
    for need in needs.written(document):
        mine = order.begins(str(need.path[0]), need.of)
        for key in need.ids if mine else ():
            section = order.section(key)
            due = order.due(section, key)
            if mine and due and due.at > mine.at and (section == "gates" or mine.what == "is due"):
                sentence = f"{ONE[section]} {key} is due {due.shown}, after this {mine.what}, {mine.shown}"
                yield document.warning(need.path, f"{sentence}: move one of them")


class _Order:
    """When each thing of a document begins and is due; every one is reckoned once."""

    def __init__(self, document: Document, table: Timetable) -> None:
        self._table = table
        self._body = document.body
        self._gates = set(document.keys("gates"))
        self._begins: dict[tuple[str, str], When | None] = {}
        self._due: dict[tuple[str, str], When | None] = {}

    def section(self, key: str) -> str:
        """Where an id that is waited for belongs."""
        return "gates" if key in self._gates else "tasks"

    def due(self, section: str, key: str) -> When | None:
        """When something is due; None where nobody can tell."""
        if (section, key) not in self._due:
            self._due[section, key] = self._when(self._entry(section, key), ("due",))
        return self._due[section, key]

    def begins(self, section: str, key: str) -> When | None:
        """When something begins; where only that is known, when it is due."""
        if (section, key) not in self._begins:
            entry = self._entry(section, key)
            known = {"from": _first_step(entry)} if section == "runbooks" else entry
            self._begins[section, key] = self._when(known, BEGINS)
        return self._begins[section, key]

    def _entry(self, section: str, key: str) -> Mapping[str, Any]:
        entries = self._body.get(section)
        found = entries.get(key) if isinstance(entries, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def _when(self, entry: Mapping[str, Any], words: tuple[str, ...]) -> When | None:
        for word in words:
            wall = self._wall(entry.get(word))
            if wall:
                at = wall.instant(self._table.calendar, opening=word != "due")
                return When(at, str(wall), "is due" if word == "due" else "begins")
        return None

    def _wall(self, written: Any) -> Wall | None:
        try:
            moment = parsed(str(written or ""))
            return self._table.wall(moment) if moment else None
        except Unknown:
            return None


@lru_cache(maxsize=1024)
def parsed(text: str) -> Moment | None:
    """A moment as written; None where it is none."""
    try:
        return parse_moment(text)
    except ValueError:
        return None


def _first_step(runbook: Mapping[str, Any]) -> str:
    """The day of a run-book, with the time of its first step where that is a time of day."""
    steps = runbook.get("steps")
    first = steps[0] if isinstance(steps, list) and steps else {}
    at = str(first.get("at", "")) if isinstance(first, Mapping) else ""
    try:
        parse_time(at)
    except ValueError:
        at = ""
    return f"{runbook.get('day', '')} {at}".strip()
