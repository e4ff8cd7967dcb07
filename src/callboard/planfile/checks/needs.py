"""Whether what is waited for is there, goes in no circle, and comes in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, NamedTuple

from callboard.core.calendar import Wall
from callboard.core.errors import did_you_mean
from callboard.planfile import needs, task_sets
from callboard.planfile.checks.ids import SPACE
from callboard.planfile.diff import ONE
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Moment, Timetable, Unknown, parse_moment
from callboard.planfile.needs import AWAITED, SET, Need, written
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.times import parse_time

Waits = dict[str, dict[str, None]]
"""What each name waits for, in the order of the file."""
CLEAR = "take one of these out"
DEEPEST = 40
BEGINS = ("from", "start", "due")
"""What is known of the beginning of something: it begins then, or it is done by then."""


def check(document: Document) -> Iterator[Problem]:
    """Refuse needs and wants that name nothing there is, or themselves, and needs that go in a circle."""
    for word in ("needs", "wants"):
        for need in written(document, word):
            if need.written == need.of:
                yield document.error(need.path, f"`{need.of}` {word} itself: take it out")
            elif not need.ids:
                yield document.error(need.path, _unknown(document, need.written))
    yield from _check_circles(document)


def _unknown(document: Document, name: Any) -> str:
    if not isinstance(name, str) or "*" in name or ".." in name:
        sentences = [sentence for _, sentence in task_sets.strangers(document, [name])]
        return sentences[0] if sentences else f"`{name}` names no task"
    kind = next((section for section in SPACE if name in document.keys(section)), "")
    if kind:
        return f"`{name}` is a {ONE[kind]}: name tasks, gates or phases, which can be waited for"
    known = [key for section in AWAITED for key in document.keys(section)]
    return f"there is no task, gate or phase `{name}`; {did_you_mean(name, known)}"


def _check_circles(document: Document) -> Iterator[Problem]:
    """One circle after the other; of each, the need written first is set aside before the next is looked for."""
    needs = [need for need in (*written(document), *_asked(document)) if need.written != need.of]
    waits: Waits = {}
    for need in needs:
        waits.setdefault(need.of, {})[need.name] = None
        if need.name not in need.ids:
            waits[need.name] = dict.fromkeys(need.ids)
    for waiting, awaited in _implied(document):
        waits.setdefault(waiting, {}).update(dict.fromkeys(awaited))
    while circle := _circle(waits):
        steps = set(pairwise(circle))
        said = [need for need in needs if (need.of, need.name) in steps]
        if not said:  # ids that are taken twice; that has been said
            del waits[circle[0]][circle[1]]
            continue
        where = min(said, key=lambda need: document.line(need.path))
        del waits[where.of][where.name]
        turn = circle.index(where.of)
        around = [name for name in (*circle[turn:-1], *circle[:turn], where.of) if not name.startswith(SET)]
        yield document.error(where.path, f"this waits for itself: {' -> '.join(around)}; {CLEAR}")


def _circle(waits: Waits) -> list[str]:
    """Some names of which each waits for the next, the last being the first again; empty where nothing goes round."""
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as found:
        return list(reversed(found.args[1]))
    return []


def _implied(document: Document) -> Iterator[tuple[str, list[str]]]:
    """What waits without saying so: tasks for their phase and team."""
    for key, task in _entries(document, "tasks"):
        about = [task.get(word) for word in ("phase", "team", "lead_team")]
        yield key, [name for name in about if isinstance(name, str)]


def _asked(document: Document) -> Iterator[Need]:
    """What gates wait for by their criteria, also by those within others: tasks and gates."""
    for key, gate in _entries(document, "gates"):
        yield from _in_criteria(document, key, ("gates", key, "criteria"), gate.get("criteria"))


def _in_criteria(document: Document, gate: str, at: Path, criteria: Any) -> Iterator[Need]:
    for number, one in enumerate(criteria if isinstance(criteria, list) else [criteria]):
        if not isinstance(one, Mapping):
            continue
        here = (*at, number)
        if isinstance(name := one.get("gate"), str) and name in document.keys("gates"):
            yield Need((*here, "gate"), gate, name, (name,))
        if "tasks" in one:
            listed = one["tasks"] if isinstance(one["tasks"], list) else [one["tasks"]]
            for place, each in enumerate(listed):
                yield Need((*here, "tasks", place), gate, each, tuple(task_sets.members(document, [each])))
        for word in ("any", "all"):
            if word in one and len(here) < DEEPEST:
                yield from _in_criteria(document, gate, (*here, word), one[word])


def _entries(document: Document, section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key in document.keys(section):
        if isinstance(document.body[section][key], Mapping):
            yield key, document.body[section][key]


class When(NamedTuple):
    """A moment, as it is shown, and what then is: it `begins` or `is due`."""

    at: datetime
    shown: str
    what: str


def check_order(document: Document) -> Iterator[Problem]:
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
