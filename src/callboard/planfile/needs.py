"""What waits for what: all that `needs` and `wants` name, whether that exists, goes in a circle, or comes too late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, NamedTuple

from callboard.core.words import joined
from callboard.planfile import task_sets
from callboard.planfile.names import nearest
from callboard.planfile.sections import PART, SET, Awaited, Document, Need, Problem, Section, entries, whole_of
from callboard.planfile.timetable import Timetable, timetable

Waits = dict[str, dict[str, None]]
"""What each name waits for, in the order of the file."""
BEGINS = ("from", "start", "due")
"""What says when something begins; what only has a `due` begins by then."""


def written(document: Document, word: str = "needs") -> Iterator[Need]:
    """Every need of a plan, one by one, whatever else is wrong with it."""
    known = set(_awaited(document))
    for section in document.sections:
        for key in document.keys(section.name) if section.waits else ():
            entry = document.body[section.name][key]
            listed = entry.get(word) if isinstance(entry, Mapping) else None
            for number, one in enumerate(listed if isinstance(listed, list) else [listed]):
                if isinstance(one, str | int | Mapping):
                    name = one if isinstance(one, Mapping) else str(one)
                    ids = (name,) if isinstance(name, str) and name in known else task_sets.members(document, [name])
                    yield Need((section.name, key, word, number), key, name, tuple(ids))


def awaited(document: Document, of: str, word: str = "needs") -> list[str]:
    """The ids of what a phase, team, task, gate or run-book needs, or `wants`, each once."""
    return list(dict.fromkeys(by for need in written(document, word) if need.of == of for by in need.ids))


def _awaited(document: Document) -> list[str]:
    """The ids that `needs` may name."""
    return [key for section in document.sections if section.awaited for key in document.ids(section)]


def check(document: Document) -> Iterator[Problem]:
    """Refuse needs and wants that name themselves or nothing that exists, and needs that go in a circle."""
    for word in ("needs", "wants"):
        for need in written(document, word):
            if need.written == need.of:
                yield document.error(need.path, f"`{need.of}` {word} itself: take it out")
            elif not need.ids:
                yield document.error(need.path, _unknown(document, need.written))
    yield from _circles(document)


def _unknown(document: Document, name: Any) -> str:
    if not isinstance(name, str) or "*" in name or ".." in name:
        return next((sentence for _, sentence in task_sets.strangers(document, [name])), f"`{name}` names no task")
    possible = [section for section in document.sections if section.awaited]
    other = next((section.one for section in document.with_ids if name in document.keys(section.name)), "")
    if other:
        kinds = joined((section.many or section.name for section in possible), word="or")
        return f"`{name}` is a {other}: name {kinds}, which can be waited for"
    kinds = joined((section.one for section in possible), word="or")
    return f"there is no {kinds} `{name}`; {nearest(document, name, _awaited(document))}"


def _circles(document: Document) -> Iterator[Problem]:
    """One circle after the other: the need of it that is written first is set aside before the next is looked for."""
    needs = _needs(document)
    waits = _waits(document, needs)
    while circle := _circle(waits):
        steps = set(pairwise(circle))
        around = [need for need in needs if (need.of, need.name) in steps]
        if not around:  # two things have one id, which is an error of its own
            del waits[circle[0]][circle[1]]
            continue
        first = min(around, key=lambda need: document.line(need.path))
        del waits[first.of][first.name]
        turn = circle.index(first.of)
        names = [name for name in (*circle[turn:-1], *circle[:turn], first.of) if not name.startswith(SET)]
        yield document.error(first.path, f"this waits for itself: {' -> '.join(names)}; take one of these out")


def graph(document: Document) -> Waits:
    """What everything in a plan waits for: by its needs, by what gates ask for, and tasks by their phase and team."""
    return _waits(document, _needs(document))


def _needs(document: Document) -> list[Need]:
    asked = (need for section in document.sections for need in section.asked(document))
    return [need for need in (*written(document), *asked) if need.written != need.of]


def _waits(document: Document, needs: list[Need]) -> Waits:
    """What needs say, and what tasks wait for without saying so: their phase and team."""
    waits: Waits = {}
    for need in needs:
        waits.setdefault(need.of, {})[need.name] = None
        if need.name not in need.ids:
            waits[need.name] = dict.fromkeys(need.ids)
    for key, task in entries(document.body.get("tasks")):
        about = (task.get(word) for word in ("phase", "team", "lead_team"))
        waits.setdefault(key, {}).update(dict.fromkeys(name for name in about if isinstance(name, str)))
    parts = [name for need in needs for name in need.ids if PART in name]
    return waits | {name: {whole_of(name): None} for name in parts}


def _circle(waits: Waits) -> list[str]:
    """Names that each wait for the next, the last being the first again; empty where nothing goes in a circle."""
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as circle:
        return list(reversed(circle.args[1]))
    return []


class When(NamedTuple):
    """A moment, as it is shown, and what happens then: it `begins` or `is due`."""

    at: datetime
    shown: str
    what: str


def check_order(document: Document) -> Iterator[Problem]:
    """Warn of what is due too late for what needs it: of gates after that begins, of tasks after that is due."""
    table = timetable(document)
    if table is None:
        return
    kinds = {section.name: section for section in document.sections}
    home = {key: section for section in document.sections if section.awaited for key in document.ids(section)}

    @cache
    def begins(section: Section[Any], key: str) -> When | None:
        entry = _entry(document, section.name, key)
        return _when(table, {"from": section.starts(entry)} if section.starts else entry, BEGINS)

    @cache
    def due(key: str) -> When | None:
        return _when(table, _entry(document, home[key].name, whole_of(key)), ("due",))

    for need in written(document):
        mine = begins(kinds[str(need.path[0])], need.of)
        for key in need.ids if mine else ():
            theirs, section = due(key), home[key]
            early = section.awaited is Awaited.TO_BEGIN or (mine and mine.what == "is due")
            if mine and theirs and theirs.at > mine.at and early:
                sentence = f"{section.one} {key} is due {theirs.shown}, after this {mine.what}, {mine.shown}"
                yield document.warning(need.path, f"{sentence}: move one of them")


def _entry(document: Document, section: str, key: str) -> Mapping[str, Any]:
    entry = document.body[section].get(key)
    return entry if isinstance(entry, Mapping) else {}


def _when(table: Timetable, entry: Mapping[str, Any], words: tuple[str, ...]) -> When | None:
    for word in words:
        if wall := table.read(entry.get(word)):
            at = wall.instant(table.calendar, opening=word != "due")
            return When(at, str(wall), "is due" if word == "due" else "begins")
    return None
