"""Several numbers in one line."""

from __future__ import annotations

import pytest

from callboard.slack.number_lists import read_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6", ((6,), "")),
        ("#6", ((6,), "")),
        ("6,7,8", ((6, 7, 8), "")),
        ("6, 7, and 8", ((6, 7, 8), "")),
        ("6 7 and 8", ((6, 7, 8), "")),
        ("#6 #7", ((6, 7), "")),
        ("6 &amp; 7", ((6, 7), "")),
        ("6-8", ((6, 7, 8), "")),
        ("8 - 6, 6", ((6, 7, 8), "")),
        ("blockers 6 and 7", ((6, 7), "")),
        ("one", ((1,), "")),
        ("one, two", ((1, 2), "")),
        ("6 and 7 rotated the key", ((6, 7), " rotated the key")),
        ("6: rotated the key", ((6,), " rotated the key")),
        ("6 9:00", ((6,), " 9:00")),
        ("6 7 please", ((6, 7), "")),
        ("6.", ((6,), "")),
        ("no. 6", ((6,), "")),
        ("the blocker 6", ((6,), "")),
        ("6..8", ((6, 7, 8), "")),
        ("6…8", ((6, 7, 8), "")),
        ("6 bis 8", ((6, 7, 8), "")),
        ("6 und 7", ((6, 7), "")),
        ("thirteen", ((13,), "")),
        ("6 2h", ((6,), " 2h")),
        ("6 30 min", ((6,), " 30 min")),
        ("6 and pray", ((6,), " and pray")),
        ("6 7 hosts are back", ((6,), " 7 hosts are back")),
        ("6 until 17:00", ((6,), " until 17:00")),
        ("one of the servers", None),
        ("12th", None),
        ("1-999", None),
        ("banana", None),
        ("", None),
    ],
)
def test_number_lists_are_read_as_people_type_them(text, expected):
    assert read_numbers(text) == expected
