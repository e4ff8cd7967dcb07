"""What `check` says about risks, and when people are asked about them."""

from __future__ import annotations

import pytest

from callboard.planfile import calendar
from callboard.risks.plan import RISKS
from tests.planfile.sample import GOOD, check, problems

PLAN = (
    GOOD
    + """\
measures: {failures: {at_most: 0}, plain: {name: Plain}}
phases: {prepare: {name: Preparation, from: 2026-03-25 08:00, to: 2026-03-26 17:00}}
gates: {go: {name: Go, due: 2026-04-01 12:00, sign_off: [{role: coordinator}]}}
risks:
  - {risk: One person overloaded, probability: medium, impact: high, owner: chief, mitigation: Delegate,
     actions: [Pair], indicators: [{in_progress: {of: one, more_than: 5}}, {stuck: {of: one, for: 3d}},
                                   {ask: one, question: Too much?, every: 1w}]}
  - {risk: Timeline slips, probability: Low, impact: high, owner: [chief, backend],
     indicators: [{late_tasks: 2}, {forecast: {gate: go, later_than: 1d}}, {measure: failures}]}
  - {risk: Somebody is away, probability: low, impact: medium, owner: everyone, indicators: Nobody knows the database}
"""
)


def test_the_check_of_the_plan_files_risks_finds_nothing_wrong_with_good_ones():
    assert problems(PLAN, "risks") == []
    risks = check(PLAN).document.of(RISKS)
    assert risks[1].indicators[0].late_tasks.more_than == 2
    assert risks[2].indicators[0].watch == "Nobody knows the database"


@pytest.mark.parametrize(
    ("old", "new", "degree", "said"),
    [
        ("probability: medium", "probability: likely", "error", "probability: `likely` is not possible: write 'low',"),
        (", impact: medium", "", "error", "`impact` is missing"),
        ("owner: chief", "owner: cheif", "error", "nobody is called `cheif`; did you mean `chief`?"),
        (", owner: everyone", "", "warning", "risks[3]: nobody watches this risk"),
        ("in_progress: {of: one,", "in_progress: {of: onne,", "error", "in_progress.of: nobody is called `onne`"),
        ("in_progress: {of: one, more_than: 5}", "in_progress: {of: one}", "error", "`more_than` is missing"),
        ("in_progress: {of", "in_progres: {of", "error", "did you mean `in_progress`?"),
        ("{of: one, for: 3d}", "{of: one}", "error", "`for` is missing"),
        ("ask: one", "ask: onne", "error", "ask: nobody is called `onne`"),
        ("question: Too much?, ", "", "error", "which question? Write `question:"),
        ("every: 1w", "every: 5m", "error", "that is too often"),
        ("every: 1w", "every: 36h", "error", "more than a day is counted in whole days"),
        ("gate: go, later", "gate: gone, later", "error", "forecast.gate: there is no gate `gone`; did you mean `go`?"),
        ("gate: go, later", "phase: prepair, later", "error", "forecast.phase: there is no phase `prepair`"),
        ("gate: go, later", "gate: go, phase: prepare, later", "error", "one thing is forecast at a time"),
        ("measure: failures", "measure: failurs", "error", "there is no measure `failurs`; did you mean `failures`?"),
        ("late_tasks: 2", "share: {of: chief, more_than: 20%}", "error", "a share of what? Write `meetings:"),
        ("late_tasks: 2", "share: {of: cheif, more_than: 20%, area: x}", "error", "nobody is called `cheif`"),
        ("late_tasks: 2", "share: {of: chief, more_than: 20%, area: x}", "error", "area: there is no area `x`"),
        ("late_tasks: 2", "share: {of: chief, more_than: 20, meetings: Tea}", "error", "there is no meeting `tea`"),
        ("late_tasks: 2", "share: {of: chief, more_than: much, area: x}", "error", "`much` is no percentage"),
        ("late_tasks: 2", "share: {of: chief, area: x}", "error", "`more_than` is missing"),
        ("measure: failures", "measure: plain", "error", "nothing says when plain is bad"),
        ("Timeline slips", "One person overloaded", "error", "two risks have the key `one-person-overloaded`"),
        ("late_tasks: 2", "late_tasks: 2, blocked: 3", "error", "an indicator needs one of these only"),
    ],
)
def test_the_check_of_the_plan_files_risks_says_what_is_wrong(old, new, degree, said):
    assert PLAN.count(old) == 1, old
    found = problems(PLAN.replace(old, new), "risks")
    plain = [(given, sentence.replace("[1]: ", ": ")) for given, sentence in found]
    assert any(given == degree and said in sentence for given, sentence in (*found, *plain)), found


def test_the_plan_files_risks_ask_their_questions_in_the_morning_from_the_first_day_on():
    found = [h for h in calendar.happenings(check(PLAN).document) if h.kind == "risk"]
    assert [(f"{h.at:%m-%d %H:%M}", h.zone, h.who, h.name, h.key) for h in found] == [
        ("03-25 12:00", "America/New_York", ("one",), "Too much?", "one-person-overloaded.3"),
        ("04-01 12:00", "America/New_York", ("one",), "Too much?", "one-person-overloaded.3"),
    ]


def test_the_plan_files_risks_ask_no_vacant_seat():
    plan = PLAN.replace("{name: Backend one, slack: U0BE1", "{name: Backend one, vacant: true")
    assert ("warning", "risks[1].indicators[3].ask: nobody is asked: name people, teams or `everyone`") in problems(
        plan, "risks"
    )
    assert [h for h in calendar.happenings(check(plan).document) if h.kind == "risk"] == []


def test_the_check_of_the_plan_files_risks_never_fails_whatever_they_hold():
    for value in (
        "3",
        "[3]",
        "[{}]",
        "x",
        "{a: 1}",
        "[{risk: A, indicators: [[]]}]",
        "[{indicators: {ask: 1}}]",
        "[[]]",
    ):
        assert check(f"{GOOD}risks: {value}\n").errors, value
