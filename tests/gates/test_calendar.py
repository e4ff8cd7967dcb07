"""When gates, reminders and signatures are."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.core.calendar import Calendar, Hours, WorkingHours
from callboard.gates.plan import reminded
from callboard.planfile import calendar
from tests.planfile.sample import GOOD, check

PLAN = (
    GOOD
    + """\
dates: {target: 2026-04-01 12:00}
gates:
  prepared:
    name: Preparation complete
    due: 2026-03-26 17:00
    remind: [2h, 9h]
    criteria: Seen
    sign_off: [{who: [be-lead, one], count: 2, due: "2026-03-26 09:00 America/New_York"}]
  go:
    name: Go or no-go
    decision: true
    due: target
    criteria: Seen
    sign_off: [{role: keeper}, {role: executive, count: all, due: target - 1d 10:00}]
    announce: {to: [everyone], before: 1d}
"""
)
BERLIN = ZoneInfo("Europe/Berlin")


def happenings(text, *kinds):
    found = calendar.happenings(check(text).document)
    return [(one.at.strftime("%d %H:%M"), one.kind, one.name, one.who) for one in found if one.kind in kinds]


def test_the_plan_files_gates_section_puts_each_gate_and_its_sign_offs_on_the_calendar():
    assert happenings(PLAN, "gate", "sign-off", "announcement") == [
        ("26 13:00", "sign-off", "Preparation complete: Backend lead, Backend one signs", ("be-lead", "one")),
        ("26 16:00", "gate", "Preparation complete", ("be-lead", "one")),
        ("31 08:00", "sign-off", "Go or no-go: executive signs", ("boss",)),
        ("31 10:00", "announcement", "Go or no-go is announced", ("be-lead", "one", "two")),
        ("01 10:00", "gate", "Go or no-go", ("chief", "boss")),
    ]


def test_the_plan_files_gates_section_puts_reminders_into_each_signers_working_hours():
    assert happenings(PLAN, "reminder") == [
        ("26 07:00", "reminder", "Preparation complete is due in 9h", ("be-lead",)),
        ("26 12:00", "reminder", "Preparation complete is due in 4h", ("one",)),
        ("26 14:00", "reminder", "Preparation complete is due in 2h", ("one",)),
        ("26 14:00", "reminder", "Preparation complete is due in 2h", ("be-lead",)),
    ]


def test_the_plan_files_gates_section_puts_no_gate_without_a_known_time_on_the_calendar():
    assert happenings(PLAN.replace("due: target\n", "due: targt\n"), "gate") == [
        ("26 16:00", "gate", "Preparation complete", ("be-lead", "one"))
    ]


@pytest.mark.parametrize(
    ("due", "before", "expected"),
    [
        ("2026-03-26 17:00", 2, "2026-03-26 15:00"),
        ("2026-03-26 09:30", 2, "2026-03-26 09:00"),
        ("2026-03-27 08:00", 2, "2026-03-26 17:00"),
        ("2026-03-30 08:00", 24, "2026-03-27 17:00"),
        ("2026-03-28 20:00", 26, "2026-03-27 17:00"),
    ],
)
def test_the_plan_files_gates_section_puts_a_reminder_where_somebody_works(due, before, expected):
    def at(text):
        return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)

    assert reminded(Calendar(BERLIN), at(due), timedelta(hours=before)) == at(expected)


@given(
    due=st.timedeltas(timedelta(), timedelta(days=365)).map(lambda span: datetime(2026, 1, 1, tzinfo=UTC) + span),
    before=st.timedeltas(timedelta(), timedelta(days=9)),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.integers(0, 23),
    end=st.integers(0, 23),
)
def test_the_plan_files_gates_section_puts_every_reminder_before_its_gate_is_due(due, before, days, start, end):
    calendar = Calendar(BERLIN, WorkingHours(days, Hours(time(start), time(end))))
    at = reminded(calendar, due, before)
    assert at <= due
    assert at == due - before or any(at in shift for shift in shifts(calendar, at))


def shifts(calendar, at):
    for begin, end in calendar.shifts(at - timedelta(days=2)):
        if begin > at:
            return
        yield begin, end
