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


@pytest.mark.both_databases
async def test_a_leaver_who_alone_could_sign_a_gate_is_told_plainly_with_what_to_type_and_stands_on_its_card(busy):
    await leaves(busy, "olga")
    busy.dm("amp").expect_nothing("can't pass as it is")
    await leaves(busy, "exec")
    told = busy.dm("amp").expect(
        "*Quick* can't pass as it is", "Executive has a deactivated Slack account, and no deputy"
    )
    assert "`/gate waive quick because ...`" in told.shown
    assert "Name somebody else in the plan file" in told.shown
    card = (await busy.says("amp", "/gate show quick", "release")).text
    assert "Nobody can sign that: Executive has a deactivated Slack account" in card
    assert "Omega lead has a deactivated" not in card
    busy.slack.reactivate("exec")
    await busy.app.linker.link("T0SANDBOX")
    await busy.advance(minutes=1)
    assert "Nobody can sign that" not in (await busy.says("amp", "/gate show quick", "release")).text


async def test_a_leaver_without_duties_is_one_sentence(world):
    await leaves(world, "stan")
    assert "Give to others" not in world.dm("amp").expect("Stakeholder has a deactivated Slack account.").shown


@pytest.mark.both_databases
async def test_leavers_who_go_together_are_one_message_after_the_first_with_what_each_of_them_has(busy):
    await busy.says("pb", "/lock src/api/** for the schema")
    for person in ("stan", "pa", "pb", "sc"):
        await leaves(busy, person)
    busy.dm("amp").expect("Stakeholder has a deactivated Slack account.")
    assert len(busy.dm("amp")) == 1
    await busy.advance(minutes=2)
    told = busy.dm("amp").expect("3 more people left Slack. Name others in the plan file.")
    for words in ("Person A has a deactivated Slack account. <@UOLGA> stands in.", "Person B has: :lock: *Lock 1*",
                  "Person C", "*O-1*  Schema", "`/lock break`"):  # fmt: skip
        assert words in told.shown
    await busy.advance(minutes=3)
    await leaves(busy, "sara")
    await busy.advance(minutes=2)
    busy.dm("amp").expect("1 more person left Slack.", "Sigma lead")
    assert len(busy.dm("amp")) == 3
    busy.slack.reactivate("pb")
    await busy.app.linker.link("T0SANDBOX")
    await busy.advance(minutes=1)
    busy.dm("amp").expect("2 more people left Slack.", "Person B is in Slack again.")


async def test_locks_of_a_leaver_say_so_and_who_can_break_them(busy):
    await busy.says("pb", "/lock src/api/** for the schema")
    wait = "<@UPB> (Omega), since"
    refused = (await busy.says("pa", "/lock src/api/x.py for a fix")).text
    assert wait in refused
    assert "<@UOLGA> or <@UAMP> can break it: `/lock break 1 because ...`" in refused
    await busy.says("olga", "/plan away today")
    refused = (await busy.says("sara", "/lock release 1", "release")).text
    assert "<@UPA> or <@UAMP> can break it" in refused
    await leaves(busy, "pb")
    await busy.advance(seconds=5)
    card = busy.channel("omega").expect("*Lock 1*", ":warning: Person B has a deactivated Slack account.")
    assert "<@UPA> or <@UAMP> can break it: `/lock break 1 because ...`" in card.shown
    for typed in ("/lock src/api/x.py for a fix", "/lock release 1"):
        refused = (await busy.says("pa", typed)).text
        assert (
            "Person B has a deactivated Slack account. <@UPA> or <@UAMP> can break it: `/lock break 1 because ...`"
            in refused
        )
    gone = BUSY.replace(", pb]", "]").replace("  pb: {name: Person B, slack: UPB}\n", "")
    busy.apply(gone)
    await busy.advance(seconds=5)
    busy.channel("omega").expect("*Lock 1*", ":warning: Person B has left the plan.")
    refused = (await busy.says("pa", "/lock src/api/x.py for a fix")).text
    assert "locked by Person B (Omega)" in refused
    assert "Person B has left the plan. <@UPA> or <@UAMP> can break it" in refused
    assert "broken" in (await busy.says("pa", "/lock break 1 because nobody else can")).text.lower()


async def test_a_leaver_who_was_asked_in_a_standup_is_excused_there_and_reminded_no_more(busy):
    await busy.advance(minutes=1)
    await leaves(busy, "pa")
    await busy.advance(minutes=70)
    digest = busy.channel("omega").expect("*Daily*")
    assert "no report: Omega lead, Person B" in digest.shown
    assert "away: Person A" in digest.shown
    assert [call for call in busy.slack.record.calls("chat.postMessage") if call["arguments"]["channel"] == "UPA"][
        1:
    ] == []


POLLED = f"""{PLAN}
gates:
  ship: {{name: Ship, due: 2025-11-13 12:00, decision: true, criteria: [{{tick: Window, by: [coordinator]}}],
         poll: {{opens: 2025-11-13 10:30, order: [omega, sigma], answer_within: 10m}}}}
"""


async def test_a_poll_asks_the_deputy_of_a_leaver_at_once_and_gives_them_their_own_time(database_url):
    async with World(database_url, POLLED) as world:
        await world.says("amp", "/gate tick ship 1")
        await world.until("2025-11-13 10:38")
        world.dm("olga").expect("GO or NO-GO for *Omega*?")
        await leaves(world, "olga")
        await world.advance(seconds=1)
        asked = world.dm("pa").expect("GO or NO-GO for *Omega*?", "10:48 UTC", "<@UOLGA> can't answer any more")
        await world.advance(minutes=5)
        await world.clicks("pa", "GO", asked)
        world.dm("sara").expect("GO or NO-GO for *Sigma*?")
        assert world.dm("pa").count("GO or NO-GO for *Omega*?") == 1


async def test_a_poll_asks_the_deputy_of_one_of_two_leads_too_who_goes_away_and_the_time_stays(database_url):
    plan = POLLED.replace("lead: olga, members: [pa, pb]", "lead: [olga, pb], members: [pa]")
    async with World(database_url, plan) as world:
        await world.says("amp", "/gate tick ship 1")
        await world.until("2025-11-13 10:35")
        await world.says("olga", "/plan away today")
        await world.advance(seconds=1)
        world.dm("pa").expect("GO or NO-GO for *Omega*?", "10:40 UTC")
        assert world.dm("pb").count("GO or NO-GO") == 1
        await world.until("2025-11-13 10:41")
        world.channel("release").expect("*NO-GO*: *Ship*.", "silence is NO-GO")


ALARMED = f"""{BUSY}emergencies: {{1: {{name: Sinking, when: [All is down], respond_within: 6m, tell: [all leads]}}}}
"""


async def test_an_emergency_whose_commander_left_asks_whoever_stands_in_at_once(database_url):
    async with World(database_url, ALARMED) as world:
        await world.says("pa", "/emergency 1 all down")
        await world.says("sara", "/emergency take 1 commander")
        await leaves(world, "sara")
        world.dm("amp").expect("Emergency 1", "hand it over, to you or somebody else", "`/emergency hand 1 commander")
        told = world.dm("amp").expect("Give to others what Sigma lead has", "Commander of Emergency 1").shown
        assert told.count("`/emergency hand 1 commander @somebody`") == 1
        world.thread(world.channel("omega").expect("Emergency 1")).expect("Asked instead: <@UAMP>")
        await world.says("amp", "/emergency hand 1 commander <@UOLGA>")
        assert "*Command: <@UOLGA>*" in world.channel("omega").expect("Emergency 1").shown


async def test_nothing_is_given_to_a_leaver(database_url):
    async with World(database_url, ALARMED) as world:
        await world.says("pb", "/blocker mongo refuses TLS")
        await world.says("pb", "/lock src/api/** for the schema")
        await world.says("pa", "/emergency 1 all down")
        await world.says("sara", "/emergency take 1 commander")
        await leaves(world, "pa")
        for person, typed in (
            ("amp", "/blocker reassign 1 <@UPA>"), ("pb", "/lock hand 1 <@UPA>"),
            ("sara", "/emergency hand 1 commander <@UPA>"), ("amp", "/task assign O-1 <@UPA> <@UPB>"),
        ):  # fmt: skip
            answer = (await world.says(person, typed)).text
            assert answer.startswith("Person A has a deactivated Slack account. Name somebody else."), answer
