"""The two clocks of a run: whatever is delayed, steps come after what they need, and the reserve is eaten first."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.runbooks import models, projection
from callboard.runbooks.models import RunStep, StepState
from tests.world import at

DATABASES = ("sqlite",)
START = at("2025-11-15 14:00")
MINUTE = timedelta(minutes=1)


def step(place: int, minutes: int, needs: list[int], *, reserve: bool = False) -> RunStep:
    return RunStep(
        run_id=1, plan_id=1, place=place, key=f"s{place}", title=f"S{place}", needs=needs, takes=60 * minutes,
        reserve=reserve, planned_at=START, planned_until=START, expected_at=START, expected_until=START,
    )  # fmt: skip


def planned(steps: list[RunStep]) -> list[RunStep]:
    for each in steps:
        span = projection.baseline(steps, START)[each.place]
        each.planned_at, each.planned_until = each.expected_at, each.expected_until = span
    return steps


def line(*minutes: int, reserve: int = 0) -> list[RunStep]:
    """Steps one after the other; a reserve after the first."""
    lasts = [minutes[0], *([reserve] if reserve else []), *minutes[1:]]
    return planned([
        step(place, each, [place - 1] * (place > 1), reserve=bool(reserve) and place == 2)
        for place, each in enumerate(lasts, 1)
    ])  # fmt: skip


def delayed(steps: list[RunStep], place: int, minutes: int, now: datetime) -> None:
    found = projection.forecast(steps, START, now)
    for each in steps:
        each.expected_at, each.expected_until = found.spans[each.place]
    models.delay(steps[place - 1], now, minutes * MINUTE)


def test_the_projection_of_a_run_that_goes_as_planned_is_its_plan():
    steps = line(10, 20, 30, reserve=15)
    found = projection.forecast(steps, START, START)
    assert found.end == START + 75 * MINUTE
    assert (found.reserve, found.used) == (15 * MINUTE, timedelta())


@pytest.mark.parametrize(("minutes", "used", "moved"), [(11, 11, 0), (15, 15, 0), (40, 15, 25)])
def test_the_projection_gives_a_delay_to_the_reserve_first(minutes, used, moved):
    steps = line(10, 20, reserve=15)
    models.begin(steps[0], START)
    delayed(steps, 1, minutes, START)
    found = projection.forecast(steps, START, START)
    assert found.used == used * MINUTE
    assert found.end == START + (45 + moved) * MINUTE


def test_the_projection_never_lets_a_late_step_hold_up_what_does_not_need_it():
    steps = planned([step(1, 10, []), step(2, 60, [1]), step(3, 10, [1]), step(4, 5, [2, 3])])
    models.begin(steps[0], START)
    models.end(steps[0], StepState.DONE, START + 10 * MINUTE, "a")
    models.begin(steps[1], START + 10 * MINUTE)
    before = projection.forecast(steps, START, START + 10 * MINUTE)
    delayed(steps, 2, 45, START + 10 * MINUTE)
    after = projection.forecast(steps, START, START + 10 * MINUTE)
    assert after.spans[3] == before.spans[3]
    assert after.spans[4].at - before.spans[4].at == 45 * MINUTE


def test_the_projection_knows_the_last_moment_to_turn_back_once_a_step_has_begun_that_says_so():
    steps = line(10, 20)
    steps[0].plan = {"turn_back": 25 * 60}
    assert projection.turn_back(steps, START + 60 * MINUTE) is None
    models.begin(steps[0], START)
    found = projection.turn_back(steps, START + 60 * MINUTE)
    assert found == (steps[0], START + 35 * MINUTE)


MANY = st.lists(
    st.tuples(st.integers(0, 90), st.lists(st.integers(0, 11), max_size=3), st.booleans()), min_size=1, max_size=12
)


@settings(max_examples=150, deadline=None)
@given(MANY, st.lists(st.tuples(st.integers(0, 11), st.integers(1, 120)), max_size=6), st.integers(0, 200))
def test_the_projection_of_any_run_is_in_the_order_of_its_needs_and_never_before_now(shape, delays, minutes):
    steps = planned([
        step(n, takes, sorted({1 + need % n for need in needs if need % n + 1 < n}), reserve=reserve)
        for n, (takes, needs, reserve) in enumerate(shape, 1)
    ])  # fmt: skip
    now = START + minutes * MINUTE
    models.begin(steps[0], START)
    before = projection.forecast(steps, START, now)
    for number, span in delays:
        delayed(steps, 1 + number % len(steps), span, now)
    found = projection.forecast(steps, START, now)
    assert found.end >= before.end
    assert timedelta() <= found.used <= found.reserve
    for each in steps:
        own = found.spans[each.place]
        assert own.until >= own.at
        assert own.at >= before.spans[each.place].at or each.state != StepState.WAITING
        if each.state == StepState.WAITING:
            assert own.at >= max([now, *(found.spans[need].until for need in each.needs)])


def test_the_projection_knows_of_which_steps_nobody_can_say_when_they_begin():
    fixed = step(4, 5, [2])
    fixed.not_before = START
    steps = [step(1, 10, []), step(2, 0, [1]), step(3, 5, [2]), fixed, step(5, 5, [3]), step(6, 0, [4])]
    assert projection.open_ended(steps) == {3, 5}
    assert projection.open_ended([step(1, 10, []), step(2, 0, [1])]) == frozenset()
