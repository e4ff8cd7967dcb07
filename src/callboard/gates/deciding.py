"""Looks at gates again when something they consume has changed: signatures fall, gates pass, or are in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.timeline import BOT
from callboard.gates import binding, models, outcomes, posts, store
from callboard.gates.events import GateDoubted
from callboard.gates.gathering import Look
from callboard.gates.models import KIND, Gate, Mark, State

if TYPE_CHECKING:
    from callboard.core.db import Tx


def reconsider(tx: Tx, plan_id: int, concerns: Callable[[Gate], bool] = lambda _: True, *, actor: str = BOT) -> None:
    """Look again at the gates of a plan that something concerns."""
    for gate in store.gates(tx, plan_id):
        if concerns(gate):
            look_again(tx, gate.id or 0, actor=actor)


def look_again(tx: Tx, gate_id: int, *, actor: str = BOT) -> None:
    """Do what follows from how a gate stands now."""
    gate = store.gate(tx, gate_id, lock=True)
    if gate is None or gate.gone or gate.state == State.WAIVED:
        return
    look = Look(tx, gate)
    if gate.state == State.PASSED:
        _doubt(tx, look)
        return
    if _void(tx, look):
        look = Look(tx, gate)
    was, gate.state = gate.state, _state(look)
    tx.session.add(gate)
    if _passes(look):
        outcomes.passed(tx, look, actor)
    elif gate.shown:
        outbox.touch(tx, KIND, [gate_id])
    holds_now = gate.state == State.READY != was or (gate.state == State.FAILED and not gate.decision)
    if holds_now and not look.lacking and look.tally.missing:
        _call_signers(tx, look, late=gate.state == State.FAILED)


def drop(tx: Tx, look: Look, why: str) -> None:
    """Take away every signature that a gate has, because it asks for something else now."""
    for signature in look.standing:
        _end(tx, look, signature, [why])


def _state(look: Look) -> str:
    if look.gate.state == State.FAILED:
        return State.FAILED
    return State.PENDING if look.lacking else State.READY


def _passes(look: Look) -> bool:
    """A decision that was no-go stays no-go until its next attempt; any other gate may still pass late."""
    return look.complete and not (look.gate.decision and look.gate.state == State.FAILED)


def _void(tx: Tx, look: Look) -> bool:
    """Let fall what was signed on something else than what is there now."""
    found = [(one, binding.changed(one.signed, look.readings)) for one in look.standing if one.verdict == "yes"]
    fallen = [(one, why) for one, why in found if why]
    for signature, why in fallen:
        _end(tx, look, signature, why)
    return bool(fallen)


def _end(tx: Tx, look: Look, signature: models.Signature, why: list[str]) -> None:
    gate, directory = look.gate, look.directory
    models.end(signature, Mark.VOID, tx.now, why)
    gate.changes += 1
    tx.session.add(signature)
    posts.told(tx, gate, "voided", to=signature.person, why=why)
    whom = directory.named([signature.person])
    posts.news(tx, gate.subject, directory, whom, f"void:{signature.id}", what="void", why=why)


def _call_signers(tx: Tx, look: Look, *, late: bool) -> None:
    """Everything holds: whoever must sign is asked to, once for each time it became so; late, for what holds now."""
    missing = [one for one in look.tally.missing if not one.vacant]
    key = f"ready:late:{look.content}"
    if not late:
        look.gate.changes += 1
        key = f"ready:{look.gate.changes}"
        posts.told(tx, look.gate, "ready", people=[one.key for one in missing])
    posts.news(tx, look.gate.subject, look.directory, missing, key, what="ready")


def _doubt(tx: Tx, look: Look) -> None:
    """It has passed and stays so; what changed since is flagged for those who signed and who coordinate."""
    gate, found = look.gate, binding.changed(look.gate.passed_on, look.readings)
    fresh = [sentence for sentence in found if sentence not in gate.doubt]
    if found != gate.doubt:
        gate.doubt = found
        gate.changes += 1
        tx.session.add(gate)
        posts.told(tx, gate, "doubted" if found else "cleared", why=fresh)
    if fresh:
        signed = [one.person for one in look.standing]
        whom = [*look.directory.named(signed), *look.directory.coordinators]
        posts.news(tx, gate.subject, look.directory, whom, f"doubt:{gate.changes}", what="doubt", why=fresh)
        tx.publish(GateDoubted(gate.plan_id, gate.key, gate))
