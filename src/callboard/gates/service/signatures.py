"""Sign, reject, and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.gates import models, rights
from callboard.gates.assessment import signatures
from callboard.gates.assessment.look import Look
from callboard.gates.models import Mark, Signature
from callboard.gates.service import transitions
from callboard.gates.service.gates import changed, open_gate
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def may_sign(tx: Tx, asker: Asker, key: str, for_person: str = "", expected: int | None = None) -> tuple[Look, str]:
    """The gate as the asker would sign it, and whose seat that is. Raises Refused with who may."""
    seen = open_gate(tx, asker, key, expected)
    return seen, rights.signs(seen, asker, for_person)


def may_reject(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """The gate as the asker would reject it. Raises Refused with who may."""
    seen = open_gate(tx, asker, key, expected)
    rights.rejects(seen, asker)
    return seen


def sign(tx: Tx, asker: Asker, key: str, content: str, for_person: str = "") -> Look:
    """Somebody vouches for what they were shown: `content` is its hash, and must be what is there still."""
    seen, seat = may_sign(tx, asker, key, for_person)
    if content != seen.content:
        raise Refused(
            f"{seen.gate.name} is not any more what you were shown, so nothing was signed. Look again: "
            f"`/gate sign {seen.gate.key}`."
        )
    _replace_earlier(tx, seen, asker.person.key)
    signed = signatures.signed(seen.readings)
    tx.session.add(_signature(tx, seen, asker, seat, digest=seen.content, signed=signed))
    return changed(
        tx, seen, asker, "signed", on_behalf_of=_acting(asker, seat), open=signed["open"], digest=seen.content
    )


def reject(tx: Tx, asker: Asker, key: str, reason: str, for_person: str = "", expected: int | None = None) -> Look:
    """Whoever can sign says no; a decision is no-go at once, any other gate waits until they sign or take it back."""
    seen = open_gate(tx, asker, key, expected)
    seat = rights.rejects(seen, asker, for_person)
    if not reason.strip():
        raise Refused(f"Say why, it is recorded: `/gate reject {seen.gate.key} the rollback was never tried`.")
    _replace_earlier(tx, seen, asker.person.key)
    tx.session.add(_signature(tx, seen, asker, seat, verdict="no", reason=reason.strip()))
    after = changed(tx, seen, asker, "rejected", on_behalf_of=_acting(asker, seat), said=reason.strip())
    if after.gate.decision:
        transitions.no_go(tx, after, transitions.why_not(after), asker.person.key)
    return Look(tx, after.gate)


def withdraw(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """Somebody takes their signature, or their no, back."""
    seen = open_gate(tx, asker, key, expected)
    own = [one for one in seen.standing if one.person == asker.person.key]
    if not own:
        raise Refused(f"You have not signed {seen.gate.name}, so there is nothing to take back.")
    for one in own:
        models.end(one, Mark.WITHDRAWN, tx.now)
        tx.session.add(one)
    return changed(tx, seen, asker, "withdrew", on_behalf_of=_acting(asker, own[0].seat), verdict=own[0].verdict)


def _replace_earlier(tx: Tx, seen: Look, person: str) -> None:
    """What somebody said before is replaced by what they say now."""
    for one in seen.standing:
        if one.person == person:
            models.end(one, Mark.REPLACED, tx.now)
            tx.session.add(one)


def _signature(tx: Tx, seen: Look, asker: Asker, seat: str, **said: Any) -> Signature:
    return Signature(gate_id=seen.gate.id or 0, person=asker.person.key, seat=seat, at=tx.now, **said)


def _acting(asker: Asker, seat: str) -> str | None:
    return None if seat == asker.person.key else seat
