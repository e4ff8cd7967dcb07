"""A climb, its policy and its people, put together for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks
from callboard.escalation import models
from callboard.escalation.climbs import concern, plus
from callboard.escalation.models import Climb, State, Step, Why
from callboard.escalation.policies import policy_of
from callboard.teams import service as teams
from callboard.teams.service import Person

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Rung:
    """A step as people see it. `state`: paged, missed, empty, next, later or spared."""

    level: str
    whom: tuple[str, ...]
    state: str
    at: datetime | None


@dataclass(frozen=True)
class Ladder:
    """A climb as people see it. `next_at` and `next_why` say what happens by itself if nobody does anything."""

    state: str
    rungs: tuple[Rung, ...]
    next_at: datetime | None
    next_why: Why | None
    next_level: str | None
    snoozed_until: datetime | None
    resolve_at: datetime | None


class Reading:
    """Puts a climb, its policy and its people together for a reader."""

    def __init__(self, tx: Tx, climb: Climb) -> None:
        self._tx = tx
        self._climb = climb
        self._policy = policy_of(tx, climb.policy)
        self._directory = teams.directory(tx, climb.plan_id)
        self._plus = plus(tx, climb)

    def view(self) -> Ladder:
        climb = self._climb
        due = models.next_due(climb, self._policy, self._plus)
        following = climb.reached + 1 if climb.reached < self._policy.top else None
        level = self._policy.steps[following].level if following is not None else None
        return Ladder(
            state=climb.state,
            rungs=tuple(self._rungs(following)),
            next_at=due.at if due else None,
            next_why=due.why if due else None,
            next_level=level,
            snoozed_until=climb.snoozed_until,
            resolve_at=climb.resolve_at,
        )

    def _rungs(self, following: int | None) -> list[Rung]:
        sent = {t["step"]: t for t in reversed(self._climb.trail) if t["step"] is not None}
        empty = {k for t in self._climb.trail for k in t["empty"]}
        missed = {k for t in self._climb.trail for k in t["missed"]}
        rungs = []
        for k, step in enumerate(self._policy.steps):
            at, state = None, "later"
            if k in sent:
                at, state = datetime.fromisoformat(sent[k]["due"]), "paged"
            elif k in empty:
                state = "empty"
            elif k in missed:
                state = "missed"
            elif k <= self._climb.reached or self._climb.state in (State.HELD, State.ENDED):
                state = "spared"
            elif self._climb.state == State.CLIMBING:
                at, state = (
                    models.step_due(self._climb, self._policy, k, self._plus),
                    "next" if k == following else "later",
                )
            rungs.append(Rung(step.level, self._names(step, sent.get(k)), state, at))
        return rungs

    def _names(self, step: Step, sent: Mapping[str, Any] | None) -> tuple[str, ...]:
        if sent is not None:
            people: Iterable[Person] = self._directory.named(sent["people"])
            channels: Iterable[str] = sent["channels"]
        else:
            found = teams.who(self._directory, step.notify, concern(self._climb), self._tx.now)
            people, channels = (recipient.person for recipient in found.people), found.channels
        return (*map(self._directory.called, people), *map(blocks.channel, channels))
