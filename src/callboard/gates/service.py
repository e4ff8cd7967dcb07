"""The verbs of a gate: tick, report, sign, withdraw, reject, waive. Whatever is refused has changed nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard.core import blocks, outbox, timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.subject import Subject
from callboard.core.timeline import Entry
from callboard.escalation import service as escalation
from callboard.gates import binding, deciding, measuring, models, outcomes, posts, rights, store
from callboard.gates.amounts import Amount
from callboard.gates.criteria import MeasuredPart, TickPart, walk
from callboard.gates.gathering import Look, parts
from callboard.gates.models import KIND, FreezeException, Gate, Mark, Measurement, Signature, State, Tick, Waiver
from callboard.gates.parts import MeasurePart
from callboard.gates.readings import key_of
from callboard.plans import service as plans
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

__all__ = ["Look"]

FEW = 6
BY_ITSELF = {
    "ready": "everything held", "passed": "it passed", "voided": "a signature fell", "missed": "its time had come",
    "no-go": "it was NO-GO", "opened again": "it was opened again", "waiver ended": "its waiver ended",
    "rule changed": "the plan asked for something else", "reminded": "who must sign was reminded",
    "signature late": "a signature was due", "doubted": "it was in doubt", "cleared": "it was in doubt no more",
}  # fmt: skip
SAID = {"withdrew": "took a signature back from", "rejected": "said no to", "reported": "reported a measure of"}
"""How what happened to a gate is told to whoever holds an old button."""


def gates(tx: Tx, plan_id: int) -> Sequence[Gate]:
    """The gates of a plan, in the order in which they are due."""
    return store.gates(tx, plan_id)


def gate(tx: Tx, plan_id: int, key: str) -> Gate:
    """The gate with a key, in any case. Raises Refused with what may have been meant."""
    found = known(tx, plan_id, key)
    if found is None:
        keys = [one.key for one in store.gates(tx, plan_id)]
        hint = did_you_mean(key, keys) if keys else "this plan has none yet"
        raise Refused(f"There is no gate `{blocks.clip(key, 60)}`; {hint}")
    return found


def known(tx: Tx, plan_id: int, key: str) -> Gate | None:
    """The same; None for none."""
    return next((one for one in store.gates(tx, plan_id) if one.key.lower() == key.lower()), None)


def look(tx: Tx, plan_id: int, key: str) -> Look:
    """A gate with its criteria and signatures as they stand now."""
    return Look(tx, gate(tx, plan_id, key))


def history(tx: Tx, gate: Gate) -> Sequence[Entry]:
    """Everything that happened to a gate, what was refused too, oldest first."""
    return timeline.history(tx, gate.subject)


def tick(tx: Tx, asker: Asker, key: str, which: str, evidence: str = "", expected: int | None = None) -> Look:
    """Somebody has looked at a criterion and says that it holds."""
    seen = _open(tx, asker, key, expected)
    part = criterion(seen, which)
    seat = rights.ticks(seen, asker, part)
    there = seen.facts.ticks.get(key_of(part))
    if there and there.evidence == evidence:
        raise Refused(f"{there.called} has ticked that already: {part.tick}. `/gate untick` takes it back.")
    _untick(tx, seen.gate, key_of(part))
    row = Tick(gate_id=seen.gate.id or 0, criterion=key_of(part), by=asker.person.key, at=tx.now, evidence=evidence)
    tx.session.add(row)
    return _changed(tx, seen, asker, "ticked", on_behalf_of=seat, said=evidence or None, criterion=part.tick)


def untick(tx: Tx, asker: Asker, key: str, which: str, expected: int | None = None) -> Look:
    """It does not hold after all."""
    seen = _open(tx, asker, key, expected)
    part = criterion(seen, which)
    there = seen.facts.ticks.get(key_of(part))
    if there is None:
        raise Refused(f"Nobody has ticked that: {part.tick}.")
    seat = None if there.by == asker.person.key else rights.ticks(seen, asker, part)
    _untick(tx, seen.gate, key_of(part))
    return _changed(tx, seen, asker, "unticked", on_behalf_of=seat, criterion=part.tick)


def criterion(seen: Look, which: str) -> TickPart:
    """The criterion meant by its number on the card, its key, or its first words. Raises Refused."""
    every = [one for _, one in walk(seen.part.criteria) if isinstance(one, TickPart)]
    if not every:
        raise Refused(
            f"Nothing of {seen.gate.name} is ticked by hand: `/gate show {seen.gate.key}` says how it stands."
        )
    wanted = blocks.unescape(which).strip().lower()
    if wanted.isdigit() and 0 < int(wanted) <= len(every):
        return every[int(wanted) - 1]
    exact = [one for one in every if wanted in (key_of(one), one.tick.lower())]
    near = exact or [one for one in every if wanted and wanted in one.tick.lower()]
    if len(near) == 1:
        return near[0]
    listed = "; ".join(f"{number} {one.tick}" for number, one in enumerate(every, 1))
    what = f"`{blocks.clip(which, 60)}` could be several" if near else f"Nothing there is `{blocks.clip(which, 60)}`"
    raise Refused(f"{what}. Name it by its number: {listed}.")


def report(tx: Tx, asker: Asker, measure: str, amount: Amount, link: str = "", *, by_api: bool = False) -> Measurement:
    """Somebody reports what was measured; every gate that looks at it is looked at again."""
    plan_id = asker.directory.plan_id
    there: dict[str, MeasurePart] = dict(plans.live(tx, plan_id).values.get("measures") or {})
    if measure not in there:
        raise Refused(f"There is no measure `{blocks.clip(measure, 60)}`; {did_you_mean(measure, there)}")
    rights.reports(asker, measure, there[measure], by_api=by_api)
    return measured(tx, plan_id, measure, amount, link, by=asker.person.key)


def measured(tx: Tx, plan_id: int, measure: str, amount: Amount, link: str = "", *, by: str) -> Measurement:
    """Keep what was measured, whoever says so: for what other capabilities compute. Raises Refused out of reach."""
    part = (plans.live(tx, plan_id).values.get("measures") or {}).get(measure) or MeasurePart()
    measuring.refuse_impossible(measure, part, amount)
    row = Measurement(
        plan_id=plan_id, measure=measure, value=amount.value, unit=amount.unit, link=link, by=by, at=tx.now
    )
    tx.session.add(row)
    tx.session.flush()
    about = f"{amount}{f' of {part.of}' if part.of and not amount.unit else ''}"
    using = [one for one in store.gates(tx, plan_id) if measure in measures_of(tx, one)]
    for each in using:
        each.changes += 1
        posts.told(tx, each, "reported", actor=by, said=link or None, measure=part.name or measure, amount=about)
    if not using:
        subject = Subject("plan", plan_id)
        timeline.record(tx, plan_id, subject, "reported", actor=by, said=link or None, measure=measure, amount=about)
    keys = {each.id for each in using}
    deciding.reconsider(tx, plan_id, lambda one: one.id in keys, actor=by)
    return row


def measures_of(tx: Tx, gate: Gate) -> list[str]:
    """The measures that a gate looks at."""
    part = parts(plans.live(tx, gate.plan_id)).get(gate.key)
    return [one.measure for _, one in walk(part.criteria if part else ()) if isinstance(one, MeasuredPart)]


def may_sign(tx: Tx, asker: Asker, key: str, for_person: str = "", expected: int | None = None) -> tuple[Look, str]:
    """The gate as the asker would sign it, and whose seat that is. Raises Refused with who may."""
    seen = _open(tx, asker, key, expected)
    return seen, rights.signs(seen, asker, for_person)


def may_reject(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """The gate as the asker would reject it. Raises Refused with who may."""
    seen = _open(tx, asker, key, expected)
    rights.rejects(seen, asker)
    return seen


def still(tx: Tx, asker: Asker, key: str, expected: int) -> Look:
    """The gate, where it is open and has not changed since a button was drawn. Raises Refused."""
    return _open(tx, asker, key, expected)


def sign(tx: Tx, asker: Asker, key: str, content: str, for_person: str = "") -> Look:
    """Somebody vouches for what they were shown: `content` is its hash, and must be what is there still."""
    seen, seat = may_sign(tx, asker, key, for_person)
    if content != seen.content:
        raise Refused(
            f"{seen.gate.name} is not any more what you were shown, so nothing was signed. Look again: "
            f"`/gate sign {seen.gate.key}`."
        )
    _replace(tx, seen, asker.person.key)
    signed = binding.signed(seen.readings)
    tx.session.add(_signature(tx, seen, asker, seat, digest=seen.content, signed=signed))
    return _changed(
        tx, seen, asker, "signed", on_behalf_of=_acting(asker, seat), open=signed["open"], digest=seen.content
    )


def reject(tx: Tx, asker: Asker, key: str, reason: str, for_person: str = "", expected: int | None = None) -> Look:
    """Whoever can sign says no; a decision is no-go at once, any other gate waits until they sign or take it back."""
    seen = _open(tx, asker, key, expected)
    seat = rights.rejects(seen, asker, for_person)
    if not reason.strip():
        raise Refused(f"Say why, it is recorded: `/gate reject {seen.gate.key} the rollback was never tried`.")
    _replace(tx, seen, asker.person.key)
    tx.session.add(_signature(tx, seen, asker, seat, verdict="no", reason=reason.strip()))
    after = _changed(tx, seen, asker, "rejected", on_behalf_of=_acting(asker, seat), said=reason.strip())
    if after.gate.decision:
        outcomes.no_go(tx, after, outcomes.why_not(after), asker.person.key)
    return Look(tx, after.gate)


def withdraw(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """Somebody takes their signature, or their no, back."""
    seen = _open(tx, asker, key, expected)
    own = [one for one in seen.standing if one.person == asker.person.key]
    if not own:
        raise Refused(f"You have not signed {seen.gate.name}, so there is nothing to take back.")
    for one in own:
        models.end(one, Mark.WITHDRAWN, tx.now)
        tx.session.add(one)
    return _changed(tx, seen, asker, "withdrew", on_behalf_of=_acting(asker, own[0].seat), verdict=own[0].verdict)


def may_waive(tx: Tx, asker: Asker, key: str) -> Look:
    """The gate as the asker would waive it. Raises Refused for whoever may not, and for a decision."""
    seen = _open(tx, asker, key, None)
    if not asker.directory.has_role(asker.person, COORDINATOR):
        raise Refused(f"Only {rights.coordinators(asker.directory)} can waive a gate. You can sign or reject it.")
    if seen.gate.decision:
        raise Refused("A go or no-go is decided, not waived: waive what keeps it from GO, or let it be no-go.")
    return seen


def waive(
    tx: Tx, asker: Asker, key: str, why: str, *, risk_of_adding: str, risk_of_cutting: str,
    until: datetime | None = None,
) -> Look:  # fmt: skip
    """The coordinator lets a gate go although it does not hold: an exception record says why, and until when."""
    seen = may_waive(tx, asker, key)
    missing = [
        name
        for name, text in (
            ("why", why),
            ("the risk of adding", risk_of_adding),
            ("the risk of cutting", risk_of_cutting),
        )
        if not text.strip()
    ]
    if missing:
        raise Refused(f"An exception says {' and '.join(missing)} too: `/gate waive {seen.gate.key}` opens the form.")
    if until is not None and until <= tx.now:
        raise Refused("That is over already: say until when it is waived, or leave it open.")
    row = Waiver(
        gate_id=seen.gate.id or 0, by=asker.person.key, at=tx.now, why=why.strip(), until_at=until,
        risk_of_adding=risk_of_adding.strip(), risk_of_cutting=risk_of_cutting.strip(),
        open_then=outcomes.why_not(seen),
    )  # fmt: skip
    tx.session.add(row)
    facts: dict[str, Any] = {
        "risk_of_adding": row.risk_of_adding,
        "risk_of_cutting": row.risk_of_cutting,
        "open": row.open_then,
    }
    gate = seen.gate
    posts.told(
        tx, gate, "waived", actor=asker.person.key, said=row.why, until=until.isoformat() if until else "", **facts
    )
    outcomes.waived(tx, seen, asker.person.key)
    args = {"what": "waived", "by": asker.person.key, "why": [row.why], "until": until.isoformat() if until else ""}
    whom = [*seen.tally.missing, *asker.directory.coordinators]
    posts.news(tx, gate.subject, asker.directory, whom, f"waived:{gate.changes}", **args)
    gate.wake_at = min(filter(None, (gate.wake_at, until)), default=None)
    deciding.reconsider(tx, gate.plan_id, lambda one: one.id != gate.id, actor=asker.person.key)
    return Look(tx, gate)


def acknowledge(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """Somebody has a gate that was missed: the climb stops."""
    seen = _open(tx, asker, key, expected)
    rights.looks_after(seen, asker)
    if escalation.climb_id(tx, seen.gate.subject) is None:
        raise Refused(f"Nobody is paged about {seen.gate.name}, so there is nothing to acknowledge.")
    if seen.gate.owner:
        raise Refused(f"{asker.directory.called(asker.directory.people[seen.gate.owner])} has it already.")
    instead = escalation.told(tx, seen.gate.subject).get(asker.person.key)
    escalation.hold(tx, seen.gate.subject)
    seen.gate.owner = asker.person.key
    seen.gate.changes += 1
    posts.told(tx, seen.gate, "acknowledged", actor=asker.person.key, on_behalf_of=instead)
    return seen


def refused(tx: Tx, about: Gate | FreezeException, actor: str, what: str, sentence: str) -> None:
    """Keep on the timeline that somebody tried what is not allowed, and what they were told."""
    facts: dict[str, Any] = {"gate": about.key} if isinstance(about, Gate) else {"exception": about.number}
    timeline.record(
        tx,
        about.plan_id,
        about.subject,
        "refused",
        actor=actor,
        tried=what,
        why=sentence,
        change=about.changes,
        **facts,
    )


def mine(tx: Tx, asker: Asker) -> list[Look]:
    """The gates that wait for the asker: to sign what holds, or to tick what does not."""
    every = [Look(tx, one) for one in store.gates(tx, asker.directory.plan_id) if not one.settled]
    return [seen for seen in every if rights.waits_for(seen, asker)]


def _open(tx: Tx, asker: Asker, key: str, expected: int | None) -> Look:
    """A gate that may still change, locked, unless it has changed since a button was drawn."""
    row = store.gate(tx, gate(tx, asker.directory.plan_id, key).id or 0, lock=True)
    assert row is not None  # noqa: S101 - found a moment ago
    seen = Look(tx, row)
    _guard(tx, seen, expected)
    if row.settled or (row.decision and row.state == State.FAILED):
        raise Refused(_closed(seen))
    return seen


def _guard(tx: Tx, seen: Look, expected: int | None) -> None:
    """An old button does nothing but say what happened since and by whom."""
    gate = seen.gate
    if expected is None or expected == gate.changes:
        return
    since = [one for one in history(tx, gate) if one.facts.get("change", 0) > expected and one.verb != "refused"]
    told = "; ".join(_since(seen, one) for one in since[-FEW:])
    raise Refused(
        f"That button is older than what happened to {gate.name}: {told or 'it has changed'}. Nothing was changed now; "
        f"`/gate show {gate.key}` shows how it stands."
    )


def _since(seen: Look, one: Entry) -> str:
    what = BY_ITSELF.get(one.verb) or f"{seen.directory.called(one.actor)} {SAID.get(one.verb, one.verb)} it"
    return f"{what} at {blocks.date(one.at)}"


def _closed(seen: Look) -> str:
    gate = seen.gate
    by = seen.directory.called(gate.settled_by)
    when = blocks.date(gate.settled_at, "both") if gate.settled_at else ""
    if gate.state == State.FAILED:
        return f"{gate.name} was no-go: {'; '.join(gate.outcome) or 'it failed'}. No further attempt is planned yet."
    if gate.decision:
        final = "only an emergency stops it. Raise a blocker if something is wrong"
        return f"{gate.name} is GO since {when}, and that is final: {final}."
    done = "passed" if gate.state == State.PASSED else "was waived"
    return (
        f"{gate.name} {done} {when} (by {by}); nothing of it changes any more. If something is wrong, raise a blocker."
    )


def _changed(
    tx: Tx,
    seen: Look,
    asker: Asker,
    verb: str,
    *,
    on_behalf_of: str | None = None,
    said: str | None = None,
    **facts: Any,
) -> Look:
    """Keep a change with its entry, and look at the gate again."""
    seen.gate.changes += 1
    tx.session.add(seen.gate)
    tx.session.flush()
    posts.told(tx, seen.gate, verb, actor=asker.person.key, on_behalf_of=on_behalf_of, said=said, **facts)
    deciding.look_again(tx, seen.gate.id or 0, actor=asker.person.key)
    outbox.touch(tx, KIND, [seen.gate.id or 0])
    return Look(tx, seen.gate)


def _untick(tx: Tx, gate: Gate, criterion: str) -> None:
    for row in store.ticks(tx, gate.id or 0):
        if row.criterion == criterion:
            tx.session.delete(row)
    tx.session.flush()


def _replace(tx: Tx, seen: Look, person: str) -> None:
    """What somebody said before is replaced by what they say now."""
    for one in seen.standing:
        if one.person == person:
            models.end(one, Mark.REPLACED, tx.now)
            tx.session.add(one)


def _signature(tx: Tx, seen: Look, asker: Asker, seat: str, **said: Any) -> Signature:
    return Signature(gate_id=seen.gate.id or 0, person=asker.person.key, seat=seat, at=tx.now, **said)


def _acting(asker: Asker, seat: str) -> str | None:
    return None if seat == asker.person.key else seat
