"""What is said of a blocker is true: who has it, who was reached, who is next and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)
"""What is said follows from rows that both databases keep alike."""


async def test_the_climb_of_a_blocker_idle_past_the_last_step_pages_it_again_and_says_who_has_it(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=12)
    await world.says("olga", "/blocker ack 1")
    await world.advance(minutes=15)
    page = world.dm("exec").expect("<@UOLGA> has had it since", "has said nothing", "New since")
    line = world.thread(world.card()).expect("Paged again Executive: <@UEXEC>", "<@UOLGA> has had it since")
    assert "obody has" not in line.shown
    assert "<@UOLGA> has it" in world.card().shown
    assert world.dm("amp").count("nobody has taken it") == 0
    await world.says("olga", "/blocker note 1 the vendor is on it")
    await world.advance(minutes=14)
    assert world.dm("exec").messages[-1].ts == page.ts
    await world.advance(minutes=1)
    quiet = world.dm("exec").expect("has said nothing", "the vendor is on it")
    assert "Now:" not in quiet.shown
    assert quiet.shown.count("<!date^") > page.shown.count("<!date^")


async def test_the_climb_of_a_blocker_reminds_its_holder_alone_before_anybody_else_hears(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pb", "/blocker ack 1")
    await world.advance(minutes=8)
    world.dm("pb").expect("You have had it since", "have said nothing", "<@UAMP> is paged")
    assert len(world.dm("amp")) == 0
    await world.says("pb", "/blocker note 1 nearly there")
    await world.advance(minutes=8)
    assert world.dm("pb").count(":wave:") == 2, "she is reminded again"
    assert world.dm("pb").count("have said nothing") == 1, "and the first reminder is not true any more"
    assert "have said nothing since <!date^" in world.dm("pb").messages[-1].shown
    line = world.thread(world.card()).expect("I asked how it goes")
    assert "<@UPB> has had it since" in line.shown


async def test_the_page_of_a_reminder_is_dropped_when_its_holder_speaks_first(world):
    world.slack.fault("chat.postMessage", "ratelimited", channel="pb", seconds=600)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pb", "/blocker ack 1")
    await world.advance(minutes=8)
    await world.says("pb", "/blocker note 1 on it")
    await world.advance(minutes=6)
    assert world.dm("pb").count("have said nothing") == 0


async def test_the_climb_of_a_blocker_never_names_its_holder_as_the_next_step(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("amp", "/blocker ack 1")
    assert "<@UEXEC> is paged" in answer.text
    assert "Managing engineer: <@UAMP> (knows already)" in world.card().shown
    await world.advance(minutes=15)
    world.dm("exec").expect("<@UAMP> has had it since")
    assert world.dm("amp").count("You are paged") == 0
    world.thread(world.card()).expect("Managing engineer is <@UAMP>, who has it.", "Paged Executive: <@UEXEC>.")


async def test_the_climb_of_a_blocker_of_the_lead_pages_the_next_step_at_once_and_says_so(world):
    answer = await world.says("olga", "/blocker mongo refuses TLS")
    assert "<@UAMP>" in answer.text
    assert "You know of it, so Team lead is skipped." in answer.text
    assert len(world.dm("olga")) == 0
    world.dm("amp").expect("mongo refuses TLS")
    world.thread(world.card()).expect("Team lead is <@UOLGA>, who raised it.", "Paged Managing engineer: <@UAMP>.")
    assert "Team lead: <@UOLGA> (knows already)" in world.card().shown
    await world.advance(minutes=10)
    world.dm("exec").expect("mongo refuses TLS")


async def test_the_climb_of_a_blocker_leaves_its_reporter_out_of_a_step_of_several(database_url):
    plan = PLAN.replace("{level: Team lead, notify: [lead]", "{level: Leads, notify: [all leads]")
    async with World(database_url, plan=plan) as world:
        await world.says("sara", "/blocker tests are red", "sigma")
        world.dm("olga").expect("tests are red")
        assert len(world.dm("sara")) == len(world.dm("amp")) == 0


async def test_the_climb_of_a_blocker_pages_a_reporter_whom_the_step_names(database_url):
    plan = PLAN.replace("{level: Team lead, notify: [lead]", "{level: Reporter, notify: [reporter]")
    async with World(database_url, plan=plan) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        world.dm("pa").expect("mongo refuses TLS")


async def test_the_card_of_a_blocker_says_who_is_paged_while_a_step_is_away(world):
    await world.says("amp", "/plan away today")
    answer = await world.says("pa", "/blocker mongo refuses TLS")
    assert "<@UEXEC> is paged" in answer.text
    assert "obody" not in answer.text.replace("If nobody takes it", "")
    assert "Managing engineer: nobody" in world.card().shown
    await world.advance(minutes=5)
    world.dm("exec").expect("mongo refuses TLS")
    assert len(world.dm("amp")) == 0
    world.thread(world.card()).expect("Managing engineer had nobody on it.", "Paged Executive: <@UEXEC>.")
    await world.advance(minutes=16)
    world.thread(world.card()).expect("Everybody was paged and nobody has taken it.", "No coordinator can be told.")
    await world.advance(minutes=15)
    world.thread(world.card()).expect("Paged again Executive: <@UEXEC>.")


async def test_the_receipts_of_a_blocker_follow_a_page_that_slack_refuses_and_takes_later(world):
    world.slack.fault("chat.postMessage", "error", channel="olga", code="service_unavailable", seconds=80)
    answer = await world.says("pa", "/blocker mongo refuses TLS")
    assert "Being paged: <@UOLGA>." in answer.text
    assert "Team lead: <@UOLGA> being paged" in world.card().shown
    await world.advance(seconds=70)
    assert "Team lead: <@UOLGA> not reached" in world.card().shown
    warning = world.dm("amp").expect("I can't page <@UOLGA>")
    await world.advance(seconds=20)
    world.dm("olga").expect("mongo refuses TLS")
    assert "Team lead: <@UOLGA> paged" in world.card().shown
    mended = world.dm("amp").expect("<@UOLGA> was paged after all")
    assert mended.ts == warning.ts


async def test_the_receipts_of_a_blocker_are_in_the_thread_too_and_corrected_there(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=4)
    world.slack.fault("chat.postMessage", "error", channel="amp", code="service_unavailable", seconds=180)
    await world.advance(minutes=1, seconds=2)
    line = world.thread(world.card()).expect("Paging Managing engineer: <@UAMP>.")
    await world.advance(seconds=68)
    assert world.thread(world.card()).expect("Could not page Managing engineer: <@UAMP>.").ts == line.ts
    assert "Could not page Managing engineer" in (await world.says("pb", "/blocker show 1")).text
    await world.advance(seconds=80)
    assert world.thread(world.card()).expect("Paged Managing engineer: <@UAMP>.").ts == line.ts


async def test_typed_blocker_list_says_when_a_blocker_was_raised_and_when_it_was_resolved(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=40)
    await world.says("olga", "/blocker resolve 1")
    listed = (await world.says("amp", "/blocker list")).text
    raised, resolved = (int(datetime(2025, 11, 13, 9, minute, tzinfo=UTC).timestamp()) for minute in (0, 40))
    assert re.search(rf"resolved by <@UOLGA> <!date\^{resolved}[^>]*>, raised <!date\^{raised}", listed)


async def test_blocks_say_the_day_of_a_time_that_is_not_near(database_url):
    overnight = PLAN.replace("notify: [lead], respond_within: 5m", "notify: [lead], respond_within: 24h")
    overnight = overnight.replace("    resolve_within: 1h\n", "")
    async with World(database_url, plan=overnight) as world:
        answer = await world.says("pa", "/blocker mongo refuses TLS")
        assert "{date_short_pretty} at {time}|2025-11-14 09:00 UTC>, <@UAMP> is paged" in answer.text
        assert "{date_short_pretty} at {time}|2025-11-14 09:00 UTC>  Managing engineer" in world.card().shown
        await world.advance(hours=20)
        await world.says("pb", "/blocker ack 1")
        assert "since <!date^1763096400^{date_short_pretty} at {time}|" in world.card().shown


WHO = ("olga", "amp", "exec", "stan", "pa", "pb")
NEXT = re.compile(r"by <!date\^(\d+)\^[^>]*>, (.+?) (?:is|are|hears|hear) ")


def typed(deed):
    verb, _, who = deed.partition(":")
    return who, {
        "ack": "/blocker ack 1", "unack": "/blocker unack 1", "snooze": "/blocker snooze 1 17m",
        "note": "/blocker note 1 on it", "escalate": "/blocker escalate 1", "reassign": "/blocker reassign 1 @pb",
        "away": "/plan away today", "resolve": "/blocker resolve 1", "reopen": "/blocker reopen 1",
    }[verb]  # fmt: skip


@pytest.mark.parametrize(
    "deeds",
    [
        [], ["ack:olga"], ["ack:amp"], ["ack:exec"], ["wait:9", "ack:exec"], ["snooze:olga"],
        ["ack:olga", "snooze:olga"],
        ["away:amp"], ["away:exec"], ["away:amp", "away:exec"], ["wait:3", "away:olga"], ["ack:olga", "away:amp"],
        ["ack:amp", "unack:amp"], ["wait:9", "ack:olga", "wait:9", "unack:amp"], ["wait:40"], ["wait:40", "ack:olga"],
        ["wait:40", "ack:exec"], ["escalate:pa"], ["escalate:pa", "escalate:pa"], ["ack:olga", "reassign:olga"],
        ["resolve:amp", "wait:3", "reopen:amp"], ["ack:amp", "wait:40"], ["wait:9", "snooze:olga", "away:exec"],
        ["ack:olga", "escalate:pa"], ["ack:olga", "note:pb", "wait:9"],
    ],
    ids=lambda deeds: " ".join(deeds) or "nothing",
)  # fmt: skip
async def test_the_ladder_of_a_blocker_names_the_page_that_goes_out_next(world, deeds):
    await world.says("pa", "/blocker mongo refuses TLS")
    for deed in deeds:
        who, text = typed(deed) if not deed.startswith("wait") else (deed.partition(":")[2], "")
        if text:
            await world.says(who, text)
        else:
            await world.advance(minutes=int(who), seconds=1)
    await world.advance(seconds=1)
    said = NEXT.search(world.card().shown)
    if said is None:
        assert "Nobody else is paged." in world.card().shown
        before = {who: len(world.dm(who)) for who in WHO}
        await world.advance(hours=9)
        assert before == {who: len(world.dm(who)) for who in WHO}
        return
    at, whom = datetime.fromtimestamp(int(said[1]), UTC), set(re.findall(r"<@U(\w+)>", said[2]))
    before = {who: len(world.dm(who)) for who in WHO}
    reminded = {who: world.dm(who).count("Still on it?") for who in WHO}
    await world.advance(seconds=(at - world.clock.now()).total_seconds() - 1)
    early = {
        who for who in WHO
        if len(world.dm(who)) - before[who] != world.dm(who).count("Still on it?") - reminded[who]
    }  # fmt: skip
    assert early == set(), "somebody was paged before the time that was said"
    before = {who: len(world.dm(who)) for who in WHO}
    await world.advance(seconds=2)
    assert {who.upper() for who in WHO if len(world.dm(who)) > before[who]} == whom


async def test_the_form_and_the_card_of_a_blocker_name_a_category_as_the_plan_writes_it(database_url):
    async with World(database_url, PLAN.replace("access denied", "external API")) as world:
        await world.says("pa", "/blocker")
        form = await world.opened("pa")
        offered = [option["text"]["text"] for option in form.body["blocks"][2]["element"]["options"]]
        assert offered == ["Service down", "External API"]
        await world.says("pa", "/blocker external API: the price service answers 500")
        assert "External API" in world.card().shown


async def test_a_repeated_page_does_not_call_it_news_that_the_blocker_was_raised(database_url):
    one_step = PLAN.replace("      - {level: Team lead, notify: [lead], respond_within: 5m}\n", "").replace(
        "      - {level: Managing engineer, notify: [coordinator], respond_within: 5m}\n", ""
    )
    async with World(database_url, one_step) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.advance(minutes=31)
        again = world.dm("exec").expect("*New since", "nothing")
        assert "raised it" not in again.shown
