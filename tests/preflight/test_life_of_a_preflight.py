"""Test pages before the day: who gets one, one click, one reminder, one card, and the gate that asks for it."""

from __future__ import annotations

import pytest

from callboard.app import sections
from callboard.core.errors import Refused
from callboard.plans import service as plans
from callboard.preflight import service, store
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.world import PLAN, World

FLOWN = (
    PLAN.replace("pb: {name: Person B, slack: UPB}", 'pb: {name: Person B, slack: UPB, fallback: ["env:PB_OTHER"]}')
    .replace("sc: {name: Person C, slack: USC}", "sc: {name: Person C, slack: USC, deputies: [sara]}")
    + """\
on_call: {omega: {rotation: [pb], every: 1w, from: 2025-11-13 08:00}}
gates:
  go: {name: Go, due: 2025-11-15 12:00, criteria: [{preflight: within 1d}]}
runbooks:
  live:
    day: 2025-11-15
    steps:
      - {at: "14:00", title: Deploy, lead: {on_call: omega}, confirm: [coordinator], if_failed: {escalate: default}}
      - {at: "15:00", title: Look, lead: sc}
preflight: {at: 2025-11-13 10:00, answer_within: 4h}
"""
)  # fmt: skip


@pytest.fixture
async def world(database_url):
    async with World(database_url, plan=FLOWN) as world:
        yield world


async def test_somebody_whose_quiet_hours_outlast_a_preflight_was_not_asked_and_their_page_is_no_lost_one(database_url):
    plan = FLOWN.replace("slack: UPB,", 'slack: UPB, quiet: "01:00-15:00",').replace(
        "slack: USC,", 'slack: USC, quiet: "01:00-11:00",'
    )
    async with World(database_url, plan=plan) as world:
        await world.advance(hours=1)
        card = world.dm("amp").expect("in quiet hours all the time: <@UPB>").shown
        assert ":zzz: <@UPB>: not asked, in quiet hours until" in card
        assert "<@USC>: asked by Slack, " in card
        assert "after their quiet hours" in card
        assert len(world.dm("sc")) == 0
        await world.advance(hours=1)
        world.dm("sc").expect("This is a test page")
        await world.advance(hours=3)
        world.dm("amp").expect("Preflight is over.", "in quiet hours all the time: <@UPB>", "Ask again")


async def clicks(world, person):
    message = world.dm(person).expect("This is a test page")
    return await world.clicks(person, "I got it", message)


def forge(tx, person):
    """Somebody presses the button of another one's page."""
    directory = teams.directory(tx, 1)
    service.answer(tx, Asker(directory, directory.people[person]), store.pages(tx, 1)[0])


async def test_a_preflight_asks_everybody_whom_run_books_name_once_and_shows_one_card(world):
    await world.advance(hours=1)
    for person in ("pb", "sc", "olga", "amp", "exec"):
        world.dm(person).expect("This is a test page", "Please answer by")
    assert [world.dm(person).count("test page") for person in ("pa", "sara", "stan")] == [0, 0, 0]
    world.dm("amp").expect("Preflight of Release", "Reached 0 of 5")
    assert "Thank you" in (await clicks(world, "pb")).text
    world.dm("amp").expect("Reached 1 of 5", "still waiting for <@UOLGA>, <@USC>, <@UAMP> and <@UEXEC>")
    with pytest.raises(Refused, match="Only they can answer it"):
        world.app.db.transact(forge, "sc")
    for person in ("sc", "olga", "exec"):
        await clicks(world, person)
    assert "Everybody who may be paged was reached" in (await world.says("pa", "/gate show go")).text
    await clicks(world, "amp")
    await world.advance(seconds=5)
    # Person B answered in Slack; that their other way is broken is found all the same, and not taken back.
    world.dm("amp").expect("over. Reached 5 of 5", "<@UPB> answered, but their fallback did not take the page")
    await world.advance(hours=1, minutes=5)
    world.dm("amp").expect("Preflight of Release", ":warning: <@UPB>", "but their fallback did not take the page")
    world.dm("amp").expect("I could not send messages to env:PB_OTHER", "I don't try again")
    assert world.row("gate", "go").state == "passed"
    assert world.dm("amp").count("Preflight of Release") == 1


async def test_a_preflight_reminds_once_and_says_who_was_not_reached(world):
    await world.advance(hours=1)
    await clicks(world, "pb")
    await world.advance(hours=2, minutes=1)
    world.dm("olga").expect("This is still open")
    assert world.dm("pb").count("still open") == 0
    await world.advance(hours=2)
    world.dm("amp").expect("Preflight is over. Reached 1 of 5; no answer from <@UOLGA>")
    world.dm("amp").expect(":x: <@UOLGA>: no answer, asked by Slack")
    world.dm("olga").expect("The test page of Release is over, without an answer from you", "`/plan test`")
    assert world.dm("olga").count("test page") == 2  # the page and one reminder
    assert "Reached 1 of 5" in (await world.says("pa", "/plan preflight")).text
    assert world.row("gate", "go").state == "pending"


async def test_a_preflight_is_started_by_hand_by_a_coordinator_who_may_vouch_for_whom_they_heard(world):
    assert "no preflight yet" in (await world.says("pa", "/plan preflight")).text
    assert "Only <@UAMP>" in (await world.says("pa", "/plan preflight start")).text
    assert "5 people get a test page" in (await world.says("amp", "/plan preflight start")).text
    assert "is open already" in (await world.says("amp", "/plan preflight start")).text
    assert "was not asked" in (await world.says("amp", "/plan preflight reached @pa")).text
    assert "Who was reached?" in (await world.says("amp", "/plan preflight reached")).text
    await world.says("amp", "/plan preflight reached @sc")
    assert "says <@UAMP>" in (await world.says("pa", "/plan preflight")).text
    assert "already answered" in (await world.says("amp", "/plan preflight reached @sc")).text
    await world.advance(hours=1)
    assert world.dm("pb").count("This is a test page") == 1, "the planned one waits while one is open"


async def test_a_preflight_asks_who_stands_in_for_who_is_away_and_for_a_vacant_seat(database_url):
    plan = FLOWN.replace("exec: {name: Executive, slack: UEXEC,", "exec: {name: Executive, vacant: true,")
    async with World(database_url, plan=plan) as world:
        await world.says("sc", "/plan away today")
        await world.says("amp", "/plan preflight start")
        world.dm("sara").expect("You stand in for Person C")
        world.dm("amp").expect("<@UAMP> for Executive", "<@USARA> for Person C")
        for person in ("pb", "sara", "olga", "amp"):
            await clicks(world, person)
        assert world.row("gate", "go").state == "passed"


async def test_a_preflight_that_is_too_old_opens_the_gate_no_more(database_url):
    plan = FLOWN.replace("criteria: [{preflight: within 1d}]", "criteria: [{preflight: within 1d}, Seen]")
    async with World(database_url, plan=plan) as world:
        await world.says("amp", "/plan preflight start")
        for person in ("pb", "sc", "olga", "amp", "exec"):
            await clicks(world, person)
        assert "1 of 2 met" in (await world.says("pa", "/gate show go")).text
        await world.advance(hours=24, minutes=1)
        assert "too long ago" in (await world.says("pa", "/gate show go")).text


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("preflight: {at: 2025-11-13 10:00,", "preflight: {who: [nobody-such],", "nobody is called `nobody-such`"),
        ("answer_within: 4h", "answer_within: 1m", "nobody can answer that fast"),
        ("within 1d", "soon", "preflight"),
        ("preflight: {at: 2025-11-13 10:00,", "preflight: {att: 2025-11-13 10:00,", "did you mean `at`?"),
    ],
)
def test_preflights_are_checked_in_the_plan_file(old, new, sentence):
    assert sentence in str(plans.check(FLOWN.replace(old, new), "plan.yml", sections()).errors)


def test_preflights_need_run_books_or_names():
    text = PLAN + "preflight: {answer_within: 1h}\n"
    assert "there is no run-book" in str(plans.check(text, "plan.yml", sections()).errors)
    text = PLAN + "gates: {go: {name: Go, criteria: [{preflight: within 1d}]}}\n"
    assert "nobody is ever asked" in str(plans.check(text, "plan.yml", sections()).errors)


async def test_a_preflight_never_reaches_everybody_where_nobody_can_be_asked_for_somebody(database_url):
    plan = FLOWN.replace("sc: {name: Person C, slack: USC, deputies: [sara]}", "sc: {name: Person C}")
    async with World(database_url, plan=plan) as world:
        await world.says("amp", "/plan preflight start")
        world.dm("amp").expect("Person C: no way to reach them")
        for person in ("pb", "olga", "amp", "exec"):
            await clicks(world, person)
        await world.advance(hours=4, minutes=1)
        world.dm("amp").expect("Reached 4 of 5; not asked: Person C: no way to reach them")
        assert world.row("gate", "go").state == "pending"


async def test_a_preflight_tries_each_way_alone_and_says_of_whom_none_takes_it(database_url):
    ways = "slack: USC, phone: env:SC_PHONE, email: sc@example.com, mediums: {critical: {night: [phone]}}"
    plan = FLOWN.replace("slack: USC, deputies: [sara]", f'{ways}, fallback: ["env:SC_OTHER"]')
    plan = plan.replace("exec: {name: Executive, slack: UEXEC,", "exec: {name: Executive, email: nobody@example.com,")
    async with World(database_url, plan=plan) as world:
        await world.says("amp", "/plan preflight start")
        await world.advance(seconds=30)
        pages = world.app.db.transact(store.pages, 1)
        assert {page.person: page.media for page in pages}["sc"] == ["slack", "fallback", "phone"]
        world.dm("amp").expect(
            "no way takes the page of Executive", "<@USC>: asked by Slack, their fallback and telephone"
        )
        await world.advance(hours=4, minutes=1)
        world.dm("amp").expect(
            "over. Reached 0 of 5; no answer from", "Executive", "Ask again: `/plan preflight start`"
        )


async def test_a_preflight_asks_who_will_be_paged_on_the_day_not_who_is_there_now(database_url):
    plan = FLOWN.replace("slack: USC, deputies: [sara]", "slack: USC, away: [2025-11-15], deputies: [sara]")
    async with World(database_url, plan=plan) as world:
        await world.says("amp", "/plan preflight start")
        world.dm("sara").expect("This is a test page", "You stand in for Person C")
        world.dm("sc").expect_nothing("test page")
