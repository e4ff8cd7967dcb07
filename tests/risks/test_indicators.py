"""When an indicator trips: whoever watches is told of each time it becomes so, once, and of none too few."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from callboard.risks import models
from callboard.risks.models import Reading, Risk
from tests.world import MORNING

HOUR = timedelta(hours=1)
STATES = st.sampled_from([True, False, None])
HOURS = st.lists(st.dictionaries(st.sampled_from("abc"), STATES), max_size=12)


@given(HOURS)
def test_indicators_trip_once_for_each_time_that_they_become_so(hours):
    risk, told, quiet = Risk(plan_id=1, key="x"), [], []
    for number, states in enumerate(hours):
        readings = {name: Reading(state, f"{name} at {number}") for name, state in states.items()}
        moved = models.look(risk, readings, MORNING + number * HOUR)
        told += [(number, name) for name in moved.fresh]
        quiet += [(number, name) for name in moved.quiet]
        assert risk.trips == len({when for when, _ in told})
    for name in "abc":
        so, rises, falls = False, [], []
        for number, states in enumerate(hours):
            now = so if name in states and states[name] is None else bool(states.get(name))
            rises += [(number, name)] if now and not so else []
            falls += [(number, name)] if so and not now else []
            so = now
        assert [each for each in told if each[1] == name] == rises
        assert [each for each in quiet if each[1] == name] == falls
        assert (name in risk.tripped) == so


@given(HOURS)
def test_indicators_that_are_read_again_in_the_same_hour_trip_nothing_more(hours):
    risk = Risk(plan_id=1, key="x")
    for states in hours:
        readings = {name: Reading(state, name) for name, state in states.items()}
        models.look(risk, readings, MORNING)
        before = dict(risk.tripped)
        assert models.look(risk, readings, MORNING + HOUR) == models.Moved((), ())
        assert risk.tripped == before
