"""How the criteria of a gate stand: pure, from the plan and the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from callboard.blockers.classes import Counted
from callboard.blocks import markup as m
from callboard.core.measures import PREFLIGHT_NAME, Figure
from callboard.core.words import exact, few
from callboard.gates.criteria.facts import Facts, Reading, digest
from callboard.gates.models import SETTLED, iso
from callboard.gates.plan import types
from callboard.gates.plan.items import asked, item_of
from callboard.gates.plan.measures import MEASURES, PERCENT, PLAIN, WHOLE, Amount, MeasurePart, summed_up
from callboard.gates.plan.types import Asked, Criterion, GatePart
from callboard.planfile import task_sets
from callboard.planfile.names import name_of
from callboard.planfile.paths import item_key, slug
from callboard.planfile.sections import Document
from callboard.planfile.task_sets import TaskFilter
from callboard.tasks.models import State, Task

DONE, FEW = (State.COMPLETED, State.DROPPED), 5
UNKNOWN, GONE = Task(plan_id=0, key="", title=""), "not in the plan"


def rule(document: Document, key: str) -> str:
    """What differs whenever a gate asks for something else, or for other signatures."""
    return digest(asked(document, key))


def readings(document: Document, part: GatePart, facts: Facts) -> list[Reading]:
    """Every criterion of a gate as it stands: its own, what it needs, and what a decision always asks for."""
    own = [_read(document, criterion, facts) for criterion in part.criteria]
    decisive = _decisive(part, facts) if part.decision else ()
    return [*own, *map(_classed, facts.classes), *_needed(document, part, facts), *decisive]


def content(rule: str, readings: Iterable[Reading]) -> str:
    """The hash of all that a confirmation showed: rule, criteria and what each looked at."""
    return digest([rule, [(reading.key, reading.holds, reading.digest) for reading in readings]])


def leaves(readings: Iterable[Reading]) -> Iterator[Reading]:
    """The criteria that contain no others, in order."""
    for reading in readings:
        yield from leaves(reading.inside) if reading.inside else (reading,)


def key_of(part: Criterion) -> str:
    """What a criterion keeps when others around it change."""
    if part.key:
        return part.key
    if isinstance(part, types.TickPart):
        return slug(part.tick)
    if isinstance(part, types.MeasuredPart):
        return slug(f"measure {part.measure}{_bounds(part.at_least, part.at_most)}")
    return item_key(part.model_dump(mode="json", exclude_defaults=True))


def _read(document: Document, part: Asked, facts: Facts) -> Reading:  # noqa: PLR0911 - one for each form
    match part:
        case types.TickPart():
            return _ticked(part, facts)
        case types.TasksPart():
            return _tasks(document, part, facts)
        case types.NoBlockersPart():
            return _blockers(key_of(part), part.severity, facts)
        case types.MeasuredPart():
            return _measured(document, part, facts)
        case types.GatePassedPart():
            return _gate(key_of(part), part.gate, facts)
        case types.PointsPart():
            return _points(document, part, facts)
        case types.PreflightPart():
            return _preflight(part, facts)
        case types.ItemsPart():
            return _items(part, facts)
        case types.AnyPart() | types.AllPart():
            return _several(document, part, facts)


def _preflight(part: types.PreflightPart, facts: Facts) -> Reading:
    """Whether everybody was reached within that time; `before` that, nobody can tell."""
    figure = facts.figures.get(PREFLIGHT_NAME) or Figure(())
    until = datetime.fromtimestamp(figure.values[0], UTC) + part.preflight if figure.values else None
    holds = until is not None and facts.now is not None and facts.now < until
    says = f"Everybody who may be paged was reached within {exact(part.preflight)}"
    stands = figure.says or "there was no preflight yet"
    old = f"; too long ago since {m.date(until, 'both')}" if until and not holds else ""
    return Reading(key_of(part), says, holds, f"{stands}{old}", [iso(until), holds])


def _ticked(part: types.TickPart, facts: Facts) -> Reading:
    key, says = key_of(part), m.escape(part.tick)
    tick = facts.ticks.get(key)
    evidence = [asked for asked in part.evidence if tick is None or asked not in tick.evidence]
    asked = f" (evidence: {m.escape(', '.join(evidence))})" if evidence else ""
    if tick is None:
        return Reading(key, says, holds=False, stands=f"not ticked yet{asked}", consumed=None)
    shown = f", {tick.evidence}" if tick.evidence else ""
    stands = f"ticked by {facts.called(tick.by)}{shown}{asked}"
    return Reading(key, says, holds=True, stands=stands, consumed=[tick.by, tick.at.isoformat(), tick.evidence])


def _tasks(document: Document, part: types.TasksPart, facts: Facts) -> Reading:
    tasks = {key: facts.tasks.get(key, UNKNOWN) for key in task_sets.members(document, part.tasks)}
    come = {key: _has_come(task, part) for key, task in tasks.items()}
    stand = {key: f"{task.status}, {task.percent}%" if task.percent else task.status for key, task in tasks.items()}
    lacking = [f"{key} ({stand[key]})" for key in tasks if not come[key]]
    wanted = f"at least {part.at_least:g}% done" if part.at_least is not None else (part.are or State.COMPLETED)
    stands = f"{len(tasks) - len(lacking)} of {len(tasks)}{f'; open: {few(lacking, FEW)}' if lacking else ''}"
    # Where a percentage is asked for, what else a task is called on its way there says nothing.
    by_status = part.at_least is None
    consumed = {
        key: [come[key], iso(task.completed_at), *([task.status] if by_status else [])] for key, task in tasks.items()
    }
    says = f"{m.escape(_written(part.tasks, partial(name_of, document)))} {wanted}"
    return Reading(key_of(part), says, bool(tasks) and not lacking, stands, consumed)


def _has_come(task: Task, part: types.TasksPart) -> bool:
    if task.status in DONE:
        return True
    if part.at_least is not None:
        return task.percent >= part.at_least
    return part.are == "not started" or task.status == (part.are or State.COMPLETED)


def _written(tasks: Sequence[Any], called: Callable[[str], str] = str) -> str:
    return ", ".join(_filter(each, called) if isinstance(each, TaskFilter) else str(each) for each in tasks)


def _filter(each: TaskFilter, called: Callable[[str], str]) -> str:
    words = [" or ".join(map(called, values)) for _, values in each if values]
    return f"tasks of {', '.join(words)}" if words else "all tasks"


def _blockers(key: str, severity: str, facts: Facts) -> Reading:
    numbers = facts.counted(severity)
    gravest = severity in facts.severities[-1:]
    which = f" of severity {severity}{'' if gravest else ' or above'}" if severity else ""
    stands = f"{_numbered(numbers)} open" if numbers else "none open"
    return Reading(key, f"No open blocker{which}", not numbers, stands, numbers)


def _numbered(numbers: Sequence[int]) -> str:
    return f"{'blocker' if len(numbers) == 1 else 'blockers'} {few([str(number) for number in numbers], FEW)}"


def _classed(counted: Counted) -> Reading:
    """An open blocker of a class that counts for the gate keeps it shut; one that is still voted on does not."""
    stands = f"{_numbered(counted.accepted)} open" if counted.accepted else "none open"
    proposed = f"; {_numbered(counted.proposed)} proposed" if counted.proposed else ""
    says, consumed = f"No open {counted.name}", list(counted.accepted)
    return Reading(f"class-{counted.name}", says, not consumed, f"{stands}{proposed}", consumed)


def _measured(document: Document, part: types.MeasuredPart, facts: Facts) -> Reading:
    measure = (document.of(MEASURES) or {}).get(part.measure) or MeasurePart()
    bounds = part if part.at_least or part.at_most else measure
    low, high = bounds.at_least, bounds.at_most
    key, says = key_of(part), f"{m.escape(measure.name or part.measure)}{_bounds(low, high, measure.unit)}"
    limits = [str(low), str(high), measure.of]
    if measure.computed:
        return _computed(key, says, part.measure, measure, (low, high), facts)
    report = facts.measures.get(part.measure)
    if report is None:
        return Reading(
            key, says, holds=False, stands="not measured yet", consumed=[None, *limits], measure=part.measure
        )
    amount = Amount(report.value, report.unit)
    short, link = shortfall(amount, low, high, measure), f", {report.link}" if report.link else ""
    stands = f"{shown(amount, measure)}{f' ({short})' if short else ''}, by {facts.called(report.by)}{link}"
    consumed = [amount.value, amount.unit, report.link, *limits]
    return Reading(key, says, not short, stands, consumed, measure=part.measure, short=short)


def shortfall(amount: Amount, low: Amount | None, high: Amount | None, measure: MeasurePart) -> str:
    """By how much an amount misses its bounds: `68 needed, 2 more`; empty where it does not."""
    if low and (have := _reduced(amount, low, measure)) < low.value:
        return f"{low} needed, {Amount(low.value - have, low.unit)} more"
    if high and (have := _reduced(amount, high, measure)) > high.value:
        return f"{high} allowed, {Amount(have - high.value, high.unit)} over"
    return ""


def _computed(
    key: str, says: str, name: str, measure: MeasurePart, bounds: tuple[Amount | None, Amount | None], facts: Facts
) -> Reading:
    """A measure that Callboard computes. A signature is bound to its being within bounds, not to each new value."""
    low, high = bounds
    figure = facts.figures.get(name) or Figure(())
    amount = summed_up(name, measure, figure)
    short = shortfall(amount, low, high, measure) if amount else ""
    holds = amount is not None and not short
    about = f" ({m.escape(figure.says)})" if figure.says else ""
    stands = f"{amount or 'not measured yet'}{about}"
    return Reading(key, says, holds, stands, [holds, str(low), str(high)], short=short)


def shown(amount: Amount, measure: MeasurePart) -> str:
    """An amount as people read it: `60 of 72`, `5%`, `3 errors`."""
    return f"{amount}{_unit(amount, measure)}"


def _unit(amount: Amount, measure: MeasurePart) -> str:
    if amount.unit != PLAIN:
        return ""
    if measure.of:
        return f" of {measure.of}"
    return measure.unit if measure.unit in ("", PERCENT) else f" {measure.unit}"


def _reduced(amount: Amount, bound: Amount, measure: MeasurePart) -> float:
    """An amount in the unit of a bound: a share of all, or so many of them."""
    if measure.of and amount.unit != bound.unit:
        return amount.value * WHOLE / measure.of if bound.unit == PERCENT else amount.value * measure.of / WHOLE
    return amount.value


def _bounds(low: Amount | None, high: Amount | None, unit: str = "") -> str:
    return " and".join(
        f" {word} {bound(limit, unit)}" for word, limit in (("at least", low), ("at most", high)) if limit
    )


def bound(limit: Amount, unit: str) -> str:
    """A bound with the unit of its measure: `200 ms`."""
    return f"{limit} {unit}" if unit and not limit.unit else str(limit)


def _gate(key: str, of: str, facts: Facts) -> Reading:
    gate = facts.gates.get(of)
    if gate is None:
        return Reading(key, f"{m.escape(of)} (`{of}`)", holds=False, stands=GONE, consumed=[GONE, ""])
    consumed = [gate.state, iso(gate.settled_at)]
    return Reading(key, f"{m.escape(gate.name)} (`{of}`)", gate.settled, gate.word, consumed)


def _points(document: Document, part: types.PointsPart, facts: Facts) -> Reading:
    """The points at which teams meet in these tasks; a dropped one is not asked for."""
    tasks = [facts.tasks.get(key, UNKNOWN) for key in task_sets.members(document, part.points)]
    stands = {f"{point['name']} ({task.key})": str(point["status"]) for task in tasks for point in task.points}
    asked = {name: state for name, state in stands.items() if state != State.DROPPED}
    lacking = [f"{m.escape(name)}: {state}" for name, state in asked.items() if state != State.COMPLETED]
    shown = f"{len(asked) - len(lacking)} of {len(asked)}{f'; open: {few(lacking, FEW)}' if lacking else ''}"
    says = f"Points of {m.escape(_written(part.points, partial(name_of, document)))} completed"
    return Reading(key_of(part), says, bool(stands) and not lacking, shown, stands)


def _items(part: types.ItemsPart, facts: Facts) -> Reading:
    """The gates of the items of one gate."""
    rows = {key: facts.gates.get(key) for key in part.items}
    over = {key: row is not None and row.settled for key, row in rows.items()}
    lacking = [f"{item_of(key)} ({row.word if row else GONE})" for key, row in rows.items() if not over[key]]
    stands = f"{len(rows) - len(lacking)} of {len(rows)} passed"
    shown = f"{stands}; open: {few(lacking, FEW)}" if lacking else stands
    return Reading("items", "Every item", not lacking, shown, over)


def _several(document: Document, part: types.AnyPart | types.AllPart, facts: Facts) -> Reading:
    parts, between, enough = (part.any, " or ", any) if isinstance(part, types.AnyPart) else (part.all, " and ", all)
    inside = tuple(_read(document, each, facts) for each in parts)
    says, stands = between.join(each.says for each in inside), "; ".join(each.stands for each in inside)
    holds = enough(each.holds for each in inside)
    return Reading(key_of(part), says, holds, stands, {each.key: each.consumed for each in inside}, inside)


def _needed(document: Document, part: GatePart, facts: Facts) -> Iterator[Reading]:
    """What the gate needs besides its criteria: other gates, tasks, phases."""
    for each in part.needs:
        name = each if isinstance(each, str) else ""
        if name in facts.gates:
            yield _needs_gate(name, facts)
        elif name in facts.begun:
            begun = facts.begun[name]
            stands = "begun" if begun else "not begun"
            yield Reading(f"needs-{name}", f"Phase {name} has begun", begun, stands, begun)
        else:
            yield _tasks(document, types.TasksPart(key=f"needs-{_written([each])}", tasks=(each,)), facts)


def _needs_gate(name: str, facts: Facts) -> Reading:
    """A gate that is needed holds this one until it passes, is waived, or somebody lifts the hold."""
    gate = facts.gates[name]
    free = gate.state in SETTLED or name not in facts.held_by
    stands = gate.word if gate.state in SETTLED or not free else f"{gate.word}, but its hold was lifted"
    return Reading(f"needs-{name}", f"{m.escape(gate.name)} (`{name}`)", free, stands, [free, gate.state])


def _decisive(part: GatePart, facts: Facts) -> Iterator[Reading]:
    """An open blocker of the gravest severity, or a gate before it that has not passed, is a no-go, written or not."""
    gravest = facts.severities[-1] if facts.severities else ""
    counted = {each.severity for each in part.criteria if isinstance(each, types.NoBlockersPart)}
    if not counted & {gravest, ""}:
        yield _blockers("decision-blockers", gravest, facts)
    named = {each.gate for each in part.criteria if isinstance(each, types.GatePassedPart)}
    named |= set(task_sets.texts(part.needs))
    yield from (_gate(f"decision-{name}", name, facts) for name in facts.before if name not in named)
