"""How the criteria of a gate stand: pure, from the plan and the facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from callboard import blocks as b
from callboard.core.words import few
from callboard.gates.assessment.facts import Facts, TaskFact
from callboard.gates.models import SETTLED
from callboard.gates.plan.measures import PERCENT, PLAIN, WHOLE, Amount, MeasurePart
from callboard.gates.plan.types import (
    AllPart,
    AnyPart,
    Criterion,
    GatePart,
    GatePassedPart,
    MeasuredPart,
    NoBlockersPart,
    TasksPart,
    TickPart,
)
from callboard.planfile import task_sets
from callboard.planfile.sections import Document
from callboard.planfile.task_sets import TaskFilter
from callboard.planfile.values import item_key, slug
from callboard.planning.duties import name_of
from callboard.tasks.plan.types import COMPLETED

DONE = (COMPLETED, "dropped")
FEW = 5


@dataclass(frozen=True)
class Reading:
    """One criterion as it stands. `consumed` is exactly what it looked at, as plain JSON; `inside` are parts of it."""

    key: str
    says: str
    holds: bool
    stands: str
    consumed: Any
    kind: str = ""
    inside: tuple[Reading, ...] = ()

    @property
    def digest(self) -> str:
        """What differs whenever anything differs that the criterion looked at."""
        return digest(self.consumed)


def digest(value: Any) -> str:
    """A short hash of plain JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:24]


def rule(document: Document, key: str) -> str:
    """What differs whenever a gate asks for something else, or for other signatures."""
    body = (document.body.get("gates") or {}).get(key) or {}
    return digest([body.get(word) for word in ("criteria", "sign_off", "needs", "decision")])


def readings(document: Document, part: GatePart, facts: Facts) -> list[Reading]:
    """Every criterion of a gate as it stands: its own, what it needs, and what a decision always asks for."""
    own = [_read(document, one, facts) for one in part.criteria]
    return [*own, *_needed(document, part, facts), *(_decisive(part, facts) if part.decision else ())]


def leaves(found: Iterable[Reading]) -> Iterator[Reading]:
    """The criteria that are no wrapping of others, in order."""
    for one in found:
        yield from leaves(one.inside) if one.inside else (one,)


def lacking(found: Iterable[Reading]) -> list[Reading]:
    """Those that do not hold."""
    return [one for one in found if not one.holds]


def key_of(part: Criterion) -> str:
    """What a criterion keeps when others around it change."""
    if part.key:
        return part.key
    if isinstance(part, TickPart):
        return slug(part.tick)
    if isinstance(part, MeasuredPart):
        return slug(f"measure {part.measure}{_bounds(part.at_least, part.at_most)}")
    return item_key(part.model_dump(mode="json", exclude_defaults=True))


def _read(document: Document, part: Criterion, facts: Facts) -> Reading:
    match part:
        case TickPart():
            return _ticked(part, facts)
        case TasksPart():
            return _tasks(document, part, facts)
        case NoBlockersPart():
            return _blockers(key_of(part), part.severity, facts)
        case MeasuredPart():
            return _measured(document, part, facts)
        case GatePassedPart():
            return _gate(key_of(part), part.gate, facts)
        case AnyPart() | AllPart():
            return _several(document, part, facts)


def _ticked(part: TickPart, facts: Facts) -> Reading:
    key, says = key_of(part), b.escape(part.tick)
    found = facts.ticks.get(key)
    new = [one for one in part.evidence if found is None or one not in found.evidence]
    named = f" (evidence: {b.escape(', '.join(new))})" if new else ""
    if found is None:
        return Reading(key, says, holds=False, stands=f"not ticked yet{named}", consumed=None, kind="tick")
    with_what = f", {found.evidence}" if found.evidence else ""
    consumed = [found.by, found.at.isoformat(), found.evidence]
    stands = f"ticked by {found.called or found.by}{with_what}{named}"
    return Reading(key, says, holds=True, stands=stands, consumed=consumed, kind="tick")


def _tasks(document: Document, part: TasksPart, facts: Facts) -> Reading:
    ids = task_sets.members(document, part.tasks)
    known = {key: facts.tasks.get(key, TaskFact()) for key in ids}
    come = {key: _has_come(fact, part) for key, fact in known.items()}
    open_ones = [key for key in ids if not come[key]]
    asked = f"at least {part.at_least:g}% done" if part.at_least is not None else (part.are or COMPLETED)
    stands = f"{len(ids) - len(open_ones)} of {len(ids)}"
    if open_ones:
        stands += f"; open: {few([f'{key} ({_so_far(known[key])})' for key in open_ones], FEW)}"
    consumed = {key: [come[key], fact.stamp, *_status(part, fact)] for key, fact in known.items()}
    says = f"{b.escape(_written(part.tasks, partial(name_of, document)))} {asked}"
    return Reading(key_of(part), says, bool(ids) and not open_ones, stands, consumed, "tasks")


def _status(part: TasksPart, fact: TaskFact) -> list[str]:
    """Where a percentage is asked for, what else a task is called on its way there says nothing."""
    return [] if part.at_least is not None else [fact.status]


def _has_come(fact: TaskFact, part: TasksPart) -> bool:
    if fact.status in DONE:
        return True
    if part.at_least is not None:
        return fact.percent >= part.at_least
    return part.are == "not started" or fact.status == (part.are or COMPLETED)


def _so_far(fact: TaskFact) -> str:
    return f"{fact.status}, {fact.percent:g}%" if fact.percent else fact.status


def _written(tasks: Sequence[Any], called: Callable[[str], str] = str) -> str:
    return ", ".join(_filter(each, called) if isinstance(each, TaskFilter) else str(each) for each in tasks)


def _filter(each: TaskFilter, called: Callable[[str], str]) -> str:
    words = [" or ".join(map(called, values)) for _, values in each if values]
    return f"tasks of {', '.join(words)}" if words else "all tasks"


def _blockers(key: str, severity: str, facts: Facts) -> Reading:
    counted = facts.counted(severity)
    which = f" of severity {severity} or above" if severity else ""
    stands = f"open: {few([str(number) for number in counted], FEW)}" if counted else "none is open"
    return Reading(key, f"No blocker{which} is open", not counted, stands, counted, "blockers")


def _measured(document: Document, part: MeasuredPart, facts: Facts) -> Reading:
    measure = (document.values.get("measures") or {}).get(part.measure) or MeasurePart()
    own = part.at_least or part.at_most
    low, high = (part.at_least, part.at_most) if own else (measure.at_least, measure.at_most)
    says = f"{b.escape(measure.name or part.measure)}{_bounds(low, high)}"
    found = facts.measures.get(part.measure)
    bounds = [str(low), str(high), measure.of]
    if found is None:
        unmeasured = [None, *bounds]
        return Reading(key_of(part), says, holds=False, stands="not measured yet", consumed=unmeasured, kind="measure")
    holds = (low is None or _reduced(found.amount, low, measure) >= low.value) and (
        high is None or _reduced(found.amount, high, measure) <= high.value
    )
    link = f", {found.link}" if found.link else ""
    stands = f"{found.amount}{_unit(found.amount, measure)}, by {found.called or found.by}{link}"
    consumed = [found.amount.value, found.amount.unit, found.link, *bounds]
    return Reading(key_of(part), says, holds, stands, consumed, "measure")


def _unit(amount: Amount, measure: MeasurePart) -> str:
    """What follows a number: of how many, or in which unit."""
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


def _bounds(low: Amount | None, high: Amount | None) -> str:
    return f"{f' at least {low}' if low else ''}{' and' if low and high else ''}{f' at most {high}' if high else ''}"


def _gate(key: str, of: str, facts: Facts) -> Reading:
    found = facts.gates.get(of)
    name, state, stamp = (found.name, found.state, found.stamp) if found else (of, "not there", "")
    return Reading(key, f"{b.escape(name)} (`{of}`)", state in SETTLED, state, [state, stamp], "gate")


def _several(document: Document, part: AnyPart | AllPart, facts: Facts) -> Reading:
    parts = part.any if isinstance(part, AnyPart) else part.all
    inside = tuple(_read(document, one, facts) for one in parts)
    one_will_do = isinstance(part, AnyPart)
    holds = any(one.holds for one in inside) if one_will_do else all(one.holds for one in inside)
    says = (" or " if one_will_do else " and ").join(one.says for one in inside)
    stands = "; ".join(one.stands for one in inside)
    return Reading(key_of(part), says, holds, stands, {one.key: one.consumed for one in inside}, "several", inside)


def _needed(document: Document, part: GatePart, facts: Facts) -> Iterator[Reading]:
    """What the gate needs besides its criteria: other gates, tasks, phases."""
    for each in part.needs:
        name = each if isinstance(each, str) else ""
        if name in facts.gates:
            yield _needs_gate(name, facts)
        elif name in facts.begun:
            begun = facts.begun[name]
            stands = "begun" if begun else "not begun"
            yield Reading(f"needs-{name}", f"Phase {name} has begun", begun, stands, begun, "needs")
        else:
            yield _tasks(document, TasksPart(key=f"needs-{_written([each])}", tasks=(each,)), facts)


def _needs_gate(name: str, facts: Facts) -> Reading:
    """A gate that is needed holds this one until it passes, is waived, or somebody lifts the hold."""
    found = facts.gates[name]
    free = found.state in SETTLED or name not in facts.held_by
    stands = found.state if found.state in SETTLED or not free else f"{found.state}, and its hold was lifted"
    says = f"{b.escape(found.name)} (`{name}`)"
    return Reading(f"needs-{name}", says, free, stands, [free, found.state], "gate")


def _decisive(part: GatePart, facts: Facts) -> Iterator[Reading]:
    """An open blocker of the gravest severity, or a gate before it that has not passed, is a no-go, written or not."""
    gravest = facts.severities[-1] if facts.severities else ""
    asked = {one.severity for one in part.criteria if isinstance(one, NoBlockersPart)}
    if not asked & {gravest, ""}:
        yield _blockers("decision-blockers", gravest, facts)
    named = {one.gate for one in part.criteria if isinstance(one, GatePassedPart)} | set(task_sets.texts(part.needs))
    for name in facts.before:
        if name not in named:
            yield _gate(f"decision-{name}", name, facts)
