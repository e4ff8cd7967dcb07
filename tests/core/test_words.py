"""How long something is planned to take, and how long it took."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.core.words import exact, lasted, lines_of, says_none


@pytest.mark.parametrize(
    ("seconds", "planned", "took"),
    [
        (0, "a moment", "a moment"), (45, "45 s", "45 s"), (90, "1 min 30 s", "1 min"), (3600, "1 h", "1 h"),
        (93_720, "1 d 2 h 2 min", "1 d 2 h"),
    ],
)  # fmt: skip
def test_words_of_what_is_planned_leave_nothing_out_and_those_of_what_took_long_have_two_units(seconds, planned, took):
    assert (exact(timedelta(seconds=seconds)), lasted(timedelta(seconds=seconds))) == (planned, took)


@pytest.mark.parametrize(
    "text",
    [
        "none", "No.", "- ", "n/a", "Nothing to report", "no blockers today", "none :tada:", "no, thanks", "all clear",
        "not yet", "none that I know of", "No blockers on my side", "keine", "нет", "なし", ":white_check_mark:",
    ],
)  # fmt: skip
def test_words_that_say_that_there_is_nothing_are_known(text):
    assert says_none(text)


@pytest.mark.parametrize(
    "text",
    [
        "no access to staging", "nothing works", "not ready", "no answer from legal yet", "all tests fail", "need help",
        "No go", "nobody answers", "none of the pods start", "OK from Sigma is missing", "blocked",
    ],
)  # fmt: skip
def test_words_that_say_what_is_wrong_are_no_nothing(text):
    assert not says_none(text)


def test_words_of_a_list_are_its_lines_without_bullets_and_without_nothing():
    assert lines_of("- Ship it\n2) none\n\n• No blockers today\n* nothing works") == ["Ship it", "nothing works"]
