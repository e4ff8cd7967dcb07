"""Everything about a plan's gates as plain JSON: how each stands, what was signed, and all that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.core import timeline
from callboard.core.timeline import Entry
from callboard.gates import store, views
from callboard.gates.gathering import Look
from callboard.gates.models import Gate, Signature
from callboard.plans import service as plans

if TYPE_CHECKING:
    from callboard.core.db import Tx


def gates(tx: Tx, plan_key: str) -> list[dict[str, Any]]:
    """The gates of the plan with this key. Raises Refused for none, and for several workspaces that have it."""
    plan_id = plans.called(tx, plan_key).id or 0
    return [one_gate(tx, row) for row in store.gates(tx, plan_id)]


def one_gate(tx: Tx, row: Gate) -> dict[str, Any]:
    """One gate with its signatures, also those that count no more, and its history, oldest first."""
    return {
        **views.state(tx, Look(tx, row)),
        "signatures": [_signature(one) for one in store.signatures(tx, row.id or 0)],
        "history": [_entry(one) for one in timeline.history(tx, row.subject)],
    }


def _signature(one: Signature) -> dict[str, Any]:
    return {
        "person": one.person, "for": one.seat, "verdict": one.verdict, "reason": one.reason, "at": one.at.isoformat(),
        "state": one.state, "why": one.why, "content": one.digest, "signed": one.signed,
    }  # fmt: skip


def _entry(one: Entry) -> dict[str, Any]:
    """An entry of the timeline; `seq` and `hash` are its place in the sealed chain."""
    return {
        "at": one.at.isoformat(), "verb": one.verb, "actor": one.actor, "on_behalf_of": one.on_behalf_of,
        "said": one.said, "facts": one.facts, "seq": one.seq, "hash": one.hash,
    }  # fmt: skip
