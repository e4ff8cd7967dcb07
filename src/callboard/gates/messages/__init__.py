"""What people read about gates: each as it is now, in frozen values for its card, its news and its forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.escalation.service import Ladder
from callboard.gates import store
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of, leaves
from callboard.gates.models import SETTLED, Gate, State, Waiver
from callboard.gates.plan.types import TickPart, walk
from callboard.planfile import task_sets
from callboard.planfile.sections import named
from callboard.planfile.timetable import placed, timetable
from callboard.plans import holds
from callboard.tasks import service as tasks

if TYPE_CHECKING:
    from callboard.core.db import Tx

MET, OPEN = ":white_check_mark:", ":white_small_square:"


@dataclass(frozen=True)
class CriterionView:
    """One criterion on a card; `number` is what `/gate tick` calls it by, 0 where it is not ticked by hand."""

    number: int
    says: str
    holds: bool
    stands: str

    @property
    def line(self) -> str:
        """What it asks for and how that stands, with its mark and number."""
        number = f" ({self.number})" if self.number and not self.holds else ""
        return f"{MET if self.holds else OPEN}{number}  {b.clip(self.says, 300)}: {b.clip(self.stands, 600)}"


@dataclass(frozen=True)
class SlotView:
    """One sign-off on a card: who is asked, who has given it, who still can."""

    says: str
    met: bool
    signed: tuple[tuple[str, datetime], ...]
    missing: tuple[str, ...]
    due_at: datetime | None
    vacant: bool


@dataclass(frozen=True, kw_only=True)
class CardView:
    """A gate as it is now. People are mentions, or names where they have no Slack account."""

    gate: Gate
    about: str
    plan: str
    criteria: tuple[CriterionView, ...]
    slots: tuple[SlotView, ...]
    rejections: tuple[tuple[str, str], ...]
    settled_by: str
    owner: str
    waiver: Waiver | None
    waived_by: str
    held: tuple[str, ...]
    wanting: tuple[str, ...]
    if_missed: str
    ladder: Ladder | None
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether somebody can still do something about it."""
        return not self.gate.settled and not (self.gate.state == State.FAILED and self.gate.decision)

    @property
    def lacking(self) -> list[CriterionView]:
        """What is not met."""
        return [criterion for criterion in self.criteria if not criterion.holds]

    @property
    def met(self) -> str:
        """`2 of 6 met`."""
        return f"{len(self.criteria) - len(self.lacking)} of {len(self.criteria)} met"

    @property
    def missing(self) -> str:
        """Who can still sign; empty for nobody."""
        return joined(name for slot in self.slots for name in slot.missing)

    @property
    def name(self) -> str:
        """What the gate is called, in bold."""
        return b.bold(b.escape(self.gate.name))

    @property
    def value(self) -> str:
        """What a button carries: the gate, and how often it had changed when the button was drawn."""
        return f"{self.gate.id}:{self.gate.changes}"


def of_gate(tx: Tx, gate: Gate) -> CardView:
    """Everything that a card shows."""
    return of_look(Look(tx, gate))


def of_look(look: Look) -> CardView:
    """The same for a gate that was looked at."""
    gate, part, directory = look.gate, look.part, look.directory
    waiver = store.waiver(look.tx, gate.id or 0)
    return CardView(
        gate=gate, about=part.about, plan=directory.plan_name, criteria=_criteria(look), slots=_slots(look),
        rejections=tuple((directory.called(no.person), no.reason) for no in look.rejections),
        settled_by=directory.called(gate.settled_by), owner=directory.called(gate.owner) if gate.owner else "",
        waiver=waiver, waived_by=directory.called(waiver.by) if waiver else "", held=held(look), wanting=wanting(look),
        if_missed=part.if_missed.say if part.if_missed else "", ladder=escalation.ladder(look.tx, gate.subject),
        now=look.tx.now,
    )  # fmt: skip


def _criteria(look: Look) -> tuple[CriterionView, ...]:
    ticks = [key_of(one) for _, one in walk(look.part.criteria) if isinstance(one, TickPart)]
    numbers = {key: number for number, key in enumerate(ticks, 1)}
    views = []
    for reading in look.readings:
        own = [numbers[leaf.key] for leaf in leaves([reading]) if leaf.key in numbers]
        views.append(CriterionView(own[0] if own else 0, reading.says, reading.holds, reading.stands))
    return tuple(views)


def _slots(look: Look) -> tuple[SlotView, ...]:
    table, called = timetable(look.document), look.directory.called
    slots = []
    for slot in look.tally.slots:
        due = placed(table, slot.part.due)
        signed = tuple(
            (called(one.by) if one.by == one.seat else f"{called(one.by)} for {called(one.seat)}", one.at)
            for one in slot.given
        )
        missing, vacant = tuple(map(called, slot.missing)), any(person.vacant for person in slot.missing)
        slots.append(SlotView(slot.says, slot.met, signed, missing, due[0] if due else None, vacant))
    return tuple(slots)


def held(look: Look) -> tuple[str, ...]:
    """What waits for the gate, as people call it."""
    standing = holds.standing(look.tx, look.gate.plan_id)
    return tuple(named(look.document, hold.target) for hold in standing if hold.by == look.gate.key)


def wanting(look: Look) -> tuple[str, ...]:
    """What the gate wants and does not have; it passes without."""
    wants = look.part.wants if not look.gate.settled else ()
    keys = task_sets.members(look.document, wants) if wants else ()
    rows = tasks.tasks(look.tx, look.gate.plan_id, keys) if keys else ()
    gates = (key for key in task_sets.texts(wants) if key in look.facts.gates)
    lacking = [key for key in gates if look.facts.gates[key].state not in SETTLED]
    lacking += [row.key for row in rows if not tasks.settled(row)]
    return tuple(named(look.document, key) for key in lacking)
