"""The sections `measures` and `gates` of the plan file: their rows, the holds that gates place, and their calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

from callboard.core import outbox
from callboard.core.calendar import Calendar
from callboard.core.db import Tx
from callboard.core.ticks import MOMENT
from callboard.escalation import service as escalation
from callboard.gates import quorum, store
from callboard.gates.models import BETWEEN, KIND, Gate
from callboard.gates.plan import check
from callboard.gates.plan.consequences import consequences
from callboard.gates.plan.items import gates_of, items_in
from callboard.gates.plan.poll import opens, voices
from callboard.gates.plan.types import GatePart, TickPart, of_kind, tasks_in
from callboard.planfile import needs, task_sets
from callboard.planfile.names import name_of
from callboard.planfile.sections import (
    Awaited,
    Document,
    Happening,
    Need,
    Path,
    Section,
    Waits,
    Window,
    dated_by,
    entries,
    several,
)
from callboard.planfile.times import show_span
from callboard.planfile.timetable import instant_of, placed, timetable
from callboard.plans import holds
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams

A_WHILE = timedelta(days=21)
"""How far back the last working hours before a reminder are looked for."""
DEEPEST = 40
HELD = {"tasks": "task", "gates": "gate", "runbooks": "runbook"}
"""The sections whose `needs` of gates are holds placed here; `plans` places those of phases and teams."""


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """A row for each gate; what people did with it stays. One that left the plan holds nothing."""
    rows = {row.key: row for row in store.every_gate(tx, plan_id)}
    written = gates_of(document)
    for key, part in written.items():
        row = rows.setdefault(key, Gate(plan_id=plan_id, key=key, name=part.name, seen_until=tx.now))
        if row.gone:
            outbox.touch(tx, KIND, [row.number])
        row.name, row.decision, row.gone, row.wake_at = part.name, part.decision, False, tx.now
        _due(row, instant_of(timetable(document), part.due), tx.now)
        tx.session.add(row)
    for key, row in rows.items():
        if key not in written and not row.gone:
            row.gone, row.wake_at = True, None
            outbox.touch(tx, KIND, [row.number])
            escalation.stop(tx, row.subject)
            holds.lift(tx, plan_id, by=key, actor=holds.PLAN, reason="the gate has left the plan")
    tx.session.flush()
    tx.local.pop(("gates", plan_id), None)
    wanted = list(_wanted(document, HELD))
    for key in written:
        _hold(tx, rows[key], {target: kind for kind, target, by in wanted if by == key})


def _due(gate: Gate, at: datetime | None, now: datetime) -> None:
    """A gate that people know and that is due in the past from now on is missed now."""
    if gate.id and at and at <= now and at != gate.due_at:
        gate.seen_until = min(gate.seen_until, at - MOMENT)
    gate.due_at = at


def _hold(tx: Tx, gate: Gate, targets: Mapping[str, str]) -> None:
    """Hold exactly these targets, but for those that somebody has lifted; a settled gate holds nothing."""
    plan_id, by, before = gate.plan_id, gate.key, store.held_before(tx, gate.plan_id, gate.key)
    if gate.settled:
        if any(hold.lifted_at is None for hold in before.values()):
            holds.lift(tx, plan_id, by=by, reason="it has passed already")
        return
    for target, hold in before.items():
        if hold.lifted_at is None and hold.kind in HELD.values() and target not in targets:
            holds.lift(tx, plan_id, target=target, by=by, actor=holds.PLAN, reason="the plan no longer says so")
    for target, kind in targets.items():
        if target not in before or before[target].lifted_by == holds.PLAN:
            holds.place(tx, plan_id, kind, target, by)


def _wanted(document: Document, kinds: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Kind and id of whatever is in these sections, and what it needs."""
    for need in needs.written(document):
        kind = kinds.get(str(need.path[0]))
        yield from ((kind, need.of, by) for by in need.ids if kind and by != need.of)


def place_again(tx: Tx, plan_id: int, document: Document, key: str) -> None:
    """Hold anew all that needs a gate whose waiver has ended."""
    for kind, target, by in _wanted(document, {**HELD, "phases": "phase", "teams": "team"}):
        if by == key:
            holds.place(tx, plan_id, kind, target, key, reason="its waiver has ended")


def happens(document: Document, parts: Mapping[str, GatePart], window: Window) -> Iterator[Happening]:
    """Each gate when it is due, its reminders and announcements before that, and its signatures."""
    directory = teams.drafted(document)
    for key, part in parts.items() if directory else ():
        with suppress(OverflowError):
            whole = gates_of(document).get(key, part)
            happenings = list(_of_gate(document, directory, key, whole)) if directory else ()
            yield from (happening for happening in happenings if window[0] <= happening.at < window[1])


def _of_gate(document: Document, directory: Directory, key: str, part: GatePart) -> Iterator[Happening]:
    due = placed(timetable(document), part.due)
    about = quorum.Work(document, tasks_in(document, part.criteria), at=due[0] if due else None)
    signers = [quorum.signers(directory, sign_off, about) for sign_off in part.sign_off]
    yield from _signatures(document, key, part, signers)
    if part.each:  # whoever signs an item is reminded once for all of them
        items = {f"{key}{BETWEEN}{item}" for item in part.each.items}
        asked = dict.fromkeys(each for name in items for each in gates_of(document)[name].sign_off)
        signers = [quorum.signers(directory, sign_off, about) for sign_off in asked]
    if due:
        at, zone = due
        keys = {person.key for people in signers for person in people}
        people = [person for key, person in directory.people.items() if key in keys and not person.vacant]
        who = tuple(person.key for person in people)
        yield Happening(at=at, kind="gate", name=part.name, key=key, zone=zone, who=who)
        ticks = () if part.each else of_kind(TickPart, part.criteria)
        ticking = {person.key for each in ticks for person in quorum.tickers(directory, each.by, about)}
        both = [person for key, person in directory.people.items() if person in people or key in ticking]
        yield from _reminders(key, part, at, both, directory.calendar)
        yield from _announced(document, key, part, at, zone)
    yield from _polled(document, directory, key, part)


def reminded(calendar: Calendar, due: datetime, before: timedelta) -> datetime:
    """When somebody is reminded: so long before, or as soon as work begins then, or else when it last ended."""
    at = due - before
    upcoming = next((begin for begin, _ in calendar.stretches(at)), due)
    if upcoming < due:
        return upcoming
    ends = (end for _, end in calendar.shifts(at - A_WHILE))
    return max(takewhile(lambda end: end <= at, ends), default=at)


def _reminders(
    key: str, part: GatePart, due: datetime, people: Iterable[Person], plan: Calendar
) -> Iterator[Happening]:
    """Reminders keep to each person's working hours, but for who works around the clock."""
    alike: dict[Calendar | None, list[Person]] = {}
    for person in people:
        own = None if person.around_the_clock else Calendar(person.zone, person.working_hours, plan.holidays)
        alike.setdefault(own, []).append(person)
    for number, before in enumerate(part.remind):
        reached: dict[tuple[datetime, str], list[str]] = {}
        for own, same in alike.items():
            at = reminded(own, due, before) if own else due - before
            for person in same:
                reached.setdefault((at, person.timezone), []).append(person.key)
        for (at, zone), keys in reached.items():
            name = f"{part.name} is due in {show_span(due - at)}"
            yield Happening(
                at=at, kind="reminder", name=name, key=key, zone=zone, who=tuple(keys), part=f"{number} {zone}"
            )


def _announced(document: Document, key: str, part: GatePart, due: datetime, zone: str) -> Iterator[Happening]:
    """Whoever hears the result also hears that it is coming."""
    if part.announce:
        name = f"{part.name} is announced"
        for number, before in enumerate(part.announce.before):
            at = due - before
            who = teams.meant(document, [*part.announce.to, *part.announce.mail], at=at)
            yield Happening(at=at, kind="announcement", name=name, key=key, zone=zone, who=who, part=str(number))


def _polled(document: Document, directory: Directory, key: str, part: GatePart) -> Iterator[Happening]:
    """When the poll opens, and whom it asks."""
    if part.poll and (opened := opens(document, part.poll)):
        asked = voices(directory, part.poll.order, part.poll.fresh)
        people = (each for voice in asked for each in quorum.signers(directory, voice, quorum.Work(document)))
        who = tuple(dict.fromkeys(person.key for person in people if not person.vacant))
        yield Happening(
            at=opened[0], kind="poll", name=f"{part.name}: the poll opens", key=key, zone=opened[1], who=who
        )


def _signatures(
    document: Document, key: str, part: GatePart, signers: Sequence[tuple[Person, ...]]
) -> Iterator[Happening]:
    for number, (sign_off, people) in enumerate(zip(part.sign_off, signers, strict=True)):
        due = placed(timetable(document), sign_off.due)
        if due:
            name = f"{part.name}: {sign_off.shown(partial(name_of, document))} signs"
            who = tuple(person.key for person in people if not person.vacant)
            yield Happening(at=due[0], kind="sign-off", name=name, key=key, zone=due[1], who=who, part=str(number))


def _asked(document: Document) -> Iterator[Need]:
    """What gates wait for by their criteria, also by those within others: tasks and gates."""
    for key, gate in entries(document.body.get("gates")):
        yield from _in_criteria(document, key, ("gates", key, "criteria"), gate.get("criteria"))


def _in_criteria(document: Document, gate: str, at: Path, criteria: Any) -> Iterator[Need]:
    for number, criterion in entries(criteria if isinstance(criteria, list) else [criteria]):
        here = (*at, number)
        if isinstance(name := criterion.get("gate"), str) and name in document.keys("gates"):
            yield Need((*here, "gate"), gate, name, (name,))
        for word in ("tasks", "points"):
            for place, each in enumerate(several(criterion.get(word, ()))):
                yield Need((*here, word, place), gate, each, tuple(task_sets.members(document, [each])))
        for word in ("any", "all"):
            if word in criterion and len(here) < DEEPEST:
                yield from _in_criteria(document, gate, (*here, word), criterion[word])


GATES: Section[Mapping[str, GatePart]] = Section(
    name="gates", one="gate", model=dict[str, GatePart], check=check.check, apply=apply, happens=happens,
    shared_ids=True, waits=Waits.UNHELD, awaited=Awaited.TO_BEGIN, counted=True, dated=dated_by("due"), asked=_asked,
    parts=items_in, consequences=consequences, gives=("sign_off", "poll", "by", "owner"),
)  # fmt: skip
