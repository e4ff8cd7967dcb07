"""What `check` says about tasks, and when they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callboard.core.calendar import Calendar
from callboard.planfile import calendar, task_sets
from callboard.planfile.sections import Degree
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import Estimate, TaskPart
from tests.planfile.sample import GOOD, check, line_of

PLAN = (
    GOOD.replace("members: [one, two]", "members: [one, two, night]").replace(
        "teams:\n",
        "  night: {name: Night shift, vacant: true}\n"
        "teams:\n  frontend: {name: Frontend, lead: fe-lead, members: [fe-one]}\n",
    )
    + """\
phases:
  prepare: {name: Preparation, from: 2026-03-25 08:00, to: 2026-03-27 17:00}
areas: {API: {planned: 4}, UI: 2}
tasks:
  - for: {team: backend, phase: prepare, area: API, from: 2026-03-25 08:00}
    ATOM-001: {title: Schema validated, assignee: one, priority: critical, due: 2026-03-25 14:00, estimate: 2h-4h}
    ATOM-002: {title: API under load, assignees: [two, one], due: 2026-03-26, needs: [ATOM-001], status: IN_PROGRESS}
    ATOM-003: Monitoring on
  - for: {phase: prepare}
    ATOM-011: {title: Dashboard, team: frontend, area: UI, start: "2026-03-26 10:00 America/New_York"}
    MOLECULE-001: {title: Both meet, lead_team: backend, support_teams: frontend, components: [ATOM-001..ATOM-011],
                   points: {Sign-in: frontend, Data: backend}, criteria: Validated, due: 2026-03-27 17:00}
task_types:
  Harbor.Import.Run: {version: 1.0, params: {type: object, properties: {file: {type: string}}, required: [file]}}
"""
)
PLAN = PLAN.replace(
    "  chief: {", "  fe-lead: {name: Lead, slack: U0FELEAD}\n  fe-one: {name: One, slack: U0FE1}\n  chief: {"
)
VACANT = "people.night: the seat Night shift is vacant: write `slack:` or `email:` when somebody takes it"


def problems(text):
    return [(problem.degree, problem.line, problem.sentence) for problem in check(text).problems]


def test_the_check_of_the_plan_files_tasks_finds_nothing_wrong_with_good_ones():
    assert [sentence for _, _, sentence in problems(PLAN)] == [VACANT]


def test_groups_of_the_plan_file_give_every_task_what_their_for_says():
    tasks = check(PLAN).document.of(TASKS) or {}
    assert [tasks[key].owner for key in tasks] == ["backend", "backend", "backend", "frontend", "backend"]
    assert tasks["ATOM-003"].title == "Monitoring on"
    assert tasks["ATOM-002"].status == "in progress"
    assert tasks["ATOM-001"].estimate == Estimate(low=timedelta(hours=2), high=timedelta(hours=4))
    assert tasks["MOLECULE-001"].teams == ("backend", "frontend")


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("for: {team: backend", "for: {team: backnd", "backnd", "there is no team `backnd`; did you mean `backend`?"),
        ("for: {team: backend", "for: {team: one", "team: one", "there is no team `one`; one is a person"),
        ("team: frontend, area", "area", "ATOM-011", "no team has this task: write `team:`, or `lead_team:`"),
        ("assignee: one", "assignee: onne", "onne", "there is no person `onne`; did you mean `one`?"),
        ("assignee: one", "assignee: frontend", "assignee: fr", "`frontend` is a team: name its people"),
        ("phase: prepare, area", "phase: prepair, area", "prepair", "there is no phase `prepair`; did you mean"),
        ("area: UI", "area: UX", "area: UX", "there is no area `UX`; write one of `API`, `UI`"),
        ("critical", "pressing", "pressing", "there is no priority `pressing`; write one of `critical`, `high`"),
        ("priority: critical", "kind: molcule", "molcule", "there is no kind `molcule`; did you mean `molecule`?"),
        ("[ATOM-001..ATOM-011]", "[ATOM-01]", "ATOM-01]", "there is no task `ATOM-01`; did you mean"),
        ("[ATOM-001..ATOM-011]", "MOLECULE-001", "components", "consists of itself: MOLECULE-001 -> MOLECULE-001"),
        ("Data: backend", "Data: backnd", "Data: backnd", "points.Data: there is no team `backnd`"),
        ("{Sign-in: frontend, Data: backend}", "5", "points: 5", "points are where teams meet"),
        ("estimate: 2h-4h", "estimate: 4h-2h", "4h-2h", "more at least than at most: write 2h-4h"),
        ("estimate: 2h-4h", "estimate: soon", "soon", "`soon` is no duration"),
        ("estimate: 2h-4h", "estimate: 1-2 days", "1-2 days", "`1-2 days` is no estimate: write 1d-2d"),
        ("estimate: 2h-4h", "estimate: 30 min to 2 hours", "30 min", "is no estimate: write 30m-2h"),
        ("estimate: 2h-4h", "estimate: 1.5d", "1.5d", "write hours of work, such as 4h or 12h, for part of a day"),
        ("estimate: 2h-4h", "estimate: {low: 0.5d, high: 2d}", "0.5d", "`0.5d` is no estimate: write hours of work"),
        (
            "estimate: 2h-4h",
            "estimate: {low: 4h, likely: 3h, high: 8h}",
            "low: 4h",
            "write {low: 3h, likely: 4h, high: 8h}",
        ),
        ("estimate: 2h-4h", "estimate: {low: 2h, likly: 3h, high: 8h}", "likly", "did you mean `likely`?"),
        ("estimate: 2h-4h", "estimate: {likely: 3h, high: 8h}", "{likely", "`low` is missing"),
        ("estimate: 2h-4h", "estimate: {low: 2h, likely: soon, high: 8h}", "soon", "`soon` is no duration"),
        ("IN_PROGRESS", "done", "done", "`done` is not possible: write 'not started', 'in progress', 'blocked'"),
        ("IN_PROGRESS", "completed, percent: 50", "percent", "what is completed is done to 100%"),
        ("title: Dashboard", "titel: Dashboard", "titel", "did you mean `title`?"),
        ("due: 2026-03-26", "start: 2026-03-26", "start: 2026-03-26,", "`from` says when it begins already"),
        ("type: object, prop", "type: string, prop", "Harbor.Import", "their JSON Schema begins with `type: object`"),
        ("1.0, params", "one, params", "version", "`one` is not written as it must be: write it like `version: 1.0.0`"),
        ("Harbor.Import.Run", "Harbor Import", "Harbor Import", "a type has a name like Harbor.Import.Run"),
        ("areas: {", "priorities: [critical, high, critical]\nareas: {", "priorities", "`critical` is there twice"),
    ],
)
def test_the_check_of_the_plan_files_tasks_says_where_and_what_to_write_instead(old, new, at, said):
    assert PLAN.count(old) == 1
    text = PLAN.replace(old, new)
    found = problems(text)
    assert any(
        degree is Degree.ERROR and line == line_of(text, at) and said in sentence for degree, line, sentence in found
    ), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("assignee: one", "assignee: fe-one", "fe-one is not in backend, which has this task"),
        ("due: 2026-03-26,", "due: 2026-03-28 10:00,", "this is due after its phase prepare ends, Friday, 2026-03-27"),
        ("support_teams: frontend", "support_teams: backend", "backend leads this task: leave it out here"),
        ("required: [file]", "required: [fiel]", "`fiel` is required and not among the properties"),
        ("priority: critical", "kind: tissue", "the id ATOM-001 says that this is of the kind `atom`"),
    ],
)
def test_the_check_of_the_plan_files_tasks_shows_warnings(old, new, said):
    assert PLAN.count(old) == 1
    found = problems(PLAN.replace(old, new))
    assert any(degree is Degree.WARNING and said in sentence for degree, _, sentence in found), found
    assert not any(degree is Degree.ERROR for degree, _, _ in found), found


def test_the_check_of_the_plan_files_tasks_warns_of_a_molecule_of_one_team():
    alone = PLAN.replace("support_teams: frontend, components: [ATOM-001..ATOM-011],", "").replace(
        "Sign-in: frontend, ", ""
    )
    assert any("a molecule joins the work of two teams or more" in sentence for _, _, sentence in problems(alone))
    by_components = alone.replace("lead_team: backend,", "lead_team: backend, components: [ATOM-011],")
    assert not any("a molecule" in sentence for _, _, sentence in problems(by_components))


def test_the_check_of_the_plan_files_tasks_lists_a_vacant_assignee_until_completion():
    waiting = PLAN.replace("assignee: one", "assignee: night")
    said = "tasks.ATOM-001.assignee: the seat night is vacant, and this task waits for it"
    assert (Degree.VACANT, line_of(waiting, "ATOM-001"), said) in problems(waiting)
    assert said not in str(problems(waiting.replace("priority: critical", "status: completed")))


def test_task_sets_of_the_plan_file_know_a_plans_own_kinds_of_tasks_by_prefix():
    own = check(PLAN.replace("areas:", "task_kinds: {ATOM: issue, X: spike}\nareas:")).document
    assert task_sets.members(own, {"kind": "issue"}) == ["ATOM-001", "ATOM-002", "ATOM-003", "ATOM-011"]
    assert task_sets.members(own, {"kind": "molecule"}) == ["MOLECULE-001"]
    assert task_sets.kind(own, "ATOM-001") == "issue"


def test_the_plan_files_tasks_section_puts_begin_and_due_of_a_task_on_the_calendar():
    document = check(PLAN).document
    found = [
        (one.at.isoformat()[:16], one.name, one.zone, one.who)
        for one in calendar.happenings(document)
        if one.kind == "task"
    ]
    assert found == [
        ("2026-03-25T07:00", "API under load begins", "Europe/Berlin", ("one", "two")),
        ("2026-03-25T07:00", "Monitoring on begins", "Europe/Berlin", ("be-lead",)),
        ("2026-03-25T07:00", "Schema validated begins", "Europe/Berlin", ("one",)),
        ("2026-03-25T13:00", "Schema validated", "Europe/Berlin", ("one",)),
        ("2026-03-26T14:00", "Dashboard begins", "America/New_York", ("fe-lead",)),
        ("2026-03-26T17:00", "API under load", "Europe/Berlin", ("one", "two")),
        ("2026-03-27T16:00", "Both meet", "Europe/Berlin", ("be-lead",)),
    ]


def test_the_plan_files_tasks_section_leaves_out_a_task_due_at_the_end_of_a_window():
    document = check(PLAN).document
    due = datetime(2026, 3, 25, 13, tzinfo=UTC)
    window = (due - timedelta(hours=1), due)
    assert list(TASKS.happens(document, document.of(TASKS) or {}, window)) == []
    window = (due, due + timedelta(seconds=1))
    assert [one.key for one in TASKS.happens(document, document.of(TASKS) or {}, window)] == ["ATOM-001"]


@pytest.mark.parametrize(
    ("written", "low", "likely", "high"),
    [
        ("2h-4h", 2, None, 4),
        ("2-4h", 2, None, 4),
        ("3d", 72, None, 72),
        (" 30m - 1h30m ", 0.5, None, 1.5),
        ({"low": "2h", "likely": "3h", "high": "1d"}, 2, 3, 24),
        ({"low": "2h", "high": "4h"}, 2, None, 4),
    ],
)
def test_the_types_of_the_plan_files_tasks_read_an_estimate_of_one_duration_two_or_three(written, low, likely, high):
    estimate = TaskPart.model_validate({"title": "Code", "estimate": written}).estimate
    assert estimate is not None
    spans = (span and span / timedelta(hours=1) for span in (estimate.low, estimate.likely, estimate.high))
    assert tuple(spans) == (low, likely, high)


@pytest.mark.parametrize(
    ("written", "hours"), [("24h", 24), ("48h", 48), ("1d", 8), ("3d", 24), ("1w", 40), ("1d4h", 12), ("1w1d", 48)]
)
def test_the_work_of_an_estimate_of_hours_is_so_many_hours_and_that_of_days_so_many_working_days(written, hours):
    estimate = TaskPart.model_validate({"title": "Code", "estimate": written}).estimate
    assert estimate is not None
    assert estimate.work(Calendar(ZoneInfo("UTC"))).high == timedelta(hours=hours)


def test_the_types_of_the_plan_files_tasks_have_half_of_all_luck_below_what_is_likely():
    estimate = Estimate(low=timedelta(hours=2), likely=timedelta(hours=3), high=timedelta(hours=9))
    hours = [estimate.at(share) / timedelta(hours=1) for share in (0, 0.25, 0.5, 0.75, 1)]
    assert hours == [2, 2.5, 3, 6, 9]
    assert Estimate(low=timedelta(hours=2), high=timedelta(hours=4)).at(0.5) == timedelta(hours=3)
