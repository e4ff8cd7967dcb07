"""What `check` says about locks."""

from __future__ import annotations

import pytest

from tests.planfile.sample import GOOD, problems


def test_a_good_locks_section_of_the_plan_file_has_no_problems():
    assert problems(GOOD + 'locks: {expire_after: 8h, remind_at: "09:00"}\n', "locks") == []


@pytest.mark.parametrize(
    ("written", "degree", "said"),
    [
        ("{expire_after: 8}", "error", "expire_after: `8` is no duration: write 8m"),
        ("{expire_after: 1s}", "error", "that is too short to get anything done"),
        ('{remind_at: "25:00"}', "error", "is no time of day"),
        ('{remind_at: "04:00"}', "warning", "remind_at: 04:00 is outside working hours, 08:00-18:00"),
        ("{expires_after: 8h}", "error", "did you mean `expire_after`?"),
        ("8h", "error", "keys and values are meant here"),
    ],
)
def test_the_locks_section_of_the_plan_file_refuses_mistakes(written, degree, said):
    found = problems(f"{GOOD}locks: {written}\n", "locks")
    assert any(given == degree and said in sentence for given, sentence in found), found
