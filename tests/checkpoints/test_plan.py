"""What `check` says about checkpoints, cadences and meetings."""

from __future__ import annotations

import pytest

from callboard.planfile.sections import Degree
from tests.planfile.sample import GOOD, check

PLAN = (
    GOOD
    + """\
measures: {tests_passed: {name: Tests passed, of: 72}}
phases:
  prepare: {name: Preparation, from: 2026-03-25 08:00, to: 2026-03-26 17:00}
tasks:
  - for: {team: backend, phase: prepare}
    ATOM-001: {title: Schema}
    ATOM-002: {title: Load, assignee: one}
  - ATOM-009: {title: Screens, team: frontend}
gates:
  prepared: {name: Prepared, due: 2026-03-26 17:00, sign_off: [{role: coordinator}]}
  someday: {name: Some day, sign_off: [{role: coordinator}]}
checkpoints:
  - {name: Mid-point, team: backend, at: 2026-03-25 15:00, expects: {ATOM-001: completed, ATOM-002: 75%}, window: 30m}
  - {name: Half-way, teams: [backend], at: 2026-03-26 12:00, expects: [{tasks: {phase: prepare}, at_least: 50%}]}
cadences:
  - {name: Atom status, every: 30m, about: {kind: atom}, who: [assignees], during: [prepare]}
meetings:
  - {name: Planning, days: mon, at: "10:00", lasts: 1h, lead: coordinator, who: [all leads],
     agenda: [{Talk: 10m}, Wins]}
  - {name: Lessons, after: [prepared], within: 2d, who: [everyone]}
"""
).replace("  backend:\n", "  frontend: {name: Frontend, lead: two}\n  backend:\n")
OURS = ("checkpoints", "cadences", "meetings")


def problems(plan):
    return [(p.degree, p.sentence) for p in check(plan).problems if p.sentence.startswith(OURS)]


def test_the_check_of_the_plan_files_checkpoints_finds_nothing_wrong_with_good_ones():
    assert problems(PLAN) == []


def shown(old, new, said, degree):
    """Whether a problem of this degree is shown with these words, once a part of the plan is replaced."""
    assert PLAN.count(old) == 1, PLAN.count(old)
    found = problems(PLAN.replace(old, new))
    assert any(degree is other and said in sentence for other, sentence in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("team: backend, at", "team: backnd, at", "checkpoints[1].team: there is no team `backnd`; did you mean"),
        ("teams: [backend]", "teams: [backend, ops]", "checkpoints[2].teams[2]: there is no team `ops`"),
        ("{ATOM-001: completed", "{ATOM-003: completed", "expects.ATOM-003: there is no task `ATOM-003`; did you mean"),
        ("ATOM-001: completed", "ATOM-001: finished", "`finished` cannot be expected: write a percentage such as"),
        ("ATOM-002: 75%", "ATOM-002: 175%", "`175%` cannot be expected"),
        ("at_least: 50%", "at_least: much", "`much` is not a number: write one such as 30 or 75%"),
        ("at_least: 50%", "at_least: 150%", "at_least: tasks count in percent"),
        (", at_least: 50%", "", "say what these tasks should be"),
        (
            "{tasks: {phase: prepare}, at_least: 50%}",
            "{measure: test_passed}",
            "no measure `test_passed`; did you mean",
        ),
        ("{tasks: {phase: prepare}, at_least: 50%}", "{gate: prepard}", "there is no gate `prepard`; did you mean"),
        ("{tasks: {phase: prepare}, at_least: 50%}", "{at_least: 50%}", "expect one thing at a time"),
        ("{tasks: {phase: prepare}", "{tasks: {phase: prepair}", "prepair"),
        ("window: 30m", "windw: 30m", "windw: there is no such key here; did you mean `window`?"),
    ],
)
def test_the_check_of_the_plan_files_checkpoints_says_what_to_write_instead(old, new, said):
    shown(old, new, said, Degree.ERROR)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("every: 30m", "every: 30s", "every: that is too often: write 5m or more"),
        ("every: 30m", "every: 36h", "every: above one day, write whole days: 2d, or 1w"),
        ("{kind: atom}", "{kind: quark}", "quark"),
        ("during: [prepare]", "during: [prepair]", "during[1]: there is no phase `prepair`; did you mean `prepare`?"),
        ("who: [assignees]", "who: [asignees]", "who[1]: nobody is called `asignees`; did you mean `assignees`?"),
    ],
)
def test_the_check_of_the_plan_files_cadences_says_what_to_write_instead(old, new, said):
    shown(old, new, said, Degree.ERROR)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lead: coordinator, who", "lead: coordinater, who", "lead: nobody is called `coordinater`"),
        ("[prepared], within", "[prepard], within", "after[1]: there is no gate `prepard`; did you mean `prepared`?"),
        (", after: [prepared], within: 2d", "", "this has no time"),
        ("within: 2d", 'within: 2d, at: "10:00"', "a meeting has one time"),
        ("within: 2d", "within: 2d, days: mon", "days need a time of day"),
        ("{Talk: 10m}", "{Talk: long}", "`long` is no duration"),
    ],
)
def test_the_check_of_the_plan_files_meetings_says_what_to_write_instead(old, new, said):
    shown(old, new, said, Degree.ERROR)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ATOM-002: 75%", "ATOM-009: 75%", "ATOM-009 belongs to frontend, but this checkpoint to backend"),
        ("window: 30m", "window: 1d", "the window of 1d is still open at Half-way: write less"),
    ],
)
def test_the_check_of_the_plan_files_checkpoints_shows_warnings(old, new, said):
    shown(old, new, said, Degree.WARNING)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{Talk: 10m}", "{Talk: 70m}", "the agenda needs 1h10m, but the meeting lasts 1h"),
        ("[prepared], within", "[someday], within", "`someday` has no `due`"),
        ("lasts: 1h", "lasts: 8d", "this is open for 8d, and comes again after 7d"),
    ],
)
def test_the_check_of_the_plan_files_meetings_shows_warnings(old, new, said):
    shown(old, new, said, Degree.WARNING)


def test_the_check_of_the_plan_files_meetings_takes_one_on_every_working_day():
    assert problems(PLAN.replace("days: mon, at", "days: mon-fri, at")) == []


def never_fails(section):
    """Whatever a section holds, it is an error and no traceback."""
    values = (
        "3", "[3]", "[{}]", "x", "[{name: [1]}]", "[{name: A, at: {}}]", "[{name: A, at: 9, expects: [3]}]", "[[]]",
        "[{name: A, expects: {A: {}}}]", "[{name: A, about: {kind: {}}}]", "[{name: A, agenda: {A: {}}, after: gate}]",
    )  # fmt: skip
    for value in values:
        assert check(f"{GOOD}{section}: {value}\n").errors
        assert check(f"{GOOD}gates: [3]\nphases: 7\ntasks: x\n{section}: {value}\n").errors


def test_the_check_of_the_plan_files_checkpoints_never_fails_whatever_they_hold():
    never_fails("checkpoints")


def test_the_check_of_the_plan_files_cadences_never_fails_whatever_they_hold():
    never_fails("cadences")


def test_the_check_of_the_plan_files_meetings_never_fails_whatever_they_hold():
    never_fails("meetings")
