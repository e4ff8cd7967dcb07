"""The two clocks of a run, as pure arithmetic: when each step begins and ends, and what reserve is left.

Clock L is the wall's, up to the end that was promised. Clock T is the run's own: planned work and planned reserve. What
is late eats the reserve first; only what is left after that moves the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from callboard.runbooks.models import SETTLED, RunStep, StepState

NOTHING = timedelta()


class Span(NamedTuple):
    """From when until when something lasts."""

    at: datetime
    until: datetime


@dataclass(frozen=True)
class Forecast:
    """How a run goes on if nothing else happens; `spans` by the places of its steps."""

    spans: Mapping[int, Span]
    end: datetime
    reserve: timedelta
    used: timedelta


def forecast(
    steps: Sequence[RunStep], start: datetime, now: datetime, gated: Mapping[int, datetime] | None = None
) -> Forecast:
    """When each step begins and ends. Nothing that waits begins before `start` or before `now`.

    `gated` says by place when the gate is due that a step waits for: it is not expected to pass before.
    """
    spans: dict[int, Span] = {}
    for step in in_order(steps):
        ends = [spans[place].until for place in step.needs if place in spans]
        held = [gated[step.place]] if gated and step.place in gated else []
        spans[step.place] = _span(step, max([start, *ends, *held]), max(start, now))
    end = max((span.until for span in spans.values()), default=start)
    reserves = [step for step in steps if step.reserve]
    used = (_used(step, spans[step.place]) for step in reserves)
    return Forecast(spans, end, sum((_takes(step) for step in reserves), NOTHING), sum(used, NOTHING))


def baseline(steps: Sequence[RunStep], start: datetime) -> Mapping[int, Span]:
    """When each step is planned to begin and to end, as everything takes as long as planned."""
    spans: dict[int, Span] = {}
    for step in in_order(steps):
        at = max([start, *(spans[place].until for place in step.needs), *filter(None, [step.not_before])])
        spans[step.place] = Span(at, at + _takes(step))
    return spans


def in_order(steps: Iterable[RunStep]) -> list[RunStep]:
    """The steps, each after those that it waits for."""
    by_place, order = {step.place: step for step in steps}, dict[int, RunStep]()

    def add(step: RunStep) -> None:
        for place in step.needs:
            if place not in order and place in by_place:
                add(by_place[place])
        order.setdefault(step.place, step)

    for step in by_place.values():
        add(step)
    return list(order.values())


def open_ended(steps: Sequence[RunStep]) -> frozenset[int]:
    """The steps of which nobody can say when they begin: the plan does not say how long one before them lasts."""
    found: set[int] = set()
    lasts = {step.place for step in steps if step.takes or step.reserve}
    for step in in_order(steps):
        if not step.not_before and any(place not in lasts or place in found for place in step.needs):
            found.add(step.place)
    return frozenset(found)


def turn_back(steps: Sequence[RunStep], by: datetime) -> tuple[RunStep, datetime] | None:
    """The step that says how long the way back takes from here, and the last moment to take it, to be back `by` then.

    None before a step has begun that says so.
    """
    begun = [step for step in steps if step.started_at and step.plan.get("turn_back")]
    if not begun:
        return None
    last = max(begun, key=lambda step: step.started_at or by)
    return last, by - timedelta(seconds=last.plan["turn_back"])


def _span(step: RunStep, free: datetime, now: datetime) -> Span:
    """When a step begins and ends, where what it waits for has ended when it is `free`."""
    if step.state in SETTLED and step.ended_at:
        return Span(step.started_at or step.ended_at, step.ended_at)
    if step.state == StepState.WAITING or step.started_at is None:
        at = max([free, now, *filter(None, [step.not_before])])
        return Span(at, max(at, step.planned_until) if step.reserve else at + _takes(step))
    until = max(step.started_at, step.planned_until) if step.reserve else step.started_at + _takes(step)
    return Span(step.started_at, max(until + timedelta(seconds=step.extra), now))


def _takes(step: RunStep) -> timedelta:
    return timedelta(seconds=step.takes)


def _used(step: RunStep, span: Span) -> timedelta:
    """How much of a reserve is eaten by what was late before it."""
    return min(max(span.at - step.planned_at, NOTHING), _takes(step))
