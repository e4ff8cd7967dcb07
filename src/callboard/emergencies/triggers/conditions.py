"""What is so in a plan now, as far as its triggers ask: measures over their limits, late tasks, deadlines at risk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from callboard.blocks import markup as m
from callboard.core import ticks
from callboard.core.db import Tx
from callboard.core.words import counted, few, is_are
from callboard.emergencies.triggers import consequences, store
from callboard.emergencies.triggers.models import Cause, Trigger
from callboard.gates import store as gates
from callboard.gates.criteria import computation, shortfall, shown
from callboard.gates.models import State
from callboard.gates.plan.items import gates_of
from callboard.gates.plan.measures import MEASURES, Amount, MeasurePart, summed_up
from callboard.gates.plan.types import tasks_in
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.tasks.models import Task, is_overdue, settled
from callboard.teams import service as teams

MEASURED = ("measure", "performance", "security")
LATE, RISK = "late tasks", "timeline"
STANDING = (*MEASURED, LATE, RISK)
"""The events that are so for a while; whatever else there is happens in a moment."""
WATCH, BEFORE = "triggers", "triggers before"
FEW = 3


class Found(NamedTuple):
    """What is so, by cause; `unknown`: nobody can tell yet. At `changes_at` time alone may change it."""

    causes: Mapping[str, Cause]
    unknown: frozenset[str]
    changes_at: datetime | None


def nudge(tx: Tx, plan_ids: Sequence[int]) -> None:
    """Look at plans again at the next tick."""
    for plan_id in dict.fromkeys(plan_ids):
        ticks.keep(tx, plan_id, WATCH)


def look(tx: Tx, plan_id: int, _since: datetime) -> datetime | None:
    """Fire what has become so, end what is not so any more; when to look next."""
    coming: list[datetime] = []
    directory = teams.directory(tx, plan_id)
    if directory.is_over(tx.now):
        return None
    triggers = _standing(tx, plan_id)
    standing = store.standing(tx, plan_id, [trigger.key for trigger in triggers])
    measured = [trigger for trigger in triggers if trigger.part.on in MEASURED]
    gates.measurements(tx, plan_id, (name for trigger in measured for name in _names(tx, plan_id, trigger)))
    for trigger in triggers:
        found, known = _found(tx, plan_id, trigger), standing[trigger.key]
        for key in known.keys() - found.causes.keys() - found.unknown:
            consequences.end(tx, known[key], _over(tx, plan_id, trigger, key))
        consequences.start(tx, directory, trigger, [found.causes[key] for key in found.causes if key not in known])
        coming += [found.changes_at] if found.changes_at else []
    return min(coming, default=None)


def remember(tx: Tx, plan_id: int) -> None:
    """The plan is about to change: keep in mind which triggers it has."""
    tx.local[BEFORE, plan_id] = frozenset(trigger.key for trigger in store.triggers(tx, plan_id))


def before(tx: Tx, plan_id: int) -> frozenset[str]:
    """The triggers that the plan had before it changed in this transaction."""
    found: frozenset[str] = tx.local.get((BEFORE, plan_id), frozenset())
    return found


def learn(tx: Tx, plan_id: int) -> None:
    """What is so, or not known yet, when a trigger comes into the plan is not news."""
    for trigger in _standing(tx, plan_id):
        if trigger.key not in before(tx, plan_id):
            found = _found(tx, plan_id, trigger)
            unknown = [Cause(plan_id=plan_id, on=trigger.part.on, key=key, subject=key, said="Not measured yet.",
                             stands=True) for key in sorted(found.unknown)]  # fmt: skip
            keep_quiet(tx, trigger, [*found.causes.values(), *unknown])


def keep_quiet(tx: Tx, trigger: Trigger, causes: Sequence[Cause]) -> None:
    """Note that this is so, and tell nobody."""
    for cause in causes:
        store.begin(tx, trigger, cause, quiet=True)


def is_asked(tx: Tx, plan_id: int) -> bool:
    """Whether the plan has a trigger on anything that is so for a while."""
    return bool(_standing(tx, plan_id))


def _standing(tx: Tx, plan_id: int) -> list[Trigger]:
    return [trigger for trigger in store.triggers(tx, plan_id) if trigger.part.on in STANDING]


def _over(tx: Tx, plan_id: int, trigger: Trigger, key: str) -> str:
    if trigger.part.on not in MEASURED:
        return "Not so many tasks are late any more." if trigger.part.on == LATE else "It is not at risk any more."
    name = key.removeprefix("measure:")
    measure = (plans.live(tx, plan_id).of(MEASURES) or {}).get(name)
    return f"{m.escape((measure and measure.name) or name)} is within its limit again."


def _found(tx: Tx, plan_id: int, trigger: Trigger) -> Found:
    if trigger.part.on in MEASURED:
        return _measured(tx, plan_id, trigger)
    rows = tasks.seen(tx, plan_id)
    late = [task for task in rows if is_overdue(task, tx.now)]
    causes = _late(plan_id, trigger, late) if trigger.part.on == LATE else _at_risk(tx, plan_id, rows, late)
    coming = (task.due_at for task in rows if task.due_at and task.due_at > tx.now and not settled(task))
    return Found({cause.key: cause for cause in causes}, frozenset(), min(coming, default=None))


def _names(tx: Tx, plan_id: int, trigger: Trigger) -> list[str]:
    """The measures that a trigger watches: the one that it names, or those that concern what it is on."""
    if trigger.part.on == "measure":
        return [trigger.part.measure]
    measures = plans.live(tx, plan_id).of(MEASURES) or {}
    return [name for name, measure in measures.items() if measure.concerns == trigger.part.on]


def _measured(tx: Tx, plan_id: int, trigger: Trigger) -> Found:
    part, measures, names = trigger.part, plans.live(tx, plan_id).of(MEASURES) or {}, _names(tx, plan_id, trigger)
    figures = computation.figures(tx, plan_id, names)
    reports = gates.measurements(tx, plan_id, names)
    causes, unknown = dict[str, Cause](), set[str]()
    for name in (name for name in names if name in measures):
        measure, key = measures[name], f"measure:{name}"
        if measure.computed:
            amount, says = summed_up(name, measure, figures[name]), figures[name].says
            unknown |= {key} if amount is None else set()
        else:
            report = reports.get(name)
            amount, says = (Amount(report.value, report.unit), "") if report else (None, "")
        if amount is not None and (over := _beyond(trigger, measure, amount)):
            about = f" ({m.escape(says)})" if says else ""
            called = m.escape(measure.name or name)
            said = f"{called}: {shown(amount, measure)}{about}, {over}."
            causes[key] = Cause(plan_id=plan_id, on=part.on, key=key, subject=called, said=said, stands=True)
    changes = (figure.changes_at for figure in figures.values() if figure.changes_at)
    return Found(causes, frozenset(unknown), min(changes, default=None))


def _beyond(trigger: Trigger, measure: MeasurePart, amount: Amount) -> str:
    """By how much an amount is beyond the limit of a trigger, or else of the measure; empty where it is not."""
    part = trigger.part
    if part.above or part.below:
        return shortfall(amount, part.below, part.above, measure)
    return shortfall(amount, measure.at_least, measure.at_most, measure)


def _late(plan_id: int, trigger: Trigger, late: Sequence[Task]) -> Iterator[Cause]:
    limit = trigger.part.above.value if trigger.part.above else 0
    if len(late) > limit:
        keys = [m.escape(task.key) for task in late]
        said = f"{counted(len(late), 'task')} {is_are(keys)} late, more than {limit:g}: {few(keys, FEW)}."
        yield Cause(plan_id=plan_id, on=LATE, key=LATE, subject="late tasks", said=said, stands=True)


def _at_risk(tx: Tx, plan_id: int, rows: Sequence[Task], late: Sequence[Task]) -> Iterator[Cause]:
    """Gates that were missed or whose tasks are late; then late tasks that other tasks need."""
    document, parts = plans.live(tx, plan_id), gates_of(plans.live(tx, plan_id))
    named = set[str]()
    for gate in gates.listed(tx, plan_id):
        part = parts.get(gate.key)
        if gate.settled or part is None:
            continue
        own = tasks_in(document, part.criteria, part.needs)
        keys = [task.key for task in late if task.key in own]
        named.update(keys)
        if (gate.state == State.FAILED and not gate.cause) or keys:
            called, why = m.escape(gate.name), f" Late: {few(list(map(m.escape, keys)), FEW)}." if keys else ""
            due = m.date(gate.due_at, "both") if gate.due_at else ""
            if gate.state != State.FAILED:
                said = f"{called}{f', due {due},' if due else ''} is at risk.{why}"
            elif gate.decision:
                said = f"{called} is NO-GO{f', and was due {due}' if due else ''}.{why}"
            else:
                said = f"{called} is overdue{f' since {due}' if due else ''}.{why}"
            yield Cause(plan_id=plan_id, on=RISK, key=f"gate:{gate.key}", subject=called, said=said, stands=True)
    for task in late:
        waiting = [other.key for other in rows if task.key in other.needs and not settled(other)]
        if task.key not in named and waiting:
            who, need = few(list(map(m.escape, waiting)), FEW), "needs" if len(waiting) == 1 else "need"
            said = f"{m.escape(task.key)} is late, and {who} {need} it."
            yield Cause(plan_id=plan_id, on=RISK, key=f"task:{task.key}", subject=m.escape(task.key), said=said,
                        team=task.team or None, stands=True)  # fmt: skip


due = ticks.watch(WATCH, look)
