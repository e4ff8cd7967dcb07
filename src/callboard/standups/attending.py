"""Keeps the rounds of a plan on record: each occurrence once, asked while it is open, else put down as missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from callboard.core import outbox, timeline
from callboard.planfile import calendar
from callboard.planfile.sections import Document
from callboard.standups import models, rounds, slots, store
from callboard.standups.models import AWAY, CHECK_IN, ROUND, CheckIn, Round, Standup, State
from callboard.standups.slots import MOMENT, Book, Slot

if TYPE_CHECKING:
    from callboard.core.db import Tx


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """A row for each standup; what was asked before a standup was there is nobody's to answer."""
    there = {row.key: row for row in store.standups(tx, plan_id)}
    written = rounds.written(document, document.values.get("standups") or ())
    for key in written:
        row = there.pop(key, None) or Standup(plan_id=plan_id, key=key, seen_until=tx.now)
        row.seen_until = tx.now if row.gone else row.seen_until
        row.gone, row.wake_at = False, tx.now
        tx.session.add(row)
    for row in there.values():
        row.gone, row.wake_at = True, None
        tx.session.add(row)
    tx.session.flush()


def wake(tx: Tx, plan_id: int) -> None:
    """Something is different with people: look at all standups of a plan again."""
    for row in store.standups(tx, plan_id):
        if not row.gone:
            row.wake_at = tx.now
            tx.session.add(row)
    tx.session.flush()


def attend(tx: Tx, standup: Standup) -> None:
    """Put on record who is asked in every round that began, and note when the next one does."""
    book = slots.book(tx, standup.plan_id)
    part = book.standups.get(standup.key)
    if part is None or standup.gone:
        standup.wake_at = None
        tx.session.add(standup)
        return
    since = min(standup.seen_until, tx.now - part.window - slots.LONGEST_WAIT)
    held = slots.on_hold(tx, standup.plan_id)
    found = slots.slots(book, standup.key, (since + MOMENT, tx.now + MOMENT), held)
    by_day: dict[date, list[Slot]] = defaultdict(list)
    for slot in found:
        if slot.at > standup.seen_until or slot.closes_at > tx.now:
            by_day[slot.day].append(slot)
    for day, asked in sorted(by_day.items()):
        keep(tx, standup.plan_id, standup.key, day, asked)
    standup.seen_until = tx.now
    standup.wake_at = _again(book, standup.key, tx.now)
    tx.session.add(standup)
    tx.session.flush()


def keep(tx: Tx, plan_id: int, key: str, day: date, asked: Iterable[Slot]) -> dict[str, CheckIn]:
    """The check-ins of some people in one round, made where they are not there yet; by person."""
    part = slots.book(tx, plan_id).standups[key]
    one_round = store.put_round(tx, plan_id, key, day, part.name)
    there = {one.person: one for one in store.of_round(tx, one_round.number)}
    kept = {}
    for slot in asked:
        old = there.get(slot.person.key)
        kept[slot.person.key] = _different(tx, old, slot) if old else _new(tx, one_round, slot)
        if kept[slot.person.key].state == State.WAITING:
            plan_digest(tx, one_round, slot.digest_at)
    tx.session.flush()
    return kept


def plan_digest(tx: Tx, one_round: Round, at: datetime) -> None:
    """The digest is posted at the first of these instants."""
    if one_round.posted_at is None:
        one_round.digest_at = min(filter(None, (one_round.digest_at, at)))
        tx.session.add(one_round)


def note(tx: Tx, one: CheckIn, verb: str, *, actor: str = timeline.BOT, said: str | None = None, **facts: str) -> None:
    """Put on the timeline what became of a check-in."""
    about = {"standup": one.standup, "person": one.person, "day": str(one.day), **facts}
    timeline.record(tx, one.plan_id, one.subject, verb, actor=actor, said=said, change=one.changes, **about)


def show(tx: Tx, ones: Iterable[CheckIn]) -> None:
    """Have all messages about these check-ins and their rounds shown anew."""
    several = list(ones)
    outbox.touch(tx, CHECK_IN, [one.number for one in several])
    outbox.touch(tx, ROUND, {one.round_id for one in several})


def _again(book: Book, key: str, now: datetime) -> datetime | None:
    whole = calendar.plan_window(book.document)
    return slots.next_at(book, key, now) if whole and now < whole[1] else None


def _new(tx: Tx, one_round: Round, slot: Slot) -> CheckIn:
    one = CheckIn(
        plan_id=one_round.plan_id, standup=one_round.standup, person=slot.person.key, day=slot.day,
        round_id=one_round.number, zone=slot.zone, at=slot.at, asked_at=slot.asked_at, closes_at=slot.closes_at,
        remind_at=slot.remind_at, why=slot.why,
    )  # fmt: skip
    if slot.why:
        one.state = State.EXCUSED
    elif slot.closes_at <= tx.now:
        one.state = State.MISSED
    models.look(one)
    tx.session.add(one)
    tx.session.flush()
    if one.state != State.WAITING:
        note(tx, one, str(one.state), why=one.why or "nobody was there to ask")
    return one


def _different(tx: Tx, one: CheckIn, slot: Slot) -> CheckIn:
    """Somebody went away, or is back, while the round is open."""
    if one.closes_at <= tx.now:
        return one
    if one.state == State.WAITING and slot.why == AWAY:
        models.excuse(one, AWAY)
        note(tx, one, "excused", why=AWAY)
        show(tx, [one])
    elif one.state == State.EXCUSED and one.why == AWAY and not slot.why:
        models.expect(one)
        note(tx, one, "expected")
        show(tx, [one])
    tx.session.add(one)
    return one
