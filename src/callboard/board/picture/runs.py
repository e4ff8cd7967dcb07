"""Run-books and rollbacks as they stood, with their two clocks reckoned anew for the instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from callboard.board.picture.counts import Count, Row
from callboard.board.picture.parts import Run, Step
from callboard.board.picture.scene import Scene, instant
from callboard.board.picture.state import Columns
from callboard.core.rows import bare
from callboard.gates.models import SETTLED
from callboard.gates.plan.items import gates_of
from callboard.planfile.names import name_of
from callboard.runbooks import outline, projection
from callboard.runbooks.models import OVER, RunStep, StepState
from callboard.runbooks.plan.schedule import step_key
from callboard.runbooks.projection import Forecast

SHOWN = timedelta(hours=12)
"""How long a run that is over stays in sight."""
INSTANTS = ("not_before", "planned_at", "planned_until", "started_at", "ended_at")


def runs(scene: Scene) -> tuple[Run, ...]:
    """The runs under way, planned, or over since a short while; those under way first."""
    found = [
        _run(scene, number, columns)
        for number, columns in scene.rows("run") if columns.get("steps") and not _long_over(scene, columns)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda run: (run.state != "running", run.drill, run.zero or scene.at, run.number)))


def _long_over(scene: Scene, columns: Columns) -> bool:
    ended = instant(columns.get("ended_at"))
    return columns["state"] in OVER and (ended is None or ended + SHOWN <= scene.at)


def _run(scene: Scene, number: int, columns: Columns) -> Run:
    steps = [_row(int(place), values) for place, values in sorted(columns["steps"].items(), key=lambda kv: int(kv[0]))]
    begun, planned = instant(columns["begun_at"]), instant(columns["planned_at"])
    over = columns["state"] in OVER
    ended = instant(columns["ended_at"])
    gated = {} if over else _gated(scene, columns, steps)
    forecast = projection.forecast(steps, begun or planned or scene.at, ended or scene.at, gated)
    done = [step for step in steps if step.settled]
    waits = [step for step in projection.in_order(steps) if step.state == StepState.WAITING and not step.reserve]
    settled = {step.place for step in done}
    ready = [step for step in waits if all(place in settled for place in step.needs)]
    now = [step for step in steps if step.state in (StepState.RUNNING, StepState.FAILED) and not step.reserve]
    return Run(
        number=number, key=columns["key"], name=columns["name"], kind=str(columns["kind"]), state=str(columns["state"]),
        drill=columns["drill"], zero=begun or planned, begun=begun is not None, ended=ended,
        promised=instant(columns["promised_at"]), limit=instant(columns["limit_at"]), expected=ended or forecast.end,
        reserve=int(forecast.reserve.total_seconds()), reserve_used=int(forecast.used.total_seconds()),
        steps=Count(tuple(_counted(step, forecast) for step in steps)),
        done=Count(tuple(_counted(step, forecast) for step in done)),
        now=() if over else tuple(_step(scene, step, forecast) for step in now),
        next=() if over else tuple(_step(scene, step, forecast) for step in (ready or waits[:1])),
        blocked=tuple(map(scene.words, columns["blocked"])), held_by=_held(scene, columns["held"]),
    )  # fmt: skip


def _gated(scene: Scene, columns: Columns, steps: Sequence[RunStep]) -> dict[int, datetime]:
    """When the gates are due that steps wait for, by the places of these."""
    part = None if columns["drill"] else outline.runbooks(scene.document).get(columns["key"])
    awaited = {step_key(step): step.gate for step in part.steps if step.gate} if part else {}
    settled = {gate.get("key") for _, gate in scene.rows("gate") if gate.get("state") in SETTLED}
    due = {key: scene.placed(gate.due) for key, gate in gates_of(scene.document).items() if key not in settled}
    found = {step.place: due.get(awaited.get(step.key, "")) for step in steps}
    return {place: at for place, at in found.items() if at}


def _held(scene: Scene, by: str) -> str:
    return name_of(scene.document, by) if by else ""


def _row(place: int, values: Columns) -> RunStep:
    columns: dict[str, Any] = {**values, **{name: instant(values[name]) for name in INSTANTS}}
    return bare(RunStep, {**columns, "place": place}.items())


def _counted(step: RunStep, forecast: Forecast) -> Row:
    at = step.ended_at or forecast.spans[step.place].at
    return Row(kind="step", key=step.key, name=step.title, state=str(step.state), team=step.team, at=at)


def _step(scene: Scene, step: RunStep, forecast: Forecast) -> Step:
    span = forecast.spans[step.place]
    return Step(
        place=step.place, key=step.key, name=step.title, state=str(step.state), team=scene.team(step.team),
        leaders=tuple(scene.team(word) for word in step.leaders), begins=span.at, ends=span.until,
        planned=step.planned_at, planned_end=step.planned_until,
        late=span.until > step.planned_until + timedelta(minutes=1),
    )  # fmt: skip
