"""Every figure with definition, source, target and whether it is met; and its series over the days of the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from callboard.board.figures import days, values
from callboard.board.figures.cases import PHASE
from callboard.board.figures.history import History
from callboard.board.figures.states import States
from callboard.board.plan import VELOCITY as VELOCITY_SECTION
from callboard.core.db import Tx
from callboard.core.measures import Figure
from callboard.core.words import counted
from callboard.gates import criteria, store
from callboard.gates.criteria import computation
from callboard.gates.models import Measurement
from callboard.gates.plan.measures import COMPUTED, MEASURES, NEEDED, READINESS, Amount, MeasurePart, summed_up
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from callboard.tasks.models import State
from callboard.teams import service as teams

READY, VELOCITY = "readiness", "velocity"
NOT_REPORTED = "not reported yet"
SOURCE_OF_REPORTS = "reported with `/gate report` or by a program"


@dataclass(frozen=True)
class About:
    """What a figure is called, what it says, and from what it is counted."""

    name: str
    definition: str
    source: str


ABOUT: Mapping[str, About] = {
    "file_conflicts": About(
        "File conflicts", "Conflicts of branches that are open now: not accepted, not gone", "scans of branches"),
    "integration_failures": About(
        "Integration failures", "Points where teams meet that are blocked or failed now", "points of molecules"),
    "response_time": About(
        "Response time", "From when a blocker is raised until somebody takes it, hands it on or resolves it",
        "blockers on the timeline"),
    "resolution_time": About(
        "Resolution time", "From when a blocker is raised until it is resolved", "blockers on the timeline"),
    "decision_time": About(
        "Decision speed", "From when a complex or critical conflict is found until it is decided, gone or accepted",
        "conflicts on the timeline"),
    "synchronisation": About(
        "Teams in step", "Teams without an overdue task, of all teams", "tasks and the times of the plan"),
    "answer_rate": About(
        "Answers when asked", "Of those asked in the last 30 days, in standups and at checkpoints, who answered",
        "check-ins and questions on the timeline"),
    "standup_rate": About(
        "Standup answers", "Of those who were asked in the last 30 days, who reported; late counts, excused does not",
        "check-ins on the timeline"),
    "first_time_success": About(
        "First-time success", "Completed tasks and points that were never reopened or blocked, of all completed ones",
        "tasks on the timeline"),
    "tasks_completed": About(
        "Tasks completed", "Completed tasks of all tasks; dropped ones do not count", "tasks on the timeline"),
    "gates_on_time": About(
        "Gates on time", "Gates that were never late, of those that are due or passed", "gates on the timeline"),
    READY: About(
        "Readiness", "The average of its parts, each with its weight in the plan", "gates, tasks, blockers and risks"),
    VELOCITY: About(
        "Velocity", "Tasks completed in this week or day of the plan", "tasks on the timeline"),
}  # fmt: skip


@dataclass(frozen=True)
class Kpi:
    """One figure. `met` is None without a target, and while nobody can tell; `says` is what it was counted from."""

    key: str
    name: str
    definition: str
    source: str
    shown: str
    says: str
    target: str
    met: bool | None
    value: float | None
    unit: str


def table(tx: Tx, plan_id: int, history: History) -> list[Kpi]:
    """Every figure of a plan: those that Callboard computes, those that are reported, phases and velocity."""
    document = plans.live(tx, plan_id)
    measures = document.of(MEASURES) or {}
    own = [name for name in COMPUTED if name in measures or _computable(name, document.body)]
    computed = [
        _computed(tx, plan_id, name, measures.get(name) or MeasurePart(computed=True)) for name in own
        if name not in measures or measures[name].computed
    ]  # fmt: skip
    reported = {name: part for name, part in measures.items() if not part.computed}
    reports = store.measurements(tx, plan_id, reported) if reported else {}
    spoken_of = teams.directory(tx, plan_id).spoken_of
    return [
        *computed,
        *(_reported(name, part, reports.get(name), spoken_of) for name, part in reported.items()),
        *_phases(days.present(history)), *_velocity(history),
    ]  # fmt: skip


def _computable(name: str, body: Mapping[str, object]) -> bool:
    """Whether the plan has what a figure is counted from."""
    return bool(body.get(NEEDED.get(name, "people")))


def target_of(part: MeasurePart) -> str:
    """`at most 15m`; empty where the plan sets no bound."""
    bounds = (("at least", part.at_least), ("at most", part.at_most))
    return " and ".join(f"{word} {criteria.bound(limit, part.unit)}" for word, limit in bounds if limit)


def is_met(amount: Amount | None, part: MeasurePart) -> bool | None:
    if amount is None or not (part.at_least or part.at_most):
        return None
    return not criteria.shortfall(amount, part.at_least, part.at_most, part)


def _computed(tx: Tx, plan_id: int, name: str, part: MeasurePart) -> Kpi:
    figure, about = computation.figure(tx, plan_id, name, part), ABOUT[name]
    amount = summed_up(name, part, figure)
    definition = about.definition
    if isinstance(part.computed, str):
        definition = f"{definition}. Counts the {part.computed}"
    if name == READY:
        definition = f"{definition}: {_weights(part)}"
    return Kpi(
        name, part.name or about.name, definition, about.source, str(amount or "not measured yet"), figure.says,
        target_of(part), is_met(amount, part), amount.value if amount else None, COMPUTED[name],
    )  # fmt: skip


def _weights(part: MeasurePart) -> str:
    weights = part.weights or dict.fromkeys(READINESS, 1)
    return ", ".join(f"{word} {weight:g}" for word, weight in weights.items())


def _reported(
    name: str, part: MeasurePart, report: Measurement | None, spoken_of: Callable[[str], str]
) -> Kpi:  # fmt: skip
    amount = Amount(report.value, report.unit) if report else None
    definition = f"{part.name or name}, as it was last reported"
    return Kpi(
        name, part.name or name, definition, SOURCE_OF_REPORTS,
        criteria.shown(amount, part) if amount else NOT_REPORTED, f"by {spoken_of(report.by)}" if report else "",
        target_of(part), is_met(amount, part), amount.value if amount else None, amount.unit if amount else "",
    )  # fmt: skip


def _phases(states: States) -> Iterator[Kpi]:
    """How far each phase is; it is met when all is completed, and missed when its time is over before."""
    moments, standing = timetable(states.document), list(values.tasks_of(states))
    for key, part in (states.document.of(PHASES) or {}).items():
        own = [each for each in standing if each[1].phase == key and each[3] != State.DROPPED]
        end, done = instant_of(moments, part.to), sum(each[3] == State.COMPLETED for each in own)
        over = end is not None and end <= states.history.now
        percent = values.progress(own)
        name = part.name if part.name.lower().startswith("phase") else f"Phase {part.name}"
        if own:
            yield Kpi(
                f"{PHASE}{key}", name, f"Progress of the tasks of {part.name}", "tasks on the timeline",
                f"{percent}%", f"{done} of {len(own)} completed", "100% by its end",
                True if done == len(own) else False if over else None, float(percent), "%",
            )  # fmt: skip


def _velocity(history: History) -> Iterator[Kpi]:
    """The stretch that is now, or the last one; it is missed only when it is over."""
    begun = [span for span in days.velocity(history) if span.begin <= history.now]
    if begun and history.document.keys("tasks"):
        span, about, written = begun[-1], ABOUT[VELOCITY], history.document.of(VELOCITY_SECTION)
        per = written.per if written else "week"
        met = None if span.target is None else True if span.done >= span.target else False if span.over else None
        yield Kpi(
            VELOCITY, about.name, about.definition, about.source, counted(span.done, "task"),
            f"{per} {span.number} of the plan", f"at least {span.target}" if span.target is not None else "", met,
            float(span.done), "",
        )  # fmt: skip


def series(history: History, key: str) -> list[tuple[date, Amount | None]]:
    """A figure at the end of each day; None before the plan was applied, and before it was first reported."""
    part = (history.document.of(MEASURES) or {}).get(key) or MeasurePart(computed=key in COMPUTED)
    if key == VELOCITY:
        return [(history.day_of(span.begin), Amount(span.done)) for span in days.velocity(history)
                if span.begin < history.now]  # fmt: skip
    if key.startswith(PHASE):
        found = days.of_figure(history, partial(_progress, phase=key.removeprefix(PHASE)))
        return [(day, Amount(each[0], "%") if each else None) for day, each in found]
    if part.computed:
        value = partial(values.readiness, weights=part.weights) if key == READY else values.VALUES[key]
        return [(day, summed_up(key, part, Figure(each))) for day, each in days.of_figure(history, value)]
    at_ends = list(days.ends(history))
    every = days.at_each(history, [at for _, at in at_ends])
    return [(day.date, states.reports[key][0] if key in states.reports else None)
            for (day, _), states in zip(at_ends, every, strict=True)]  # fmt: skip


def _progress(states: States, _at: datetime, phase: str) -> values.Values:
    own = [each for each in values.tasks_of(states) if each[1].phase == phase and each[3] != State.DROPPED]
    return (float(values.progress(own)),)
