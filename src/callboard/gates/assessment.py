"""One gate looked at: how its criteria stand, and who has signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from callboard.blockers import classes as blocker_classes
from callboard.blockers import plan as blockers
from callboard.blockers import store as blocker_rows
from callboard.core.db import Tx
from callboard.gates import criteria, quorum, store
from callboard.gates.criteria import computation
from callboard.gates.criteria.facts import Facts, Reading
from callboard.gates.models import NO, YES, Call, Gate, Poll, Signature
from callboard.gates.models.polls import CONDITION, Stand, Terms
from callboard.gates.plan.items import gates_of, group_of
from callboard.gates.plan.order import order_of
from callboard.gates.plan.poll import PolledSignOff, voices
from callboard.gates.plan.types import GatePart, MeasuredPart, NoBlockersPart, TickPart, of_kind, tasks_in
from callboard.gates.quorum import Given, Slot, Tally, Work
from callboard.planfile import task_sets
from callboard.planfile.sections import Document
from callboard.plans import holds
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person


@dataclass
class Look:
    """One gate looked at: its row, what the plan says of it, how its criteria stand, and who has signed."""

    tx: Tx
    gate: Gate
    others: Mapping[str, Gate] = field(default_factory=dict)
    """All gates of the plan by their keys, where many are looked at; else each look finds them."""

    @cached_property
    def directory(self) -> Directory:
        return teams.directory(self.tx, self.gate.plan_id)

    @cached_property
    def document(self) -> Document:
        return teams.document(self.tx, self.gate.plan_id)

    @cached_property
    def written(self) -> GatePart:
        """What the plan says of the gate; one that left the plan asks for nothing."""
        return gates_of(self.document).get(self.gate.key) or GatePart(name=self.gate.name)

    @property
    def part(self) -> GatePart:
        """The same with a criterion for each condition of a GO."""
        conditions = self.poll.conditions if self.poll else ()
        more = tuple(TickPart(key=each.key, tick=each.text, by=(each.owner,)) for each in conditions)
        return self.written.model_copy(update={"criteria": (*self.written.criteria, *more)}) if more else self.written

    @cached_property
    def poll(self) -> Poll | None:
        """The poll of this attempt; None before it opens, and where the plan has none."""
        return store.poll(self.tx, self.gate.number) if self.written.poll else None

    @cached_property
    def terms(self) -> Terms | None:
        """Whom the poll asks: as it began, or before that as the plan says now."""
        if self.poll:
            fresh = timedelta(seconds=self.poll.fresh) if self.poll.fresh else None
            within = timedelta(seconds=self.poll.answer_within)
            return Terms(tuple(voice.role for voice in self.poll.roles), within, fresh)
        return self.written.poll.terms if self.written.poll else None

    @cached_property
    def facts(self) -> Facts:
        tx, gate, part = self.tx, self.gate, self.part
        phases = [name for name in task_sets.texts(part.needs) if name in self.document.keys("phases")]
        ids = tasks_in(self.document, part.criteria, part.needs)
        measured = {criterion.measure for criterion in of_kind(MeasuredPart, part.criteria)}
        return Facts(
            tasks={row.key: row for row in tasks.seen_of(tx, gate.plan_id, ids)} if ids else {},
            blockers=_open_blockers(tx, gate.plan_id) if counts_blockers(part) else (),
            severities=tuple(blockers.settings(tx, gate.plan_id).severities),
            classes=blocker_classes.counted(tx, gate.plan_id, gate.key),
            measures=store.measurements(tx, gate.plan_id, measured) if measured else {},
            figures=(computation.figures(tx, gate.plan_id, measured, gate.key) if measured else {})
            | computation.preflight(tx, gate.plan_id, part),
            ticks={row.criterion: row for row in store.ticks(tx, gate.number)},
            gates=self.others or _by_key(tx, gate.plan_id),
            held_by=frozenset(hold.by for hold in holds.on(tx, (gate.plan_id, group_of(gate.key)))),
            begun={name: self._has_begun(name) for name in phases},
            before=order_of(self.document).before.get(gate.key, ()), called=self.directory.called, now=tx.now,
        )  # fmt: skip

    def _has_begun(self, phase: str) -> bool:
        """A phase has begun when its time has come and nothing holds it."""
        at = holds.begins(self.document, phase)
        return at is not None and at <= self.tx.now and not holds.on(self.tx, (self.gate.plan_id, phase))

    @cached_property
    def readings(self) -> list[Reading]:
        return criteria.readings(self.document, self.part, self.facts)

    @property
    def lacking(self) -> list[Reading]:
        return [reading for reading in self.readings if not reading.holds]

    @property
    def evidence(self) -> list[Reading]:
        """What a GO in a poll is bound to: every criterion but the conditions of others."""
        return [reading for reading in self.readings if not reading.key.startswith(CONDITION)]

    @property
    def unmet(self) -> list[Reading]:
        """The evidence that does not hold: nobody is polled until it does."""
        return [reading for reading in self.evidence if not reading.holds]

    @property
    def vouched(self) -> str:
        """The hash of the evidence, for whoever answers a poll."""
        return criteria.content(self.gate.rule, self.evidence)

    @property
    def met(self) -> str:
        """`2 of 6 met`."""
        all_of_them = len(self.readings)
        return f"{all_of_them - len(self.lacking)} of {all_of_them} met" if all_of_them else "no criteria"

    @cached_property
    def standing(self) -> list[Signature]:
        """The signatures and rejections that count."""
        return store.standing(self.tx, self.gate.number)

    @property
    def given(self) -> list[Given]:
        """The signatures that count."""
        return [Given(yes.seat, yes.person, yes.at) for yes in self.standing if yes.verdict == YES]

    @property
    def rejections(self) -> list[Signature]:
        return [no for no in self.standing if no.verdict == NO]

    @cached_property
    def work(self) -> Work:
        """What the gate is about, and who did it."""
        ids = tasks_in(self.document, self.part.criteria)
        rows = tasks.seen_of(self.tx, self.gate.plan_id, ids) if ids else ()
        doers = dict.fromkeys(person for row in rows for person in (*row.assignees, row.completed_by or "") if person)
        reporters = [report.by for report in self.facts.measures.values()]
        reporters += [tick.by for tick in self.facts.ticks.values()]
        return Work(self.document, ids, tuple(doers), tuple(dict.fromkeys(reporters)), self.tx.now)

    @cached_property
    def tally(self) -> Tally:
        """Who has signed and who must still."""
        return self.tally_of(self.given)

    def tally_of(self, given: list[Given]) -> Tally:
        """The same if these signatures counted. Whoever answers GO in a poll needs not sign besides."""
        signed = quorum.tally(self.directory, self.part.sign_off, self.work, given, self.tx.now)
        answered = [Given(yes.seat, yes.person, yes.at) for yes in self.standing if yes.verdict == YES and yes.polled]
        asked = voices(self.directory, self.terms.order, self.terms.fresh) if self.terms else ()
        polled = quorum.tally(self.directory, asked, self.work, answered, self.tx.now)
        return Tally((*signed.slots, *polled.slots), signed.met and polled.met)

    @property
    def polled(self) -> list[Slot]:
        """The voices of the poll, in their order; none where the plan has no poll."""
        return [slot for slot in self.tally.slots if isinstance(slot.part, PolledSignOff)]

    @property
    def calls(self) -> dict[str, Call]:
        """Who was asked to sign, wants to be told, or handed their sign-off over."""
        return store.calls(self.tx, self.gate.number)

    def deputies(self, seat: Person) -> list[Person]:
        """Who may sign for somebody now: whom they handed it to, and while they are away their deputies."""
        call = self.calls.get(seat.key)
        handed = call.handed_to if call else None
        away = not seat.present(self.tx.now)
        return [person for person in self.directory.named(seat.deputies) if away or person.key == handed]

    @property
    def signers(self) -> dict[str, str]:
        """Who can sign now what is not signed yet, each with the seat that they sign for: their own before others."""
        return self._able((slot for slot in self.tally.slots if not isinstance(slot.part, PolledSignOff)), self.given)

    def answerers(self, number: int) -> dict[str, str]:
        """Who can answer now for a voice of the poll, each with the seat that they answer for."""
        return self._able([self.polled[number]], ())

    def question(self, number: int) -> str:
        """What a button carries that asks a voice: which poll, which time it is asked, on which evidence."""
        poll = self.poll
        return f"{poll.number}.{number}.{poll.roles[number].asks}.{self.vouched[:8]}" if poll else ""

    @property
    def asked(self) -> dict[str, str]:
        """Who is asked by the poll now."""
        running = self.poll if self.poll and self.poll.ended_at is None else None
        turn = running.turn if running else None
        asked = running and turn is not None and running.roles[turn].stand == Stand.ASKED
        return self.answerers(turn) if asked and turn is not None else {}

    def _able(self, slots: Iterable[Slot], given: Sequence[Given]) -> dict[str, str]:
        have = {each.by for each in given}
        own, others = dict[str, str](), dict[str, str]()
        for slot in slots:
            barred = quorum.excluded(self.directory, slot.part, self.work) | have
            for seat in slot.missing:
                can = [each for each in self.deputies(seat) if each.present(self.tx.now) and each.key not in barred]
                if can:
                    others.setdefault(can[0].key, seat.key)
                elif not seat.vacant and seat.key not in barred:
                    own[seat.key] = seat.key
        return {**others, **own}

    @property
    def cause(self) -> Gate | None:
        """The gate, due first, for which this one waits in vain, and which waits for no other."""
        order = order_of(self.document)
        others = {row.key: row for row in store.listed(self.tx, self.gate.plan_id) if not row.settled}
        awaited = order.awaited(self.gate.key) & others.keys()
        found = (row for key, row in others.items() if key in awaited and not order.awaited(key) & others.keys())
        return next(found, None)

    @property
    def unsigned(self) -> list[Person]:
        """Who can still sign, one of its items where it is for several; no vacant seats."""
        missing = (person for look in self.items for person in look.tally.missing)
        return [person for person in dict.fromkeys((*self.tally.missing, *missing)) if not person.vacant]

    @property
    def unticked(self) -> dict[str, list[str]]:
        """What is not ticked yet, by the key of whoever is to be reminded of it; items ask for themselves."""
        lacking = {leaf.key for leaf in criteria.leaves(self.lacking) if not leaf.holds}
        found: dict[str, list[str]] = {}
        for part in () if self.part.each else of_kind(TickPart, self.part.criteria):
            people = quorum.tickers(self.directory, part.by, self.work) if criteria.key_of(part) in lacking else []
            for person in people:
                found.setdefault(person.key, []).append(criteria.key_of(part))
        return found

    @property
    def takes_all(self) -> bool:
        """Whether something is not met yet, and then everybody who can sign must."""
        slots = [] if self.part.each else [slot for slot in self.tally.slots if not slot.met]
        return bool(slots and self.lacking) and all(slot.count - len(slot.given) >= len(slot.missing) for slot in slots)

    @property
    def items(self) -> list[Look]:
        """The gates of its items that have not passed; none for a gate that is for one thing."""
        rows = store.items(self.tx, self.gate) if self.part.each else ()
        return looks(self.tx, [row for row in rows if not row.settled])

    @property
    def complete(self) -> bool:
        """Whether it passes: everything is met, everybody has signed, and nobody says no."""
        return not self.lacking and self.tally.met and not self.rejections

    @property
    def content(self) -> str:
        """The hash of all that somebody sees who is asked to sign."""
        return criteria.content(self.gate.rule, self.readings)


def _by_key(tx: Tx, plan_id: int) -> dict[str, Gate]:
    return {gate.key: gate for gate in store.gates(tx, plan_id)}


def _open_blockers(tx: Tx, plan_id: int) -> tuple[tuple[int, str], ...]:
    return tuple((blocker.number, blocker.severity) for blocker in blocker_rows.counted(tx, plan_id))


def counts_blockers(part: GatePart) -> bool:
    """Whether a gate asks for the blockers that are open; what is proposed for it as a class is asked for apart."""
    return part.decision or bool(of_kind(NoBlockersPart, part.criteria))


def looks(tx: Tx, gates: Sequence[Gate]) -> list[Look]:
    """Many gates looked at: what they need is read at once."""
    if gates:
        plan_id = gates[0].plan_id
        others = _by_key(tx, plan_id)
        found = [Look(tx, gate, others) for gate in gates]
        document = found[0].document
        store.read_ahead(tx, gates)
        store.poll.of(tx, [look.gate.number for look in found if look.written.poll])
        parts = [look.part for look in found]
        keys = {key for part in parts for key in tasks_in(document, part.criteria, part.needs)}
        tasks.seen_of(tx, plan_id, keys)
        waited = {*(group_of(gate.key) for gate in gates), *document.keys("phases")}
        holds.on.of(tx, ((plan_id, target) for target in waited))
        holds.held_by.of(tx, ((plan_id, gate.key) for gate in gates))
        names = {each.measure for part in parts for each in of_kind(MeasuredPart, part.criteria)}
        store.measurements(tx, plan_id, names)
        return found
    return []
