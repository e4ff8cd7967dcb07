"""What a signature on a gate is bound to, and when it is void: its criteria or the plan changed, or it is too old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from callboard.core import timeline
from callboard.core.db import Tx
from callboard.gates import criteria, models, notices
from callboard.gates.assessment import Look
from callboard.gates.criteria.facts import Reading
from callboard.gates.models import YES, Gate, Mark, News, Signature, Verb
from callboard.planfile.sections import Document

RULE_CHANGED = "the plan changed what this gate asks for: please look and sign again"


def signed(readings: Sequence[Reading]) -> dict[str, Any]:
    """What somebody vouches for who signs now: every criterion that is met, with all that it looked at.

    What is not met yet is named under "open": the signature says nothing about it.
    """
    return {
        "held": {r.key: {"says": r.says, "stands": r.stands, "digest": r.digest} for r in readings if r.holds},
        "open": [reading.says for reading in readings if not reading.holds],
    }


def changed(was: Mapping[str, Any], readings: Iterable[Reading]) -> list[str]:
    """What differs now from what was signed, one sentence for each criterion; empty where nothing does."""
    now = {reading.key: reading for reading in readings}
    sentences = []
    for key, then in (was.get("held") or {}).items():
        if key not in now:
            sentences.append(f"{then['says']}: no longer asked for")
        elif now[key].digest != then["digest"]:
            sentences.append(f"{now[key].says}: was {then['stands']}; is {now[key].stands}")
    return sentences


def void_changed(look: Look) -> bool:
    """Void the signatures on what has changed since; whether there were any."""
    yes = [signature for signature in look.standing if signature.verdict == YES]
    fallen = [(signature, why) for signature in yes if (why := changed(signature.signed, look.readings))]
    for signature, why in fallen:
        void(look, signature, why)
    return bool(fallen)


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
            void(look, signature, [RULE_CHANGED])
    gate.rule = rule


def void(look: Look, signature: Signature, why: list[str]) -> None:
    """A signature no longer counts, and whoever gave it hears why."""
    gate = look.gate
    models.end(signature, Mark.VOID, look.tx.now, why)
    gate.changes += 1
    notices.record(look.tx, gate, Verb.VOIDED, to=signature.person, why=why)
    signer = look.directory.named([signature.person])
    notices.tell(look, signer, f"void:{signature.id}", News.VOID, why=why)
