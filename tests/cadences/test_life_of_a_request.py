"""People are asked again and again how it goes: only about what nothing was heard of, and with one click."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World, at

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CADENCES = """\
tasks:
  - for: {team: omega, from: 2025-11-13 09:00}
    O-1: {title: Database, assignee: pa}
    O-2: {title: Sign-in, assignee: pa}
    O-3: {title: Mail, assignee: pb}
  - for: {team: sigma}
    S-1: {title: Tests, assignee: sc, from: 2025-11-14 09:00}
cadences:
  - {name: Often, every: 30m, about: {team: omega}, who: [assignees]}
  - {name: All tasks, every: 2h, about: tasks, who: [assignees]}
  - {name: Teams, every: 4h, about: teams, who: [all leads]}
"""
WITH_CADENCES = (
    PLAN.replace("timezone: UTC\n", 'timezone: UTC\nworking_hours: {days: mon-fri, hours: "09:00-17:00"}\n') + CADENCES
)


@pytest.fixture
async def asked(database_url):
    """A quarter past nine: the first requests were sent at half past eight by nobody's clock."""
    async with World(database_url, WITH_CADENCES) as world:
        yield world


def asked_of(world, person):
    return world.dm(person).count("How is it going?") + world.dm(person).count("How are these")


async def test_cadences_that_come_due_together_send_one_status_request(asked):
    message = asked.dm("pa").expect("How are these 2 going?", "*O-1 Database*", "*O-2 Sign-in*")
    assert "Blocked" in message.shown
    assert asked_of(asked, "pa") == asked_of(asked, "pb") == 1
    assert asked_of(asked, "olga") == 1
    for person in ("sc", "sara", "amp", "exec", "stan"):
        assert asked_of(asked, person) == 0


async def test_the_cadence_service_takes_all_as_planned_for_news_of_each_task(asked):
    await asked.clicks("pa", "All as planned", "How are these")
    asked.dm("pa").expect("Thank you, that is all for now", "O-1 Database: as planned")
    await asked.until("2025-11-13 09:29")
    assert asked_of(asked, "pa") == 0
    await asked.until("2025-11-13 09:30")
    assert asked_of(asked, "pa") == 1


async def test_an_old_status_request_shows_a_task_as_done_that_somebody_else_has_completed_since(asked):
    question = asked.dm("pa").expect("How are these")
    await asked.advance(hours=2)
    await asked.says("olga", "/task complete O-1")
    answer = await asked.clicks("pa", "How far?", question, value="50%")
    assert "O-1 was already completed by <@UOLGA>" in answer.text
    shown = answer.messages[-1].shown
    assert ":white_check_mark: O-1 Database: completed" in shown
    assert "*O-2 Sign-in*: not started" in shown


@sqlite
async def test_the_cadence_service_takes_all_as_planned_though_a_task_has_left_the_plan(asked):
    question = asked.dm("pa").expect("How are these")
    asked.apply(asked.plan.replace("    O-1: {title: Database, assignee: pa}\n", ""))
    await asked.clicks("pa", "All as planned", question)
    asked.dm("pa").expect("Thank you, that is all for now", "O-2 Sign-in: as planned")
    assert [entry.said for entry in asked.entries("task", "noted", "O-2")] == ["as planned"]


async def test_a_cadence_that_comes_due_asks_nothing_about_tasks_with_news(asked):
    await asked.says("pa", "/task progress O-1 30%")
    asked.dm("pa").expect("How is it going?", "*O-2 Sign-in*", "O-1 Database: 30%")
    await asked.says("pa", "/task note O-2 the schema first")
    asked.dm("pa").expect("Thank you, that is all for now")
    await asked.until("2025-11-13 09:20")
    await asked.says("pa", "/task progress O-1 40%")
    await asked.until("2025-11-13 09:30")
    asked.dm("pa").expect("How is it going?", "*O-2 Sign-in*")
    asked.dm("pa").expect_nothing("*O-1 Database*")


async def test_the_buttons_of_a_cadence_request_set_a_percentage_and_raise_a_blocker(asked):
    message = asked.dm("pb").expect("How is it going?", "*O-3 Mail*")
    await asked.clicks("pb", "How far?", message, value="50%")
    asked.dm("pb").expect("Thank you", "O-3 Mail: 50%")
    message = asked.dm("pa").expect("How are these")
    await asked.slack.click("pa", message.channel, message.ts, "Blocked")
    await asked.opened("pa")
    assert (await asked.slack.submit("pa", {"What is in the way?": "mongo refuses TLS"})).ok
    await asked.settled()
    asked.channel("omega").expect("Blocker 1", "mongo refuses TLS")
    asked.dm("pa").expect("O-1 Database: blocked")


async def test_when_a_second_cadence_request_comes_due_unanswered_the_lead_is_told_once(asked):
    await asked.until("2025-11-13 09:30")
    assert asked.dm("pb").count("You can still answer") == 1
    asked.dm("olga").expect_nothing("I asked")
    await asked.until("2025-11-13 10:00")
    said = asked.dm("olga").expect("I asked", "no answer", "O-3 Mail")
    assert "<@UPA>" in said.shown
    assert "<@UPB>" in said.shown
    await asked.until("2025-11-13 16:59")
    assert asked.dm("olga").count("got no answer") == 1
    assert len([one for one in asked.dm("pb").messages if "Mail" in one.shown]) == 2
    await asked.says("pb", "/task progress O-3 10%")
    await asked.until("2025-11-14 09:00")
    asked.dm("pb").expect("How is it going?", "*O-3 Mail*: 10%")


@sqlite
async def test_cadences_come_due_within_working_hours_and_not_anew_after_an_outage(asked):
    await asked.clicks("pb", "As planned", "How is it going?")
    await asked.jump(hours=7, minutes=50)
    before = len(asked.dm("pb"))
    await asked.until("2025-11-14 08:59")
    assert len(asked.dm("pb")) == before
    await asked.until("2025-11-14 09:00")
    assert len(asked.dm("pb")) == before + 1
    assert asked_of(asked, "sc") == 1


@sqlite
async def test_the_message_of_a_cadence_request_shows_a_lead_how_far_the_team_is(asked):
    asked.dm("olga").expect("*Omega*: 0%, 0 of 3 tasks completed")
    await asked.clicks("olga", "Behind", "*Omega*")
    asked.dm("olga").expect("Omega: behind")
    await asked.until("2025-11-13 12:59")
    assert asked_of(asked, "olga") == 0
    await asked.until("2025-11-13 13:00")
    assert asked_of(asked, "olga") == 1


@sqlite
async def test_a_cadence_that_comes_due_during_a_standup_waits_for_its_end(database_url):
    standup = 'standups: [{name: Daily, at: "09:00", who: [omega], window: 1h}]\n'
    plan = (WITH_CADENCES + standup).replace("from: 2025-11-13 09:00\nto", "from: 2025-11-12 09:00\nto")
    async with World(database_url, plan, at=at("2025-11-13 08:50")) as world:
        await world.until("2025-11-13 09:00")
        world.dm("pa").expect("*Daily*: what is new?")
        assert asked_of(world, "pa") == 0
        await world.until("2025-11-13 10:00")
        assert asked_of(world, "pa") == 1


@sqlite
async def test_a_cadence_comes_due_once_for_two_bots(database_url):
    async with World(database_url, WITH_CADENCES) as world:
        other = world.another()
        try:
            await world.clicks("pb", "As planned", "How is it going?")
            await world.until("2025-11-13 09:59")
            world.clock.move_to(world.clock.now().replace(hour=10, minute=0))
            await other.ticker.tick()
            await world.settled()
            assert asked_of(world, "pb") == 1
        finally:
            await other.stop()
