"""A round from the first prompt to the digest: by everybody's own clock, early, late, changed, skipped, missed."""

from __future__ import annotations

import asyncio

import pytest

from tests.standups.conftest import DAILY, fills_in, standing_up
from tests.world import at

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


async def test_the_rounds_of_a_standup_are_at_nine_of_everybodys_own_clock_without_observers(daily):
    daily.dm("pb").expect("*Daily*: what is new?", "Yesterday · Today · Blockers")
    daily.dm("pa").expect_nothing("Daily")
    await daily.until("2025-11-13 08:59")
    daily.dm("olga").expect_nothing("Daily")
    await daily.until("2025-11-13 09:00")
    for person in ("olga", "pa", "pb"):
        assert daily.dm(person).count("what is new?") == 1
    for person in ("obi", "sara", "amp"):
        daily.dm(person).expect_nothing("Daily")


@pytest.mark.both_databases
async def test_the_standup_digest_comes_due_when_the_first_window_closes_and_is_edited_later(daily):
    await fills_in(daily, "pb", {"Yesterday": "Mongo", "Today": "Indexes"})
    await daily.until("2025-11-13 09:59")
    daily.channel("omega").expect_nothing("*Daily*")
    await daily.until("2025-11-13 10:00")
    card = daily.channel("omega").expect("*Daily*", "Thursday, 13 November", "1 of 3 reported")
    assert "no report yet: Omega lead, Person A" in card.shown
    daily.thread(card).expect("Person B", "Mongo", "Indexes")
    await fills_in(daily, "pa", {"Today": "Schema"})
    card = daily.channel("omega").expect("2 of 3 reported", ":white_check_mark: Person A, Person B")
    daily.thread(card).expect("Person A", "Schema")
    await daily.until("2025-11-13 11:00")
    daily.channel("omega").expect("2 of 3 reported", "no report: Omega lead")
    await fills_in(daily, "olga", {"Today": "Signing"})
    daily.channel("omega").expect("3 of 3 reported", "late: Omega lead")
    daily.thread(card).expect("Omega lead", "late", "Signing")
    daily.dm("olga").expect("late, but it counts", "Signing")
    assert daily.channel("omega").count("*Daily*") == 1


async def test_a_standup_report_that_comes_due_is_reminded_of_once_and_then_marked_as_missed(daily):
    await daily.until("2025-11-13 09:30")
    await fills_in(daily, "pa")
    await daily.until("2025-11-13 10:00")
    daily.dm("olga").expect("is open until", "Add your report")
    daily.dm("pa").expect_nothing("Add your report")
    await daily.until("2025-11-13 11:00")
    daily.dm("olga").expect("closed", "You can still add yours")
    assert len(daily.dm("olga")) == 2


@pytest.mark.both_databases
async def test_the_standup_service_takes_changes_of_a_report_until_the_next_one_begins(daily):
    await fills_in(daily, "pb", {"Today": "Indexes"})
    await daily.until("2025-11-13 10:00")
    await daily.clicks("pb", "Change", "Indexes")
    form = await daily.opened("pb")
    assert "Indexes" in str(form.body)
    assert (await daily.slack.submit("pb", {"Today": "Indexes and locks"})).ok
    await daily.settled()
    card = daily.channel("omega").expect("1 of 3 reported")
    daily.thread(card).expect("Person B", "(changed)", "Indexes and locks")
    assert len(daily.thread(card)) == 1
    old = daily.dm("pb").expect("Indexes and locks")
    await daily.until("2025-11-14 08:00")
    outcome = await daily.clicks("pb", "Change", old)
    await daily.slack.until(lambda: daily.slack.ephemerals("pb", old.channel) or outcome.text)
    assert "the next one has begun" in str(daily.slack.ephemerals("pb", old.channel)[-1].shown)


async def test_the_standup_form_begins_with_what_was_planned_the_last_time(daily):
    await fills_in(daily, "pb", {"Today": "Indexes\nLocks"})
    await daily.until("2025-11-14 08:00")
    daily.dm("pb").expect("You planned: Indexes / Locks")
    await daily.says("pb", "/standup")
    form = await daily.opened("pb")
    blocks = {block.get("block_id"): block for block in form.body["blocks"]}
    assert blocks["q0"]["element"]["initial_value"] == "Indexes\nLocks"
    assert "initial_value" not in blocks["q1"]["element"]


async def test_a_standup_that_comes_due_does_not_ask_whoever_reported_early(daily):
    assert (await fills_in(daily, "pa", {"Today": "Schema"})).ok
    daily.dm("pa").expect("*Daily* of Thursday, 13 November: early")
    await daily.until("2025-11-13 11:00")
    assert daily.dm("pa").count("Daily") == 1
    daily.channel("omega").expect("1 of 3 reported", ":white_check_mark: Person A")


async def test_the_standup_service_takes_a_reason_for_skipping_that_the_others_see(daily):
    await daily.until("2025-11-13 09:00")
    assert "Say why" in (await daily.says("pa", "/standup skip")).text
    assert "Say why" in (await daily.says("pa", "/standup skip please")).text
    for later in ("until friday", "tomorrow", "for 3 days", "on Friday", "next week", "2025-11-14"):
        refused = (await daily.says("pa", f"/standup skip {later}")).text
        assert "You can skip only the round that is open" in refused, later
    for other in ("skip @pb because they are ill", "for @pb", "@pb"):
        assert "Is <@UPB> away? `/standup away today" in (await daily.says("pa", f"/standup {other}")).text, other
    assert "You skip Daily of Thursday" in (await daily.says("pa", "/standup skip because the dentist has me")).text
    await daily.clicks("olga", "Skip", "what is new?")
    await daily.opened("olga")
    assert (await daily.slack.submit("olga", {"Why do you skip it?": "Board meeting"})).ok
    await daily.until("2025-11-13 11:00")
    daily.channel("omega").expect("0 of 1 reported", "skipped: Omega lead: Board meeting, Person A: the dentist has me")
    daily.dm("pa").expect("no report needed, because the dentist has me")
    daily.dm("pa").expect_nothing("Add your report")


async def test_the_schedule_of_a_standup_excuses_whoever_is_away(daily):
    await daily.says("pa", "/standup away 2025-11-13..14")
    await daily.until("2025-11-13 11:00")
    daily.dm("pa").expect_nothing("Daily")
    daily.channel("omega").expect("0 of 2 reported", "away: Person A")


@pytest.mark.both_databases
async def test_the_standup_service_wakes_when_somebody_comes_back_and_asks_them_too(daily):
    await daily.says("pa", "/standup away 2025-11-13..14")
    await daily.until("2025-11-13 09:30")
    daily.dm("pa").expect_nothing("Daily")
    await daily.says("pa", "/standup back")
    daily.dm("pa").expect("what is new?")
    await daily.says("pa", "/standup away 2025-11-13..14")
    await daily.until("2025-11-13 11:00")
    daily.dm("pa").expect("no report needed, because you are away")
    daily.channel("omega").expect("away: Person A")


async def test_a_second_missed_standup_in_a_row_comes_due_and_tells_the_lead_once_and_kindly(daily):
    await daily.until("2025-11-13 11:00")
    daily.dm("olga").expect_nothing("Perhaps")
    await daily.until("2025-11-14 09:05")
    await fills_in(daily, "pb", {"Today": "Back again"})
    await daily.until("2025-11-14 11:00")
    said = daily.dm("olga").expect("<@UPA> missed the last two rounds", "A word from you may help")
    assert "UPB" not in said.shown
    daily.dm("amp").expect("<@UOLGA> missed the last two rounds")
    daily.dm("pa").expect_nothing("Perhaps")
    await daily.until("2025-11-18 12:00")
    assert daily.dm("olga").count("Perhaps", "<@UPA>") == 1


@pytest.mark.both_databases
async def test_slack_idempotency_counts_a_standup_form_once_that_is_delivered_twice(daily):
    await fills_in(daily, "pb", {"Today": "Indexes"})
    await daily.until("2025-11-13 10:00")
    submitted = [d.id for d in daily.slack.courier.deliveries if d.payload.get("type") == "view_submission"]
    await daily.slack.courier.again(submitted[-1])
    await daily.settled()
    assert daily.dm("pb").count("Indexes") == 1
    assert len(daily.thread(daily.channel("omega").expect("1 of 3"))) == 1
    assert "changed" not in daily.thread(daily.channel("omega").expect("1 of 3")).expect("Indexes").shown


@pytest.mark.both_databases
async def test_a_standup_that_came_due_while_the_bot_was_down_asks_late_and_says_so(daily):
    await daily.jump(hours=2, minutes=30)
    daily.dm("pa").expect("This comes late: it was due <!date")
    assert daily.dm("pa").count("Daily") == 1
    daily.dm("pb").expect("closed. You can still add yours")
    daily.channel("omega").expect("0 of 3 reported", "no report: Person B", "no report yet: Omega lead, Person A")


async def test_standups_that_came_due_in_days_of_outage_are_missed_and_flood_nobody(daily):
    await daily.until("2025-11-13 11:30")
    before = {person: len(daily.dm(person)) for person in ("olga", "pa", "pb")}
    await daily.jump(days=7, hours=1)
    assert {person: len(daily.dm(person)) for person in before} == before
    assert daily.channel("omega").count("*Daily*") == 1
    assert "*Daily*, 1 round: 0% reported (3 missed" in (await daily.says("amp", "/standup stats", "release")).text
    await daily.until("2025-11-21 09:00")
    assert daily.dm("pa").count("what is new?") == 1


@pytest.mark.both_databases
async def test_a_standup_that_came_due_before_a_restart_asks_nobody_twice_and_loses_no_report(daily):
    await fills_in(daily, "pb", {"Today": "Indexes"})
    await daily.until("2025-11-13 09:20")
    await daily.app.stop()
    daily.app = daily.another()
    await daily.app.start(beating=False)
    await daily.slack.connected()
    await daily.app.settled_in.wait()
    await daily.until("2025-11-13 11:00")
    for person in ("olga", "pa", "pb"):
        assert daily.dm(person).count("*Daily*", "what is new?") + daily.dm(person).count("of Thursday") == 1
    daily.channel("omega").expect("1 of 3 reported")


@pytest.mark.both_databases
async def test_a_standup_that_comes_due_for_two_bots_on_one_database_asks_once(daily):
    other = daily.another()
    await other.start(beating=False)
    try:
        for moment in ("2025-11-13 09:00", "2025-11-13 10:00", "2025-11-13 11:00"):
            daily.clock.move_to(at(moment))
            await asyncio.gather(daily.app.settle(), other.settle())
        for person in ("olga", "pa"):
            assert daily.dm(person).count("Daily") == 2  # the prompt, which says now that it is over, and one reminder
        assert daily.channel("omega").count("*Daily*") == 1
    finally:
        await other.stop()


async def test_the_schedule_of_a_standup_asks_nobody_outside_working_hours_or_in_quiet_hours(database_url):
    plan = DAILY.replace("slack: UPA}", 'slack: UPA, working_hours: {days: mon-fri, hours: "10:00-16:00"}}').replace(
        "slack: UOLGA, deputies: [pa]", 'slack: UOLGA, quiet: "20:00-09:30"'
    )
    async with standing_up(database_url, plan) as world:
        await world.until("2025-11-13 09:29")
        assert len(world.dm("olga")) + len(world.dm("pa")) == 0
        await world.until("2025-11-13 09:30")
        world.dm("olga").expect("what is new?")
        await world.until("2025-11-13 10:00")
        world.dm("pa").expect("what is new?")
        await world.until("2025-11-13 11:59")
        assert (await fills_in(world, "pa")).ok
        world.dm("pa").expect("thank you")


async def test_the_digest_of_a_standup_says_when_those_are_asked_whose_day_begins_later(database_url):
    late = DAILY.replace("slack: UPA}", 'slack: UPA, working_hours: {days: mon-fri, hours: "14:00-18:00"}}')
    async with standing_up(database_url, late) as world:
        await world.until("2025-11-13 11:00")
        world.channel("omega").expect(":clock3: asked later: Person A <!date")


@pytest.mark.both_databases
async def test_the_plan_files_standups_section_stops_a_standup_that_leaves_it(daily):
    daily.apply(DAILY.partition("standups:")[0])
    await daily.until("2025-11-15 09:00")
    daily.dm("pa").expect_nothing("Daily")


@pytest.mark.both_databases
async def test_the_plan_files_standups_section_applied_again_asks_whoever_is_new_at_once(daily):
    await daily.until("2025-11-13 09:30")
    daily.apply(DAILY.replace("who: [omega]", "who: [omega, sc]"))
    await daily.settled()
    daily.dm("sc").expect("what is new?")
