"""What runs now, what is next, which gates are due, what comes for one reader, and what is on hold: short lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.words import joined, waits_wait
from callboard.planfile import calendar
from callboard.planfile.names import name_of
from callboard.planfile.sections import Document, Happening
from callboard.planfile.timetable import span_of, timetable
from callboard.planning.briefings import PASSING
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from callboard.teams.directory import Directory, Person
from callboard.teams.plan.directory import seen_by

AHEAD = timedelta(days=14)
MOST, MOST_NAMED = 3, 5
KINDS = {"runbook": "run-book"}
NEXT = ("phase", "meeting", "runbook", "date", "plan", "freeze")
Chapters = dict[str, list[str]]


def of(tx: Tx, directory: Directory, reader: Person) -> Chapters:
    """The lines by their headings, in the order in which they are read."""
    document = seen_by(plans.live(tx, directory.plan_id), directory)
    comes = [each for each in calendar.happenings(document, (tx.now, tx.now + AHEAD)) if each.at > tx.now]
    own = [each for each in comes if reader.key in each.who and each.kind not in PASSING]
    held = {hold.target for hold in holds.standing(tx, directory.plan_id)}
    return {
        "Now": list(_running(tx, document)),
        "Next": [_line(each, on_hold=each.key in held) for each in comes if each.kind in NEXT][:MOST],
        "Gates": [_line(each) for each in comes if each.kind == "gate"][:MOST],
        "For you": [
            *(_line(each) for each in own[:MOST]),
            "Your tasks: `/task mine`. All that comes: `/plan calendar`.",
        ],
        **_held(tx, directory.plan_id, document),
    }


def _running(tx: Tx, document: Document) -> Iterator[str]:
    table = timetable(document)
    for key, part in (document.of(PHASES) or {}).items():
        span = span_of(table, part.from_, part.to)
        if span and span[0] <= tx.now < span[1]:
            yield f"{m.escape(name_of(document, key))}, until {m.date(span[1], 'both')}"


def _line(each: Happening, *, on_hold: bool = False) -> str:
    if on_hold:
        return f"{m.escape(each.name.removesuffix(' begins'))} is on hold, planned for {m.date(each.at, 'both')}"
    kind = "" if each.name.lower().startswith(each.kind) else f" ({each.kind})"
    return f"{m.escape(each.name)}{kind}, {m.date(each.at, 'both')}"


def _held(tx: Tx, plan_id: int, document: Document) -> Chapters:
    """By kind, and those together that wait for the same."""
    waits: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for hold in holds.standing(tx, plan_id):
        waits.setdefault(hold.target, []).append(hold.by)
        kinds[hold.target] = hold.kind
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for target, by in waits.items():
        alike.setdefault((kinds[target], tuple(by)), []).append(target)
    found: Chapters = {}
    for (kind, holders), targets in alike.items():
        names, what = _names(document, targets), _names(document, holders)
        waiting = f"{names} {waits_wait(targets)} for {what}"
        found.setdefault(f"{KINDS.get(kind, kind).capitalize()}s on hold", []).append(waiting)
    return found


def _names(document: Document, keys: Iterable[str]) -> str:
    return joined((m.escape(name_of(document, key)) for key in keys), MOST_NAMED)
