"""Tasks that are late only because a gate is: each place tells of them as one, with what they wait for."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World, at

DATABASES = ("sqlite",)
HELD = (
    PLAN
    + """\
working_hours: {days: mon-sun, hours: "09:00-18:00"}
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-13 18:00}
  ship: {name: Ship it, from: 2025-11-14 09:00, to: 2025-11-15 18:00, needs: [validated]}
tasks:
  - for: {team: omega, phase: ship, due: 2025-11-14 11:00}
    S-1: {title: Copy, assignee: pa}
    S-2: {title: Deploy, assignee: pa}
    S-3: {title: Watch, assignee: pb}
gates:
  validated: {name: Omega signs off, due: 2025-11-13 17:00, sign_off: [{lead_of: omega}]}
  shipped: {name: Shipped, due: 2025-11-15 17:00, needs: [validated], criteria: [{tick: It runs, by: [omega]}], sign_off: [{lead_of: omega}]}
  kept: {name: Kept, due: 2025-11-15 17:30, criteria: [{tick: It still runs, by: [omega]}], sign_off: [{lead_of: omega}]}
checkpoints:
  - {name: Noon, team: omega, at: 2025-11-14 12:00, expects: {S-1: completed}}
  - {name: Sync, teams: [omega, sigma], at: 2025-11-14 13:00, ask: [Any help needed?]}
meetings:
  - {name: Review, at: 2025-11-14 15:00, lasts: 30m, who: [all leads], agenda: [Demo of completed work, Priorities]}
reports: {daily: {at: "18:00", to: ["#coordination"]}}
"""  # noqa: E501 - a plan file
)


@pytest.fixture
async def friday(database_url):
    """The gate was missed on Thursday, and three tasks are late that wait for it."""
    async with World(database_url, HELD, at=at("2025-11-14 11:30")) as world:
        yield world


async def test_the_status_of_a_plan_tells_of_late_tasks_that_wait_for_one_gate_in_one_line(friday):
    told = (await friday.says("amp", "/plan status")).text
    assert "• S-1, S-2 and S-3 wait for Omega signs off" in told
    assert told.count("S-1") == 2, "once among what is late, once with whoever has it"


async def test_the_daily_report_of_a_board_tells_of_late_tasks_that_wait_for_one_gate_in_one_line(friday):
    await friday.until("2025-11-14 18:00")
    report = friday.channel("release").expect("Daily report", "3 tasks wait for Omega signs off: S-1, S-2, S-3").shown
    assert "0 of 3 tasks completed, 3 late, 1 gate overdue, 0 blockers open" in report
    assert "S-1 Copy" not in report


async def test_a_checkpoint_says_what_a_task_waits_for_that_cannot_start(friday):
    await friday.until("2025-11-14 12:00")
    said = "*S-1* Copy (Person A): not started, waits for Omega signs off, should be completed"
    friday.channel("omega").expect("*Noon*", said)


async def test_who_must_act_for_a_blocker_is_whoever_was_paged_last(friday):
    await friday.says("pa", "/blocker mongo refuses TLS on staging")
    assert "<@UOLGA> must take blocker 1" in (await friday.says("amp", "/plan status")).text
    await friday.advance(minutes=6)
    assert "<@UAMP> must take blocker 1" in (await friday.says("amp", "/plan status")).text


async def test_a_home_leaves_out_gates_to_tick_that_wait_for_another_until_the_day_before(friday):
    told = (await friday.says("pa", "/plan mine")).text
    assert "*Kept (kept)*" in told
    assert "*Shipped (shipped)*" not in told
    assert "*shipped*  Shipped" in (await friday.says("pa", "/gate mine")).text
    await friday.until("2025-11-14 17:01")
    assert "*Shipped (shipped)*" in (await friday.says("pa", "/plan mine")).text


async def test_whoever_was_told_of_silent_leads_has_one_thing_to_do_with_their_names(friday):
    await friday.until("2025-11-14 13:31")
    told = (await friday.says("amp", "/plan mine")).text
    assert told.count("*Sync*: Omega lead and Sigma lead did not answer") == 1
