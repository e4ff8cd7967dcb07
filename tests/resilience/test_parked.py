"""What was not sent, or nobody knows: answers that are not Slack's, channels that close, cards that are gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callboard.core import outbox
from callboard.core.clock import ManualClock, SharedClock
from callboard.core.courier import claims
from callboard.core.db import Database
from callboard.core.deliveries import LANES
from callboard.core.outbox import Post
from callboard.core.registry import Bus
from callboard.core.timeline import Subject
from slack_standin.state import Conversation
from tests.world import MORNING, PLAN, World, keys

ONE = ("sqlite",)
FOREIGN: dict[str, dict[str, Any]] = {
    "html": {}, "forbidden": {"status": 403}, "not found": {"status": 404}, "proxy": {"status": 407},
    "no error": {"body": '{"ok": false}', "content_type": "application/json"},
    "unknown error": {"body": '{"ok": false, "error": "weather"}', "content_type": "application/json"},
    "empty": {"body": ""}, "cut short": {"body": '{"ok": true, "ts": "1.', "content_type": "application/json"},
    "nothing else": {"body": '{"ok": true}', "content_type": "application/json"},
    "a list": {"body": "[1, 2]", "content_type": "application/json"}, "null": {"body": "null"},
    "plain": {"body": '{"ok": false}', "content_type": "text/plain"},
    "redirect": {"status": 302, "headers": {"Location": "/api/api.test"}},
    "redirect that repeats": {"status": 307, "headers": {"Location": "/api/chat.postMessage"}},
    "moved": {"status": 301, "headers": {"Location": "http://127.0.0.1:9/"}}, "gateway": {"status": 502},
    "final code from elsewhere": {
        "status": 403, "body": '{"ok": false, "error": "is_archived"}', "content_type": "application/json",
    },
}  # fmt: skip


def rooms(world, names):
    """A channel for each name, by its id."""
    made = {f"C{number:03}": name for number, name in enumerate(names)}
    for room, name in made.items():
        channel = Conversation(id=room, name=name, kind="channel", members=[world.slack.workspace.bot])
        world.slack.workspace.state.conversations[room] = channel
    return made


async def send_cards(world, channels):
    posts = [
        Post(key=f"card:{room}", plan_id=1, workspace="T0SANDBOX", address=room, kind="blocker.card",
             subject=Subject("blocker", 1), editable=True)
        for room in channels
    ]  # fmt: skip
    world.app.db.transact(outbox.enqueue, posts)
    await world.settled()


def row(world, key):
    (found,) = world.app.db.transact(outbox.keyed, [key])
    return found


@pytest.mark.parametrize("database_url", ONE, indirect=True)
@pytest.mark.parametrize("carried", [False, True], ids=["never reached Slack", "reached Slack"])
async def test_refusals_by_others_than_slack_end_nothing_and_double_nothing(world, carried):
    await world.says("pa", "/blocker mongo refuses TLS")
    channels = rooms(world, FOREIGN)
    for room, name in channels.items():
        world.slack.fault("chat.postMessage", "foreign", channel=room, carried=carried, **FOREIGN[name])
    await send_cards(world, channels)
    assert [name for room, name in channels.items() if row(world, f"card:{room}").state == "parked"] == []
    await world.advance(minutes=2)
    assert {name: len(world.slack.messages(room)) for room, name in channels.items()} == dict.fromkeys(FOREIGN, 1)
    assert set(keys(world.slack).values()) == {1}


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_courier_waits_no_longer_than_minutes_whatever_slack_asks_for(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    channels = rooms(world, ["99999999999", "-5", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", "nan", "1e999", ""])
    for room, asked in channels.items():
        world.slack.fault("chat.postMessage", "ratelimited", channel=room, retry_after=asked)
    await send_cards(world, channels)
    for _ in range(3):
        await world.jump(seconds=claims.LONGEST_WAIT / 2 + 1)
    assert {asked: len(world.slack.messages(room)) for room, asked in channels.items()} == dict.fromkeys(
        channels.values(), 1
    )


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_courier_looks_up_a_page_in_doubt_before_it_calls_it_dropped(world):
    world.slack.fault("chat.postMessage", "lost", channel="olga")
    await world.says("pa", "/blocker mongo refuses TLS")
    assert len(world.dm("olga")) == 1
    await world.says("amp", "/blocker ack 1")
    await world.advance(seconds=20)
    assert world.entries("blocker", "dropped a message", 1) == []
    assert "<@UOLGA> paged" in (await world.says("pa", "/blocker show 1")).text
    world.dm("olga").expect("<@UAMP> has it")
    assert len(world.dm("olga")) == 1


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_courier_drops_a_page_in_doubt_that_never_arrived(world):
    world.slack.fault("chat.postMessage", "dropped", channel="olga")
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("amp", "/blocker ack 1")
    await world.advance(seconds=30)
    assert len(world.entries("blocker", "dropped a message", 1)) == 1
    assert len(world.dm("olga")) == 0


@pytest.mark.parametrize("may_look", [True, False])
@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_slack_sender_looks_for_a_message_in_a_channel_or_says_that_it_could_not(world, may_look):
    if not may_look:
        world.slack.spec.scopes.remove("channels:history")
    world.slack.fault("chat.postMessage", "lost", channel="omega")
    await world.says("pa", "/blocker mongo refuses TLS")
    if may_look:
        world.slack.remove_bot("omega")
    await world.advance(seconds=20)
    assert world.channel("omega").count("Blocker 1") == (1 if may_look else 2)
    assert world.channel("omega").count("it may be here twice") == (not may_look)


@pytest.mark.parametrize("scopes", [[], ["chat:write.public"]], ids=["", "with the scope of older installations"])
@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_slack_sender_posts_in_public_channels_where_it_was_invited_or_people_of_the_plan_are(
    database_url, scopes
):
    async with World(database_url, "") as world:
        world.slack.spec.scopes += scopes
        await world.app.slack.api.call("auth.test", {})
        for name, members in (("nobodys", ["USTRANGER"]), ("ours", ["USTRANGER", "UPA"])):
            made = Conversation(id=f"C{name.upper()}", name=name, members=members)
            world.slack.workspace.state.conversations[made.id] = made
        rooms = PLAN.replace("#omega", "#nobodys").replace("#sigma", "#ours")
        world.apply(rooms)
        await world.settled()
        await world.says("pa", "/blocker mongo refuses TLS", "release")
        await world.says("sc", "/blocker mongo is slow", "release")
        assert "mongo is slow" in world.card(2, "ours").shown
        assert not world.slack.messages("nobodys")
        world.dm("amp").expect("I can't post to", "nobodys", "/invite @Callboard")
        world.slack.add_bot("nobodys")
        await world.app.linker.link("T0SANDBOX")
        await world.advance(seconds=5)
        world.card(1, "nobodys")


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_outbox_unparks_what_waits_for_a_channel_when_it_is_open_again(world):
    world.slack.archive("omega")
    await world.says("pa", "/blocker mongo refuses TLS")
    world.dm("amp").expect("I can't post to", "It is archived", "/plan retry")
    await world.says("olga", "/blocker ack 1")
    assert "Only <@UAMP> can" in (await world.says("pa", "/plan retry")).text
    world.slack.archive("omega", archived=False)
    await world.heard("channel_unarchive")
    await world.advance(seconds=5)
    assert "<@UOLGA> has it" in world.card().shown
    assert len(world.thread(world.card())) == 1
    world.dm("amp").expect("I can post to", "again")
    assert set(keys(world.slack).values()) == {1}


async def test_outcomes_try_one_parked_message_of_a_channel_each_hour_and_the_others_after_it(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    world.slack.fault("chat.postMessage", "error", channel="omega", code="restricted_action", seconds=3 * 3600)
    for line in ("one", "two", "three"):
        await world.says("pa", f"/blocker note 1 {line}")
    tried = len(world.slack.record.calls("chat.postMessage"))
    await world.says("olga", "/blocker resolve 1")
    await world.advance(hours=2)
    refused = [
        call for call in world.slack.record.calls("chat.postMessage")[tried:]
        if call["arguments"]["channel"] == "COMEGA" and not call["answer"]["ok"]
    ]  # fmt: skip
    assert len(refused) == 3  # the line that it is resolved, and one each hour
    await world.advance(hours=2)
    assert [world.thread(world.card()).count(line) for line in ("one", "two", "three", "resolved")] == [1, 1, 1, 1]


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_claims_let_lines_go_on_whose_card_is_parked(world):
    world.slack.fault("chat.postMessage", "error", channel="omega", code="no_text", times=2)
    await world.says("pa", "/blocker mongo refuses TLS")
    assert row(world, "blocker:1:card").state == "parked"
    await world.says("pa", "/blocker note 1 the vendor is on it")
    world.channel("omega").expect("the vendor is on it")


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_slack_sender_shows_plain_text_in_place_of_blocks_that_slack_refuses(world):
    world.slack.fault("chat.postMessage", "error", channel="olga", code="invalid_blocks")
    await world.says("pa", "/blocker mongo refuses TLS")
    page = world.dm("olga").expect("mongo refuses TLS", "Slack did not take the buttons")
    assert not page.blocks


async def test_outcomes_of_an_edit_show_a_card_again_that_was_deleted_and_no_page_twice(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    world.slack.workspace.delete(world.card())
    world.slack.workspace.delete(world.dm("olga").messages[0])
    world.slack.fault("chat.postMessage", "lost", channel="omega")
    await world.says("amp", "/blocker ack 1")
    await world.advance(seconds=30)
    assert "<@UAMP> has it" in world.card().shown
    assert world.channel("omega").count("Blocker 1") == 1
    assert world.thread(world.card()).count("took it") + len(world.dm("olga")) <= 1
    assert len(world.dm("olga")) == 0
    assert [entry.facts["reason"] for entry in world.entries("blocker", "posts a message anew", 1)] == [
        "message_not_found"
    ]


async def test_outcomes_of_an_edit_bring_back_what_somebody_deleted_once_and_the_second_time_at_its_change(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    for times in (1, 0):
        world.slack.workspace.delete(world.card())
        await world.heard("message")
        await world.advance(seconds=3)
        assert world.channel("omega").count("Blocker 1") == times
    assert len(world.entries("blocker", "posts a message anew", 1)) == 1
    await world.says("amp", "/blocker ack 1")
    await world.advance(minutes=10)
    assert "<@UAMP> has it" in world.card().shown


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_the_outbox_posts_nothing_anew_because_somebody_only_says_that_it_is_deleted(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    workspace, card = world.slack.workspace, world.card()
    gone = {"type": "message", "subtype": "message_deleted", "deleted_ts": card.ts, "channel": card.channel}
    workspace.happen({**gone, "previous_message": workspace.as_payload(card), "event_ts": workspace.next_ts()})
    await world.heard("message")
    assert world.channel("omega").count("Blocker 1") == 1


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_outcomes_of_an_edit_that_slack_refuses_look_up_the_card_that_takes_its_place(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    world.slack.fault("chat.update", "error", channel="omega", code="edit_window_closed")
    world.slack.fault("chat.postMessage", "lost", channel="omega")
    await world.says("olga", "/blocker ack 1")
    await world.advance(seconds=30)
    assert world.channel("omega").count("Blocker 1") == 2
    assert world.channel("omega").count("Blocker 1", "<@UOLGA> has it") == 1
    await world.says("olga", "/blocker resolve 1")
    await world.advance(seconds=5)
    assert world.channel("omega").count("Blocker 1") == 2
    world.dm("amp").expect_nothing("I can't")


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(hours=-2)], ids=["ahead", "behind"])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_clock_of_a_replica_is_that_of_its_database_however_wrong_its_own_is(database_url, ahead):
    clock = SharedClock(lambda: datetime.now(UTC) + ahead)
    replica = Database(database_url, clock, Bus())
    seen = replica.transact(lambda tx: tx.now)
    assert abs(seen - datetime.now(UTC)) < timedelta(seconds=5)
    assert abs(clock.ahead - ahead) < timedelta(seconds=5)
    replica.close()


def test_the_clock_of_a_replica_believes_no_answer_that_came_after_it_was_stopped():
    seconds = [0.0]
    clock = SharedClock(elapsed=lambda: seconds[0])
    clock.keep(lambda: MORNING)

    def asked_and_stopped():
        seconds[0] += 60
        return MORNING + timedelta(seconds=20)

    seconds[0] += 20
    clock.keep(asked_and_stopped)
    assert clock.now() == MORNING + timedelta(seconds=80)
    clock.keep(lambda: MORNING + timedelta(seconds=80))
    assert clock.now() == MORNING + timedelta(seconds=80)


async def test_claims_believe_no_lease_longer_than_one_can_be(database_url, clock, db):
    ahead = Database(database_url, ManualClock(clock.now() + timedelta(hours=2)), Bus())
    post = Post(key="a", plan_id=1, workspace="T1", address="C1", kind="note", subject=Subject("thing", 1))
    db.transact(outbox.enqueue, [post])
    assert len(ahead.transact(claims.claim, claims.Room({"slack": 1}, {}))) == 1
    ahead.transact(lambda tx: tx.connection.execute(LANES.update().values(free_at=tx.now)))
    (taken,) = db.transact(claims.claim, claims.Room({"slack": 1}, {}))
    assert taken.doubtful_since is not None
    ahead.close()


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_outcomes_try_a_channel_that_is_gone_each_hour_for_a_day_and_then_once_a_day(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    world.slack.archive("omega")
    await world.says("olga", "/blocker resolve 1")
    tried = []
    for _ in range(3):
        before = len(world.slack.record.calls("chat.postMessage"))
        await world.advance(days=1)
        calls = world.slack.record.calls("chat.postMessage")[before:]
        tried.append(sum(call["arguments"]["channel"] == "COMEGA" for call in calls))
    assert tried[0] >= 20
    assert tried[2] <= 2
    world.slack.archive("omega", archived=False)
    await world.heard("channel_unarchive")
    await world.advance(seconds=5)
    assert "Reopen" in world.card().shown


@pytest.mark.parametrize("database_url", ONE, indirect=True)
async def test_outcomes_of_what_an_admin_has_suspended_are_told_once_and_it_is_tried_each_minute(world):
    world.slack.fault("chat.postMessage", "error", channel="omega", code="ekm_access_denied", seconds=1800)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=1)
    world.dm("amp").expect_nothing("I can't post to")
    await world.advance(minutes=28)
    told = world.dm("amp").expect(
        "I can't post to", "An admin has suspended posting there.", "I try again every minute."
    )
    assert world.dm("amp").count("I can't post to") == 1
    await world.advance(minutes=4)
    assert "mongo refuses TLS" in world.card().shown
    assert world.dm("amp").expect("I can post to", "again").ts == told.ts
