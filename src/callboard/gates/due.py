"""What comes due with gates: reminders, due times, signatures that grow old, waivers that end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from operator import attrgetter

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.ticks import rows_due
from callboard.core.timeline import BOT
from callboard.escalation import service as escalation
from callboard.gates import models, notices, outcome, plan, signatures, store
from callboard.gates.assessment import Look, looks
from callboard.gates.models import KIND, Gate, News, State, Verb, iso
from callboard.gates.outcome import polls
from callboard.planfile.sections import Happening
from callboard.plans import holds
from callboard.teams.directory import Person

AHEAD = timedelta(days=3660)
URGES = ("reminder", "sign-off")
"""What only urges people, of what the calendar has of a gate."""
JUST = timedelta(minutes=30)
"""Whoever was asked to sign in this time needs no reminder."""
AT_LEAST = timedelta(hours=1)
"""How long there is for a gate at least, once what kept it is gone."""


def handle(tx: Tx, ids: Sequence[int]) -> None:
    """Do what is due for these gates by now, in the order of its instants."""
    due = [gate for gate in store.lock(tx, ids) if not gate.gone and gate.wake_at and gate.wake_at <= tx.now]
    for _, together in groupby(sorted(due, key=attrgetter("plan_id")), attrgetter("plan_id")):
        looks(tx, list(together))
    for gate in due:
        _attend(Look(tx, gate))


def _attend(look: Look) -> None:
    tx, gate = look.tx, look.gate
    if holds.frozen(tx, gate.plan_id, holds.EVERY_GATE):
        _stand_still(look)
        return
    marks, since = _marks(look), gate.seen_until
    gate.seen_until = tx.now
    over = gate.due_at is not None and gate.due_at <= tx.now
    for mark in marks:
        if since < mark.at <= tx.now and not gate.settled:
            _mark(look, mark, over=over)
    tx.session.flush()
    signatures.void_stale(Look(tx, gate))
    _end_waiver(tx, gate)
    comes_due = over and not gate.settled and gate.state != State.FAILED and gate.expected_at is None
    outcome.reach_state(tx, gate)
    if gate.cause and not gate.settled:
        _review(Look(tx, gate))
    look = Look(tx, gate)
    if comes_due and not gate.settled and gate.due_at and gate.due_at <= tx.now and not polls.decides(look):
        _come_due(look, known=gate.due_at > since or look.poll is not None)
    elif not gate.settled and gate.expected_at and gate.expected_at <= tx.now and not polls.decides(look):
        _come_due(Look(tx, gate), known=True)
    gate.wake_at = min((at for at in _instants(Look(tx, gate)) if at > gate.seen_until), default=None)
    tx.session.flush()


def _stand_still(look: Look) -> None:
    """While all gates are stopped nobody is reminded, asked or paged, and nothing is missed."""
    tx, gate = look.tx, look.gate
    _end_waiver(tx, gate)
    outcome.reach_state(tx, gate)
    if not gate.settled:
        escalation.stop(tx, gate.subject)
    gate.wake_at = min((at for at in _instants(Look(tx, gate)) if at > tx.now), default=None)
    tx.session.flush()


def go_on(tx: Tx, gate: Gate, stopped_at: datetime) -> None:
    """Gates are not stopped any more: its clocks go on, and whoever must act hears once where it stands."""
    look = Look(tx, gate)
    asked = [mark for mark in _marks(look) if gate.seen_until < mark.at <= tx.now]
    for mark in asked:
        if mark.kind not in URGES:
            _mark(look, mark, over=False)
    due = gate.expected_at or (None if gate.state == State.FAILED else gate.due_at)
    moved = due if due and gate.seen_until < due <= tx.now else None
    if moved:
        models.expect(gate, tx.now + max(moved - stopped_at, AT_LEAST))
        notices.record(tx, gate, Verb.EXPECTED, due=iso(gate.expected_at))
    paged = escalation.start_again(tx, gate.subject)
    gate.seen_until = gate.wake_at = tx.now
    tx.session.flush()
    outcome.reach_state(tx, gate)
    if moved or paged or any(mark.kind in URGES for mark in asked):
        _say_where(Look(tx, gate))


def _say_where(look: Look) -> None:
    """Whoever has it, else whoever must sign: not those who were asked just now, and for items nobody."""
    gate, calls = look.gate, look.calls
    over = gate.settled or (gate.decision and gate.state == State.FAILED)
    if over or gate.item or (look.poll and look.poll.ended_at is None):
        return
    just = {key for key, row in calls.items() if row.called_at == look.tx.now}
    people = look.directory.named([gate.owner]) if gate.owner else look.unsigned
    people = [person for person in people if person.key not in just]
    notices.tell(look, people, f"{News.STANDS}:{look.tx.now.isoformat()}", News.STANDS)


def _mark(look: Look, mark: Happening, *, over: bool) -> None:
    """What the calendar says before a gate is due; once that is over only late signatures count."""
    if mark.kind == "reminder" and not over:
        asked = {key for key, row in look.calls.items() if row.called_at and row.called_at > look.tx.now - JUST}
        unasked = [person for person in look.unsigned if look.lacking or person.key not in asked]
        ticks = look.unticked
        people = [person for person in look.directory.named(mark.who) if person in unasked or person.key in ticks]
        signing = [person.key for person in people if person in unasked]
        _urge(look, mark, people, News.REMINDER, Verb.REMINDED, ticks=ticks, signing=signing)
    elif mark.kind == "poll" and not over:
        _open_poll(look, mark)
    elif mark.kind == "announcement" and not over:
        outcome.announce_coming(look)
        notices.post_card(look.tx, look.gate, look.directory)
    elif mark.kind == "sign-off":
        missing = (person for slot in look.tally.slots if slot.part.due for person in slot.missing)
        people = [person for person in missing if person.key in mark.who]
        _urge(look, mark, people, News.SIGNATURE, Verb.SIGNATURE_LATE)


def _open_poll(look: Look, mark: Happening) -> None:
    """The hour of the poll has come: while a criterion fails it waits, and coordinators hear why, once."""
    if look.unmet and look.poll is None:
        key = f"{News.POLL_WAITS}:{look.gate.attempt}:{mark.at.isoformat()}"
        notices.tell_everybody(
            look, (), key, News.POLL_WAITS, (), but=BOT, why=[reading.line for reading in look.unmet]
        )


def _urge(
    look: Look, mark: Happening, people: Sequence[Person], what: News, verb: Verb,
    ticks: Mapping[str, list[str]] | None = None, signing: Collection[str] = (),
) -> None:  # fmt: skip
    """Remind those who must still sign, each within their working hours; or tell them that their signature is late."""
    if people:
        notices.post_card(look.tx, look.gate, look.directory)
        key = f"{what}:{look.gate.attempt}:{mark.at.isoformat()}"
        for person in people:
            own = (ticks or {}).get(person.key, [])
            facts = {"ticks": own, "signs": person.key in signing} if own else {}
            notices.tell(look, [person], key, what, why=outcome.why_not(look), **facts)
        notices.record(look.tx, look.gate, verb, people=[person.key for person in people])


def _come_due(look: Look, *, known: bool) -> None:
    """A gate that was over before the plan was applied is put on record, and disturbs nobody."""
    tx, gate = look.tx, look.gate
    gate.expected_at = None
    if not known or gate.item:
        models.miss(gate, tx.now, outcome.why_not(look))
        notices.keep(tx, gate, Verb.MISSED, why=gate.outcome)
    elif not gate.decision and (cause := look.cause):
        _follow(look, cause)
    elif gate.decision:
        outcome.no_go(look)
    else:
        outcome.miss(look)


def _follow(look: Look, cause: Gate) -> None:
    """A gate comes due while another keeps it: that one's card and pages say so, and nobody is paged for this one."""
    tx, gate = look.tx, look.gate
    models.miss(gate, tx.now, outcome.why_not(look))
    models.blame(gate, cause.key)
    notices.keep(tx, gate, Verb.MISSED, why=[f"{m.escape(cause.name)} has not passed"])
    _show(tx, gate, cause)


def _review(look: Look) -> None:
    """Once what kept a late gate is gone, there is as much time for it as the plan had between the two."""
    tx, gate = look.tx, look.gate
    was = next((row for row in store.every_gate(tx, gate.plan_id) if row.key == gate.cause), None)
    now = look.cause
    if now is not None and now.key != gate.cause:
        models.blame(gate, now.key)
    elif now is None:
        models.expect(gate, tx.now + max(_between(was, gate), AT_LEAST))
        notices.record(tx, gate, Verb.EXPECTED, awaited=was.name if was else "", due=iso(gate.expected_at))
    _show(tx, gate, *filter(None, (was, now)))


def _between(first: Gate | None, then: Gate) -> timedelta:
    if first is None or first.due_at is None or then.due_at is None:
        return AT_LEAST
    return then.due_at - first.due_at


def _show(tx: Tx, *gates: Gate) -> None:
    """Draw the cards and pages of these gates anew."""
    tx.session.flush()
    outbox.touch(tx, KIND, [gate.number for gate in gates])


def _instants(look: Look) -> Iterator[datetime]:
    """When something is due for a gate, past instants too."""
    gate = look.gate
    waiver = store.waiver(look.tx, gate.number)
    if waiver and waiver.until_at:
        yield waiver.until_at
    if gate.settled:
        return
    yield from (mark.at for mark in _marks(look))
    if gate.due_at and gate.state != State.FAILED:
        yield gate.due_at
    if gate.expected_at:
        yield gate.expected_at
    if look.poll and look.poll.ended_at is None:
        yield from filter(None, (look.poll.until_at,))
        fresh = look.terms.fresh if look.terms else None
        yield from (row.at + fresh for row in look.standing if fresh and row.polled)
    yield from filter(None, (figure.changes_at for figure in look.facts.figures.values()))
    yield from (row.at + part.fresh for row in look.standing for part in look.part.sign_off if part.fresh)
    yield from filter(None, (holds.begins(look.document, phase) for phase in look.facts.begun))
    away = ((person, days) for person in look.tally.missing for days in person.away)
    yield from (datetime.combine(days.first, time(), person.zone) for person, days in away)


def _marks(look: Look) -> list[Happening]:
    """What the calendar has of a gate, but the gate itself."""
    if look.gate.due_at is None and not any(part.due for part in look.part.sign_off):
        return []
    now = look.gate.seen_until
    happenings = plan.happens(look.document, {look.gate.key: look.part}, (now - AHEAD, now + AHEAD))
    return sorted(happening for happening in happenings if happening.kind != "gate")


def _end_waiver(tx: Tx, gate: Gate) -> None:
    """From the end of its waiver on the gate holds again what needs it, unless it would pass."""
    waiver = store.waiver(tx, gate.number)
    if waiver is None or waiver.until_at is None or waiver.until_at > tx.now or gate.state != State.WAIVED:
        return
    waiver.ended_at = tx.now
    models.unsettle(gate)
    tx.session.flush()
    look = Look(tx, gate)
    plan.place_again(tx, gate.plan_id, look.document, gate.key)
    why, people = outcome.why_not(look), [*look.tally.missing, *look.directory.coordinators]
    notices.record(tx, gate, Verb.WAIVER_ENDED, why=why)
    notices.tell(look, people, f"waiver:{waiver.id}", News.WAIVER_ENDED, why=why)
    outcome.reconsider(tx, gate.plan_id, lambda other: other.id != gate.id and not other.settled)


gates = rows_due("gates", handle, Gate.id, Gate.wake_at)
