"""What a report puts under which heading, and who gets it how often."""

from __future__ import annotations

from sqlmodel import select

from callboard.core.ticks import Trouble
from tests.runbooks.shipping import SHIPPING, Shipping
from tests.world import PLAN, World, at

DATABASES = ("sqlite",)  # words
DAILY = 'reports: {daily: {at: "18:00", to: ["#coordination"]}}\n'


def chapter(shown, title):
    """The lines below a heading of a report."""
    lines = iter(shown.splitlines())
    next(line for line in lines if line.strip("* ") == title)
    found = []
    for line in lines:
        if line.startswith("*"):
            break
        found.append(line)
    return "\n".join(found)


async def test_a_report_names_a_gate_that_somebody_refused_as_late_before_it_is_due(database_url):
    gates = "gates: {go: {name: Go live, decision: true, due: 2025-11-14 17:00, sign_off: [{role: coordinator}]}}\n"
    async with World(database_url, PLAN + gates + DAILY) as world:
        await world.opens("amp", "/gate reject go", "release")
        await world.submits("amp", {"Why": "nothing was tested"})
        await world.until("2025-11-13 18:00")
        assert "Go live: NO-GO" in chapter(world.channel("release").expect("Daily report").shown, "Late")


async def test_a_report_names_a_task_about_which_somebody_was_asked_in_vain(database_url):
    asked = """\
tasks:
  - for: {team: omega, from: 2025-11-13 09:00}
    O-1: {title: Database, assignee: pa}
    O-2: {title: Sign-in, assignee: pb}
cadences: [{name: Often, every: 2h, about: {team: omega}, who: [assignees]}]
"""
    async with World(database_url, PLAN + asked + DAILY) as world:
        await world.until("2025-11-13 17:30")
        await world.says("pb", "/task progress O-2 50%")
        await world.until("2025-11-13 18:00")
        late = chapter(world.channel("release").expect("Daily report").shown, "Late")
        assert ("O-1 Database (Person A): no answer when asked" in late, "O-2" in late) == (True, False)


async def test_a_report_names_of_a_run_book_that_runs_again_only_the_run_that_lasts(database_url):
    async with Shipping(
        database_url, SHIPPING + DAILY.replace('at: "18:00"', 'days: mon-sun, at: "15:00"'), at=at("2025-11-15 13:30")
    ) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.says("amp", "/run stop go-live because the window is taken", "release")
        await world.until("2025-11-15 14:30")
        await world.says("amp", "/run start go-live", "release")
        await world.until("2025-11-15 15:00")
        runs = chapter(world.channel("release").expect("Daily report").shown, "Run-books")
        assert ("Go-live: 0 of " in runs, "stopped" in runs) == (True, False)


async def test_a_report_goes_out_once_a_day_though_its_hour_is_moved_behind_that(database_url):
    async with World(database_url, PLAN + DAILY) as world:
        await world.until("2025-11-13 18:00")
        world.apply(PLAN + DAILY.replace("18:00", "20:00"))
        await world.until("2025-11-13 21:00")
        assert world.channel("release").count("Daily report, Thursday") == 1
        assert world.app.db.transact(lambda tx: tx.session.exec(select(Trouble)).all()) == []
        await world.until("2025-11-14 20:00")
        assert world.channel("release").count("Daily report, Friday") == 1


async def test_a_report_counts_whoever_is_named_twice_as_one_who_gets_it(database_url):
    plan = PLAN.replace("slack: USTAN", "slack: USTAN, email: stan@example.com")
    twice = DAILY.replace('["#coordination"]', '["#coordination"], mail: [stakeholder, stan@example.com]')
    async with World(database_url, plan + twice) as world:
        await world.until("2025-11-13 18:00")
        assert world.entries("report", "reported")[-1].facts["to"] == 2


async def test_a_report_says_of_a_phase_that_is_late_when_it_was_to_end_and_counts_gates_apart_from_tasks(database_url):
    plan = """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-13 17:00}
  done: {name: Draw, from: 2025-11-13 09:00, to: 2025-11-13 12:00}
tasks:
  - for: {team: omega, phase: build}
    O-1: {title: Database, assignee: pa, due: 2025-11-13 12:00}
    O-2: {title: Sign-in, assignee: pb, due: 2025-11-14 12:00}
    O-3: {title: Mail, assignee: pb, due: 2025-11-14 10:00}
    O-4: {title: Search, assignee: pb, due: 2025-11-14 12:00}
    D-1: {title: Drawing, phase: done, status: completed}
gates:
  built: {name: All is built, due: 2025-11-13 16:00, sign_off: [{lead_of: omega}]}
  drawn: {name: All is drawn, due: 2025-11-13 16:00, sign_off: [{lead_of: sigma}]}
"""
    async with World(database_url, PLAN + plan + DAILY) as world:
        await world.opens("sara", "/gate sign drawn", "release")
        await world.submits("sara", {"Confirm": "yes"})
        await world.until("2025-11-13 18:00")
        report = world.channel("release").expect("Daily report, Thursday").shown
        assert "1 of 5 tasks completed, 1 late, 1 gate overdue, 0 blockers open" in report
        phases, gates = chapter(report, "Phases"), chapter(report, "Gates")
        assert ":warning: Build: 0 of 4 completed, 0%, was to end " in phases
        assert ":white_check_mark: Draw: 1 of 1 completed\n" in f"{phases}\n"
        assert ":white_check_mark: All is drawn: passed, <" in gates
        assert ":warning: All is built: overdue, was due" in gates
        assert "3 tasks due: O-2..O-4" in chapter(report, "What comes next")
        assert "Drawing" not in report, "what the plan brought completed is no news"
