"""The clocks of an emergency, late and on time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callboard.emergencies import models
from callboard.emergencies.models import Emergency, Verb

BEGUN, TEN = datetime(2025, 11, 13, 9, 0, tzinfo=UTC), timedelta(minutes=10)


def commanded():
    emergency = Emergency(plan_id=1, level="1", name="Critical", what="x", declared_at=BEGUN)
    models.take(emergency, "commander", "olga", BEGUN, TEN, "commander")
    models.set_wake(emergency, TEN)
    return emergency


def looks(emergency, minutes):
    said = models.ask(emergency, TEN, BEGUN + timedelta(minutes=minutes))
    models.set_wake(emergency, TEN)
    return said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ((9, 10, 11, 14, 15, 16, 20), (None, Verb.ASKED, None, None, Verb.REMINDED, None, Verb.MISSED)),
        ((10, 20, 25, 30), (Verb.ASKED, Verb.MISSED, Verb.REMINDED, Verb.MISSED)),
        ((17, 18, 20), (Verb.ASKED, None, Verb.MISSED)),
        ((95, 96, 100), (Verb.MISSED, Verb.REMINDED, Verb.MISSED)),
    ],
)
def test_models_of_emergencies_ask_for_updates_once_however_late_somebody_looks(minutes, said):
    emergency = commanded()
    assert tuple(looks(emergency, minute) for minute in minutes) == said


def test_models_of_emergencies_begin_the_clock_of_updates_anew_with_each_update():
    emergency = commanded()
    assert emergency.wake_at == BEGUN + TEN
    looks(emergency, 15)
    models.update(emergency, "well", BEGUN + timedelta(minutes=16), TEN)
    models.set_wake(emergency, TEN)
    assert (emergency.wake_at, looks(emergency, 25), looks(emergency, 26)) == (
        BEGUN + timedelta(minutes=26), None, Verb.ASKED,
    )  # fmt: skip


def test_models_of_emergencies_run_over_once_and_wake_for_nothing_once_they_are_closed():
    emergency = commanded()
    emergency.resolve_at = BEGUN + timedelta(minutes=5)
    models.set_wake(emergency, TEN)
    assert emergency.wake_at == emergency.resolve_at
    assert [models.run_over(emergency, BEGUN + TEN) for _ in range(2)] == [True, False]
    models.close(emergency, models.State.ENDED, "olga", BEGUN + TEN, "done")
    models.set_wake(emergency, TEN)
    assert emergency.wake_at is None
