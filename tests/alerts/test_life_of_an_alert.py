"""Alerts come in, page and tell, are grouped and counted, and resolve."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from callboard.alerts.models import Alert, AlertGroup
from callboard.escalation.models import Climb
from tests.alerts.monitored import RULES, Monitored, alert
from tests.world import MORNING, PLAN

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

CARD = "#release"


@pytest.fixture
async def world(database_url):
    async with Monitored(database_url) as world:
        yield world


def rows(world, model):
    return world.app.db.transact(lambda tx: list(tx.session.exec(select(model))))


def calls(world):
    return len(world.slack.record.calls("chat.postMessage")) + len(world.slack.record.calls("chat.update"))


async def test_an_alert_pages_whom_the_rule_names_first_and_then_its_policy_and_resolving_closes_it(world):
    assert await world.fires("HighErrorRate", service="checkout", summary="Error rate above 1 %") == {
        "received": 1, "matched": 1,
    }  # fmt: skip
    world.dm("pb").expect("Blocker 1", "HighErrorRate (service checkout): Error rate above 1 %")
    world.dm("olga").expect_nothing("Blocker 1")
    card = world.card(channel="release")
    assert "Raised by Prometheus Alertmanager" in card.shown
    assert "1 alert firing" in card.shown
    world.dm("amp").expect_nothing("Blocker 1")
    await world.advance(minutes=5)
    world.dm("amp").expect("Blocker 1")  # no team is concerned, so that of its lead is passed
    world.thread(card).expect("Team lead had nobody on it.")
    await world.ends("HighErrorRate", service="checkout")
    card = world.card(channel="release")
    assert "Resolved* by Prometheus Alertmanager" in card.shown
    assert "1 alert resolved." in card.shown
    world.thread(card).expect("Prometheus Alertmanager resolved it: 1 alert resolved.")
    assert world.row("blocker", 1).state == "resolved"
    before = len(world.dm("exec"))
    await world.advance(hours=2)
    assert len(world.dm("exec")) == before


@pytest.mark.both_databases
async def test_service_takes_the_same_alert_of_two_replicas_and_after_a_restart_as_one(world):
    sent = {"version": "4", "alerts": [alert("HighErrorRate", "firing", "2025-11-13T09:00:00Z", service="web")]}
    other = world.another()
    try:
        answers = await asyncio.gather(world.posts("alertmanager", sent), world.posts("alertmanager", sent))
        assert [answer.status_code for answer in answers] == [200, 200]
        first, world.app = world.app, other
        assert (await world.posts("alertmanager", sent)).status_code == 200
        world.app = first
    finally:
        await other.stop()
    await world.settled()
    (row,) = rows(world, Alert)
    assert (row.received, row.state) == (3, "firing")
    assert len(rows(world, AlertGroup)) == 1
    assert world.dm("pb").count("You are paged") + world.dm("pb").count("Blocker 1") >= 1
    assert len([one for one in world.dm("pb").messages if "Blocker 1" in one.shown]) == 1


async def test_service_ignores_a_firing_that_was_overtaken_by_its_end(world):
    began = alert("HighErrorRate", "firing", "2025-11-13T08:00:00Z", service="web")
    await world.sends("alertmanager", {"alerts": [began]})
    await world.advance(minutes=5)
    await world.ends("HighErrorRate", service="web")
    await world.sends("alertmanager", {"alerts": [began]})
    await world.advance(hours=1)
    assert world.row("blocker", 1).state == "resolved"
    assert [row.state for row in rows(world, Alert)] == ["resolved"]


async def test_what_fires_on_after_its_end_is_no_firing_that_was_overtaken(world):
    """Where Prometheus was cut off, Alertmanager says that an alert ended, and then that it fires as ever."""
    began = alert("HighErrorRate", "firing", "2025-11-13T08:00:00Z", service="web")
    await world.sends("alertmanager", {"alerts": [began]})
    await world.advance(minutes=5)
    await world.ends("HighErrorRate", service="web")
    await world.advance(minutes=20)
    await world.sends("alertmanager", {"alerts": [began]})
    world.dm("pb").expect("Blocker 2", "HighErrorRate")


@pytest.mark.both_databases
async def test_rules_make_a_matter_of_each_value_of_group_by_and_of_the_eleventh_on_one_for_all(world):
    alerts = [alert("HighErrorRate", "firing", MORNING.isoformat(), service=f"s-{n:02}") for n in range(14)]
    await world.sends("alertmanager", {"alerts": alerts})
    groups = rows(world, AlertGroup)
    assert len(groups) == 11
    assert [row.title for row in groups if "all others together" in row.title] == [
        "HighErrorRate: more than 10 matters at once, all others together"
    ]
    assert len(rows(world, Alert)) == 14
    over = [alert("HighErrorRate", "resolved", MORNING.isoformat(), service=f"s-{n:02}") for n in range(14)]
    await world.sends("alertmanager", {"alerts": over})
    assert all(row.closed_at for row in rows(world, AlertGroup))
    assert {row.state for row in rows(world, Alert)} == {"resolved"}


async def test_rules_tell_channels_by_one_card_that_counts_and_people_by_a_message(world):
    await world.fires("SlowResponses", team="sigma", path="/a")
    card = world.channel("urgent").expect("SlowResponses")
    assert "1 alert firing" in card.shown
    world.dm("stan").expect("SlowResponses", "1 alert firing")
    world.dm("sara").expect("Blocker 1")  # team sigma: its lead is the first step
    for path in ("/b", "/c"):
        await world.fires("SlowResponses", team="sigma", path=path)
    await world.advance(seconds=20)
    card = world.channel("urgent").expect("SlowResponses")
    assert "3 alerts firing" in card.shown
    assert "path=/c" in card.shown
    assert len(world.channel("urgent")) == 1
    await world.ends("SlowResponses", team="sigma", path="/a")
    await world.advance(seconds=20)
    assert "2 of 3 alerts firing" in world.channel("urgent").expect("SlowResponses").shown
    for path in ("/b", "/c"):
        await world.ends("SlowResponses", team="sigma", path=path)
    assert "Resolved" in world.channel("urgent").expect("SlowResponses").shown
    assert world.dm("stan").count("Resolved", "3 alerts") == 1


async def test_due_edits_the_card_of_a_storm_at_its_pace_and_pages_each_person_once(world):
    before = calls(world)
    for second in range(0, 60, 6):
        alerts = [
            alert("DiskFull", "firing", world.clock.now().isoformat(), host=f"h-{second}-{number}")
            for number in range(120)
        ]
        await world.sends("alertmanager", {"alerts": alerts})
        await world.advance(seconds=6)
    assert calls(world) - before <= 12
    assert len(rows(world, Alert)) == 1200
    assert "1,200 alerts firing" in world.card(channel="release").shown
    assert len([one for one in world.dm("sc").messages if "Blocker 1" in one.shown]) == 1
    assert len(world.channel("release")) == 1


@pytest.mark.both_databases
async def test_models_say_that_what_flaps_pages_again_only_once_it_keeps_firing(world):
    async def flaps(minutes: int, *, fires: bool) -> None:
        await world.advance(minutes=minutes)
        await (world.fires if fires else world.ends)("HighErrorRate", service="web")

    await flaps(0, fires=True)
    await flaps(3, fires=False)
    await flaps(3, fires=True)
    assert world.row("blocker", 1).state == "resolved"
    assert len(rows(world, Climb)) == 1
    await flaps(1, fires=False)
    await flaps(1, fires=True)
    assert "I page again" in world.card(channel="release").shown
    await world.advance(minutes=8)
    assert len(rows(world, Climb)) == 1
    await world.advance(minutes=2)
    assert world.row("blocker", 1).state == "open"
    assert len(rows(world, Climb)) == 2
    world.thread(world.card(channel="release")).expect("Prometheus Alertmanager reopened it")
    assert len(rows(world, AlertGroup)) == 1


async def test_models_say_that_endless_flapping_pages_every_half_hour_at_most(world):
    for _ in range(14):
        await world.fires("HighErrorRate", service="web")
        await world.advance(minutes=3)
        await world.ends("HighErrorRate", service="web")
        await world.advance(minutes=2)
    assert 2 <= len(rows(world, Climb)) <= 3


async def test_what_fires_long_after_its_end_is_a_new_matter(world):
    await world.fires("HighErrorRate", service="web")
    await world.ends("HighErrorRate", service="web")
    await world.advance(minutes=11)
    await world.fires("HighErrorRate", service="web")
    world.dm("pb").expect("Blocker 2")
    assert len(rows(world, AlertGroup)) == 2
    assert len(rows(world, Alert)) == 1


@pytest.mark.both_databases
async def test_subscriptions_take_a_persons_word_that_it_is_over_and_what_still_fires_later_is_news(world):
    await world.fires("HighErrorRate", service="web")
    await world.says("pb", "/blocker resolve 1 restarted it")
    (row,) = rows(world, AlertGroup)
    assert row.closed_by == "pb"
    await world.advance(hours=4)
    await world.sends(
        "alertmanager", {"alerts": [alert("HighErrorRate", "firing", MORNING.isoformat(), service="web")]}
    )
    world.dm("pb").expect("Blocker 2")


async def test_a_blocker_of_an_alert_that_a_person_reopens_climbs_as_it_did(world):
    await world.fires("DiskFull", host="db")
    await world.says("sc", "/blocker resolve 1 made room")
    await world.says("sc", "/blocker reopen 1")
    first, second = (row.policy for row in rows(world, Climb))
    assert first == second


async def test_due_ends_what_nobody_is_paged_for_after_a_day_without_news(world):
    await world.fires("SlowQueries", db="orders")
    world.channel("release").expect("Queries", "SlowQueries")
    world.dm("sara").expect("SlowQueries")
    await world.advance(hours=23)
    await world.sends("alertmanager", {"alerts": [alert("SlowQueries", "firing", MORNING.isoformat(), db="orders")]})
    await world.advance(hours=23)
    assert rows(world, AlertGroup)[0].closed_at is None
    await world.advance(hours=2)
    assert rows(world, AlertGroup)[0].closed_by == "no news for a day"
    world.channel("release").expect("Not followed any more", "no news for a day")
    before = len(world.dm("sara"))
    await world.fires("SlowQueries", db="orders")
    assert [row.closed_by for row in rows(world, AlertGroup)] == ["no news for a day", ""]
    assert len(world.dm("sara")) == before + 1, "what fires after that is news"


async def test_what_no_rule_matches_is_counted_and_shown(world):
    assert await world.fires("Watchdog") == {
        "received": 1, "matched": 0, "ignored": "They matched no rule, and are counted.",
    }  # fmt: skip
    await world.fires("Watchdog", "Other")
    shown = await world.plan_alerts()
    assert "3 alerts matched no rule, the last" in shown
    assert "Other" in shown


@pytest.mark.both_databases
async def test_alerts_before_the_plan_starts_are_counted_and_told_once_and_after_its_end_counted(database_url):
    async with Monitored(database_url, at=MORNING - timedelta(hours=2)) as world:
        assert "before the plan started" in (await world.fires("DiskFull"))["ignored"]
        await world.fires("DiskFull", host="other")
        assert world.channel("release").count("Alerts arrive already") == 1
        await world.advance(hours=3)
        await world.fires("DiskFull", host="third")
        world.dm("sc").expect("DiskFull (2 alerts), firing since before the start")
        assert len(world.dm("sc")) == 1, "the third host is the same matter"
        await world.until("2025-11-15 18:01")
        assert "after the plan ended" in (await world.fires("DiskFull", host="fourth"))["ignored"]
        assert rows(world, AlertGroup)[0].closed_by == "the plan is over"
        assert "2 alerts came before the plan started" in await world.plan_alerts()


@pytest.mark.both_databases
async def test_alerts_that_fire_since_before_the_plan_starts_act_once_at_its_start_and_are_one_summary(database_url):
    async with Monitored(database_url, at=MORNING - timedelta(hours=2)) as world:
        await world.fires("HighErrorRate", service="web")
        await world.fires("HighErrorRate", service="shop")
        await world.fires("DiskFull", host="a")
        await world.fires("SlowQueries", host="b")
        await world.fires("SlowQueries", status="resolved", host="b")
        await world.advance(hours=1, minutes=59)
        assert [len(world.dm(person)) for person in ("pb", "sc", "sara")] == [0, 0, 0]
        await world.advance(minutes=1, seconds=5)
        world.dm("pb").expect("HighErrorRate (2 alerts), firing since before the start")
        world.dm("sc").expect("DiskFull", "firing since before the start")
        assert [len(world.dm(person)) for person in ("pb", "sc", "sara")] == [1, 1, 0]
        summary = world.channel("release").expect("Release starts, and 2 matters fired before:").shown
        assert "HighErrorRate (2 alerts), blocker" in summary
        await world.fires("HighErrorRate", service="web")
        await world.advance(minutes=2)
        assert [len(world.dm(person)) for person in ("pb", "sc")] == [1, 1], "what repeats is known"
        for service in ("web", "shop"):
            await world.fires("HighErrorRate", status="resolved", service=service)
        await world.advance(seconds=30)
        assert "resolved" in world.dm("pb").expect("HighErrorRate").shown.lower()


async def test_plan_alerts_lists_rules_with_when_each_last_fired_and_the_heartbeats(world):
    shown = await world.plan_alerts()
    assert "never fired" in shown
    assert "nightly-backup*, every 1d: never heard" in shown
    await world.fires("HighErrorRate", service="web")
    await world.fires("DiskFull", host="a")
    await world.ends("DiskFull", host="a")
    await world.beats("nightly-backup")
    shown = await world.plan_alerts()
    assert "HighErrorRate*: pages Person B  ·  fires: 1 alert, since" in shown
    assert "DiskFull*: pages Person C  ·  last fired" in shown
    assert "nightly-backup*, every 1d: last heard" in shown
    world.slack.dm("pb")
    assert "HighErrorRate" in (await world.says("pa", "/blocker list")).text


async def test_a_plan_without_alerts_says_how_to_write_them(database_url):
    async with Monitored(database_url, PLAN) as world:
        assert "has no rules for alerts" in await world.plan_alerts()
        assert await world.fires("Anything") == {
            "received": 1, "matched": 0, "ignored": "They matched no rule, and are counted.",
        }  # fmt: skip


async def test_apply_keeps_what_began_with_the_rule_that_it_began_with(world):
    await world.fires("DiskFull", host="a")
    world.apply(PLAN + "alerts:\n  - {match: {alertname: Other}, page: [pb]}\n")
    await world.settled()
    await world.ends("DiskFull", host="a")
    assert world.row("blocker", 1).state == "resolved"


class TestHeartbeats:
    @pytest.mark.both_databases
    async def test_a_heartbeat_pages_when_it_stops_and_is_closed_when_it_comes_back(self, world):
        await world.advance(hours=26)
        world.dm("pa").expect_nothing("nightly-backup")
        answer = await world.beats("nightly-backup")
        assert answer.json()["heard"] == "nightly-backup"
        assert datetime.fromisoformat(answer.json()["missing_from"]) - world.clock.now() == timedelta(hours=25)
        await world.advance(hours=24, minutes=59)
        world.dm("pa").expect_nothing("nightly-backup")
        await world.advance(minutes=2)
        page = world.dm("pa").expect("Heartbeat nightly-backup stopped: not heard for 1 d 1 h")
        assert "I was not running" not in page.shown
        world.channel("urgent").expect("nightly-backup stopped")
        assert "missing since" in await world.plan_alerts()
        await world.beats("nightly-backup")
        assert world.row("blocker", 1).state == "resolved"
        world.thread(world.card(channel="release")).expect("Heartbeat watch resolved it: It was heard again.")

    async def test_due_says_that_a_beat_may_have_been_missed_in_an_outage(self, world):
        await world.beats("nightly-backup")
        await world.jump(hours=30)
        world.dm("pa").expect("not heard for 1 d 6 h; I was not running, and may have missed it")

    async def test_a_heartbeat_that_is_heard_in_time_pages_nobody(self, world):
        for _ in range(2):
            await world.beats("nightly-backup")
            await world.advance(hours=24)
        world.dm("pa").expect_nothing("nightly-backup")

    @pytest.mark.both_databases
    async def test_apply_watches_it_by_its_new_span_and_forgets_what_has_left_the_plan(self, world):
        await world.beats("nightly-backup")
        world.apply(world.plan.replace("every: 24h, grace: 1h", "every: 1h"))
        await world.advance(minutes=61)
        world.dm("pa").expect("nightly-backup stopped")
        world.apply(PLAN)
        await world.settled()
        answer = await world.beats("nightly-backup")
        assert answer.status_code == 404
        assert "no heartbeat `nightly-backup`" in answer.text


async def test_an_alert_declares_the_emergency_of_its_rule_once_while_that_lasts(database_url):
    rules = """\
emergencies: {1: {name: Critical, respond_within: 5m, tell: [all leads]}}
alerts:
  - {match: {alertname: DataLoss}, emergency: 1}
"""
    async with Monitored(database_url, PLAN + rules) as world:
        await world.fires("DataLoss", disk="a")
        world.dm("olga").expect("DataLoss")
        assert world.row("emergency", 1).cause == "alert DataLoss"
        await world.ends("DataLoss", disk="a")
        await world.advance(minutes=15)
        await world.fires("DataLoss", disk="b")
        assert len(world.entries("emergency", "declared")) == 1
        assert "declares emergency 1" in await world.plan_alerts()


async def test_an_alert_pulls_the_triggers_of_the_plan_once_while_it_fires(database_url):
    triggers = "triggers:\n  - {on: alert, tell: [stan]}\n"
    async with Monitored(database_url, PLAN + RULES + triggers) as world:
        await world.fires("DiskFull")
        await world.fires("DiskFull")
        assert world.dm("stan").count("DiskFull* fires") == 1
