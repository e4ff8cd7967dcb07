"""How long something is planned to take, and how long it took."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.core.words import exact, lasted


@pytest.mark.parametrize(
    ("seconds", "planned", "took"),
    [
        (0, "a moment", "a moment"), (45, "45 s", "45 s"), (90, "1 min 30 s", "1 min"), (3600, "1 h", "1 h"),
        (93_720, "1 d 2 h 2 min", "1 d 2 h"),
    ],
)  # fmt: skip
def test_words_of_what_is_planned_leave_nothing_out_and_those_of_what_took_long_have_two_units(seconds, planned, took):
    assert (exact(timedelta(seconds=seconds)), lasted(timedelta(seconds=seconds))) == (planned, took)
