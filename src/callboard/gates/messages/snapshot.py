"""A gate as it is now, read from its rows into frozen values for whoever draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.escalation import service as escalation
from callboard.escalation.service import Ladder
from callboard.gates import store
from callboard.gates.assessment.look import Look
from callboard.gates.assessment.readings import Reading, key_of, leaves
from callboard.gates.models import SETTLED, Gate
from callboard.gates.plan.types import TickPart, walk
from callboard.planfile import task_sets
from callboard.planfile.frame import placed, timetable
from callboard.planning.duties import named
from callboard.plans import holds
from callboard.tasks import service as tasks

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class CriterionView:
    """One criterion on a card; `number` is what `/gate tick` calls it by, 0 where it is not ticked by hand."""

    number: int
    says: str
    holds: bool
    stands: str


@dataclass(frozen=True)
class SlotView:
    """One sign-off on a card: who is asked, who has given it, who still can."""

    says: str
    met: bool
    signed: tuple[tuple[str, datetime], ...]
    missing: tuple[str, ...]
    due_at: datetime | None
    vacant: bool


@dataclass(frozen=True)
class CardView:
    """A gate as it is now. People are mentions, or names where they have no Slack account."""

    key: str
    name: str
    about: str
    plan: str
    plan_key: str
    state: str
    decision: bool
    criteria: tuple[CriterionView, ...]
    slots: tuple[SlotView, ...]
    rejections: tuple[tuple[str, str], ...]
    due_at: datetime | None
    missed_at: datetime | None
    settled_at: datetime | None
    settled_by: str
    outcome: tuple[str, ...]
    doubt: tuple[str, ...]
    waiver: WaiverView | None
    held: tuple[str, ...]
    wanting: tuple[str, ...]
    if_missed: str
    owner: str | None
    ladder: Ladder | None
    attempt: int
    changes: int
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether somebody can still do something about it."""
        return self.state in ("pending", "ready") or (self.state == "failed" and not self.decision)

    @property
    def lacking(self) -> list[CriterionView]:
        """What does not hold."""
        return [one for one in self.criteria if not one.holds]


@dataclass(frozen=True)
class WaiverView:
    """An exception record."""

    by: str
    at: datetime
    why: str
    risk_of_adding: str
    risk_of_cutting: str
    until_at: datetime | None


def of_gate(tx: Tx, gate: Gate) -> CardView:
    """Everything that a card shows."""
    return of_look(tx, Look(tx, gate))


def of_look(tx: Tx, look: Look) -> CardView:
    """The same for a gate that was looked at."""
    gate, part, directory = look.gate, look.part, look.directory
    return CardView(
        key=gate.key, name=gate.name, about=part.about, plan=directory.plan_name,
        plan_key=directory.plan_key, state=gate.state,
        decision=gate.decision, criteria=criteria(look), slots=_slots(look),
        rejections=tuple((directory.called(one.person), one.reason) for one in look.rejections),
        due_at=gate.due_at, missed_at=gate.missed_at, settled_at=gate.settled_at,
        settled_by=directory.called(gate.settled_by), outcome=tuple(gate.outcome), doubt=tuple(gate.doubt),
        waiver=_waiver(look), held=held(look), wanting=wanting(look),
        if_missed=part.if_missed.say if part.if_missed else "",
        owner=directory.called(gate.owner) if gate.owner else None,
        ladder=escalation.ladder(tx, gate.subject), attempt=gate.attempt, changes=gate.changes, now=tx.now,
    )  # fmt: skip


def criteria(look: Look) -> tuple[CriterionView, ...]:
    """The criteria as they stand; those ticked by hand have their numbers."""
    ticks = [key_of(one) for _, one in walk(look.part.criteria) if isinstance(one, TickPart)]
    numbers = {key: number for number, key in enumerate(ticks, 1)}
    return tuple(view for one in look.readings for view in _criterion(one, numbers))


def _criterion(one: Reading, numbers: Mapping[str, int]) -> list[CriterionView]:
    if not one.inside:
        return [CriterionView(numbers.get(one.key, 0), one.says, one.holds, one.stands)]
    own = [numbers[leaf.key] for leaf in leaves(one.inside) if leaf.key in numbers]
    return [CriterionView(own[0] if own else 0, one.says, one.holds, one.stands)]


def _slots(look: Look) -> tuple[SlotView, ...]:
    table, directory = timetable(look.document), look.directory
    found = []
    for slot in look.tally.slots:
        due = placed(table, slot.part.due)
        signed = tuple((_signer(look, one.by, one.seat), one.at) for one in slot.given)
        missing = tuple(directory.called(one) for one in slot.missing)
        vacant = any(one.vacant for one in slot.missing)
        found.append(SlotView(slot.says, slot.met, signed, missing, due[0] if due else None, vacant))
    return tuple(found)


def _signer(look: Look, by: str, seat: str) -> str:
    own = look.directory.called(by)
    return own if by == seat else f"{own} for {look.directory.called(seat)}"


def _waiver(look: Look) -> WaiverView | None:
    found = store.waiver(look.tx, look.gate.id or 0)
    if found is None:
        return None
    by = look.directory.called(found.by)
    return WaiverView(by, found.at, found.why, found.risk_of_adding, found.risk_of_cutting, found.until_at)


def held(look: Look) -> tuple[str, ...]:
    """What waits for the gate, as people call it."""
    standing = holds.standing(look.tx, look.gate.plan_id)
    return tuple(named(look.document, hold.target) for hold in standing if hold.by == look.gate.key)


def wanting(look: Look) -> tuple[str, ...]:
    """What the gate wants, passes without all the same, and that is not there yet."""
    written = task_sets.members(look.document, look.part.wants) if look.part.wants and not look.gate.settled else ()
    gates = [
        one
        for one in task_sets.texts(look.part.wants)
        if (found := look.facts.gates.get(one)) and found.state not in SETTLED
    ]
    rows = tasks.tasks(look.tx, look.gate.plan_id, written) if written else ()
    return tuple(named(look.document, key) for key in (*gates, *(row.key for row in rows if not tasks.settled(row))))
