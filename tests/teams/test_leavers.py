"""People whose accounts are closed while they hold locks, tasks, signatures and reports: who hears of it, and what."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)
BUSY = f"""{PLAN}
tasks: [{{O-1: {{title: Schema, team: omega, assignee: pa, due: 2025-11-13 17:00}}}}]
repositories: {{harbor: "https://git.example.com/harbor.git"}}
zones: [{{team: omega, paths: ["/src/api/**"]}}]
gates:
  quick: {{name: Quick, due: 2025-11-13 16:00, criteria: [], sign_off: [{{lead_of: omega}}, {{role: executive}}]}}
standups: [{{name: Daily, days: mon-sun, at: "09:00", who: [omega], window: 1h, remind_after: 30m, questions: [Today]}}]
"""


@pytest.fixture
async def busy(database_url):
    async with World(database_url, BUSY) as world:
        yield world


async def leaves(world, person):
    world.slack.deactivate(person)
    await world.heard("user_change")


async def test_the_duties_of_a_leaver_are_told_once_to_the_coordinator_with_how_to_give_them_to_others(busy):
    await busy.says("pa", "/lock src/api/** for the schema")
    await busy.says("pb", "/blocker mongo refuses TLS")
    await busy.says("pa", "/blocker ack 1")
    await leaves(busy, "pa")
    told = busy.dm("amp").expect("Person A has a deactivated Slack account.", "Give to others what Person A has")
    for words in ("mongo refuses TLS", "*O-1*  Schema", "*Lock 1*  `src/api/**`", "`/lock break`", "`/task assign`"):
        assert words in told.shown
    assert "Daily" not in told.shown
    await busy.advance(hours=6)
    assert busy.dm("amp").count("Give to others") == 1


async def test_the_duties_of_a_leaver_name_the_gate_that_only_they_can_sign(busy):
    await leaves(busy, "exec")
    busy.dm("amp").expect("Executive has a deactivated Slack account.", "Quick", "`/gate waive`")


async def test_a_leaver_without_duties_is_one_sentence(world):
    await leaves(world, "stan")
    assert "Give to others" not in world.dm("amp").expect("Stakeholder has a deactivated Slack account.").shown


async def test_a_leaver_who_was_asked_in_a_standup_is_excused_there_and_reminded_no_more(busy):
    await busy.advance(minutes=1)
    await leaves(busy, "pa")
    await busy.advance(minutes=70)
    digest = busy.channel("omega").expect("*Daily*")
    assert "no report: Omega lead, Person B" in digest.shown
    assert "away: Person A" in digest.shown
    assert [call for call in busy.slack.record.calls("chat.postMessage") if call["arguments"]["channel"] == "UPA"][1:] == []
