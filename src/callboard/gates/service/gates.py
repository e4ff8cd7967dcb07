"""Look gates up, waive them, acknowledge that they were missed; an old button changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks
from callboard.core import outbox, timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.timeline import Entry
from callboard.escalation import service as escalation
from callboard.gates import notices, rights, store
from callboard.gates.assessment.look import Look
from callboard.gates.models import KIND, Gate, State, Waiver
from callboard.gates.service import transitions
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


def still(tx: Tx, asker: Asker, key: str, expected: int) -> Look:
    """The gate, where it is open and has not changed since a button was drawn. Raises Refused."""
    return open_gate(tx, asker, key, expected)


def may_waive(tx: Tx, asker: Asker, key: str) -> Look:
    """The gate as the asker would waive it. Raises Refused for whoever may not, and for a decision."""
    seen = open_gate(tx, asker, key, None)
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
        open_then=transitions.why_not(seen),
    )  # fmt: skip
    tx.session.add(row)
    facts: dict[str, Any] = {
        "risk_of_adding": row.risk_of_adding,
        "risk_of_cutting": row.risk_of_cutting,
        "open": row.open_then,
    }
    gate = seen.gate
    notices.record(
        tx, gate, "waived", actor=asker.person.key, said=row.why, until=until.isoformat() if until else "", **facts
    )
    transitions.waived(tx, seen, asker.person.key)
    args = {"what": "waived", "by": asker.person.key, "why": [row.why], "until": until.isoformat() if until else ""}
    whom = [*seen.tally.missing, *asker.directory.coordinators]
    notices.tell(tx, gate.subject, asker.directory, whom, f"waived:{gate.changes}", **args)
    gate.wake_at = min(filter(None, (gate.wake_at, until)), default=None)
    transitions.reconsider(tx, gate.plan_id, lambda one: one.id != gate.id, actor=asker.person.key)
    return Look(tx, gate)


def acknowledge(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """Somebody has a gate that was missed: the climb stops."""
    seen = open_gate(tx, asker, key, expected)
    rights.looks_after(seen, asker)
    if escalation.climb_id(tx, seen.gate.subject) is None:
        raise Refused(f"Nobody is paged about {seen.gate.name}, so there is nothing to acknowledge.")
    if seen.gate.owner:
        raise Refused(f"{asker.directory.called(asker.directory.people[seen.gate.owner])} has it already.")
    instead = escalation.told(tx, seen.gate.subject).get(asker.person.key)
    escalation.hold(tx, seen.gate.subject)
    seen.gate.owner = asker.person.key
    seen.gate.changes += 1
    notices.record(tx, seen.gate, "acknowledged", actor=asker.person.key, on_behalf_of=instead)
    return seen


def refused(tx: Tx, gate: Gate, actor: str, what: str, sentence: str) -> None:
    """Keep on the timeline that somebody tried what is not allowed, and what they were told."""
    timeline.record(
        tx, gate.plan_id, gate.subject, "refused", actor=actor, tried=what, why=sentence, change=gate.changes,
        gate=gate.key,
    )  # fmt: skip


def mine(tx: Tx, asker: Asker) -> list[Look]:
    """The gates that wait for the asker: to sign what holds, or to tick what does not."""
    every = [Look(tx, one) for one in store.gates(tx, asker.directory.plan_id) if not one.settled]
    return [seen for seen in every if rights.waits_for(seen, asker)]


def open_gate(tx: Tx, asker: Asker, key: str, expected: int | None) -> Look:
    """A gate that may still change, locked, unless it has changed since a button was drawn."""
    row = store.gate(tx, gate(tx, asker.directory.plan_id, key).id or 0, lock=True)
    assert row is not None  # noqa: S101 - found a moment ago
    seen = Look(tx, row)
    _refuse_old_button(tx, seen, expected)
    if row.settled or (row.decision and row.state == State.FAILED):
        raise Refused(_closed(seen))
    return seen


def _refuse_old_button(tx: Tx, seen: Look, expected: int | None) -> None:
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


def changed(
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
    notices.record(tx, seen.gate, verb, actor=asker.person.key, on_behalf_of=on_behalf_of, said=said, **facts)
    transitions.look_again(tx, seen.gate.id or 0, actor=asker.person.key)
    outbox.touch(tx, KIND, [seen.gate.id or 0])
    return Look(tx, seen.gate)
