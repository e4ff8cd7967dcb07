"""What people read about gates: each as it is now, in a frozen value for its card, its news and its forms.

card: the card of a gate, and lists
history: what happened to it
news: direct messages and pages
polls: the live card of a poll, and the page of whoever is asked
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.escalation.service import Ladder
from callboard.gates import store
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of, leaves
from callboard.gates.criteria.facts import Reading
from callboard.gates.messages import polls
from callboard.gates.models import SETTLED, Gate, Signature, State, Waiver
from callboard.gates.plan.poll import PolledSignOff, opens
from callboard.gates.plan.types import GatePart, TickPart, of_kind
from callboard.gates.quorum import Given, Slot
from callboard.planfile import task_sets
from callboard.planfile.names import named
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import holds
from callboard.tasks import service as tasks
from callboard.teams.directory import Directory

MET, OPEN = ":white_check_mark:", ":white_small_square:"


@dataclass(frozen=True, kw_only=True)
class CardView:
    """A gate as it is now. `dues` are of its slots; `held` waits for it, and it passes without what it is `wanting`.

    `cause` is the gate because of which it is late, and `late` are those that are late because of it. `items` says what
    its items are called, how many there are, and how many of them have passed. `stopped` is why no gate passes now.
    """

    gate: Gate
    part: GatePart
    directory: Directory
    readings: Sequence[Reading]
    lacking: Sequence[Reading]
    met: str
    slots: Sequence[Slot]
    dues: Sequence[datetime | None]
    rejections: Sequence[Signature]
    waiver: Waiver | None
    held: tuple[str, ...]
    wanting: tuple[str, ...]
    ladder: Ladder | None
    now: datetime
    cause: str = ""
    late: tuple[str, ...] = ()
    items: tuple[str, int, int] | None = None
    poll: polls.PollView | None = None
    opens_at: datetime | None = None
    stopped: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody can still do something about it."""
        return not self.gate.settled and not (self.gate.state == State.FAILED and self.gate.decision)

    @property
    def is_ready(self) -> bool:
        """Whether everything is met and it can be signed."""
        return self.is_open and not self.lacking

    @property
    def consequence(self) -> str:
        """What the plan says of a missed gate."""
        return self.part.if_missed.say if self.part.if_missed else ""

    @property
    def missing(self) -> str:
        """Who can still sign; empty for nobody. Whom a poll asks, it says by itself."""
        signed = (slot for slot in self.slots if not isinstance(slot.part, PolledSignOff))
        return joined(self.directory.called(person) for slot in signed for person in slot.missing)

    @property
    def polled(self) -> str:
        """How the poll stands, as a sentence; empty for a gate without one."""
        if self.poll:
            return self.poll.stands
        late = self.opens_at and self.opens_at <= self.now
        when = "when all criteria are met" if late else m.date(self.opens_at, "both") if self.opens_at else ""
        return f"The poll opens {when}." if when else ""

    @property
    def name(self) -> str:
        """What the gate is called, in bold."""
        return m.bold(m.escape(self.gate.name))

    @property
    def value(self) -> str:
        """What a button carries: the gate, and how often it had changed when the button was drawn."""
        return f"{self.gate.id}:{self.gate.changes}"

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """What `/gate tick` calls each criterion by that is ticked by hand; a criterion of several by its first."""
        ticks = {key_of(part): number for number, part in enumerate(of_kind(TickPart, self.part.criteria), 1)}
        own = {each.key: [ticks[leaf.key] for leaf in leaves([each]) if leaf.key in ticks] for each in self.readings}
        return {key: numbers[0] for key, numbers in own.items() if numbers}

    def line(self, reading: Reading) -> str:
        """What a criterion asks for and how that stands, with its mark and number."""
        number = f" ({self.numbers[reading.key]})" if reading.key in self.numbers and not reading.holds else ""
        return f"{MET if reading.holds else OPEN}{number}  {m.clip(reading.says, 300)}: {m.clip(reading.stands, 600)}"

    def signer(self, given: Given) -> str:
        """Who signed, and for whom."""
        called = self.directory.called
        return called(given.by) if given.by == given.seat else f"{called(given.by)} for {called(given.seat)}"


def of_gate(tx: Tx, gate: Gate) -> CardView:
    """Everything that a card shows."""
    return of_look(Look(tx, gate))


def in_list(looks: Iterable[Look]) -> list[CardView]:
    """What a line of a list shows of each gate."""
    return [of_look(look, line=True) for look in looks]


def of_look(look: Look, *, line: bool = False) -> CardView:
    """The same for a gate that was looked at, or only what a `line` about it shows."""
    gate, slots, table = look.gate, look.tally.slots, timetable(look.document)
    return CardView(
        gate=gate, part=look.part, directory=look.directory, readings=look.readings, lacking=look.lacking,
        met=look.met, slots=slots, dues=[instant_of(table, slot.part.due) for slot in slots],
        rejections=look.rejections, waiver=store.waiver(look.tx, gate.number), held=held(look),
        wanting=() if line else _wanting(look),
        ladder=None if line else escalation.ladder(look.tx, gate.subject), now=look.tx.now, cause=_cause(look),
        late=tuple(row.name for row in store.late_because_of(look.tx, gate)), items=_items(look),
        poll=polls.view(look, line=line), opens_at=_opens(look),
        stopped="" if gate.settled else holds.frozen(look.tx, gate.plan_id, holds.EVERY_GATE),
    )  # fmt: skip


def _opens(look: Look) -> datetime | None:
    """When the poll opens, where it has not."""
    if look.written.poll is None or look.poll or look.gate.settled:
        return None
    opened = opens(look.document, look.written.poll)
    return opened[0] if opened else None


def _cause(look: Look) -> str:
    rows = store.listed(look.tx, look.gate.plan_id) if look.gate.cause else ()
    return next((row.name for row in rows if row.key == look.gate.cause), "")


def _items(look: Look) -> tuple[str, int, int] | None:
    if look.part.each is None:
        return None
    rows = store.items(look.tx, look.gate)
    return look.part.each.of, len(rows), sum(row.settled for row in rows)


def held(look: Look) -> tuple[str, ...]:
    """What waits for the gate, as people call it."""
    standing = holds.held_by(look.tx, (look.gate.plan_id, look.gate.key))
    return tuple(named(look.document, hold.target) for hold in standing)


def freed(look: Look) -> tuple[str, ...]:
    """What waits for nothing but the gate, as people call it."""
    plan_id, key = look.gate.plan_id, look.gate.key
    return tuple(
        named(look.document, hold.target) for hold in holds.held_by(look.tx, (plan_id, key))
        if all(other.by == key for other in holds.standing(look.tx, plan_id, hold.target))
    )  # fmt: skip


def _wanting(look: Look) -> tuple[str, ...]:
    wants = look.part.wants if not look.gate.settled else ()
    keys = task_sets.members(look.document, wants) if wants else ()
    rows = tasks.seen_of(look.tx, look.gate.plan_id, keys) if keys else ()
    gates = (key for key in task_sets.texts(wants) if key in look.facts.gates)
    lacking = [key for key in gates if look.facts.gates[key].state not in SETTLED]
    lacking += [row.key for row in rows if not tasks.settled(row)]
    return tuple(named(look.document, key) for key in lacking)
