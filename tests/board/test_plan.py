"""What `check` says about reports and velocity, and when reports are sent."""

from __future__ import annotations

import pytest

from callboard.planfile import calendar
from tests.planfile.sample import GOOD, check

PLAN = (
    GOOD.replace("to: 2026-04-02 18:00", "to: 2026-04-07 18:00")
    + """\
reports:
  daily: {at: "18:00", to: ["#coordination"], mail: [executive, someone@example.com]}
  weekly: {at: "15:00 America/New_York", to: [all leads]}
velocity: {per: week, targets: [3, 2]}
"""
)


def problems(plan):
    return [(str(p.degree), p.sentence) for p in check(plan).problems if p.sentence.startswith(("reports", "velocity"))]


def reports(plan, name):
    found = calendar.happenings(check(plan).document)
    return [(f"{h.at:%m-%d %H:%M}", *h.who) for h in found if h.name == name and h.kind == "report"]


def test_the_check_of_the_plan_files_board_reports_and_velocity_finds_nothing_wrong():
    assert problems(PLAN) == []


@pytest.mark.parametrize(
    ("old", "new", "degree", "said"),
    [
        ("daily:", "dayly:", "error", "reports.dayly: there is no such key here; did you mean `daily`?"),
        ('at: "18:00"', 'at: "6 pm"', "error", "is no time of day"),
        ("[all leads]", "[all leds]", "error", "nobody is called `all leds`; did you mean `all leads`?"),
        ("[executive, someone@example.com]", "[exec, a@b.c]", "error", "mail[1]: nobody is called `exec`"),
        ("someone@example.com", "someone@", "error", "mail[2]: `someone@` is not a mail address"),
        (", to: [all leads]", "", "error", "reports.weekly: nobody gets this report"),
        ("per: week", "per: month", "error", "per: `month` is not possible: write 'day' or 'week'"),
        ("[3, 2]", "[]", "error", "targets: at least one is needed"),
        ("[3, 2]", "[3, many]", "error", "targets[2]: write a whole number"),
        ("[3, 2]", "[3, -2]", "error", "targets[2]"),
        ("[3, 2]", "[3, 2, 2, 1]", "warning", "there are 4 targets, but the plan has 3 weeks"),
    ],
)
def test_the_check_of_the_plan_files_board_reports_and_velocity_says_what_is_wrong(old, new, degree, said):
    assert PLAN.count(old) == 1, old
    found = problems(PLAN.replace(old, new))
    assert any(given == degree and said in sentence for given, sentence in found), found


def test_the_plan_files_board_section_puts_the_daily_report_on_working_days_at_local_time():
    assert reports(PLAN, "Daily report") == [
        (f"{day} {clock}", "boss")
        for day, clock in (
            ("03-25", "17:00"), ("03-26", "17:00"), ("03-27", "17:00"), ("03-30", "16:00"), ("03-31", "16:00"),
            ("04-01", "16:00"), ("04-02", "16:00"), ("04-06", "16:00"), ("04-07", "16:00"),
        )
    ]  # fmt: skip


def test_the_plan_files_board_section_may_give_a_report_days_of_its_own():
    plan = PLAN.replace('daily: {at: "18:00"', 'daily: {at: "18:00", days: [sat, sun]')
    assert [at for at, *_ in reports(plan, "Daily report")] == [
        "03-28 17:00",
        "03-29 16:00",
        "04-04 16:00",
        "04-05 16:00",
    ]


def test_the_plan_files_board_section_puts_the_weekly_report_on_fridays_that_are_no_holidays():
    assert reports(PLAN, "Weekly report") == [("03-27 19:00", "be-lead")]


def test_the_check_of_the_plan_files_board_reports_and_velocity_never_fails():
    for section in ("reports", "velocity"):
        for value in ("3", "[3]", "x", "{a: 1}", "{daily: 3}", "{targets: x}", "[[]]"):
            assert check(f"{GOOD}{section}: {value}\n").errors, value
