"""One gate looked at: how its criteria stand, who has signed, and what each signature is bound to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from callboard.blockers import plan as blockers
from callboard.blockers import store as blocker_rows
from callboard.gates import criteria, store
from callboard.gates.criteria import Facts, GateFact, Reading, Reported, TaskFact, Ticked
from callboard.gates.models import NO, YES, Gate, Signature
from callboard.gates.plan import sign_offs
from callboard.gates.plan.measures import Amount
from callboard.gates.plan.sign_offs import Work, shown
from callboard.gates.plan.types import ALL, GatePart, MeasuredPart, SignOff, TasksPart, gates_of, walk
from callboard.gates.quorum import Ask, met_together
from callboard.planfile import task_sets
from callboard.planfile.sections import Document
from callboard.planfile.timetable import placed, timetable
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams_plan

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Given:
    """A signature that counts: for whose seat, by whom, and when."""

    seat: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Slot:
    """One sign-off that is asked for: of whom, how many, who gave it, and whether that is enough."""

    part: SignOff
    says: str
    count: int
    people: tuple[Person, ...]
    given: tuple[Given, ...]
    met: bool = False

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who can still give it; nobody where it is met."""
        seats = {given.seat for given in self.given}
        return () if self.met else tuple(person for person in self.people if person.key not in seats)


@dataclass(frozen=True)
class Tally:
    """All sign-offs of a gate together. `met` where every one is, by people who each sign once."""

    slots: tuple[Slot, ...]
    met: bool

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who can still sign something that is not met."""
        return tuple(dict.fromkeys(person for slot in self.slots for person in slot.missing))

    def of(self, person: str) -> list[Slot]:
        """The sign-offs that somebody's seat can give."""
        return [slot for slot in self.slots if any(other.key == person for other in slot.people)]


def tally(directory: Directory, parts: Sequence[SignOff], about: Work, given: Iterable[Given], now: datetime) -> Tally:
    """Count what was signed against what is asked for."""
    every = list(given)
    asks, slots = [], []
    for part in parts:
        people = sign_offs.signers(directory, part, about)
        ask = sign_offs.ask(directory, part, people)
        fresh = tuple(one for one in every if one.seat in ask.people and not stale(part, one.at, now))
        seats = {one.seat for one in fresh}
        asks.append(replace(ask, people={key: own for key, own in ask.people.items() if key in seats}))
        slots.append(Slot(part, _says(directory, part, ask), ask.count, people, fresh))
    met = met_together(asks)
    return Tally(tuple(replace(slot, met=number in met) for number, slot in enumerate(slots)), len(met) == len(slots))


def stale(part: SignOff, at: datetime, now: datetime) -> bool:
    """Whether a signature of that time is too old for a sign-off."""
    return part.fresh is not None and at + part.fresh <= now


def fades(parts: Iterable[SignOff], at: datetime) -> list[datetime]:
    """When a signature of that time becomes too old, for each sign-off that says so."""
    return [at + part.fresh for part in parts if isinstance(part.fresh, timedelta)]


def _says(directory: Directory, part: SignOff, ask: Ask) -> str:
    how_many = "all of " if part.count == ALL else f"{ask.count} of " if ask.count > 1 else ""
    teams = ", of different teams" if ask.by_team and ask.count > 1 else ""
    return f"{how_many}{shown(part, directory.spoken_of)}{teams}"


def signed(readings: Sequence[Reading]) -> dict[str, Any]:
    """What somebody vouches for who signs now: every criterion that is met, with all that it looked at.

    What is not met yet is named under "open": the signature says nothing about it.
    """
    return {
        "held": {r.key: {"says": r.says, "stands": r.stands, "digest": r.digest} for r in readings if r.holds},
        "open": [reading.says for reading in readings if not reading.holds],
    }


def content(rule: str, readings: Iterable[Reading]) -> str:
    """The hash of all that a confirmation showed: rule, criteria and what each looked at."""
    return criteria.digest([rule, [(reading.key, reading.holds, reading.digest) for reading in readings]])


def changed(was: Mapping[str, Any], readings: Iterable[Reading]) -> list[str]:
    """What differs now from what was signed, one sentence for each criterion; empty where nothing does."""
    now = {reading.key: reading for reading in readings}
    sentences = []
    for key, then in (was.get("held") or {}).items():
        if key not in now:
            sentences.append(f"{then['says']}: no longer asked for")
        elif now[key].digest != then["digest"]:
            sentences.append(f"{now[key].says}: was {then['stands']}; is {now[key].stands}")
    return sentences


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
        tx, gate, part, directory = self.tx, self.gate, self.part, self.directory
        others = store.gates(tx, gate.plan_id)
        earlier = [one for one in others if one.due_at and gate.due_at and one.due_at <= gate.due_at]
        phases = [name for name in task_sets.texts(part.needs) if name in self.document.keys("phases")]
        return Facts(
            tasks=_tasks(self),
            blockers=tuple((one.number, one.severity) for one in blocker_rows.open_in(tx, gate.plan_id)),
            severities=tuple(blockers.settings(tx, gate.plan_id).severities),
            measures=_measures(self),
            ticks={
                one.criterion: Ticked(one.by, one.at, one.evidence, directory.called(one.by))
                for one in store.ticks(tx, gate.id or 0)
            },
            gates={one.key: GateFact(one.name, one.state, _iso(one.settled_at)) for one in others},
            held_by=frozenset(hold.by for hold in holds.standing(tx, gate.plan_id, gate.key)),
            begun={name: _has_begun(self, name) for name in phases},
            before=tuple(one.key for one in earlier if part.decision and one.key != gate.key and not one.decision),
        )

    @cached_property
    def readings(self) -> list[Reading]:
        """How its criteria stand."""
        return criteria.readings(self.document, self.part, self.facts)

    @property
    def lacking(self) -> list[Reading]:
        """What is not met."""
        return [reading for reading in self.readings if not reading.holds]

    @property
    def met(self) -> str:
        """`2 of 6 met`."""
        return f"{len(self.readings) - len(self.lacking)} of {len(self.readings)} met"

    @cached_property
    def standing(self) -> Sequence[Signature]:
        """The signatures and rejections that count."""
        return store.standing(self.tx, self.gate.id or 0)

    @property
    def given(self) -> list[Given]:
        """The signatures that count."""
        return [Given(one.seat, one.person, one.at) for one in self.standing if one.verdict == YES]

    @property
    def rejections(self) -> list[Signature]:
        """Who says no."""
        return [one for one in self.standing if one.verdict == NO]

    @cached_property
    def work(self) -> Work:
        """What the gate is about, and who did it."""
        plain = Work(self.document, self.part.criteria)
        rows = tasks.tasks(self.tx, self.gate.plan_id, plain.ids) if plain.ids else ()
        doers = dict.fromkeys(person for row in rows for person in (*row.assignees, row.completed_by or "") if person)
        reporters = [report.by for report in self.facts.measures.values()]
        reporters += [tick.by for tick in self.facts.ticks.values()]
        return replace(plain, doers=tuple(doers), reporters=tuple(dict.fromkeys(reporters)))

    @cached_property
    def tally(self) -> Tally:
        """Who has signed and who must still."""
        return tally(self.directory, self.part.sign_off, self.work, self.given, self.tx.now)

    @property
    def unsigned(self) -> list[Person]:
        """Who can still sign; no vacant seats."""
        return [person for person in self.tally.missing if not person.vacant]

    @property
    def complete(self) -> bool:
        """Whether it passes: everything is met, everybody has signed, and nobody says no."""
        return not self.lacking and self.tally.met and not self.rejections

    @property
    def content(self) -> str:
        """The hash of all that somebody sees who is asked to sign."""
        return content(self.gate.rule, self.readings)


def _tasks(look: Look) -> dict[str, TaskFact]:
    written = [each for _, one in walk(look.part.criteria) if isinstance(one, TasksPart) for each in one.tasks]
    ids = task_sets.members(look.document, [*written, *look.part.needs])
    rows = tasks.tasks(look.tx, look.gate.plan_id, ids) if ids else ()
    return {row.key: TaskFact(row.status, row.percent, _iso(row.completed_at)) for row in rows}


def _measures(look: Look) -> dict[str, Reported]:
    names = {one.measure for _, one in walk(look.part.criteria) if isinstance(one, MeasuredPart)}
    rows = store.measurements(look.tx, look.gate.plan_id, names) if names else {}
    called = look.directory.called
    return {name: Reported(Amount(row.value, row.unit), row.link, row.by, called(row.by)) for name, row in rows.items()}


def begins(document: Document, phase: str) -> datetime | None:
    """When a phase of the plan begins."""
    part = (document.values.get("phases") or {}).get(phase)
    at = placed(timetable(document), part.from_, opening=True) if part else None
    return at[0] if at else None


def _has_begun(look: Look, phase: str) -> bool:
    """A phase has begun when its time has come and nothing holds it."""
    at = begins(look.document, phase)
    return at is not None and at <= look.tx.now and not holds.standing(look.tx, look.gate.plan_id, phase)


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
