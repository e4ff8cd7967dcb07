"""The score, from a handful of forecasts that can be checked by hand."""

from __future__ import annotations

from datetime import timedelta

from callboard.forecast.messages import kept
from callboard.forecast.models import Forecast
from callboard.forecast.score import ENOUGH, score
from tests.world import MORNING

HOUR = timedelta(hours=1)


def case(chance, over, *, late=8, pace=None):
    """Due in four hours; over after so many, or not yet."""
    return Forecast(
        plan_id=1, kind="gate", key="g", at=MORNING, due_at=MORNING + 4 * HOUR, chance=chance,
        early_at=MORNING + HOUR, late_at=MORNING + late * HOUR, judged_at=MORNING + 4 * HOUR,
        over_at=None if over is None else MORNING + over * HOUR,
        pace_at=None if pace is None else MORNING + pace * HOUR,
    )  # fmt: skip


def test_score_compares_chances_with_what_came():
    found = score([case(0.8, 2, pace=3), case(0.6, 6, pace=2), case(0.9, 0.5), case(0.3, None, late=3)])
    assert (found.cases, found.came) == (4, 2)
    assert round(found.said, 2) == 0.65
    assert round(found.brier, 4) == round((0.2**2 + 0.6**2 + 0.1**2 + 0.3**2) / 4, 4)
    assert found.pace == (0 + 1 + 0.25 + 0.25) / 4, "where the line says nothing, the odds are even"
    assert found.hope == 0.5


def test_score_of_intervals_knows_what_nobody_can_tell_yet():
    inside, early, late, open_one = case(0.8, 2), case(0.8, 0.5), case(0.5, 9), case(0.5, None)
    found = score([inside, early, late, open_one, case(0.2, None, late=3)])
    assert (found.held, found.known) == (1, 4), "missed and not over by the end of the interval is outside of it"


def test_score_says_from_how_many_gates_on_it_says_something():
    assert not score([case(0.8, 2)] * (ENOUGH - 1)).enough
    assert score([case(0.8, 2)] * ENOUGH).enough


def test_messages_say_how_often_what_was_said_to_be_as_likely_came_true():
    past = [case(0.8, 2)] * 33 + [case(0.75, 6)] * 8 + [case(0.3, 9)] * 9
    assert kept(past, 0.82) == "Of 41 gates to which we gave about 82%, 33 were in time."
    assert kept(past, 0.3) == kept(past) == "Our 80% intervals held 41 of 50 times.", "nine such cases tell too little"
    assert "not enough data yet. 9 of 10 gates with a forecast are over" in kept(past[:9], 0.8)
