"""What each phase and the whole plan are to reach, and whether they have: nobody needs to write that down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard.blocks import markup as m
from callboard.board.figures import days, history, values
from callboard.board.figures.history import History
from callboard.board.figures.kpis import Kpi
from callboard.board.figures.states import GateState, States
from callboard.board.figures.values import Standing
from callboard.conflicts.models import WAVE, Degree
from callboard.core.db import Tx
from callboard.core.words import counted
from callboard.gates.models import SETTLED
from callboard.gates.plan.measures import MEASURES
from callboard.planfile.timetable import instant_of, span_of, timetable
from callboard.plans.plan import PHASES
from callboard.tasks.models import State

WHOLE = ""
MARKS = {True: ":white_check_mark:", False: ":warning:", None: "•"}


@dataclass(frozen=True)
class Goal:
    """Something to reach: by a phase, or by the `WHOLE` plan. `met` is None while it is open."""

    phase: str
    what: str
    stands: str
    met: bool | None


def goals(history: History, figures: Sequence[Kpi]) -> list[Goal]:
    """Those of each phase in turn, then those of the whole plan."""
    states, moments = days.present(history), timetable(history.document)
    found: list[Goal] = []
    for key, part in (history.document.of(PHASES) or {}).items():
        if span := span_of(moments, part.from_, part.to):
            found += _phase(history, states, key, part.name, span)
    return [*found, *_whole(history, states, figures)]


def of_phases(tx: Tx, plan_id: int, keys: Sequence[str]) -> list[str]:
    """How some phases went, in lines of markup: what each was to reach, and its blockers."""
    past = history.read(tx, plan_id)
    states, moments, phases = days.present(past), timetable(past.document), past.document.of(PHASES) or {}
    lines = []
    for key in (key for key in keys if key in phases):
        if span := span_of(moments, phases[key].from_, phases[key].to):
            said = [f"{MARKS[goal.met]} {goal.what}: {goal.stands}" for goal in _phase(past, states, key, "", span)]
            every = [*said, *_answered(states, (span[0], min(span[1], past.now)))]
            lines += [m.bold(m.escape(phases[key].name)), *every] if len(keys) > 1 and every else every
    return lines


def _answered(states: States, window: tuple[datetime, datetime]) -> Iterator[str]:
    raised = [row for row in values.real_blockers(states) if window[0] <= row.opened_at <= window[1]]
    spans = {
        "answered": [row.answered_at - row.opened_at for row in raised if row.answered_at],
        "resolved": [row.closed_at - row.opened_at for row in raised if row.closed_at],
    }
    usual = values.usual(spans, len(raised))
    if raised:
        yield f"{MARKS[None]} Blockers: {len(raised)}{f', {usual}' if usual else ''}"


def _phase(
    history: History, states: States, key: str, name: str, window: tuple[datetime, datetime]
) -> Iterator[Goal]:  # fmt: skip
    begin, end = window
    own = [each for each in values.tasks_of(states) if each[1].phase == key and each[3] != State.DROPPED]
    if own:
        yield Goal(name, "All tasks completed on schedule", *_tasks(history, own, end))
    points = [stands for task, _, stands in values.points(states) if task in {each[0] for each in own}]
    if points:
        done = points.count(State.COMPLETED)
        yield Goal(name, "All integration points validated", f"{done} of {len(points)}",
                   _judged(done == len(points), over=end <= history.now))  # fmt: skip
    gates = [(row, due) for _, _, row, due in values.gates_now(states) if due and begin <= due <= end]
    if gates:
        yield _gates(history, name, gates)
    if history.document.body.get("repositories") and begin <= history.now:
        met = sum(
            begin <= row.found_at <= end and row.kind != WAVE and row.degree != Degree.SIMPLE  # git merges that
            for row in states.conflicts.values()
        )
        yield Goal(
            name,
            "No file conflict that git can't merge",
            f"{met} found",
            False if met else True if end <= history.now else None,
        )


def _tasks(history: History, own: Sequence[Standing], end: datetime) -> tuple[str, bool | None]:
    """By its own time, or by the end of the phase where it has none."""
    moments, late = timetable(history.document), 0
    done = [each for each in own if each[3] == State.COMPLETED]
    for _, part, row, status in own:
        until = instant_of(moments, part.due) or end
        at = row.completed_at if status == State.COMPLETED else history.now
        late += at is not None and at > until
    return (f"{len(done)} of {len(own)} completed{f', {late} late' if late else ''}",
            False if late else True if len(done) == len(own) else None)  # fmt: skip


def _judged(good: bool, *, over: bool) -> bool | None:  # noqa: FBT001 - what it is asked about
    return True if good else False if over else None


def _gates(history: History, phase: str, gates: Sequence[tuple[GateState, datetime | None]]) -> Goal:
    passed = sum(row.state in SETTLED and row.missed_at is None for row, _ in gates)
    late = sum(row.missed_at is not None or (row.state not in SETTLED and due is not None and due <= history.now)
               for row, due in gates)  # fmt: skip
    stands = f"{passed} of {len(gates)} passed in time{f', {late} late' if late else ''}"
    what = f"All {len(gates)} gates passed on schedule" if len(gates) > 1 else "Its gate passed on schedule"
    return Goal(phase, what, stands, False if late else True if passed == len(gates) else None)


def _whole(history: History, states: States, figures: Sequence[Kpi]) -> Iterator[Goal]:
    gates = [(row, due) for _, _, row, due in values.gates_now(states)]
    if gates:
        yield _gates(history, WHOLE, gates)
    yield from _decisions(history, states)
    phases = [kpi for kpi in figures if kpi.key.startswith("phase:")]
    if phases:
        done, missed = (sum(kpi.met is state for kpi in phases) for state in (True, False))
        stands = f"{done} of {len(phases)}{f', {missed} late' if missed else ''}"
        met = False if missed else True if done == len(phases) else None
        yield Goal(WHOLE, "Every phase completed by its end", stands, met)
    part = (history.document.of(MEASURES) or {}).get("response_time")
    if part and part.at_most:
        spans = values.response_time(states, history.now) if states.blockers else ()
        slow = sum(span > part.at_most.value for span in spans)
        stands = f"{slow} of {counted(len(spans), 'blocker')} did"
        yield Goal(WHOLE, f"No blocker waits longer than {part.at_most}", stands, not slow)
    judged = [kpi for kpi in figures if kpi.met is not None and kpi.target]
    if judged:
        good = sum(kpi.met is True for kpi in judged)
        yield Goal(WHOLE, "Every figure within its target", f"{good} of {len(judged)}", good == len(judged))


def _decisions(history: History, states: States) -> Iterator[Goal]:
    for _, part, row, due in values.gates_now(states):
        if part.decision:
            good = row.settled_at is not None and (due is None or row.settled_at <= due) and row.missed_at is None
            over = row.settled_at is not None or row.missed_at is not None or bool(due and due <= history.now)
            yield Goal(WHOLE, f"{part.name} in time", row.state, _judged(good, over=over))
