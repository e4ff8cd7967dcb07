"""What comes due with gates: reminders, due times, signatures that fade, waivers that end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callboard.core import timeline
from callboard.core.ticks import rows_due
from callboard.gates import models, notices, store
from callboard.gates.assessment import signatures
from callboard.gates.assessment.look import Look
from callboard.gates.models import Gate, Mark, State
from callboard.gates.plan import apply, calendar
from callboard.gates.service import transitions
from callboard.planfile.frame import placed, timetable
from callboard.planfile.sections import Happening

if TYPE_CHECKING:
    from callboard.core.db import Tx

AHEAD = timedelta(days=3660)


def handle(tx: Tx, ids: Sequence[int]) -> None:
    """Do what is due for these gates by now, in the order of its instants."""
    for gate_id in ids:
        gate = store.gate(tx, gate_id, lock=True)
        if gate is not None and not gate.gone and gate.wake_at is not None and gate.wake_at <= tx.now:
            _attend(tx, gate)


def _attend(tx: Tx, gate: Gate) -> None:
    look, until = Look(tx, gate), tx.now
    marks = _marks(look)
    since, gate.seen_until = gate.seen_until, until
    over = gate.due_at is not None and gate.due_at <= until
    for mark in (one for one in marks if since < one.at <= until):
        if mark.kind == "reminder" and not over:
            _remind(tx, look, mark)
        elif mark.kind == "announcement" and not over and not gate.settled:
            transitions.announce(tx, look, "coming", at=gate.due_at.isoformat() if gate.due_at else "")
            notices.post_card(tx, gate, look.directory)
        elif mark.kind == "sign-off":
            _signature_due(tx, look, mark)
    tx.session.flush()
    _fade(tx, gate)
    _end_waiver(tx, gate)
    comes_due = over and not gate.settled and gate.state != State.FAILED
    transitions.look_again(tx, gate.id or 0)
    if comes_due:
        _come_due(tx, gate, known=gate.due_at is not None and gate.due_at > since)
    gate.wake_at = next_look(tx, Look(tx, gate))
    tx.session.add(gate)
    tx.session.flush()


def _come_due(tx: Tx, gate: Gate, *, known: bool) -> None:
    """What was over before anybody knew of it is put on record, and disturbs nobody."""
    look = Look(tx, gate)
    if gate.settled:
        return
    if not known:
        models.miss(gate, tx.now, transitions.why_not(look))
        timeline.record(tx, gate.plan_id, gate.subject, "missed", change=gate.changes, why=gate.outcome)
        return
    if gate.decision:
        transitions.no_go(tx, look, transitions.why_not(look))
    else:
        transitions.missed(tx, look)


def next_look(tx: Tx, look: Look) -> datetime | None:
    """When a gate is to be looked at next."""
    gate = look.gate
    marks = [mark.at for mark in _marks(look)] if not gate.settled else []
    if gate.due_at and not gate.settled and gate.state != State.FAILED:
        marks.append(gate.due_at)
    for signature in look.standing if not gate.settled else ():
        marks += signatures.fades(look.part.sign_off, signature.at)
    waiver = store.waiver(tx, gate.id or 0)
    if waiver and waiver.until_at:
        marks.append(waiver.until_at)
    marks += _phases(look) if not gate.settled else []
    return min((at for at in marks if at > gate.seen_until), default=None)


def _phases(look: Look) -> Iterable[datetime]:
    """When the phases begin that a gate waits for."""
    for name in look.facts.begun:
        part = (look.document.values.get("phases") or {}).get(name)
        found = placed(timetable(look.document), part.from_, opening=True) if part else None
        if found:
            yield found[0]


def _marks(look: Look) -> list[Happening]:
    """What the calendar has of a gate, but the gate itself."""
    if look.gate.due_at is None and not any(one.due for one in look.part.sign_off):
        return []
    now = look.gate.seen_until
    window = (now - AHEAD, now + AHEAD)
    return sorted(
        one for one in calendar.gates(look.document, {look.gate.key: look.part}, window) if one.kind != "gate"
    )


def _remind(tx: Tx, look: Look, mark: Happening) -> None:
    """Those who must still sign are reminded, each within their working hours."""
    gate = look.gate
    missing = {person.key for person in look.tally.missing}
    whom = [person for person in look.directory.named(mark.who) if person.key in missing]
    if gate.settled or not whom:
        return
    notices.post_card(tx, gate, look.directory)
    key = f"reminder:{gate.attempt}:{mark.at.isoformat()}"
    notices.tell(tx, gate.subject, look.directory, whom, key, what="reminder", why=transitions.why_not(look))
    notices.record(tx, gate, "reminded", people=[person.key for person in whom])


def _signature_due(tx: Tx, look: Look, mark: Happening) -> None:
    """A signature has its own time: whoever has not given it by then is told, and the thread says so."""
    gate, who = look.gate, set(mark.who)
    late = [slot for slot in look.tally.slots if slot.part.due and not slot.met and who & {p.key for p in slot.people}]
    missing = [person for slot in late for person in slot.missing if person.key in who]
    if gate.settled or not missing:
        return
    key = f"signature:{gate.attempt}:{mark.at.isoformat()}"
    notices.tell(tx, gate.subject, look.directory, missing, key, what="signature", why=transitions.why_not(look))
    notices.record(tx, gate, "signature late", people=[person.key for person in missing])


def _fade(tx: Tx, gate: Gate) -> None:
    """A signature that is too old for all it could count for falls, and whoever gave it is told."""
    look = Look(tx, gate)
    if gate.settled:
        return
    for one in look.standing:
        slots = look.tally.of(one.seat)
        if one.verdict == "yes" and slots and all(signatures.stale(slot.part, one.at, tx.now) for slot in slots):
            models.end(one, Mark.VOID, tx.now, ["it is older than the plan lets a signature be"])
            gate.changes += 1
            tx.session.add(one)
            notices.record(tx, gate, "voided", to=one.person, why=one.why)
            whom = look.directory.named([one.person])
            notices.tell(tx, gate.subject, look.directory, whom, f"void:{one.id}", what="void", why=one.why)


def _end_waiver(tx: Tx, gate: Gate) -> None:
    """A waiver has an end: from then on the gate holds again what needs it, unless it would pass."""
    waiver = store.waiver(tx, gate.id or 0)
    if waiver is None or waiver.until_at is None or waiver.until_at > tx.now or gate.state != State.WAIVED:
        return
    waiver.ended_at = tx.now
    models.unsettle(gate)
    tx.session.add_all([waiver, gate])
    tx.session.flush()
    look = Look(tx, gate)
    apply.place_again(tx, gate.plan_id, look.document, gate.key)
    notices.record(tx, gate, "waiver ended", why=transitions.why_not(look))
    whom = [*look.tally.missing, *look.directory.coordinators]
    key = f"waiver:{waiver.id}"
    notices.tell(tx, gate.subject, look.directory, whom, key, what="waiver ended", why=transitions.why_not(look))


gates = rows_due("gates", handle, Gate.id, Gate.wake_at)
