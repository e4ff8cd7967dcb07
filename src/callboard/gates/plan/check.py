"""What must hold for gates besides their form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from callboard.blockers import plan as blockers
from callboard.core.errors import did_you_mean
from callboard.core.words import few
from callboard.gates.plan import sign_offs
from callboard.gates.plan.measures import MeasurePart, check_bounds
from callboard.gates.plan.sign_offs import Work
from callboard.gates.plan.types import (
    AnnouncePart,
    GatePart,
    GatePassedPart,
    MeasuredPart,
    MissedPart,
    NoBlockersPart,
    NoGoPart,
    TasksPart,
    TickPart,
    walk,
)
from callboard.planfile import task_sets
from callboard.planfile.frame import placed, timetable
from callboard.planfile.moments import Moment
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.times import show_span
from callboard.planfile.values import slug
from callboard.tasks.plan import TASKS
from callboard.teams.plan import directory as teams


def check_consequences(document: Document, at: Path, gate: GatePart) -> Iterator[Problem]:
    """Whoever is told is there, and so is what is escalated, declared or shifted."""
    if gate.if_missed:
        yield from _check_missed(document, (*at, "if_missed"), gate.if_missed)
    if gate.if_no_go:
        yield from _check_no_go(document, (*at, "if_no_go"), gate.if_no_go)
        if not gate.decision:
            sentence = "only a decision can be a no-go: write `decision: true`, or `if_missed` for this"
            yield document.warning((*at, "if_no_go"), sentence)
    if gate.announce:
        yield from _check_announced(document, (*at, "announce"), gate.announce)


def _check_missed(document: Document, at: Path, part: MissedPart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "tell"), part.tell)
    for word, written, section, kind in (
        ("escalate", part.escalate, "escalation", "escalation policy"),
        ("emergency", part.emergency, "emergencies", "emergency"),
    ):
        known = document.keys(section)
        if written and written not in known:
            yield document.error((*at, word), f"there is no {kind} `{written}`; {did_you_mean(written, known)}")


def _check_no_go(document: Document, at: Path, part: NoGoPart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "tell"), part.tell)
    known = document.keys("dates")
    for number, name in enumerate(part.shift):
        if name not in known:
            sentence = f"the plan has no date `{name}`; {did_you_mean(name, known)}"
            yield document.error((*at, "shift", number), sentence)
    if part.shift and part.again is None:
        yield document.error((*at, "shift"), "nothing says by how much: write when it is tried again, `again: 1d`")


def _check_announced(document: Document, at: Path, part: AnnouncePart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "to"), part.to)
    for number, address in enumerate(part.mail):
        yield from _check_address(document, (*at, "mail", number), address)


def _check_address(document: Document, at: Path, address: str) -> Iterator[Problem]:
    name, sign, host = address.partition("@")
    if sign and (not name or "." not in host or " " in address or "@" in host):
        yield document.error(at, f"`{address}` is no mail address: write it like someone@example.com")
    elif not sign and any(True for _ in teams.check_who(document, at, [address])):
        yield document.error(at, f"`{address}` is neither a mail address nor somebody of this plan")


def check_measured(
    document: Document, at: Path, part: MeasuredPart, measures: Mapping[str, MeasurePart]
) -> Iterator[Problem]:
    """A criterion names a measure there is, with bounds that it can reach, its own or those of the measure."""
    known = document.keys("measures")
    if part.measure not in known:
        yield document.error(
            (*at, "measure"), f"there is no measure `{part.measure}`; {did_you_mean(part.measure, known)}"
        )
    measure = measures.get(part.measure)
    if measure is None:
        return
    if part.at_least or part.at_most:
        yield from check_bounds(document, at, measure, part.at_least, part.at_most)
    elif not measure.at_least and not measure.at_most:
        sentence = f"nothing says when {part.measure} is good enough: write `at_least:` or `at_most:`"
        yield document.error((*at, "measure"), sentence)


USUAL_SEVERITIES = ("normal",)


@dataclass(frozen=True)
class Dues:
    """When gates and tasks are due, looked up once for all of them."""

    document: Document
    gates: Mapping[str, GatePart]

    @cached_property
    def of_gates(self) -> dict[str, datetime]:
        """When each gate is due."""
        return self._found({key: part.due for key, part in self.gates.items()})

    @cached_property
    def of_tasks(self) -> dict[str, datetime]:
        """When each task is due."""
        return self._found({key: part.due for key, part in (self.document.of(TASKS) or {}).items()})

    def _found(self, moments: Mapping[str, Moment | None]) -> dict[str, datetime]:
        table = timetable(self.document)
        found = {key: placed(table, moment) for key, moment in moments.items()}
        return {key: each[0] for key, each in found.items() if each}


def check(document: Document, gates: Mapping[str, GatePart], measures: Mapping[str, MeasurePart]) -> Iterator[Problem]:
    """Gates ask for what can be there, of people who can sign, in an order that is possible."""
    dues = Dues(document, gates)
    for key, part in gates.items():
        at: Path = ("gates", key)
        due = dues.of_gates.get(key)
        yield from _check_empty(document, at, part)
        yield from _check_twice(document, at, part)
        for place, one in walk(part.criteria, (*at, "criteria")):
            if isinstance(one, MeasuredPart):
                yield from check_measured(document, place, one, measures)
            elif isinstance(one, TasksPart):
                yield from _check_tasks(dues, place, one, due)
            elif isinstance(one, GatePassedPart):
                yield from _check_gate(dues, place, one, key)
            elif isinstance(one, TickPart):
                yield from teams.check_who(document, (*place, "by"), one.by)
            elif isinstance(one, NoBlockersPart):
                yield from _check_severity(document, place, one)
        yield from sign_offs.check(document, (*at, "sign_off"), part.sign_off, Work(document, part.criteria))
        yield from _check_times(document, at, part, due)
        yield from check_consequences(document, at, part)


def _check_empty(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    if not part.criteria and not part.sign_off:
        yield document.warning(at, "this gate asks for nothing, so it passes at once: write `criteria` or `sign_off`")
    if part.due is None:
        yield document.warning(
            at, "without a time nobody is reminded, and nothing follows when it is late: write `due`"
        )


def _check_twice(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for number, one in enumerate(part.criteria):
        key = one.key or (slug(one.tick) if isinstance(one, TickPart) else f"criterion {number}")
        if key in first:
            line = document.line(first[key])
            sentence = f"this criterion is there twice, first in line {line}: reword one, or give it a `key:`"
            yield document.error((*at, "criteria", number), sentence)
        first.setdefault(key, (*at, "criteria", number))


def _check_tasks(dues: Dues, at: Path, part: TasksPart, due: datetime | None) -> Iterator[Problem]:
    document = dues.document
    for number, sentence in task_sets.strangers(document, part.tasks):
        yield document.error((*at, "tasks", number), sentence)
    if part.are and part.at_least is not None:
        yield document.error((*at, "at_least"), "write `are` or `at_least`, not both")
    ids = task_sets.members(document, part.tasks) if due and part.at_least is None else []
    late = [key for key in ids if due and dues.of_tasks.get(key, due) > due]
    if late:
        verb = "is" if len(late) == 1 else "are"
        yield document.warning(at, f"{few(late, 5)} {verb} due after this gate: move them, or the gate")


def _check_gate(dues: Dues, at: Path, part: GatePassedPart, key: str) -> Iterator[Problem]:
    document, known = dues.document, dues.document.keys("gates")
    if part.gate == key:
        yield document.error((*at, "gate"), "a gate cannot wait for itself: name another one")
    elif part.gate not in known:
        yield document.error((*at, "gate"), f"there is no gate `{part.gate}`; {did_you_mean(part.gate, known)}")
    other, own = dues.of_gates.get(part.gate), dues.of_gates.get(key)
    if other and own and other > own:
        yield document.warning((*at, "gate"), f"gate {part.gate} is due after this one: move one of them")


def _check_severity(document: Document, at: Path, part: NoBlockersPart) -> Iterator[Problem]:
    written = document.of(blockers.section)
    known = list(written.severities) if written else list(USUAL_SEVERITIES)
    if part.severity and part.severity not in known:
        sentence = f"there is no severity `{part.severity}`; {did_you_mean(part.severity, known)}"
        yield document.error((*at, "severity"), sentence)


def _check_times(document: Document, at: Path, part: GatePart, due: datetime | None) -> Iterator[Problem]:
    table = timetable(document)
    begin = placed(table, table.start, opening=True) if table else None
    for number, one in enumerate(part.sign_off):
        own = placed(table, one.due)
        if own and due and own[0] > due:
            sentence = f"this signature is due after its gate, {part.due}: write an earlier moment"
            yield document.error((*at, "sign_off", number, "due"), sentence)
    announced = part.announce.before if part.announce else ()
    for word, spans in ((("remind",), part.remind), (("announce", "before"), announced)):
        for number, span in enumerate(spans):
            if due and begin and begin[0] <= due and due - begin[0] < span:
                sentence = f"{show_span(span)} before it is due, the plan has not begun: write less"
                yield document.warning((*at, *word, number), sentence)
