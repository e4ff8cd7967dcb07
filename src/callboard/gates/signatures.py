"""Who is asked for a signature, what it is bound to, and when it is void: that or the plan changed, or it is old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from callboard.core import timeline
from callboard.core.db import Tx
from callboard.gates import criteria, models, notices, store
from callboard.gates.assessment import Look
from callboard.gates.criteria.facts import Reading
from callboard.gates.models import YES, Call, Gate, Mark, News, Signature, Verb
from callboard.gates.models.polls import CONDITION
from callboard.planfile.sections import Document

CALM = timedelta(hours=1)
"""Who was asked this recently is not asked again when a criterion flaps."""
RULE_CHANGED = "the plan says something else of who signs it, or of what it waits for"


def signed(readings: Sequence[Reading]) -> dict[str, Any]:
    """What somebody vouches for who signs now: every criterion that is met, with all that it looked at."""
    return {"held": {r.key: {"says": r.says, "stands": r.stands, "digest": r.digest} for r in readings if r.holds}}


def uncovered(was: Mapping[str, Any], readings: Iterable[Reading]) -> list[str]:
    """What is asked for now and was not when it was signed, one sentence for each criterion."""
    held = was.get("held") or {}
    asked = (each for each in readings if not (was.get("polled") and each.key.startswith(CONDITION)))
    return [f"{reading.says}: asked for since you signed" for reading in asked if reading.key not in held]


def changed(was: Mapping[str, Any], readings: Iterable[Reading]) -> list[str]:
    """What differs now from what was signed, one sentence for each criterion; empty where nothing does."""
    now = {reading.key: reading for reading in readings}
    sentences = []
    for key, then in (was.get("held") or {}).items():
        if key not in now:
            sentences.append(f"{then['says']}: no longer asked for")
        elif now[key].digest != then["digest"]:
            sentences.append(f"{now[key].says}: {_differs(then['stands'], now[key].stands)}")
    return sentences


def _differs(was: str, stands: str) -> str:
    return f"was {was}; is {stands}" if was != stands else f"was {was}; changed since, and is so again"


def changed_for_good(was: Mapping[str, Any], readings: Sequence[Reading]) -> list[str]:
    """The same without criteria that are met again, and read as they did: a task that was completed anew."""
    held = was.get("held") or {}
    again = {
        each.key for each in readings if each.holds and each.key in held and each.stands == held[each.key]["stands"]
    }
    return changed({"held": {key: then for key, then in held.items() if key not in again}}, readings)


def void_changed(look: Look) -> bool:
    """Void the signatures on what has changed since; whether there were any."""
    yes = [signature for signature in look.standing if signature.verdict == YES]
    fallen = 0
    for signature in yes:
        if why := [*changed(signature.signed, look.readings), *uncovered(signature.signed, look.readings)]:
            void(look, signature, why)
            fallen += 1
    return fallen > 0


def void_stale(look: Look) -> None:
    """Void each signature that is too old for all it could count for."""
    for signature in look.standing if not look.gate.settled else ():
        slots, at = look.tally.of(signature.seat), signature.at
        if signature.verdict == YES and slots and all(slot.part.stale(at, look.tx.now) for slot in slots):
            void(look, signature, ["it is older than the plan allows"])


def follow_rule(tx: Tx, gate: Gate, document: Document) -> None:
    """Void all signatures of a gate at once where the plan asks for something else than they signed."""
    rule = criteria.rule(document, gate.key)
    if gate.rule == rule or gate.settled:
        return
    look = Look(tx, gate)
    if gate.rule and look.standing:
        timeline.record(tx, gate.plan_id, gate.subject, Verb.RULE_CHANGED, change=gate.changes)
        for signature in look.standing:
            why = [*changed(signature.signed, look.readings), *uncovered(signature.signed, look.readings)]
            void(look, signature, why or [RULE_CHANGED])
    gate.rule = rule


def void(look: Look, signature: Signature, why: list[str]) -> None:
    """A signature no longer counts, and whoever gave it hears why."""
    gate = look.gate
    models.end(signature, Mark.VOID, look.tx.now, why)
    # Who can sign again at once is asked by this message; the others once everything is met.
    store.call(look.tx, gate.number, signature.person).called_at = None if look.lacking else look.tx.now
    gate.changes += 1
    notices.record(look.tx, gate, Verb.VOIDED, to=signature.person, why=why)
    # Whoever is asked again by the poll at once reads there what changed.
    asked_again = signature.polled and look.poll and not look.unmet
    signer = look.directory.named([] if asked_again else [signature.person])
    notices.tell(look, signer, f"void:{signature.id}", News.VOID, why=why)


def call(look: Look) -> None:
    """Everything is met: whoever can sign, and whoever wants to be told, hears it once."""
    gate, now, calls = look.gate, look.tx.now, look.calls
    signers = look.signers
    if (poll := look.poll) and poll.turn is None and poll.ended_at is None:
        _tell(look, signers, signers, f"polled:{poll.number}:{sum(voice.asks for voice in poll.roles)}", polled=True)
    wanting = [key for key, row in calls.items() if row.wants]
    due = [key for key in dict.fromkeys([*signers, *wanting]) if _is_due(gate, calls.get(key))]
    if not due:
        return
    for key in due:
        row = store.call(look.tx, gate.number, key)
        row.called_at, row.wants = now, False
    look.tx.session.flush()
    signing = [key for key in due if key in signers]
    gate.changes += 1
    if signing:
        notices.record(look.tx, gate, Verb.READY, people=signing)
    _tell(look, due, signers, f"ready:{gate.changes}")


def _tell(look: Look, people: Iterable[str], signers: Mapping[str, str], key: str, **facts: Any) -> None:
    """Tell each that all is met, and for whose seat they can sign."""
    for person in look.directory.named(people):
        seat = signers.get(person.key, "")
        facts |= {"seat": seat if seat != person.key else None, "signs": bool(seat)}
        notices.tell(look, [person], key, News.READY, **facts)


def _is_due(gate: Gate, row: Call | None) -> bool:
    """Whether somebody was not asked since the gate became ready, or only a moment before."""
    at = gate.ready_at
    return row is None or row.called_at is None or at is None or at - row.called_at >= CALM
