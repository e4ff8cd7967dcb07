"""What must be right about gates besides their form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from callboard.core.errors import did_you_mean
from callboard.core.words import few, folded, is_are, it_them
from callboard.gates.plan import items, order, types
from callboard.gates.plan.measures import MEASURES, check_asked, check_bounds
from callboard.gates.plan.names import check_mail, check_named, check_severity
from callboard.gates.plan.poll import check_poll
from callboard.gates.plan.sign_offs import check_sign_offs, concern
from callboard.gates.plan.types import GatePart, walk
from callboard.gates.quorum import Work
from callboard.planfile import task_sets
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document, Path, Problem, whole_of
from callboard.planfile.times import show_span
from callboard.planfile.timetable import instant_of, placed, timetable
from callboard.tasks.plan import TASKS
from callboard.teams.plan import directory as teams

FEW = 6
Dues = Mapping[str, datetime]
"""When tasks and gates are due; they share their ids."""


def check(document: Document, gates: Mapping[str, GatePart]) -> Iterator[Problem]:
    """Gates ask for what is possible, of people who can sign, in an order that is possible."""
    dues = _dues(document, gates)
    for key, part in gates.items():
        at: Path = ("gates", key)
        about = Work(document, types.tasks_in(document, part.criteria))
        yield from _check_empty(document, at, part)
        yield from _check_twice(document, at, part)
        for place, criterion in walk(part.criteria, (*at, "criteria")):
            yield from _check_criterion(document, dues, place, criterion, key, about)
        yield from items.check_each(document, at, part)
        for asked in items.sign_offs(part):
            yield from check_sign_offs(document, (*at, "sign_off"), asked, about)
        yield from _check_times(document, at, part, dues.get(key))
        yield from _check_signed(document, dues, at, part)
        yield from _check_consequences(document, at, part)
        if part.poll:
            yield from check_poll(document, (*at, "poll"), part.poll, dues.get(key), decision=part.decision)
    yield from order.check_attempts(document)


def _dues(document: Document, gates: Mapping[str, GatePart]) -> Dues:
    moments = {key: part.due for key, part in (document.of(TASKS) or {}).items()}
    moments |= {key: part.due for key, part in gates.items()}
    return {key: at for key, moment in moments.items() if (at := instant_of(timetable(document), moment))}


def _check_criterion(
    document: Document, dues: Dues, at: Path, part: types.Criterion, key: str, about: Work
) -> Iterator[Problem]:
    match part:
        case types.MeasuredPart():
            yield from _check_measured(document, at, part, key)
        case types.TasksPart():
            yield from _check_tasks(document, dues, at, part, key)
        case types.PointsPart():
            yield from items.check_points(document, at, part)
        case types.GatePassedPart():
            yield from _check_gate(document, dues, at, part, key)
        case types.TickPart():
            yield from teams.check_who(document, (*at, "by"), part.by, concern(about))
        case types.PreflightPart():
            if not document.body.get("preflight") and not document.body.get("runbooks"):
                sentence = "nobody is ever asked: the plan has neither `preflight:` nor `runbooks:`"
                yield document.error((*at, "preflight"), sentence)
        case types.NoBlockersPart():
            yield from check_severity(document, at, part.severity)


def _check_empty(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    if not part.criteria and not part.sign_off and not part.poll:
        yield document.warning(at, "this gate asks for nothing, so it passes at once: write `criteria` or `sign_off`")
    if part.due is None:
        yield document.warning(at, "without a due time nobody is reminded, and the gate is never late: write `due`")


def _check_twice(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, criterion in enumerate(part.criteria):
        key = criterion.key or (
            slug(criterion.tick) if isinstance(criterion, types.TickPart) else f"criterion {number}"
        )
        other = first.setdefault(key, number)
        if other != number:
            line = document.line((*at, "criteria", other))
            sentence = f"this criterion is also in line {line}: reword one, or give it a `key:`"
            if not criterion.key and _words(part.criteria[other]) != _words(criterion):
                sentence = f"its key would be `{key}`, as that of line {line} is: write `{{tick: ..., key: ...}}`"
            yield document.error((*at, "criteria", number), sentence)


def _words(criterion: types.Criterion) -> str:
    return folded(criterion.tick) if isinstance(criterion, types.TickPart) else ""


def _check_measured(document: Document, at: Path, part: types.MeasuredPart, gate: str) -> Iterator[Problem]:
    """A criterion has bounds that its measure can reach, its own or those of the measure."""
    yield from check_named(document, at, part, "measure")
    yield from check_asked(document, at, part.measure, gate)
    measure = (document.of(MEASURES) or {}).get(part.measure)
    if measure and (part.at_least or part.at_most):
        yield from check_bounds(document, at, measure, part.at_least, part.at_most, part.measure)
    elif measure and not measure.at_least and not measure.at_most:
        sentence = f"nothing says when {part.measure} is good enough: write `at_least:` or `at_most:`"
        yield document.error((*at, "measure"), sentence)


def _check_tasks(document: Document, dues: Dues, at: Path, part: types.TasksPart, gate: str) -> Iterator[Problem]:
    for number, sentence in task_sets.strangers(document, part.tasks):
        yield document.error((*at, "tasks", number), sentence)
    if part.are and part.at_least is not None:
        yield document.error((*at, "at_least"), "write `are` or `at_least`, not both")
    due = dues.get(gate)
    ids = task_sets.members(document, part.tasks) if due and part.at_least is None else []
    late = [key for key in ids if due and dues.get(key, due) > due]
    if late:
        sentence = f"{few(late, 5)} {is_are(late)} due after this gate: move {it_them(late)}, or the gate"
        yield document.warning(at, sentence)


def _check_gate(document: Document, dues: Dues, at: Path, part: types.GatePassedPart, key: str) -> Iterator[Problem]:
    if part.gate == key:
        yield document.error((*at, "gate"), "a gate cannot wait for itself: name another one")
    yield from check_named(document, at, part, "gate")
    other, own = dues.get(part.gate), dues.get(key)
    if other and own and other > own:
        yield document.warning((*at, "gate"), f"gate {part.gate} is due after this one: move one of them")


def _check_times(document: Document, at: Path, part: GatePart, due: datetime | None) -> Iterator[Problem]:
    table = timetable(document)
    begin = placed(table, table.start, opening=True) if table else None
    for number, sign_off in enumerate(part.sign_off):
        own = instant_of(table, sign_off.due)
        if own and due and own > due:
            sentence = f"this signature is due after its gate, {part.due}: write an earlier moment"
            yield document.error((*at, "sign_off", number, "due"), sentence)
    announced = part.announce.before if part.announce else ()
    for word, spans in ((("remind",), part.remind), (("announce", "before"), announced)):
        for number, span in enumerate(spans):
            if due and begin and begin[0] <= due and due - begin[0] < span:
                sentence = f"{show_span(span)} before it is due, the plan has not begun: write less"
                yield document.warning((*at, *word, number), sentence)


def _check_signed(document: Document, dues: Dues, at: Path, part: GatePart) -> Iterator[Problem]:
    """Nobody signs before all is met: warn of a signature that is due before that can be."""
    asked = [each.gate for each in part.criteria if isinstance(each, types.GatePassedPart)]
    needed = [whole_of(each) for each in part.needs if isinstance(each, str) and whole_of(each) in dues]
    alone = tuple(each for each in part.criteria if not isinstance(each, types.AnyPart))
    keys = dict.fromkeys([*types.tasks_in(document, alone, part.needs), *asked, *needed])
    for number, sign_off in enumerate(part.sign_off):
        own = instant_of(timetable(document), sign_off.due)
        late = [key for key in keys if own and dues.get(key, own) > own]
        if late:
            sentence = f"nobody can sign before all is met, and {few(late, FEW)} {is_are(late)} due later than this"
            where: Path = (*at, "sign_off", number, "due")
            yield document.warning(where, f"{sentence}: write a later moment, or ask for this in a gate of its own")


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
    if part.attempts and part.again is None:
        yield document.error((*at, "attempts"), "when is not said: write when to try again, `again: 1d`")
