"""Policies as climbs keep them: by a digest of their text, so that one that has begun keeps its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.escalation import store
from callboard.escalation.models import Policy, Step
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


def digest(tx: Tx, directory: Directory, name: str) -> str:
    """What names the plan's policy of this name as it is now. Refused where the plan has none."""
    known: dict[int, tuple[Directory, dict[str, str]]] = tx.memo.setdefault("plan policies", {})
    kept = known.get(directory.plan_id)
    if kept is None or kept[0] is not directory:
        kept = known[directory.plan_id] = (directory, store.digests(tx, directory.plan_id))
    if name not in kept[1]:
        sentence = (
            f"{directory.plan_name} has no escalation policy `{name}`, so nobody would be paged. "
            "Whoever keeps the plan file adds one under `escalation:`."
        )
        raise Refused(sentence)
    return kept[1][name]


def policy_of(tx: Tx, digest: str) -> Policy:
    """The policy with this digest, as it was when the climb began."""
    known: dict[str, Policy] = tx.memo.setdefault("policies", {})
    if digest not in known:
        known[digest] = decoded(store.policy_text(tx, digest).body)
    return known[digest]


def encoded(policy: Policy) -> tuple[str, dict[str, Any]]:
    """A policy as plain JSON, durations in seconds, with the digest that names it."""
    body = asdict(policy)
    for key in ("idle_after", "resolve_within"):
        body[key] = _seconds(body[key])
    for step in body["steps"]:
        step.update({k: _seconds(step[k]) for k in ("after", "respond_within", "repeat_every")})
    body["steps"] = list(body["steps"])
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32], body


def decoded(body: Mapping[str, Any]) -> Policy:
    """The policy that `encoded` wrote."""
    steps = tuple(
        Step(
            s["level"],
            tuple(s["notify"]),
            timedelta(seconds=s["after"]),
            _span(s["respond_within"]),
            _span(s["repeat_every"]),
        )
        for s in body["steps"]
    )
    return Policy(
        body["name"],
        steps,
        _span(body["idle_after"]),
        _span(body["resolve_within"]),
        body["working"],
        body["respect_quiet"],
    )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
