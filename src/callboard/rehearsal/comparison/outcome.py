"""What comes of a plan in one rehearsal: for its gates and people, and what is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from callboard.core import timeline
from callboard.core.timeline import Entry
from callboard.forecast.engine import outlook
from callboard.forecast.engine.network import GATE
from callboard.forecast.survey import survey
from callboard.gates import store as gates
from callboard.gates.models import KIND
from callboard.rehearsal import findings
from callboard.rehearsal.comparison.noise import Noise, noise, told
from callboard.rehearsal.play import Miss, options, played
from callboard.rehearsal.stage import PLAN_ID

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.planfile.report import Checked
    from callboard.rehearsal.findings import Finding


@dataclass(frozen=True)
class GateOutcome:
    """When a gate is due as planned; when somebody first did something about it, it was ready, and it passed."""

    name: str
    due: datetime | None
    begun: datetime | None
    ready: datetime | None
    passed: datetime | None
    chance: float | None
    """To pass in time, as forecast before anything has begun."""


@dataclass(frozen=True)
class Outcome:
    """What a plan does in a rehearsal. People are called by their keys."""

    plan: str
    zone: ZoneInfo
    gates: Mapping[str, GateOutcome]
    names: Mapping[str, str]
    noise: Mapping[str, Noise]
    findings: Sequence[Finding]
    misses: Sequence[Miss]


class Observer:
    """Looks at the gates of a plan as its rehearsal opens, and once it is over."""

    def __init__(self) -> None:
        self._due: dict[str, datetime | None] = {}
        self._chances: dict[str, float | None] = {}
        self.gates: dict[str, GateOutcome] = {}

    def opens(self, tx: Tx) -> None:
        self._due = {gate.key: gate.due_at for gate in gates.listed(tx, PLAN_ID)}
        if (read := survey(tx, PLAN_ID)).is_open:
            outlooks = outlook.outlooks(read.network, tried=0)
            self._chances = {each.key: each.chance for each in outlooks if each.kind == GATE}

    def ends(self, tx: Tx) -> None:
        begun = _begun(tx)
        for gate in gates.listed(tx, PLAN_ID):
            due, chance = self._due.get(gate.key), self._chances.get(gate.key)
            passed = gate.settled_at if gate.settled else None
            self.gates[gate.key] = GateOutcome(gate.name, due, begun.get(gate.number), gate.ready_at, passed, chance)


def _begun(tx: Tx) -> Mapping[int, datetime]:
    """When a person first did something about each gate."""
    by_people = select(Entry.subject_id, func.min(Entry.at)).where(
        Entry.plan_id == PLAN_ID, Entry.subject_kind == KIND, Entry.actor != timeline.BOT
    )
    return dict(tx.session.exec(by_people.group_by(col(Entry.subject_id))).all())


async def outcome(
    checked: Checked, script: tuple[str, bytes] | None = None, *, seed: int | None = None, until: str = ""
) -> Outcome:
    """Rehearse a plan, and see what comes of it. Raises Refused as `played` does."""
    observer = Observer()
    done = await played(checked, script, seed=seed, until=until, observer=observer)
    plan, people = done.directory, done.directory.people
    return Outcome(
        plan.plan_name, plan.calendar.zone, observer.gates, {key: person.name for key, person in people.items()},
        {key: noise(lines, people.get(key)) for key, lines in told(done.lines).items()},
        findings.find(checked, done.lines, options=options(script[0] if script else "", seed)), done.misses,
    )  # fmt: skip
