"""What `check` says about standups."""

from __future__ import annotations

import pytest

from callboard.planfile.sections import Degree
from tests.planfile.sample import GOOD, check, line_of

STANDUP = (
    'standups:\n  - {name: Daily, days: mon-fri, at: "09:00", clock: person, who: [everyone], window: 2h, '
    "remind_after: 1h, channel: urgent, questions: [Yesterday, Today, Blockers]}\n"
)


def problems(standup, plan=GOOD):
    text = plan + standup
    return [
        (problem.degree, problem.sentence)
        for problem in check(text).problems
        if problem.sentence.startswith("standups") and problem.line >= line_of(text, "standups:")
    ]


def test_the_check_of_the_plan_files_standups_finds_nothing_wrong_with_a_good_one():
    assert problems(STANDUP) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("everyone", "evryone", "standups[1].who[1]: nobody is called `evryone`; did you mean `everyone`?"),
        ("channel: urgent", "channel: urgnet", 'key `urgnet`; write "#urgnet" for one of Slack\'s, else did you mean'),
        ("remind_after: 1h", "remind_after: 2h", "remind_after: the reminder would come when it is closed"),
        ("window: 2h", "window: 0s, order: [backend]", "window: nobody can answer within nothing"),
        ("window: 2h", "windw: 2h", "windw: there is no such key here; did you mean `window`?"),
        ('"09:00"', '"9 Uhr"', "is no time of day"),
        ('"09:00"', '"09:00 Europe/Berlin"', "cannot both be meant: leave out `clock: person`"),
        ("clock: person", "clock: team", "`team` is not possible: write 'person' or 'plan'"),
        ("[Yesterday, Today, Blockers]", "{backnd: [Today]}", "there is no team `backnd`; did you mean `backend`?"),
        ("[Yesterday, Today, Blockers]", "{backend: [{ask: Ready?, from: 2026-02-30}]}", "is no date"),
        ("window: 2h", "window: 2h, order: [backnd]", "order[1]: there is no team `backnd`"),
        ("window: 2h", "window: 2h, minutes_each: soon", "`soon` is no duration"),
    ],
)
def test_the_check_of_the_plan_files_standups_says_what_to_write_instead(old, new, said):
    assert STANDUP.count(old) == 1
    found = problems(STANDUP.replace(old, new))
    assert any(degree is Degree.ERROR and said in sentence for degree, sentence in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("window: 2h", "window: 25h", "this is open for 1d1h, and comes again after 1d: write less"),
        ("window: 2h", "window: 2h, minutes_each: 60", "3 people with 1h each need 3h, and the window is 2h"),
        ("[everyone]", "[lead]", "nobody is asked: name people, teams, `all leads` or `everyone`"),
        ("mon-fri", "sat", "nobody who is asked works on Saturday"),
    ],
)
def test_the_check_of_the_plan_files_standups_shows_warnings(old, new, said):
    found = problems(STANDUP.replace(old, new))
    assert any(degree is Degree.WARNING and said in sentence for degree, sentence in found), found


@pytest.mark.parametrize(
    "questions",
    ["Blockers?", "[Blockers?]", "{default: Blockers?}", "{ask: Ready?}", "[{ask: Ready?, from: 2026-03-26}, Go?]"],
)
def test_the_plan_files_standups_section_takes_questions_written_in_several_ways(questions):
    assert problems(STANDUP.replace("[Yesterday, Today, Blockers]", questions)) == []


def test_the_check_of_the_plan_files_standups_never_fails_whatever_they_hold():
    for value in ("3", "[3]", "[{}]", "x", "[{name: [1]}]", "[{name: A, at: {}}]", "[{name: A, at: 9}]", "[[]]"):
        assert check(f"{GOOD}standups: {value}\n").errors
