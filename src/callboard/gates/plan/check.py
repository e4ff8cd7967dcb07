"""What must be right about gates besides their form; with checks that sections above need too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from callboard.blockers import plan as blockers
from callboard.core.errors import did_you_mean
from callboard.core.words import few
from callboard.gates.plan import sign_offs, types
from callboard.gates.plan.measures import MEASURES, Amount, check_bounds
from callboard.gates.plan.sign_offs import Work
from callboard.gates.plan.types import GatePart, walk
from callboard.planfile import task_sets
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.times import Moment, show_span
from callboard.planfile.timetable import placed, timetable
from callboard.tasks.plan import TASKS
from callboard.teams.plan import directory as teams

KINDS = {
    "escalate": ("escalation", "escalation policy"), "policy": ("escalation", "escalation policy"),
    "emergency": ("emergencies", "emergency"), "rollback": ("rollbacks", "rollback"),
    "measure": ("measures", "measure"), "gate": ("gates", "gate"), "phase": ("phases", "phase"),
}  # fmt: skip
USUAL_SEVERITIES = ("normal",)


def check_named(document: Document, at: Path, part: object, *words: str) -> Iterator[Problem]:
    """Refuse what a part names and the plan does not have: a policy, an emergency, a measure..."""
    for word in words:
        (section, kind), written = KINDS[word], getattr(part, word)
        known = document.keys(section)
        if written and written not in known:
            yield document.error((*at, word), f"there is no {kind} `{written}`; {did_you_mean(written, known)}")


def check_severity(document: Document, at: Path, severity: str) -> Iterator[Problem]:
    """Refuse a severity of blockers that the plan does not have."""
    written = document.of(blockers.section)
    known = list(written.severities) if written else USUAL_SEVERITIES
    if severity and severity not in known:
        yield document.error((*at, "severity"), f"there is no severity `{severity}`; {did_you_mean(severity, known)}")


def check_watched(document: Document, at: Path, name: str, *bounds: Amount | None) -> Iterator[Problem]:
    """Refuse to watch a measure without bounds, here or of its own."""
    measure = (document.of(MEASURES) or {}).get(name)
    if measure and not any((*bounds, measure.at_least, measure.at_most)):
        yield document.error((*at, "measure"), f"nothing says when {name} is bad: write `above:` or `below:`")


def check_mail(document: Document, path: Path, addresses: Iterable[str]) -> Iterator[Problem]:
    """Refuse what is neither a mail address nor somebody of the plan. `path` is that of the list."""
    for number, address in enumerate(addresses):
        here = (*path, number)
        name, sign, host = address.partition("@")
        if sign and (not name or "." not in host or "@" in host or " " in address):
            yield document.error(here, f"`{address}` is not a mail address: write it like someone@example.com")
        elif address.startswith("#"):
            yield document.error(here, f"`{address}` is a channel, and has no mail: write it in `to`")
        elif not sign:
            for problem in teams.check_who(document, path, (address,)):
                yield replace(problem, line=document.line(here), path=here)


@dataclass(frozen=True)
class Dues:
    """When gates and tasks are due, looked up once for all of them."""

    document: Document
    parts: Mapping[str, GatePart]

    @cached_property
    def gates(self) -> dict[str, datetime]:
        """When each gate is due."""
        return self._placed({key: part.due for key, part in self.parts.items()})

    @cached_property
    def tasks(self) -> dict[str, datetime]:
        """When each task is due."""
        return self._placed({key: part.due for key, part in (self.document.of(TASKS) or {}).items()})

    def _placed(self, moments: Mapping[str, Moment | None]) -> dict[str, datetime]:
        table = timetable(self.document)
        return {key: at[0] for key, moment in moments.items() if (at := placed(table, moment))}


def check(document: Document, gates: Mapping[str, GatePart]) -> Iterator[Problem]:
    """Gates ask for what is possible, of people who can sign, in an order that is possible."""
    dues = Dues(document, gates)
    for key, part in gates.items():
        at: Path = ("gates", key)
        yield from _check_empty(document, at, part)
        yield from _check_twice(document, at, part)
        for place, criterion in walk(part.criteria, (*at, "criteria")):
            yield from _check_criterion(dues, place, criterion, key)
        yield from sign_offs.check(document, (*at, "sign_off"), part.sign_off, Work(document, part.criteria))
        yield from _check_times(document, at, part, dues.gates.get(key))
        yield from _check_consequences(document, at, part)


def _check_criterion(dues: Dues, at: Path, part: types.Criterion, key: str) -> Iterator[Problem]:
    document = dues.document
    match part:
        case types.MeasuredPart():
            yield from _check_measured(document, at, part)
        case types.TasksPart():
            yield from _check_tasks(dues, at, part, dues.gates.get(key))
        case types.GatePassedPart():
            yield from _check_gate(dues, at, part, key)
        case types.TickPart():
            yield from teams.check_who(document, (*at, "by"), part.by)
        case types.NoBlockersPart():
            yield from check_severity(document, at, part.severity)


def _check_empty(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    if not part.criteria and not part.sign_off:
        yield document.warning(at, "this gate asks for nothing, so it passes at once: write `criteria` or `sign_off`")
    if part.due is None:
        yield document.warning(at, "without a due time nobody is reminded, and the gate is never late: write `due`")


def _check_twice(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for number, one in enumerate(part.criteria):
        here = (*at, "criteria", number)
        key = one.key or (slug(one.tick) if isinstance(one, types.TickPart) else f"criterion {number}")
        other = first.setdefault(key, here)
        if other != here:
            sentence = f"this criterion is also in line {document.line(other)}: reword one, or give it a `key:`"
            yield document.error(here, sentence)


def _check_measured(document: Document, at: Path, part: types.MeasuredPart) -> Iterator[Problem]:
    """A criterion has bounds that its measure can reach, its own or those of the measure."""
    yield from check_named(document, at, part, "measure")
    measure = (document.of(MEASURES) or {}).get(part.measure)
    if measure and (part.at_least or part.at_most):
        yield from check_bounds(document, at, measure, part.at_least, part.at_most)
    elif measure and not measure.at_least and not measure.at_most:
        sentence = f"nothing says when {part.measure} is good enough: write `at_least:` or `at_most:`"
        yield document.error((*at, "measure"), sentence)


def _check_tasks(dues: Dues, at: Path, part: types.TasksPart, due: datetime | None) -> Iterator[Problem]:
    document = dues.document
    for number, sentence in task_sets.strangers(document, part.tasks):
        yield document.error((*at, "tasks", number), sentence)
    if part.are and part.at_least is not None:
        yield document.error((*at, "at_least"), "write `are` or `at_least`, not both")
    ids = task_sets.members(document, part.tasks) if due and part.at_least is None else []
    late = [key for key in ids if due and dues.tasks.get(key, due) > due]
    if late:
        verb = "is" if len(late) == 1 else "are"
        yield document.warning(at, f"{few(late, 5)} {verb} due after this gate: move them, or the gate")


def _check_gate(dues: Dues, at: Path, part: types.GatePassedPart, key: str) -> Iterator[Problem]:
    if part.gate == key:
        yield dues.document.error((*at, "gate"), "a gate cannot wait for itself: name another one")
    yield from check_named(dues.document, at, part, "gate")
    other, own = dues.gates.get(part.gate), dues.gates.get(key)
    if other and own and other > own:
        yield dues.document.warning((*at, "gate"), f"gate {part.gate} is due after this one: move one of them")


def _check_times(document: Document, at: Path, part: GatePart, due: datetime | None) -> Iterator[Problem]:
    table = timetable(document)
    begin = placed(table, table.start, opening=True) if table else None
    for number, sign_off in enumerate(part.sign_off):
        own = placed(table, sign_off.due)
        if own and due and own[0] > due:
            sentence = f"this signature is due after its gate, {part.due}: write an earlier moment"
            yield document.error((*at, "sign_off", number, "due"), sentence)
    announced = part.announce.before if part.announce else ()
    for word, spans in ((("remind",), part.remind), (("announce", "before"), announced)):
        for number, span in enumerate(spans):
            if due and begin and begin[0] <= due and due - begin[0] < span:
                sentence = f"{show_span(span)} before it is due, the plan has not begun: write less"
                yield document.warning((*at, *word, number), sentence)


def _check_consequences(document: Document, at: Path, gate: GatePart) -> Iterator[Problem]:
    """Whoever is told, and whatever is escalated, declared or moved, is in the plan."""
    if missed := gate.if_missed:
        here = (*at, "if_missed")
        yield from teams.check_who(document, (*here, "tell"), missed.tell)
        yield from check_named(document, here, missed, "escalate", "emergency")
    if gate.if_no_go:
        yield from _check_no_go(document, (*at, "if_no_go"), gate.if_no_go)
        if not gate.decision:
            sentence = "only a decision can be a no-go: write `decision: true`, or `if_missed` for this"
            yield document.warning((*at, "if_no_go"), sentence)
    if announce := gate.announce:
        yield from teams.check_who(document, (*at, "announce", "to"), announce.to)
        yield from check_mail(document, (*at, "announce", "mail"), announce.mail)


def _check_no_go(document: Document, at: Path, part: types.NoGoPart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "tell"), part.tell)
    known = document.keys("dates")
    for number, name in enumerate(part.shift):
        if name not in known:
            sentence = f"the plan has no date `{name}`; {did_you_mean(name, known)}"
            yield document.error((*at, "shift", number), sentence)
    if part.shift and part.again is None:
        yield document.error((*at, "shift"), "by how much is not said: write when to try again, `again: 1d`")
