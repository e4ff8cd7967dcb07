"""A climb as people see it: its steps, whom each reaches, and what happens next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from callboard import blocks
from callboard.escalation import clocks
from callboard.escalation.climbs import concern, plus
from callboard.escalation.models import Climb, State, Step, Why
from callboard.escalation.store import policy_of
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


class RungState(StrEnum):
    """What became of a step."""

    PAGED = "paged"
    MISSED = "missed"
    EMPTY = "empty"
    NEXT = "next"
    LATER = "later"
    SPARED = "spared"


@dataclass(frozen=True)
class Rung:
    """A step as people see it."""

    level: str
    whom: tuple[str, ...]
    state: RungState
    at: datetime | None


@dataclass(frozen=True)
class Ladder:
    """A climb as people see it. `next_at` and `next_why` say what happens if nobody does anything."""

    climb: int | None
    state: str
    rungs: tuple[Rung, ...]
    next_at: datetime | None
    next_why: Why | None
    next_level: str | None
    snoozed_until: datetime | None
    resolve_at: datetime | None


def ladder(tx: Tx, climb: Climb) -> Ladder:
    """Read a climb, its policy and its people."""
    policy = policy_of(tx, climb.policy)
    due = clocks.next_due(climb, policy, plus(tx, climb))
    following = climb.reached + 1 if climb.reached < policy.top else None
    return Ladder(
        climb=climb.id, state=climb.state, rungs=tuple(_rungs(tx, climb, following)),
        next_at=due.at if due else None, next_why=due.why if due else None,
        next_level=None if following is None else policy.steps[following].level,
        snoozed_until=climb.snoozed_until, resolve_at=climb.resolve_at,
    )  # fmt: skip


def _rungs(tx: Tx, climb: Climb, following: int | None) -> Iterator[Rung]:
    policy = policy_of(tx, climb.policy)
    sent = {move["step"]: move for move in reversed(climb.trail) if move["step"] is not None}
    empty, missed = ({step for move in climb.trail for step in move[why]} for why in ("empty", "missed"))
    for number, step in enumerate(policy.steps):
        at, state = None, RungState.LATER
        if number in sent:
            at, state = datetime.fromisoformat(sent[number]["due"]), RungState.PAGED
        elif number in empty:
            state = RungState.EMPTY
        elif number in missed:
            state = RungState.MISSED
        elif number <= climb.reached or climb.state in (State.HELD, State.ENDED):
            state = RungState.SPARED
        elif climb.state == State.CLIMBING:
            at = clocks.step_due(climb, policy, number, plus(tx, climb))
            state = RungState.NEXT if number == following else RungState.LATER
        yield Rung(step.level, _names(tx, climb, step, sent.get(number)), state, at)


def _names(tx: Tx, climb: Climb, step: Step, sent: Mapping[str, Any] | None) -> tuple[str, ...]:
    directory = teams.directory(tx, climb.plan_id)
    if sent is not None:
        return (*map(directory.called, directory.named(sent["people"])), *map(blocks.channel, sent["channels"]))
    meant = teams.who(directory, step.notify, concern(climb), tx.now)
    people = (recipient.person for recipient in meant.people)
    return (*map(directory.called, people), *map(blocks.channel, meant.channels))
