"""What people do with gates: sign, reject, withdraw, tick, report, waive, acknowledge. A refusal changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from callboard.blocks import markup
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, Unfit, unknown
from callboard.core.timeline import Subject
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.gates import models, notices, outcome, rights, store
from callboard.gates.assessment import Look, looks
from callboard.gates.criteria import shown
from callboard.gates.models import (
    NO,
    Gate,
    GateTurned,
    Mark,
    Measurement,
    MeasureReported,
    News,
    Signature,
    State,
    Verb,
    Waiver,
    iso,
)  # fmt: skip
from callboard.gates.plan.items import gates_of
from callboard.gates.plan.measures import Amount, MeasurePart, parse_report
from callboard.gates.plan.types import MeasuredPart, of_kind
from callboard.gates.service import polls
from callboard.gates.service.changes import called, changed, gate, known, open_gate
from callboard.gates.service.ticks import may_tick, tick, untick
from callboard.gates.signatures import signed, void
from callboard.plans import service as plans
from callboard.tasks.dependencies import GateState
from callboard.teams.directory import Asker, Person
from callboard.teams.service import Concern

__all__ = [
    "acknowledge", "ask", "called", "gate", "gate_states", "hand", "known", "may_reject", "may_sign", "may_tick",
    "may_waive", "measured_by", "measures_in", "measures_of", "mine", "open_gate", "refused", "reject", "report",
    "sign", "tick", "untick", "waive", "withdraw",
]  # fmt: skip


def gate_states(tx: Tx, plan_id: int, keys: Collection[str]) -> dict[str, GateState]:
    """Why work waits for each of these gates: how it stands, and who can sign."""
    found = {key: gate for key in keys if (gate := known(tx, plan_id, key))}
    over = {key: GateState("has passed" if gate.state == State.PASSED else "was waived", passed=True)
            for key, gate in found.items() if gate.settled}  # fmt: skip
    looked_at = looks(tx, [gate for key, gate in found.items() if key not in over])
    states = {look.gate.number: _stands(look) for look in looked_at}
    return {key: over.get(key) or states.get(found[key].number if key in found else 0) or GateState() for key in keys}


def _stands(look: Look) -> GateState:
    called = look.directory.called
    if look.gate.state == State.FAILED and look.gate.decision:
        when = f" {markup.date(look.gate.missed_at, 'both')}" if look.gate.missed_at else ""
        return GateState(f"was NO-GO{when}, and no next attempt is planned")
    if look.rejections:
        return GateState(f"is not signed ({look.met}): {joined(called(no.person) for no in look.rejections)} said no")
    stands = "has not passed" if look.tally.met else "is not signed"
    if look.takes_all and len(look.unsigned) > 1:
        signers, signs = joined(map(called, look.unsigned)), " must sign when all is met"
    elif look.lacking:
        signers, signs = look.directory.one_of(look.unsigned), " signs when all is met"
    else:
        signers, signs = joined(map(called, look.signers)), " can sign"
    return GateState(f"{stands} ({look.met}){f': {signers}{signs}' if signers else ''}")


def refused(tx: Tx, gate: Gate, actor: str, tried: str, sentence: str) -> None:
    """Keep on the timeline that somebody tried what they may not, and what they were told."""
    timeline.record(
        tx, gate.plan_id, gate.subject, Verb.REFUSED, actor=actor, tried=tried, why=sentence, change=gate.changes,
        gate=gate.key,
    )  # fmt: skip


def mine(tx: Tx, asker: Asker) -> list[Look]:
    """The gates that wait for the asker: to sign, or to tick."""
    return [look for look in open_looks(tx, asker.directory.plan_id) if asker.person.key in rights.waited_for(look)]


def open_looks(tx: Tx, plan_id: int) -> list[Look]:
    """The gates that are not settled."""
    return looks(tx, [row for row in store.gates(tx, plan_id) if not row.settled])


def may_sign(tx: Tx, asker: Asker, key: str, for_person: str = "") -> tuple[Look, str]:
    """The gate as the asker would sign it, and whose seat that is. Raises Refused with who may."""
    look = open_gate(tx, asker, key)
    if seat := polls.seat(look, asker, for_person):
        rights.answers(look, asker, seat, go=True)
        return look, seat
    return look, rights.signs(look, asker, for_person)


def sign(tx: Tx, asker: Asker, key: str, content: str, for_person: str = "") -> Look:
    """Vouch for what was shown: `content` is its hash, and must still be the gate's."""
    look = open_gate(tx, asker, key)
    if seat := polls.seat(look, asker, for_person):
        if content != look.content:
            raise Refused(rights.changed_since(look))
        return polls.answer(look, asker, seat, go=True)
    seat = rights.signs(look, asker, for_person, content)
    row = _signature(look, asker, seat, digest=content, signed=signed(look.readings))
    return changed(look, asker, Verb.SIGNED, on_behalf_of=row.on_behalf_of, digest=content)


def ask(tx: Tx, asker: Asker, key: str) -> Look:
    """Be told when a gate is ready. Raises Refused where it is."""
    look = open_gate(tx, asker, key)
    gate, me = look.gate, asker.person.key
    if not look.lacking and me in look.signers:
        raise Refused(f"{markup.escape(gate.name)} is ready. Sign now: `/gate sign {gate.key}`.")
    if not look.lacking:
        waiting = joined(map(asker.directory.called, look.signers)) if look.signers else "nobody"
        raise Refused(f"{markup.escape(gate.name)} is ready already. It waits for {waiting}.")
    row = store.call(tx, gate.number, me)
    row.wants, row.called_at = True, None
    notices.keep(tx, gate, Verb.ASKED, actor=me)
    return look


def hand(tx: Tx, asker: Asker, key: str, to: Person | None) -> Look:
    """Hand one's sign-off to a deputy, or take it back; both hear it."""
    look = open_gate(tx, asker, key)
    gate, me = look.gate, asker.person
    rights.hands(look, asker, to)
    row = store.call(tx, gate.number, me.key)
    before, row.handed_to = row.handed_to, to.key if to else None
    gate.changes += 1
    tx.session.flush()
    if before and before != row.handed_to:
        notices.tell(look, look.directory.named([before]), f"back:{gate.changes}", News.TOOK_BACK, by=me.key)
    verb = Verb.HANDED_OVER if to else Verb.TOOK_BACK
    notices.record(tx, gate, verb, actor=me.key, people=[to.key if to else before])
    if to:
        notices.tell(look, [to], f"handed:{gate.changes}", News.HANDED_OVER, by=me.key)
    outcome.look_again(tx, gate.number, actor=me.key)
    return Look(tx, gate)


def may_reject(tx: Tx, asker: Asker, key: str, for_person: str = "", expected: int | None = None) -> Look:
    """The gate as the asker would reject it. Raises Refused with who may."""
    look = open_gate(tx, asker, key, expected)
    if seat := polls.seat(look, asker, for_person):
        rights.answers(look, asker, seat, go=False)
        return look
    rights.rejects(look, asker, for_person)
    return look


def reject(tx: Tx, asker: Asker, key: str, reason: str, for_person: str = "") -> Look:
    """Say no. A decision is no-go at once; any other gate waits until they sign or withdraw that."""
    look = open_gate(tx, asker, key)
    polled = polls.seat(look, asker, for_person)
    seat = polled or rights.rejects(look, asker, for_person)
    reason = markup.needed(reason, f"Say why: `/gate reject {look.gate.key} the rollback was never tried`.")
    if polled:
        return polls.answer(look, asker, seat, go=False, why=reason)
    row = _signature(look, asker, seat, verdict=NO, reason=reason)
    after = changed(look, asker, Verb.REJECTED, on_behalf_of=row.on_behalf_of, said=row.reason)
    tx.publish(GateTurned(after.gate, Verb.REJECTED, (f"{asker.directory.called(seat)}: {row.reason}",), Concern()))
    if after.gate.decision:
        outcome.no_go(after, asker.person.key)
    return Look(tx, after.gate)


def withdraw(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    look = open_gate(tx, asker, key, expected)
    if polls.take_back(look, asker):
        return Look(tx, look.gate)
    own = _end_own(look, asker, Mark.WITHDRAWN)
    if not own:
        raise Refused(f"You have not signed {markup.escape(look.gate.name)}, so you can't withdraw.")
    return changed(look, asker, Verb.WITHDREW, on_behalf_of=own[0].on_behalf_of, verdict=own[0].verdict)


def _end_own(look: Look, asker: Asker, mark: Mark) -> list[Signature]:
    own = [signature for signature in look.standing if signature.person == asker.person.key]
    for signature in own:
        models.end(signature, mark, look.tx.now)
    return own


def _signature(look: Look, asker: Asker, seat: str, **said: Any) -> Signature:
    _end_own(look, asker, Mark.REPLACED)
    for other in look.standing:
        if other.seat == seat and other.state == Mark.STANDING:
            void(look, other, [f"{look.directory.called(asker.person)} spoke for the same seat"])
    row = Signature(gate_id=look.gate.number, person=asker.person.key, seat=seat, at=look.tx.now, **said)
    look.tx.session.add(row)
    return row


def may_waive(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """The gate as the asker would waive it. Raises Refused for whoever may not, and for a decision."""
    look = open_gate(tx, asker, key, expected)
    rights.waives(look, asker)
    return look


def waive(
    tx: Tx, asker: Asker, key: str, why: str, *, risk_of_adding: str, risk_of_cutting: str,
    until: datetime | None = None,
) -> Look:  # fmt: skip
    """Let a gate go although it is not met: an exception record says why, and until when."""
    look, actor = may_waive(tx, asker, key), asker.person.key
    fields = {"why": why, "the risk of adding": risk_of_adding, "the risk of cutting": risk_of_cutting}
    missing = {name: text for name, text in fields.items() if not markup.says_something(text)}
    if missing:
        sentence = f"Fill in {joined(missing)} too. `/gate waive {look.gate.key}` opens the form."
        raise Unfit(sentence, next(iter(missing.values())))
    if until is not None and until <= tx.now:
        raise Unfit("That time is over. Choose a later one, or leave it empty.", until)
    gate, row = look.gate, Waiver(
        gate_id=look.gate.number, by=actor, at=tx.now, why=why.strip(), until_at=until,
        risk_of_adding=risk_of_adding.strip(), risk_of_cutting=risk_of_cutting.strip(),
    )  # fmt: skip
    tx.session.add(row)
    notices.record(
        tx, gate, Verb.WAIVED, actor=actor, said=row.why, until=iso(until), risk_of_adding=row.risk_of_adding,
        risk_of_cutting=row.risk_of_cutting, open=outcome.why_not(look),
    )  # fmt: skip
    outcome.waive(look, actor)
    key, args = f"waived:{gate.changes}", {"why": [row.why], "until": iso(until), "by": actor}
    notices.tell(look, [person for person in look.tally.missing if person.key != actor], key, News.WAIVED, **args)
    notices.tell_everybody(look, (), key, News.WAIVED, (), but=actor, **args)
    gate.wake_at = min(filter(None, (gate.wake_at, until)), default=None)
    outcome.reconsider(tx, gate.plan_id, lambda other: other.id != gate.id, actor=actor)
    return Look(tx, gate)


def acknowledge(tx: Tx, asker: Asker, key: str) -> Look:
    """Take an overdue gate: nobody else is paged."""
    look = open_gate(tx, asker, key)
    gate = look.gate
    rights.takes(look, asker)
    if gate.owner in asker.directory.people:
        raise Refused(f"{asker.directory.called(gate.owner)} already has it.")
    instead = escalation.told(tx, gate.subject).get(asker.person.key)
    stopped = escalation.start_again(tx, gate.subject)
    if not escalation.hold(tx, gate.subject, asker.person.key):
        raise Refused(f"Nobody is paged about {markup.escape(gate.name)}, so you don't have to take it.")
    if stopped:
        escalation.stop(tx, gate.subject)
    gate.owner = asker.person.key
    gate.changes += 1
    notices.record(tx, gate, Verb.ACKNOWLEDGED, actor=asker.person.key, on_behalf_of=instead)
    return look


def report(tx: Tx, asker: Asker, measure: str, text: str, link: str = "", *, by_api: bool = False) -> Amount:
    """Report a measure, as `68/72`; every gate that looks at it is looked at again."""
    plan_id, actor = asker.directory.plan_id, asker.person.key
    known = measures_in(tx, plan_id)
    if measure not in known:
        raise unknown(f"There is no measure `{markup.clip(measure, 60)}`", measure, known)
    part = known[measure]
    rights.reports(tx, asker, measure, part, by_api=by_api)
    amount = parse_report(text, part)
    tx.session.add(Measurement(
        plan_id=plan_id, measure=measure, value=amount.value, unit=amount.unit, link=link, by=actor, at=tx.now
    ))  # fmt: skip
    tx.session.flush()
    using = measured_by(tx, plan_id, measure)
    facts: dict[str, Any] = {"actor": actor, "said": link or None, "amount": shown(amount, part)}
    facts |= {"key": measure, "value": amount.value, "unit": amount.unit}
    for row in using:
        row.changes += 1
        notices.record(tx, row, Verb.REPORTED, measure=part.name or measure, **facts)
    if not using:
        timeline.record(tx, plan_id, Subject("plan", plan_id), Verb.REPORTED, measure=measure, **facts)
    outcome.reconsider(tx, plan_id, lambda gate: measure in measures_of(tx, gate), actor=actor)
    tx.publish(MeasureReported(plan_id, measure))
    return amount


def measures_in(tx: Tx, plan_id: int) -> Mapping[str, MeasurePart]:
    return plans.live(tx, plan_id).values.get("measures") or {}


def measured_by(tx: Tx, plan_id: int, measure: str) -> list[Gate]:
    return [gate for gate in store.gates(tx, plan_id) if measure in measures_of(tx, gate)]


def measures_of(tx: Tx, gate: Gate) -> list[str]:
    part = gates_of(plans.live(tx, gate.plan_id)).get(gate.key)
    return [criterion.measure for criterion in of_kind(MeasuredPart, part.criteria)] if part else []
