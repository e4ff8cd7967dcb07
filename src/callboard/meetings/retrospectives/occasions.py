"""Which phases are over and not looked back on yet, and when the next one will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from callboard.core.db import Tx
from callboard.gates import store as gates
from callboard.meetings.retrospectives import plan, store
from callboard.planfile.sections import Document
from callboard.planfile.timetable import span_of, timetable
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.plan import PHASES, PhasePart, RetrospectivePart
from callboard.tasks import service as tasks
from callboard.tasks.models import Task

REST, RECENT = timedelta(minutes=15), timedelta(days=7)
"""How long the last task of a phase must have been done, and how long ago a phase may have ended."""


class Occasion(NamedTuple):
    """A phase that is over: how it is looked back on."""

    key: str
    name: str
    part: RetrospectivePart


class Scene:
    """A plan, read once for all of its phases."""

    def __init__(self, tx: Tx, plan_id: int) -> None:
        self.tx, self.plan_id = tx, plan_id
        self.document: Document = plans.live(tx, plan_id)
        self.held = {hold.target for hold in holds.standing(tx, plan_id)}
        self.phases = {
            key: part for key, part in (self.document.of(PHASES) or {}).items() if plan.of_phase(self.document, key)
        }
        looked_back = {key for row in store.retrospectives(tx, plan_id) for key in row.phases} if self.phases else set()
        self.open_ones = {key: part for key, part in self.phases.items() if key not in looked_back}

    @property
    def halted(self) -> bool:
        """Whether the whole plan stands still, as in an emergency that freezes it."""
        return holds.EVERY_GATE in self.held

    def over(self) -> list[Occasion]:
        """The phases that are over now. What is on hold is not; nothing is while the plan stands still."""
        if self.halted or not self.open_ones:
            return []
        first = store.first_applied(self.tx, self.plan_id) or self.tx.now
        ended = (
            key for key, part in self.open_ones.items() if key not in self.held and self._is_over(key, part, first)
        )
        return [
            Occasion(key, self.phases[key].name, own) for key in ended if (own := plan.of_phase(self.document, key))
        ]  # fmt: skip

    def _is_over(self, key: str, part: PhasePart, first: datetime) -> bool:
        span, now = self._span(part), self.tx.now
        if span is None or span[1] <= max(first, now - RECENT):
            return False
        if span[1] <= now and not store.was_held(self.tx, self.plan_id, key, span[1]):
            return True
        done = self._done_at(key)
        return span[0] <= now and done is not None and done + REST <= now and not self._gated(span)

    def _gated(self, span: tuple[datetime, datetime]) -> bool:
        """Whether a gate that is due within a phase is still open."""
        return any(
            gate.due_at and span[0] <= gate.due_at <= span[1] and not gate.settled
            for gate in gates.listed(self.tx, self.plan_id)
        )

    def next_at(self) -> Iterator[datetime]:
        """When phases end, or have been done for long enough."""
        for key, part in self.open_ones.items():
            span, done = self._span(part), self._done_at(key)
            yield from (span or ())
            yield from (done + REST,) if done else ()

    def _span(self, part: PhasePart) -> tuple[datetime, datetime] | None:
        return span_of(timetable(self.document), part.from_, part.to)

    def _done_at(self, key: str) -> datetime | None:
        """When the last task of a phase was completed or dropped; None while one is open, and where it has none."""
        own: Sequence[Task] = [task for task in tasks.seen(self.tx, self.plan_id) if task.phase == key]
        if not own or not all(map(tasks.settled, own)):
            return None
        return max((at for task in own if (at := task.completed_at or task.moved_at)), default=None)
