"""What the timeline and the versions of a plan have, up to an instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from callboard.blockers import models as blockers
from callboard.conflicts import models as conflicts
from callboard.core.db import Tx
from callboard.core.timeline import Event, told
from callboard.emergencies import models as emergencies
from callboard.gates import models as gates
from callboard.gates import store as gate_rows
from callboard.meetings import models as meetings
from callboard.planfile import check
from callboard.planfile.names import name_of
from callboard.planfile.sections import SECTIONS, Document
from callboard.plans import service as plans
from callboard.plans import store as versions
from callboard.plans.models import PlanVersion
from callboard.runbooks import models as runs
from callboard.tasks import models as tasks
from callboard.teams import service as teams
from callboard.teams.directory import CALLBOARD, Directory
from callboard.teams.web import plain

HOLD, LIFTED, PLAN, APPLIED, EDITED = "hold", "lifted", "plan", "applied", "edited"
ERASED = "(erased)"
TOLD: Mapping[str, Sequence[str]] = {
    PLAN: (APPLIED, EDITED),
    HOLD: (LIFTED,),
    gates.KIND: (
        gates.Verb.PASSED, gates.Verb.WAIVED, gates.Verb.WAIVER_ENDED, gates.Verb.MISSED, gates.Verb.NO_GO,
        gates.Verb.OPENED_AGAIN, gates.Verb.SIGNED, gates.Verb.REJECTED,
    ),
    tasks.KIND: (tasks.Verb.COMPLETED, tasks.Verb.REOPENED, tasks.Verb.DROPPED, tasks.Verb.OVERRIDDEN),
    blockers.KIND: (
        blockers.Verb.RAISED, blockers.Verb.ACKNOWLEDGED, blockers.Verb.RESOLVED, blockers.Verb.WITHDRAWN,
        blockers.Verb.REOPENED, blockers.Verb.GRADED,
    ),
    conflicts.KIND: (conflicts.Verb.DECIDED,),
    emergencies.KIND: (
        emergencies.Verb.DECLARED, emergencies.Verb.DECIDED, emergencies.Verb.LEARNED, emergencies.Verb.ENDED,
        emergencies.Verb.WITHDRAWN, emergencies.Verb.REOPENED,
    ),
    runs.RUN: (runs.Verb.BEGUN, runs.Verb.CALLED, runs.Verb.STOPPED, runs.Verb.ENDED),
    meetings.KIND: (meetings.Verb.RECORDED,),
    meetings.Lesson.subjects: (meetings.Verb.LEARNED, meetings.Verb.WITHDRAWN),
    meetings.Award.subjects: (meetings.Verb.AWARDED, meetings.Verb.WITHDRAWN),
    meetings.Kudos.subjects: (meetings.Verb.PRAISED, meetings.Verb.WITHDRAWN),
}  # fmt: skip
"""What the report is made of: verbs, by the kind of their subject."""


@dataclass(frozen=True)
class Past:
    """A plan up to `until`: as it was `promised` first, as it was planned `last`, and what happened."""

    until: datetime
    directory: Directory
    promised: Document
    last: Document
    versions: Sequence[PlanVersion]
    gate_keys: Mapping[int, str]
    events: Sequence[Event]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.directory.timezone)

    def of(self, kind: str) -> dict[int, list[Event]]:
        """What happened to each subject of a kind, by its number, oldest first."""
        found: dict[int, list[Event]] = {}
        for event in self.events:
            if event.kind == kind:
                found.setdefault(event.number, []).append(event)
        return found

    def who(self, key: str) -> str:
        """The name of whoever did something."""
        return CALLBOARD.name if key == CALLBOARD.key else self.directory.name(key)

    def named(self, key: str) -> str:
        """What something in the plan is called: as it is now, or was at first."""
        name = name_of(self.last, key)
        return name if name != key else name_of(self.promised, key)

    def words(self, said: str | None) -> str:
        """What somebody said, on one line."""
        return ERASED if said is None else " ".join(plain(self.directory, said).split())

    def why(self, event: Event) -> str:
        """The reason that somebody gave, or those that Callboard found; empty where there is none."""
        reasons = event.facts.get("why") or ()
        return self.words(event.said) if event.said else self.words("; ".join(reasons)) if reasons else ""


def read(tx: Tx, plan_id: int, until: datetime) -> Past:
    """Everything that the report is made of. Raises Refused for a plan that was never applied."""
    last, directory = plans.live(tx, plan_id), teams.directory(tx, plan_id)
    every = [version for version in _versions(tx, plan_id) if version.at <= until]
    first = every[0] if every else None
    promised = check.typed(first.body, first.file, tx.of(SECTIONS)) if first else last
    keys = {gate.number: gate.key for gate in gate_rows.every_gate(tx, plan_id)}
    return Past(until, directory, promised, last, every, keys, tuple(told(tx, plan_id, TOLD, until)))


def _versions(tx: Tx, plan_id: int) -> Iterator[PlanVersion]:
    for number in range(1, plans.plan(tx, plan_id).version + 1):
        if version := versions.version(tx, plan_id, number):
            yield version
