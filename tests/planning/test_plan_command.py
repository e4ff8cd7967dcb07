"""`/plan` in Slack: what runs, who is who, test pages and absences."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

# What is only read or said is the same on every database.
words = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_plan_alone_says_what_runs_and_that_all_is_well(world):
    answer = await world.says("pa", "/plan")
    for words in ("*Release* (`release`), version 1", "8 people in Omega and Sigma", "Coordinated by <@UAMP>"):
        assert words in answer.text
    assert "Everybody can be reached" in answer.text


async def test_plan_people_lists_everybody_by_team(world):
    answer = await world.says("pa", "/plan people")
    for words in ("*Omega*", "Omega lead (<@UOLGA>), leads Omega, 09:00 there", "Amp (<@UAMP>), Coordinator"):
        assert words in answer.text


async def test_a_test_page_reaches_whoever_asks(world):
    answer = await world.says("pa", "/plan test")
    assert "on its way to you" in answer.text
    page = world.dm("pa").expect("test page", "You asked for it")
    clicked = await world.clicks("pa", "Confirm", page)
    assert "It works" in clicked.text


async def test_a_lead_tests_somebody_and_hears_that_it_arrived_once(world):
    await world.says("olga", "/plan test @pb")
    page = world.dm("pb").expect("<@UOLGA> asked for it")
    await world.clicks("pb", "Confirm", page)
    await world.clicks("pb", "Confirm", page)
    assert world.dm("olga").count("<@UPB> got the test page") == 1


async def test_nobody_else_tests_somebody(world):
    answer = await world.says("pa", "/plan test @pb")
    assert "Only leads and coordinators" in answer.text
    assert len(world.dm("pb")) == 0


async def test_who_is_away_is_stood_in_for_and_comes_back(world):
    answer = await world.says("olga", "/plan away today")
    assert "You are away 2025-11-13. I page <@UPA> instead." in answer.text
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("pa").expect("mongo refuses TLS")
    world.dm("olga").expect_nothing("mongo")
    assert "<@UOLGA> is away (2025-11-13); <@UPA> stands in" in (await world.says("pb", "/plan")).text
    assert "*away* 2025-11-13, <@UPA> stands in" in (await world.says("pb", "/plan who")).text
    assert "Absence on 2025-11-13 removed." in (await world.says("olga", "/plan back")).text


@words
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/plan away 2025-11-14..15", "You are away 2025-11-14..2025-11-15"),
        ("/plan away until 2025-11-14", "You are away 2025-11-13..2025-11-14"),
        ("/plan away tomorrow", "You are away 2025-11-14"),
        ("/plan away 2025-11-01", "is over"),
        ("/plan away 2025-02-30", "is no date"),
        ("/plan away", "2026-03-30..31"),
        ("/plan away whenever", "away"),
        ("/plan awya tomorrow", "away tomorrow"),
        ("/plan back", "No absence of you"),
        ("/plan away tomorrow @stranger", "is not in Release"),
        ("/plan away tomorrow @olga", "Only <@UOLGA> or <@UAMP> can say when <@UOLGA> is away"),
        ("/plan help", "send a test page"),
    ],
)
async def test_days_are_typed_as_people_write_them(world, typed, words):
    assert words in (await world.says("sc", typed)).text


async def test_who_is_not_found_in_slack_and_what_is_vacant_is_named(database_url):
    plan = PLAN.replace("slack: UPB}", "email: pb@nowhere.example}").replace("slack: USC}", "vacant: true}")
    plan = plan.replace('channel: "#sigma"', 'channel: "#sigma-private"')
    async with World(database_url, plan) as world:
        shown = (await world.says("pa", "/plan")).text
    assert "Not found in Slack: Person B" in shown
    assert "Vacant: Person C" in shown
    assert "I can't find" in shown
    assert "#sigma-private" in shown


@words
async def test_a_stranger_and_a_bot_get_a_sentence(world):
    assert "<@UAMP> can change that" in (await world.says("stranger", "/plan")).text
