"""When freezes are."""

from __future__ import annotations

from callboard.planfile import calendar
from tests.planfile.sample import GOOD, check

PLAN = (
    GOOD
    + """\
dates: {target: 2026-04-01 12:00}
freezes:
  code: {name: Code freeze, from: 2026-03-27, to: target - 1h}
"""
)


def test_the_plan_files_freezes_section_begins_a_freeze_with_the_working_day():
    happenings = calendar.happenings(check(PLAN).document)
    assert [(one.at.strftime("%d %H:%M"), one.name) for one in happenings if one.kind == "freeze"] == [
        ("27 07:00", "Code freeze begins"),
        ("01 09:00", "Code freeze ends"),
    ]
