"""What the timeline has of a plan, oldest first, and its days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from callboard.blockers import models as blockers
from callboard.checkpoints import models as checkpoints
from callboard.conflicts import models as conflicts
from callboard.core.calendar import to_utc
from callboard.core.db import Tx
from callboard.core.timeline import Event, told
from callboard.gates import models as gates
from callboard.gates import store as gate_rows
from callboard.planfile.header import HeaderPart
from callboard.planfile.sections import SECTIONS, Document, Sections
from callboard.plans import service as plans
from callboard.plans import store as plan_rows
from callboard.plans.live_plan import header_of
from callboard.standups import models as standups
from callboard.tasks import models as tasks

PLAN, APPLIED, EDITED = "plan", "applied", "edited"
A_DAY = timedelta(days=1)
TOLD = {
    PLAN: (APPLIED, EDITED, gates.Verb.REPORTED),
    tasks.KIND: (
        tasks.Verb.STARTED, tasks.Verb.PROGRESSED, tasks.Verb.COMPLETED, tasks.Verb.REOPENED, tasks.Verb.DROPPED,
        tasks.Verb.BLOCKED, tasks.Verb.UNBLOCKED, tasks.Verb.POINT, tasks.Verb.APPLIED,
    ),
    blockers.KIND: (
        blockers.Verb.RAISED, blockers.Verb.ACKNOWLEDGED, blockers.Verb.HANDED_ON, blockers.Verb.RESOLVED,
        blockers.Verb.WITHDRAWN, blockers.Verb.REOPENED,
    ),
    gates.KIND: (
        gates.Verb.PASSED, gates.Verb.WAIVED, gates.Verb.WAIVER_ENDED, gates.Verb.MISSED, gates.Verb.NO_GO,
        gates.Verb.REPORTED,
    ),
    conflicts.KIND: tuple(conflicts.Verb),
    standups.CHECK_IN: tuple(standups.Verb),
    checkpoints.INQUIRY: tuple(checkpoints.Verb),
}  # fmt: skip
"""What figures are made of: verbs, by the kind of their subject."""


class Day(NamedTuple):
    """A day of the plan by its own calendar; `end` is when the next one begins."""

    date: date
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class History:
    """A plan and what happened in it. `bodies` are its versions by number, `gate_keys` its gates by theirs."""

    plan_id: int
    now: datetime
    document: Document
    sections: Sections
    bodies: Mapping[int, Mapping[str, Any]]
    gate_keys: Mapping[int, str]
    events: tuple[Event, ...]

    @property
    def header(self) -> HeaderPart:
        return header_of(self.document)

    @property
    def days(self) -> list[Day]:
        """Every day of the plan, from its first to its last."""
        first, last = self.header.from_.day, self.header.to.day
        dates = [first + A_DAY * number for number in range((last - first).days + 1)]
        return [Day(day, self.midnight(day), self.midnight(day + A_DAY)) for day in dates]

    def midnight(self, day: date) -> datetime:
        """When a day begins by the calendar of the plan."""
        return to_utc(datetime.combine(day, time()), self.header.timezone)

    def day_of(self, at: datetime) -> date:
        return at.astimezone(self.header.timezone).date()


def read(tx: Tx, plan_id: int) -> History:
    """Everything that figures of a plan are made of."""
    events = tuple(told(tx, plan_id, TOLD))
    numbers = [event.facts["version"] for event in events if event.verb == APPLIED and "version" in event.facts]
    versions = (plan_rows.version(tx, plan_id, number) for number in numbers)
    return History(
        plan_id, tx.now, plans.live(tx, plan_id), tx.of(SECTIONS),
        {version.number: version.body for version in versions if version},
        {gate.number: gate.key for gate in gate_rows.every_gate(tx, plan_id)}, events,
    )  # fmt: skip
