"""The outcome of a gate: passed, missed, waived, no-go or in doubt; who hears of it.

attempts: the next attempt at what was missed, and which dates move with it
polls: the course of a poll by role
stand: how a gate stands, put on the timeline whenever that is different
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import BOT
from callboard.core.words import lasted
from callboard.escalation import service as escalation
from callboard.gates import models, notices, signatures, store
from callboard.gates.assessment import Look, looks
from callboard.gates.messages import freed
from callboard.gates.models import KIND, EmergencyCalled, Gate, GateSettled, GateTurned, Mark, News, State, Verb, iso
from callboard.gates.outcome import attempts, polls, stand
from callboard.gates.plan.types import AnnouncePart, MissedPart, NoGoPart
from callboard.plans import holds
from callboard.tasks.notices import arrived
from callboard.teams.service import Concern

MINUTE = timedelta(minutes=1)


def reconsider(tx: Tx, plan_id: int, concerns: Callable[[Gate], bool], *, actor: str = BOT) -> None:
    """Look again at the gates of a plan that something concerns; at those of items at the next tick."""
    for gate in _locked(tx, plan_id, {gate.key for gate in store.gates(tx, plan_id) if concerns(gate)}):
        reach_state(tx, gate, actor)


def _locked(tx: Tx, plan_id: int, keys: Collection[str]) -> list[Gate]:
    """The gates with these keys, locked; those of items are woken instead."""
    concerned = store.lock_named(tx, plan_id, keys)
    for gate in concerned:
        if gate.item:
            gate.wake_at = tx.now
    whole = [gate for gate in concerned if not gate.item]
    looks(tx, [gate for gate in whole if gate.state != State.WAIVED])
    return whole


@dataclass(frozen=True)
class Wish:
    """That gates are looked at because of what somebody did; what `opens` a matter lets none of them pass."""

    plan_id: int
    gates: frozenset[str]
    actor: str
    trace: str
    opens: bool = False


def reconsider_all(tx: Tx, wishes: Sequence[Wish]) -> None:
    """Look once at each gate that these concern; it passes by whoever did something about it last."""
    for plan_id in dict.fromkeys(wish.plan_id for wish in wishes):
        last: dict[str, Wish] = {}
        for wish in sorted((wish for wish in wishes if wish.plan_id == plan_id), key=lambda wish: not wish.opens):
            last.update(dict.fromkeys(wish.gates, wish))
        for gate in _locked(tx, plan_id, last):
            tx.trace = last[gate.key].trace
            reach_state(tx, gate, last[gate.key].actor)


def wake(tx: Tx, plan_id: int) -> None:
    """Look at all open gates of a plan at the next tick."""
    for gate in store.gates(tx, plan_id):
        if not gate.settled:
            gate.wake_at = tx.now


def look_again(tx: Tx, gate_id: int, *, actor: str = BOT) -> None:
    """Bring a gate to the state that its criteria and signatures now call for."""
    if gate := store.gate(tx, gate_id, lock=True):
        reach_state(tx, gate, actor)


def reach_state(tx: Tx, gate: Gate, actor: str = BOT) -> None:
    """The same for a gate that is locked."""
    if gate.gone or gate.state == State.WAIVED:
        return
    look = Look(tx, gate)
    if gate.state == State.PASSED:
        if not gate.standing:
            stand.keep(look)
        _doubt(look)
        return
    if signatures.void_changed(look):
        look = Look(tx, gate)
    if look.written.poll:
        refused = polls.go_on(look)
        look = Look(tx, gate)
        if refused:
            no_go(look, actor)
            return
    models.weigh(gate, tx.now, lacks=bool(look.lacking))
    # A decision that was no-go stays no-go until its next attempt; any other gate may still pass late.
    closed = gate.state == State.FAILED and gate.decision
    stand.keep(look)
    frozen = holds.frozen(tx, gate.plan_id, holds.EVERY_GATE)
    if look.complete and not closed and not frozen:
        _pass(look, actor)
        return
    if gate.ready_at and not closed and not frozen:
        signatures.call(look)
    if gate.shown:
        outbox.touch(tx, KIND, [gate.number])


def _pass(look: Look, actor: str) -> None:
    tx, gate = look.tx, look.gate
    gate.passed_on = {**signatures.signed(look.readings), "rule": gate.rule}
    polls.end(look, News.GO, [])
    late, free = _lateness(look), freed(look)
    models.settle(gate, State.PASSED, actor, tx.now)
    notices.record(tx, gate, Verb.PASSED, actor=actor, people=[row.person for row in look.standing], late=late)
    _let_go(look, actor, "it has passed")
    announce(look, News.GO if gate.decision else News.PASSED, but=actor, late=late, freed=free)
    _settled(look)


def waive(look: Look, actor: str) -> None:
    """An exception record lets the gate go."""
    models.settle(look.gate, State.WAIVED, actor, look.tx.now)
    stand.keep(look)
    _let_go(look, actor, "it was waived")
    _settled(look)


def _let_go(look: Look, actor: str, reason: str) -> None:
    escalation.end(look.tx, look.gate.subject)
    look.tx.session.flush()
    holds.lift(look.tx, look.gate.plan_id, by=look.gate.key, actor=actor, reason=reason)


def _settled(look: Look) -> None:
    """Tell whoever wants the gate, and look again at all other open gates."""
    tx, plan_id, key = look.tx, look.gate.plan_id, look.gate.key
    arrived(tx, plan_id, key)
    notices.arrived(tx, plan_id, key)
    for gate in store.gates(tx, plan_id):
        if gate.cause == key:
            gate.wake_at = tx.now
    tx.publish(GateSettled(plan_id, key, look.work.teams))
    reconsider(tx, plan_id, lambda gate: gate.key != key and not gate.settled)


def miss(look: Look) -> None:
    """A gate did not pass by its time: whoever must sign and whoever the plan names hear; what waits stays on hold."""
    tx, gate, part = look.tx, look.gate, look.part.if_missed or MissedPart()
    models.miss(gate, tx.now, why_not(look))
    notices.record(tx, gate, Verb.MISSED, why=gate.outcome, consequence=part.say, late=_lateness(look) or "0 s")
    key = f"missed:{gate.attempt}:{iso(gate.due_at)}"
    if part.escalate:
        _climb(look, part.escalate)
    if part.emergency:
        tx.publish(EmergencyCalled(gate, part.emergency, next(iter(look.work.teams), None)))
    args = {"why": gate.outcome, "consequence": part.say}
    notices.tell_missed(look, look.unsigned, part.tell, key, args)
    tx.publish(GateTurned(gate, Verb.MISSED, tuple(gate.outcome), _concern(look)))


def no_go(look: Look, actor: str = BOT) -> None:
    """The decision is no-go: all hear why, when it is tried again, and which dates that moves."""
    tx, gate = look.tx, look.gate
    part, if_missed = look.part.if_no_go or NoGoPart(), look.part.if_missed or MissedPart()
    why = why_not(look)
    polls.end(look, News.NO_GO, why)
    models.miss(gate, tx.now, why)
    notices.record(tx, gate, Verb.NO_GO, actor=actor, why=why, attempt=gate.attempt)
    for signature in look.standing:
        models.end(signature, Mark.VOID, tx.now, ["the decision was no-go: the next attempt asks anew"])
    args: dict[str, Any] = {"why": why, "consequence": part.say}
    shifted, next_at = list[str](), None
    try:
        shifted, next_at = attempts.after_no_go(look)
    except Refused as refused:
        args["stuck"] = str(refused)
    args |= {"shifted": shifted, "next": iso(next_at)}
    args |= {"tried": gate.attempt} if part.again and gate.attempt >= part.most and not next_at else {}
    last = "" if next_at else ":last"  # the attempt before it was told by the number of this one
    announce(look, News.NO_GO, but=actor, mark=last, **args)
    notices.announce(look, part.tell, f"no-go:{gate.attempt}{last}", News.NO_GO, **args)
    if if_missed.escalate and look.cause is None:
        _climb(look, if_missed.escalate)
    tx.publish(GateTurned(gate, Verb.NO_GO, tuple(why), _concern(look)))


def why_not(look: Look) -> list[str]:
    """What keeps a gate from passing, in the order of its card. While a criterion is open, no signature is missing.

    One no decides a decision: whoever had not voted by then is no reason.
    """
    called = look.directory.called
    refusals = [f"{called(no.person)} said no: {no.reason}" for no in look.rejections]
    if look.gate.decision and refusals:
        return refusals
    frozen = holds.frozen(look.tx, look.gate.plan_id, holds.EVERY_GATE)
    reasons = [*([frozen] if frozen else []), *(reading.line for reading in look.lacking)]
    polled = polls.why_not(look) if not look.lacking else []
    reasons += polled
    for slot in look.tally.slots if not look.lacking else ():
        if not slot.met and slot not in look.polled:
            vacant = ", ".join(person.name for person in slot.missing if person.vacant)
            names = ", ".join(called(person) for person in slot.missing if not person.vacant)
            who = "; ".join(filter(None, (names, f"the seat {vacant} is vacant" if vacant else "")))
            reasons.append(f"not signed by {slot.says}: {who or 'nobody can'}")
    return [*reasons, *refusals]


def announce(look: Look, what: News, but: str = BOT, mark: str = "", **args: Any) -> None:
    """Tell the channel of the plan, its coordinators and whoever the plan names how it went; `but` did it."""
    part, key = look.part.announce or AnnouncePart(), f"{what}:{look.gate.attempt}{mark}"
    notices.tell_everybody(look, part.to, key, what, part.mail, but=but, say=part.say, **args)


def announce_coming(look: Look) -> None:
    """Tell whoever hears the result that it is coming, and of a decision the channel of the whole plan too.

    Not again where the NO-GO before it has only just said when the next attempt is.
    """
    part, gate, now = look.part.announce or AnnouncePart(), look.gate, look.tx.now
    if gate.attempt > 1 and gate.due_at and now - notices.next_told_at(look.tx, gate) < gate.due_at - now:
        return
    everybody = ["#coordination"] if gate.decision and look.directory.channel("coordination") else []
    whom = list(dict.fromkeys([*part.to, *everybody]))
    notices.announce(look, whom, f"{News.COMING}:{gate.attempt}", News.COMING, part.mail, say=part.say)


def _climb(look: Look, policy: str) -> None:
    """Page by a policy of the plan until somebody has it; one that has left the plan pages nobody."""
    with suppress(Refused):
        digest = escalation.digest(look.tx, look.directory, policy)
        escalation.start(look.tx, look.gate.plan_id, look.gate.subject, digest, _concern(look))


def _concern(look: Look) -> Concern:
    own = [team.key for person in look.unsigned for team in look.directory.teams_of(person)[:1]]
    teams = tuple(dict.fromkeys([*own, *look.work.teams]))
    signers = tuple(person.key for person in look.unsigned)
    return Concern(team=next(iter(teams), None), teams=teams, assignees=signers)


def _lateness(look: Look) -> str:
    """How long ago it was due, as `1 h`; empty where it was not."""
    late = look.tx.now - look.gate.due_at if look.gate.due_at else timedelta()
    return lasted(max(late // MINUTE * MINUTE, MINUTE)) if late > timedelta() else ""


def _doubt(look: Look) -> None:
    """It stays passed; what changed since is flagged for those who signed and who coordinate."""
    tx, gate, changes = look.tx, look.gate, signatures.changed_for_good(look.gate.passed_on, look.readings)
    known = {change.partition(": was ")[0] for change in gate.doubt}
    fresh = [change for change in changes if change.partition(": was ")[0] not in known]
    if changes != gate.doubt:
        gate.doubt = changes
        gate.changes += 1
        notices.record(tx, gate, Verb.DOUBTED if changes else Verb.CLEARED, why=fresh or changes)
        people = [*look.directory.named([each.person for each in look.standing]), *look.directory.coordinators]
        if fresh or not changes:
            notices.tell(look, people, f"doubt:{gate.changes}", News.DOUBT if fresh else News.CLEARED, why=fresh)
        if not changes:
            tx.publish(GateTurned(gate, Verb.CLEARED, (), _concern(look)))
    if fresh:
        tx.publish(GateTurned(gate, Verb.DOUBTED, tuple(fresh), _concern(look)))
