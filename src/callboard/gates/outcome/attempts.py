"""The next attempt at what was missed: when it is, and which dates move with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callboard.blocks import markup as m
from callboard.core.calendar import Wall
from callboard.core.timeline import BOT
from callboard.gates import models, notices, store
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of
from callboard.gates.models import News, Verb
from callboard.gates.plan.order import next_attempt, on_a_working_day
from callboard.gates.plan.poll import opens
from callboard.gates.plan.types import NoGoPart, TickPart, of_kind
from callboard.planfile.sections import Path
from callboard.planfile.timetable import Timetable, placed, timetable
from callboard.plans import service as plans


def after_no_go(look: Look) -> tuple[list[str], datetime | None]:
    """Begin the next attempt: which dates move for it, in words, and when it is.

    An attempt after the end of the plan is the last one, and so is the last of as many as there may be. Raises Refused
    where the plan would not be valid with the moved dates; then nothing has moved, and no attempt has begun.
    """
    part, gate, table = look.part.if_no_go, look.gate, timetable(look.document)
    if part is None or not part.again or table is None or gate.due_at is None or gate.attempt >= part.most:
        return [], None
    if look.directory.ends_at and look.directory.ends_at < gate.due_at:
        return [], None
    with look.tx.session.begin_nested():
        return _next(look, part, part.again, table, gate.due_at)


def _next(
    look: Look, part: NoGoPart, later: timedelta, table: Timetable, due: datetime
) -> tuple[list[str], datetime | None]:
    """Move the dates that the plan names, and the gate where it does not follow from them."""
    gate, again = look.gate, later
    while due + later <= look.tx.now:
        later += again
    later = on_a_working_day(table.calendar, due, later)
    dates = {name: at for name in part.shift if (at := placed(table, table.dates[name]))}
    overtaken = _overtaken(look, later)
    opened = opens(look.document, look.written.poll) if look.written.poll else None
    zone = table.calendar.zone.key
    begin(look)
    _move(look, {name: (at + later, zone) for name, (at, zone) in dates.items()}, due + later, zone)
    values: dict[Path, str] = {("gates", key, "due"): _written(look, at, zone) for key, (at, _) in overtaken.items()}
    plans.edit_all(look.tx, gate.plan_id, values, author=BOT, reason=f"{gate.name} was no-go")
    _move_poll(look, opened, later)
    moved = [f"`{name}`: {m.date(at + later, 'both')}, was {m.date(at, 'both')}" for name, (at, _) in dates.items()]
    moved += [
        f"`{key}`, which waits for it: {m.date(at, 'both')}, was {m.date(was, 'both')}"
        for key, (at, was) in overtaken.items()
    ]
    return moved, gate.due_at


def begin(look: Look) -> None:
    """What was missed opens for its next attempt. A decision begins it without ticks: who gave them is told which."""
    tx, gate = look.tx, look.gate
    models.try_again(gate)
    ticks = list(store.ticks(tx, gate.number)) if gate.decision else []
    names = {key_of(part): part.tick for part in of_kind(TickPart, look.written.criteria)}
    for row in ticks:
        tx.session.delete(row)
    for call in look.calls.values() if gate.decision else ():
        call.called_at = None
    tx.session.flush()
    cleared = {row.by: [names[tick.criterion] for tick in ticks if tick.by == row.by and tick.criterion in names]
               for row in ticks}  # fmt: skip
    if ticks:
        notices.record(tx, gate, Verb.TICKS_CLEARED, criteria=[each for own in cleared.values() for each in own])
    for person in look.directory.named(cleared):
        notices.tell(look, [person], f"renew:{gate.attempt}", News.RENEW, why=list(map(m.escape, cleared[person.key])))


def _overtaken(look: Look, later: timedelta) -> dict[str, tuple[datetime, datetime]]:
    """The open gates that wait for a decision and would be due before its next attempt: when they will be, and were."""
    attempt = next_attempt(look.document, look.gate.key, later)
    was = {row.key: row.due_at for row in store.gates(look.tx, look.gate.plan_id) if row.due_at and not row.settled}
    return {key: (at, was[key]) for key, at in (attempt.overtaken if attempt else {}).items() if key in was}


def _move(look: Look, dates: Mapping[str, tuple[datetime, str]], again: datetime, zone: str) -> None:
    """Write the new dates into the plan, and when the gate is due."""
    tx, gate, reason = look.tx, look.gate, f"{look.gate.name} was no-go"
    values: dict[Path, str] = {("dates", name): _written(look, *date) for name, date in dates.items()}
    if values:
        plans.edit_all(tx, gate.plan_id, values, author=BOT, reason=reason)
    if gate.due_at and gate.due_at < again:
        due = _written(look, again, zone)
        plans.edit(tx, gate.plan_id, ("gates", gate.key, "due"), due, author=BOT, reason=reason)


def _move_poll(look: Look, opened: tuple[datetime, str] | None, later: timedelta) -> None:
    """The poll opens as long before the next attempt as before this one, also where that is no moved date's doing."""
    now = Look(look.tx, look.gate)
    if opened and now.written.poll and opens(now.document, now.written.poll) == opened:
        at, path = _written(look, opened[0] + later, opened[1]), ("gates", look.gate.key, "poll", "opens")
        plans.edit(look.tx, look.gate.plan_id, path, at, author=BOT, reason=f"{look.gate.name} was no-go")


def _written(look: Look, at: datetime, zone: str) -> str:
    """An instant as a plan file has it, in the zone in which the moment was written."""
    local = at.astimezone(ZoneInfo(zone))
    own = None if zone == look.directory.timezone else ZoneInfo(zone)
    return str(Wall(local.date(), local.time().replace(tzinfo=None, second=0, microsecond=0), own))
