"""What is read of forecasts: all gates, one of them, one that fell, and how right they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import counted, few, few_lines, joined
from callboard.forecast.engine.network import GATE
from callboard.forecast.models import Course, Forecast
from callboard.forecast.score import ENOUGH, Score, alike, came, score
from callboard.forecast.survey.work import Ground
from callboard.gates.models import BETWEEN
from callboard.planfile.names import name_of
from callboard.planfile.sections import Document
from callboard.plans import service as plans
from callboard.tasks.plan import TASKS

MOST, DECIDING, FEW, LEAST = 20, 4, 2, 0.1
GOOD, FAIR = 0.8, 0.5
NOT_YET = "I am working out the first forecast of this plan. Ask again in a minute: `/plan forecast`"
NOTHING = "Nothing to forecast: every gate has passed, and every task is done."
FRESH = "A fresh one is on its way: ask again in a minute."
NOT_ENOUGH = "How right we are: not enough data yet. {} of {} gates with a forecast are over."
ALL_SEE = "What decides one, and what would help: `/plan forecast {}` · How right we were: `/plan forecast score`"
ALL_ESTIMATED, GUESSED = "All open tasks have an estimate.", "{} of {} have no estimate. I guess {}."
GUESSES = {
    Ground.DONE: "them from such tasks that are done", Ground.ESTIMATES: "them from the estimates of the others",
    Ground.ROOM: "that they fit into their time",
}  # fmt: skip


def percent(share: float) -> str:
    """`72%`; never 0 or 100, since nobody knows that."""
    return f"{min(max(round(share * 100), 1), 99)}%"


def light(chance: float | None) -> str:
    if chance is None:
        return ":white_circle:"
    if chance >= GOOD:
        return ":large_green_circle:"
    return ":large_yellow_circle:" if chance >= FAIR else ":red_circle:"


def listed(tx: Tx, course: Course, rows: Sequence[Forecast], past: Sequence[Forecast], *, stale: bool) -> Message:
    """Every gate and phase with its chance and dates; `past` are the forecasts of gates that are over."""
    document = plans.live(tx, course.plan_id)
    gates = [row for row in rows if row.kind == GATE and BETWEEN not in row.key]
    phases = [row for row in rows if row.kind != GATE]
    parts = [b.section(_head(tx, course, rows[0].at))]
    for title, some in (("Gates", gates), ("Phases", phases)):
        if some:
            lines = few_lines([f"{light(row.chance)} {line(document, row)}" for row in some], MOST)
            parts.append(b.section(m.clip("\n".join([m.bold(title), *lines]), fit.PARAGRAPH)))
    see = ALL_SEE.format((gates or phases)[0].key)
    parts.append(b.context(" · ".join([*([FRESH] if stale else []), kept(past), see])))
    return Message(f"Forecast of {m.escape(plans.plan(tx, course.plan_id).name)}", parts)


def _head(tx: Tx, course: Course, at: datetime) -> str:
    name = m.escape(plans.plan(tx, course.plan_id).name)
    return " ".join([f"{m.bold(f'Forecast of {name}')}, from {m.date(at, 'both')}.", *_rests_on(course)])


def _rests_on(course: Course) -> Iterator[str]:
    """What it was reckoned from."""
    if course.guessed:
        yield GUESSED.format(course.guessed, counted(course.open_tasks, "open task"), _guess(course))
    elif course.open_tasks:
        yield ALL_ESTIMATED
    slipped, longer = course.history.get("slipped"), f"work to take {course.slip:.1f} times its estimate"
    if course.seen:
        yield f"So far work takes {course.slip:.1f} times its estimate."
    elif course.guessed < course.open_tasks:
        yield f"As in {_before(slipped)}, I expect {longer}." if slipped else f"I expect {longer}, as is usual."


def _guess(course: Course) -> str:
    if course.ground != Ground.HISTORY:
        return GUESSES[Ground(course.ground)]
    return f"them from {counted(course.history['tasks'], 'task')} of {_before(course.history['plans'])}"


def _before(plans: int) -> str:
    return "a plan that is over" if plans == 1 else f"{plans} plans that are over"


def line(document: Document, row: Forecast) -> str:
    """`*Gate 1*: 72% by Thu 17:00. Half of the runs are over by ..., 85% by ...`."""
    name = m.bold(m.escape(name_of(document, row.key)))
    return f"{name}: {_chance(row)}50% by {_at(row.middle_at)}, 85% by {_at(row.often_at)}"


def short(row: Forecast) -> str:
    """`72% in time, 85% by ...`; of what is overdue only when it is likely over."""
    chance = "" if row.due_at and row.due_at <= row.at else f"{percent(row.chance or 0.0)} in time, "
    return f"{chance}85% by {_at(row.often_at)}"


def _chance(row: Forecast) -> str:
    if row.chance is None or row.due_at is None:
        return ""
    if row.due_at <= row.at:
        return f"was due {m.date(row.due_at, 'both')}. "
    return f"{m.bold(percent(row.chance))} by {m.date(row.due_at, 'both')}, when it is due. "


def _at(at: datetime | None) -> str:
    return m.date(at, "both") if at else "later than in five years"


def kept(past: Sequence[Forecast], chance: float | None = None) -> str:
    """How often such forecasts came true; with a chance, those that said about the same, where there are enough."""
    near = alike(past, chance) if chance is not None else ()
    if len(near) >= ENOUGH:
        about, right = percent(chance or 0.0), sum(map(came, near))
        return f"Of {len(near)} gates to which we gave about {about}, {right} were in time."
    found = score(past)
    if not found.enough:
        return NOT_ENOUGH.format(found.cases, ENOUGH)
    return f"Our 80% intervals held {found.held} of {counted(found.known, 'time')}."


def one(tx: Tx, course: Course, row: Forecast, past: Sequence[Forecast], *, stale: bool) -> Message:
    """One gate: its chance, its dates, what decides it and what would help."""
    document = plans.live(tx, course.plan_id)
    parts = [b.section(f"{light(row.chance)} {line(document, row)}.")]
    span = f"In 8 of 10 runs it is over between {_at(row.early_at)} and {_at(row.late_at)}."
    parts.append(b.section("\n".join([span, *_why(document, row)])))
    fresh = f" {FRESH}" if stale else ""
    parts.append(b.context(f"{kept(past, row.chance)} · From {m.date(row.at, 'both')}.{fresh}"))
    return Message(f"Forecast of {m.escape(name_of(document, row.key))}", parts)


def _why(document: Document, row: Forecast) -> Iterator[str]:
    deciding = [f"{_named(document, key)} ({percent(share)})" for key, share in row.paths if share >= LEAST]
    if deciding:
        yield f"{m.bold('What decides it')}, and in how many runs: {joined(deciding[:DECIDING])}."
    else:
        yield "No task decides it: only answers and signatures are open."
    if row.helps:
        yield m.bold("What would help")
        yield from (f"• {_help(document, row.chance or 0.0, each)}" for each in row.helps)
    elif row.chance is not None and row.due_at is not None and row.due_at > row.at and row.chance < GOOD:
        yield "No single task and no one person more makes it much likelier."


def _help(document: Document, chance: float, each: Mapping[str, object]) -> str:
    gain = float(str(each["gain"]))
    then = f"{percent(chance + gain)} instead of {percent(chance)}"
    if each["team"]:
        return f"One person more on {m.escape(name_of(document, str(each['team'])))}: {then}"
    return f"{_named(document, str(each['task']))} done at once: {then}"


def _named(document: Document, key: str) -> str:
    task = (document.of(TASKS) or {}).get(key)
    return m.escape(f"{key} ({task.title})" if task else name_of(document, key))


def fell(document: Document, rows: Sequence[tuple[Forecast, float]]) -> Message:
    """Gates that have become much less likely since it was last said."""
    lines = []
    for row, before in rows:
        deciding = [_named(document, key) for key, share in row.paths if share >= LEAST][:FEW]
        why = f" Mostly because of {joined(deciding)}." if deciding else ""
        name, due = m.bold(m.escape(name_of(document, row.key))), m.date(row.due_at, "both") if row.due_at else ""
        lines.append(
            f"{light(row.chance)} {name}: {percent(row.chance or 0.0)} by {due}, before {percent(before)}. "
            f"85% by {_at(row.often_at)}.{why}"
        )
    names = few([m.escape(name_of(document, row.key)) for row, _ in rows], FEW)
    text = f"Less likely in time: {names}"
    see = b.context(f"What would help: `/plan forecast {rows[0][0].key}`")
    return Message(text, [b.section("\n".join([m.bold(text), *few_lines(lines, 5)])), see])


def scored(found: Score) -> Message:
    if not found.enough:
        return Message(NOT_ENOUGH.format(found.cases, ENOUGH))
    lines = [
        f"We said {percent(found.said)} on average. {found.came} of {found.cases} gates were in time.",
        f"Our 80% intervals held {found.held} of {counted(found.known, 'time')}.",
        f"Mean squared error of our chances, lower is better: {found.brier:.2f}.",
        f"By the pace of the week: {found.pace:.2f}. “It will be on time”: {found.hope:.2f}.",
    ]
    return Message("How right forecasts were", [b.section("\n".join([m.bold("How right forecasts were"), *lines]))])
