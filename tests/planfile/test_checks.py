"""What must hold between the parts of a plan: names, needs, moments, what comes again and again, targets."""

from __future__ import annotations

import pytest

from callboard.planfile.sections import Degree
from tests.planfile.sample import GOOD, check, line_of

PLAN = (
    GOOD.replace("channels:\n", "dates: {target: 2026-04-01 12:00}\nchannels:\n")
    + """\
phases:
  build: {name: Build, from: 2026-03-25 08:00, to: 2026-03-27 17:00}
  live: {name: Live, from: 2026-03-30 09:00, to: 2026-04-01 17:00, needs: [built]}
areas: {API: {planned: 2}}
tasks:
  - for: {team: backend, phase: build, area: API}
    A-1: {title: Schema, due: 2026-03-26 12:00}
    A-2: {title: Load, due: 2026-03-27 12:00, needs: [A-1]}
gates:
  built:
    name: Everything built
    due: 2026-03-27 17:00
    criteria: [{tasks: "A-*", are: completed}]
    sign_off: [{lead_of: backend}]
standups:
  - {name: Daily, days: mon-fri, at: "09:00", who: [backend], questions: [Yesterday, Today]}
  - {name: Call, days: mon-fri, at: "09:30", who: [backend], window: 30m, minutes_each: 3}
meetings:
  - {name: Planning, days: mon, at: "11:00", lasts: 1h, who: [backend]}
velocity: {per: week, targets: [2]}
"""
)
ERROR, WARNING = Degree.ERROR, Degree.WARNING


def said(*changes):
    """What is said of the plan with some texts replaced, without what is said of it anyway."""
    text = PLAN
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the plan"
        text = text.replace(old, new)
    return text, check(text).problems


def finds(words, where, degree, *changes):
    text, problems = said(*changes)
    found = [p for p in problems if words in p.sentence]
    assert [(p.line, p.degree) for p in found] == [(line_of(text, where), degree)], "\n".join(
        p.at("plan.yml") for p in problems
    )


def test_the_plan_of_these_tests_passes_the_check_of_plan_files():
    assert check(PLAN).report() == []


def test_the_check_of_a_plan_file_warns_of_a_gate_on_a_holiday_and_of_nothing_on_a_free_day_that_is_none():
    holiday = ("holidays: [2026-04-03]", "holidays: [2026-03-26..2026-03-27]")
    finds("`Everything built` falls on Friday, 2026-03-27, a holiday of this plan on which nobody works: move it",
          "due: 2026-03-27 17:00", WARNING, holiday)  # fmt: skip
    assert not [p for p in said(("due: 2026-03-27 17:00", "due: 2026-03-28 17:00"))[1] if "holiday" in p.sentence]


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("  build: {name", "  be-lead: {name", "be-lead: {name: Build", "`be-lead` is in people too, in line 15"),
        ("  built:\n", "  live:  # a gate\n", "  live:  # a gate", "`live` is in phases too"),
        ("  built:\n", "  all done:\n", "  all done:", "an id is made of letters"),
        ("    A-2:", "    backend:", "    backend: {title", "`backend` is in teams too"),
        ("    A-2:", "    A-1:", "A-1: {title: Load", "this key is there twice, first in line"),
        ("{name: Call", "{name: Daily", 'at: "09:30"', "two standups have the key `daily`"),
    ],
)
def test_the_check_of_a_plan_file_refuses_one_id_for_two_things(old, new, where, words):
    text = PLAN.replace(old, new)
    found = [p for p in check(text).errors if words in p.sentence]
    assert [p.line for p in found] == [next(n for n, row in enumerate(text.split("\n"), 1) if where.strip() in row)]


def test_the_check_of_a_plan_file_takes_two_list_items_of_one_name_if_one_has_a_key():
    _, problems = said(("{name: Call", "{name: Daily, key: call"))
    assert problems == []


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ("[A-3]", "there is no phase, task or gate `A-3`; did you mean"),
        ("[bilt]", "did you mean `built`?"),
        ("[B-*]", "`B-*`"),
        ("[A-7..A-9]", "`A-7..A-9`"),
        ("[backend]", "`backend` is a team: name phases, tasks or gates"),
        ("[be-lead]", "`be-lead` is a person: name phases, tasks"),
        ("[A-2]", "`A-2` needs itself: take it out"),
        ("[[A-1]]", "one text is meant"),
        ("[built]", "this waits for itself: A-2 -> built -> A-2"),
        ("['A-*']", "this waits for itself: A-2 -> A-2"),
        ("[{phase: build}]", "this waits for itself: A-2 -> A-2"),
    ],
)
def test_needs_in_a_plan_file_must_name_something_that_can_be_waited_for(needs, words):
    text, problems = said(("needs: [A-1]", f"needs: {needs}"))
    found = [p for p in problems if p.degree is ERROR]
    assert [p.line for p in found] == [line_of(text, "A-2: {title")], found
    assert words in found[0].sentence


def test_needs_in_a_plan_file_go_in_a_circle_through_phases_and_teams_too():
    finds(
        "build -> live -> built -> A-2 -> build", "  build: {", ERROR, ("03-27 17:00}", "03-27 17:00, needs: [live]}")
    )
    finds("backend -> built -> A-", "    needs: [built]", ERROR, ("    channel: ", "    needs: [built]\n    channel: "))


def test_needs_in_a_plan_file_that_go_in_two_circles_are_named_once_each():
    _, problems = said(
        ("A-1: {title: Schema", "A-1: {title: Schema, needs: [A-2]"),
        ("name: Everything built", "name: Everything built\n    needs: [live]"),
    )
    assert sum("waits for itself" in p.sentence for p in problems) == 2


def test_wants_in_a_plan_file_may_go_in_a_circle_where_needs_may_not():
    _, problems = said(("A-1: {title: Schema", "A-1: {title: Schema, wants: [A-2, built]"))
    assert problems == []


@pytest.mark.parametrize(
    ("written", "words", "degree"),
    [
        ("taget - 1d", "which is no date of this plan; did you mean `target`?", ERROR),
        ("2026-03-29 02:30", "there is no 2026-03-29 02:30 in Europe/Berlin", ERROR),
        ("target - 3d 02:30", "there is no 2026-03-29 02:30 in Europe/Berlin", ERROR),
        ("2026-03-08 02:30 America/New_York", "there is no 2026-03-08 02:30 in America/New_York", ERROR),
        ("thu 2026-03-27 17:00", "2026-03-27 is a Friday, not a Thursday", WARNING),
        ("2026-04-20 17:00", "2026-04-20 17:00 is outside the plan", WARNING),
        ("2026-04-03", "2026-04-03 is outside the plan", WARNING),
        ("target + 3660d", "is outside the plan", WARNING),
        ("w9 fri", "is outside the plan", WARNING),
        ("9999-12-31 23:59 America/New_York", "is in no year of a plan", ERROR),
    ],
)
def test_the_timetable_of_a_plan_file_refuses_moments_that_never_come(written, words, degree):
    finds(words, "    due:", degree, ("    due: 2026-03-27 17:00", f"    due: {written}"))


def test_the_timetable_of_a_plan_file_takes_all_of_the_last_day_as_within_the_plan():
    _, problems = said(
        ("\nto: 2026-04-02 18:00", "\nto: 2026-04-02 12:00"), ("due: 2026-03-27 17:00", "due: 2026-04-02")
    )
    assert [p.sentence for p in problems if "outside" in p.sentence] == []


def test_the_timetable_of_a_plan_file_refuses_dates_reckoned_from_each_other_once():
    finds(
        "`b - 1d` is reckoned from itself: b -> target -> b", "dates:", ERROR,
        ("{target: 2026-04-01 12:00}", "{target: b - 1d, b: target + 1d}"), ("due: 2026-03-27 17:00", "due: b - 5d"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("to: 2026-03-27 17:00}", "to: 2026-03-24 17:00}", "  build:"),
        ("to: 2026-03-27 17:00}", "to: 2026-03-25 08:00}", "  build:"),
        ("Schema, due", "Schema, from: 2026-03-26 13:00, due", "A-1: {title"),
    ],
)
def test_the_timetable_of_a_plan_file_refuses_what_ends_before_it_begins(old, new, where):
    finds("when it begins: write a later moment", where, ERROR, (old, new))


def test_the_timetable_of_a_plan_file_warns_of_a_weekday_in_a_name_that_is_not_its_days():
    finds("2026-03-27 is a Friday, not a Monday, as its name says", "    due:", WARNING, ("Everything b", "Monday b"))
    _, fits = said(("name: Everything built", "name: Friday's build"))
    _, within = said(("name: Build", "name: Thursday build"))
    _, meant = said(("name: Everything built\n    due: ", "name: Monday build\n    due: fri "))
    assert fits == within == meant == []


def test_needs_in_a_plan_file_warn_of_a_gate_due_after_what_needs_it_begins():
    finds(
        "gate built is due 2026-03-27 17:00, after this begins, 2026-03-26 09:00", "  live:", WARNING,
        ("from: 2026-03-30 09:00", "from: 2026-03-26 09:00"),
    )  # fmt: skip
    finds("task A-1 is due 2026-03-27 13:00, after this is due", "A-2:", WARNING, ("03-26 12:00", "03-27 13:00"))


def test_clashes_in_a_plan_file_are_people_in_two_places_at_once():
    finds(
        "be-lead, one, two would be in two places at once: this is on Monday, 2026-03-30, 09:45-10:45, and the standup "
        "`Call` is on Monday, 2026-03-30, 09:30-10:00",
        "name: Planning", WARNING, ('at: "11:00"', 'at: "09:45"'),
    )  # fmt: skip


def test_clashes_in_a_plan_file_take_a_standup_in_only_when_no_time_is_left_to_answer_it():
    _, within = said(('at: "11:00", lasts: 1h', 'at: "10:00", lasts: 1h'))
    assert within == []
    finds(
        "two places",
        "name: Planning",
        WARNING,
        ('at: "11:00", lasts: 1h', 'at: "09:00", lasts: 2h'),
        ("09:30", "12:00"),
    )


def test_clashes_in_a_plan_file_are_prompts_at_times_when_nobody_asked_works():
    finds(
        "on Wednesday, 2026-03-25 at 21:00 nobody it asks is at work", "name: Daily", WARNING,
        ('at: "09:00", who: [backend]', 'at: "21:00", who: [two]'),
    )  # fmt: skip
    _, elsewhere = said(('at: "09:00", who: [backend]', 'at: "21:00", who: [one]'))
    assert elsewhere == []


def test_the_check_of_the_plan_files_tasks_warns_of_an_area_with_more_tasks_than_planned():
    finds("1 tasks are planned and 2 are in this area", "areas:", WARNING, ("planned: 2", "planned: 1"))
    _, more = said(("planned: 2", "planned: 4"))
    assert more == []


@pytest.mark.parametrize(("targets", "words"), [("[1]", "2 are still open"), ("[2, 7]", "there are only 2")])
def test_the_boards_velocity_section_of_the_plan_file_must_come_to_all_tasks(targets, words):
    finds(words, "velocity:", WARNING, ("targets: [2]", f"targets: {targets}"))


def test_the_plan_files_escalation_section_warns_of_a_step_with_nobody_on_it():
    vacant = ("slack: U0EXEC,", "vacant: true,")
    finds("nobody is on this step: fill a vacant seat", "{level: Top", WARNING, vacant, (', "#urgent"]', "]"))
    _, with_channel = said(vacant)
    assert not any("on this step" in p.sentence for p in with_channel)


def test_the_plan_files_escalation_section_names_teams_for_whom_nobody_is_on_a_step():
    second = "teams:\n  second: {name: Second, lead: nobody}\n"
    finds(
        "nobody is on this step for second", "{level: Team,", WARNING,
        ("teams:\n", second), ("  boss: {", "  nobody: {name: Seat, vacant: true}\n  boss: {"),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["Everything built", "Final decision: everything built"])
def test_clashes_in_a_plan_file_are_things_of_one_name_at_two_times(name):
    meeting = (
        "meetings:\n  - {name: Planning",
        f'meetings:\n  - {{name: "{name}", at: 2026-03-27 14:00}}\n  - {{name: Planning',
    )
    finds("Everything built` in line 44 is at 2026-03-27 17:00", "03-27 14:00", WARNING, meeting)
    assert said((meeting[0], meeting[1].replace("14:00", "17:00")))[1] == []
