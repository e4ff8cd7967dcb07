"""A decision within a run-book is no-go while it runs: what is reckoned anew, and how it begins another day."""

from __future__ import annotations

import pytest

from tests.runbooks.shipping import shipping
from tests.world import PLAN, at

DATABASES = ("sqlite",)
LAUNCH = (
    PLAN
    + """\
dates: {target: 2025-11-15 15:00}
working_hours: {days: mon-sun, hours: "09:00-18:00"}
gates:
  users: {name: Users come, decision: true, due: target, sign_off: [{role: coordinator}, {lead_of: sigma}],
          if_no_go: {again: 1d, shift: [target]}}
runbooks:
  go-live:
    day: target
    steps:
      - {id: deploy, at: "14:00", title: Deploy, lead: omega, takes: 20m, if_failed: {rollback: system}}
      - {id: live, at: "15:00", title: Live, lead: sigma, gate: users, takes: 10m}
rollbacks: {system: {within: 30m, scope: The whole deployment, order: [coordinator], steps: [Fetch the copy]}}
emergencies:
  1: {name: Critical, when: [System down], respond_within: 5m, tell: [all leads]}
reports: {daily: {at: "18:00", to: ["#coordination"]}}
"""
)
SIGNED = LAUNCH.replace("decision: true, due: target", "due: 2025-11-15 17:00").replace(
    "          if_no_go: {again: 1d, shift: [target]}}\n", "  }\n"
)
SUNDAY = f"<!date^{int(at('2025-11-16 15:00').timestamp())}^"


@pytest.fixture
async def deployed(database_url):
    """All is deployed at 14:20, and users come at 15:00."""
    async with shipping(database_url, LAUNCH) as world:
        await world.until("2025-11-15 14:20")
        await world.done("olga", "deploy")
        yield world


async def no_go(world):
    await world.until("2025-11-15 14:45")
    await world.says("sara", "/gate reject users because sign-in answers 500", "release")


async def test_a_step_of_a_run_is_not_expected_before_the_decision_that_it_waits_for_is_tried_again(deployed):
    await no_go(deployed)
    shown = (await deployed.says("amp", "/run show go-live")).text
    assert f"*Live*  Sigma: {SUNDAY}" in shown
    assert "(+1 d)" in shown
    await deployed.until("2025-11-15 15:10")
    deployed.channel("sigma").expect_nothing("In 10 minutes you lead")
    deployed.channel("sigma").expect_nothing("you lead *Live*")


async def test_a_step_of_a_run_is_told_of_ten_minutes_before_where_its_decision_is_still_to_come(deployed):
    await deployed.until("2025-11-15 14:51")
    deployed.channel("sigma").expect("In 10 minutes you lead *Live*")


async def test_a_run_that_was_stopped_begins_anew_by_itself_on_the_day_to_which_a_no_go_has_moved_it(deployed):
    await no_go(deployed)
    answer = (await deployed.says("amp", "/run stop go-live because sign-in answers 500")).text
    assert f"It begins anew <!date^{int(at('2025-11-16 14:00').timestamp())}^" in answer
    await deployed.until("2025-11-16 14:00")
    deployed.channel("omega").expect("leads *Deploy* now")


async def test_a_run_that_was_stopped_after_the_hour_to_which_it_was_moved_does_not_begin_anew(deployed):
    await no_go(deployed)
    await deployed.until("2025-11-16 14:30")
    answer = (await deployed.says("amp", "/run stop go-live because sign-in answers 500")).text
    assert "To begin anew: `/run start go-live`. On another day: `/plan set target 2025-11-17 15:00`" in answer
    await deployed.says("amp", "/plan set sigma lead sc because Sara is ill")
    await deployed.until("2025-11-16 15:30")
    assert deployed.channel("omega").count("leads *Deploy* now") == 0


async def test_a_shift_says_which_run_books_have_begun_and_what_moves_them(database_url):
    async with shipping(database_url, SIGNED) as world:
        await world.until("2025-11-15 14:20")
        shown = (await world.says("amp", "/plan shift 1d because the vendor is down")).text
        stop = "Go-live has begun and goes on. To begin it anew: /run stop go-live because ..., "
        assert f"{stop}then /plan set target 2025-11-16 15:00" in shown
        stopped = (await world.says("amp", "/run stop go-live because the vendor is down")).text
        moves = "/plan set target 2025-11-16 15:00"
        assert f"To begin anew: `/run start go-live`. On another day: `{moves}`" in stopped
        shown = (await world.says("amp", "/plan shift 1d because the vendor is down")).text
        assert f"Go-live was stopped, and its day has come. To begin it anew: {moves}" in shown
        await world.says("amp", f"{moves} because the vendor is down")
        assert "Go-live" not in (await world.says("amp", "/plan shift 1d because the vendor is down")).text
        await world.until("2025-11-16 14:00")
        world.channel("omega").expect("leads *Deploy* now")


async def test_the_status_of_a_plan_names_what_runs_what_was_stopped_and_which_emergencies_are_open(deployed):
    running = (await deployed.says("stan", "/plan status")).text
    assert "*Run-books*\n• :round_pushpin: Go-live now: nothing. Next: Live" in running
    assert "*Emergencies*" not in running
    await deployed.says("pa", "/emergency 1 sign-in answers 500")
    await deployed.says("amp", "/run stop go-live because sign-in answers 500")
    stopped = (await deployed.says("stan", "/plan status")).text
    assert "*Emergencies*\n• :rotating_light: *1*  Critical: sign-in answers 500" in stopped
    assert "• :no_entry: *Go-live* was stopped" in stopped
    await deployed.until("2025-11-15 18:00")
    report = deployed.channel("release").expect("Daily report", "*Run-books*").shown
    assert ":octagonal_sign: Go-live: stopped, sign-in answers 500, since" in report


async def test_the_closing_report_says_how_many_run_books_are_done(database_url):
    async with shipping(database_url, SIGNED) as world:
        await world.until("2025-11-15 14:20")
        await world.says("amp", "/run stop go-live because sign-in answers 500")
        await world.until("2025-11-15 18:01")
        said = "*Run-books and rollbacks* 0 of 1 run-book done, 0 rollbacks."
        world.channel("release").expect("closing report", said)
