"""One gate looked at, and the facts that its criteria consume, gathered from the capabilities below."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from callboard.blockers import plan as blockers
from callboard.blockers import store as blocker_rows
from callboard.gates import store
from callboard.gates.assessment import readings, signatures
from callboard.gates.assessment.facts import Facts, GateFact, Reported, TaskFact, Ticked
from callboard.gates.assessment.readings import Reading
from callboard.gates.assessment.signatures import Given, Tally
from callboard.gates.models import Gate, Signature
from callboard.gates.plan.measures import Amount
from callboard.gates.plan.sign_offs import Work
from callboard.gates.plan.types import GatePart, MeasuredPart, TasksPart, gates_of, walk
from callboard.planfile import task_sets
from callboard.planfile.frame import placed, timetable
from callboard.planfile.sections import Document
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.plan import directory as teams_plan
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


def document_of(tx: Tx, plan_id: int) -> Document:
    """The plan as it stands, with the people of today."""
    live, directory = plans.live(tx, plan_id), teams.directory(tx, plan_id)
    kept: tuple[Document, Directory, Document] | None = tx.memo.get(("gates", plan_id))
    if kept is None or kept[0] is not live or kept[1] is not directory:
        kept = tx.memo["gates", plan_id] = live, directory, teams_plan.seen_by(live, directory)
    return kept[2]


@dataclass
class Look:
    """One gate looked at: its row, what the plan says of it, how its criteria stand, and who has signed."""

    tx: Tx
    gate: Gate

    @cached_property
    def directory(self) -> Directory:
        """The people of the plan."""
        return teams.directory(self.tx, self.gate.plan_id)

    @cached_property
    def document(self) -> Document:
        """The plan as it stands."""
        return document_of(self.tx, self.gate.plan_id)

    @property
    def part(self) -> GatePart:
        """What the plan says of the gate; one that left the plan asks for nothing."""
        return gates_of(self.document).get(self.gate.key) or GatePart(name=self.gate.name)

    @cached_property
    def facts(self) -> Facts:
        """What its criteria look at."""
        return facts(self.tx, self.gate, self.document, self.part)

    @cached_property
    def readings(self) -> list[Reading]:
        """How its criteria stand."""
        return readings.readings(self.document, self.part, self.facts)

    @property
    def lacking(self) -> list[Reading]:
        """What does not hold."""
        return readings.lacking(self.readings)

    @cached_property
    def standing(self) -> Sequence[Signature]:
        """The signatures and rejections that count."""
        return store.standing(self.tx, self.gate.id or 0)

    @property
    def rejections(self) -> list[Signature]:
        """Who says no."""
        return [one for one in self.standing if one.verdict == "no"]

    @cached_property
    def work(self) -> Work:
        """What the gate is about, and who did it."""
        plain = Work(self.document, self.part.criteria)
        rows = tasks.tasks(self.tx, self.gate.plan_id, plain.ids) if plain.ids else ()
        doers = [person for row in rows for person in (*row.assignees, row.completed_by or "") if person]
        reporters = [one.by for one in self.facts.measures.values()] + [one.by for one in self.facts.ticks.values()]
        return Work(self.document, self.part.criteria, tuple(dict.fromkeys(doers)), tuple(dict.fromkeys(reporters)))

    @cached_property
    def tally(self) -> Tally:
        """Who has signed and who must still."""
        given = [Given(one.seat, one.person, one.at) for one in self.standing if one.verdict == "yes"]
        return signatures.tally(self.directory, self.part.sign_off, self.work, given, self.tx.now)

    @property
    def complete(self) -> bool:
        """Whether it passes: everything holds, everybody has signed, and nobody says no."""
        return not self.lacking and self.tally.met and not self.rejections

    @property
    def content(self) -> str:
        """The hash of all that somebody sees who is asked to sign."""
        return signatures.content(self.gate.rule, self.readings)


def facts(tx: Tx, gate: Gate, document: Document, part: GatePart) -> Facts:
    """Everything that one gate looks at."""
    directory = teams.directory(tx, gate.plan_id)
    others = store.gates(tx, gate.plan_id)
    rules = blockers.settings(tx, gate.plan_id)
    return Facts(
        tasks=_tasks(tx, gate.plan_id, document, part),
        blockers=tuple((one.number, one.severity) for one in blocker_rows.open_in(tx, gate.plan_id)),
        severities=tuple(rules.severities),
        measures=_measures(tx, gate, part, directory),
        ticks={
            one.criterion: Ticked(one.by, one.at, one.evidence, directory.called(one.by))
            for one in store.ticks(tx, gate.id or 0)
        },
        gates={one.key: GateFact(one.name, one.state, _stamp(one)) for one in others},
        held_by=frozenset(hold.by for hold in holds.standing(tx, gate.plan_id, gate.key)),
        begun={name: _has_begun(tx, gate.plan_id, document, name) for name in _phases(document, part)},
        before=tuple(
            one.key for one in (others if part.decision else ())
            if one.key != gate.key and not one.decision and one.due_at and gate.due_at and one.due_at <= gate.due_at
        ),
    )  # fmt: skip


def _tasks(tx: Tx, plan_id: int, document: Document, part: GatePart) -> dict[str, TaskFact]:
    written = [each for _, one in walk(part.criteria) if isinstance(one, TasksPart) for each in one.tasks]
    ids = task_sets.members(document, [*written, *part.needs])
    rows = tasks.tasks(tx, plan_id, ids) if ids else ()
    return {
        row.key: TaskFact(row.status, row.percent, row.completed_at.isoformat() if row.completed_at else "")
        for row in rows
    }


def _measures(tx: Tx, gate: Gate, part: GatePart, directory: Directory) -> dict[str, Reported]:
    names: Collection[str] = {one.measure for _, one in walk(part.criteria) if isinstance(one, MeasuredPart)}
    found = store.measurements(tx, gate.plan_id, names) if names else {}
    return {
        name: Reported(Amount(one.value, one.unit), one.link, one.by, directory.called(one.by))
        for name, one in found.items()
    }


def _stamp(gate: Gate) -> str:
    return gate.settled_at.isoformat() if gate.settled_at else ""


def _phases(document: Document, part: GatePart) -> list[str]:
    known = document.keys("phases")
    return [name for name in task_sets.texts(part.needs) if name in known]


def _has_begun(tx: Tx, plan_id: int, document: Document, phase: str) -> bool:
    """A phase has begun when its time has come and nothing holds it."""
    written = (document.values.get("phases") or {}).get(phase)
    table = timetable(document)
    at = placed(table, written.from_, opening=True) if written and table else None
    return bool(at and at[0] <= tx.now and not holds.standing(tx, plan_id, phase))
