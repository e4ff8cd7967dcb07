"""Slack says later, or nothing, or says it twice; the database makes us wait. Nobody is forgotten or told twice."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import update
from sqlmodel import col

from callboard.core import ticks
from callboard.core.engine import normalised
from callboard.core.outbox import Delivery
from callboard.escalation.models import Climb
from callboard.teams.fallback import POSTROOM
from tests.world import PLAN, World, keys, until


async def again_delivered(world, kind):
    """Deliver the last of a kind once more; what it is answered now, and what it was answered before."""
    last = [one for one in world.slack.courier.deliveries if one.kind == kind][-1]
    (before,) = [ack for ack in world.slack.record.of("ack") if ack["arguments"]["delivery"] == last.id]
    again = await world.slack.courier.again(last.id)
    assert again.ok
    await world.settled()
    return again.payload, before["answer"]["payload"]


@contextmanager
def somebody_else_holds_the_timeline(url):
    """Another program has a transaction open, as a backup or an administrator may."""
    other: Any
    if url.startswith("sqlite"):
        other = sqlite3.connect(normalised(url).database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(url)
        other.execute("LOCK TABLE timeline IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


async def test_the_outcome_of_a_message_that_slack_answers_429_holds_up_its_channel_alone(world):
    world.slack.fault("chat.postMessage", "ratelimited", channel="omega", seconds=60)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("sc", "/blocker tests are red", "sigma")
    page = world.dm("olga").expect("mongo refuses TLS", "Slack holds the message to", "back until")
    world.channel("sigma").expect("tests are red")
    world.dm("sara").expect("tests are red")
    await world.advance(seconds=59)
    world.channel("omega").expect_nothing("mongo")
    await world.advance(seconds=2)
    assert "mongo refuses TLS" in world.card().shown
    (*_, posted) = [
        call for call in world.slack.record.calls("chat.postMessage") if "COMEGA" in call["arguments"].values()
    ]
    assert "Slack held this card back until" in str(posted["arguments"]["blocks"])
    await world.advance(seconds=2)
    assert "holds the message" not in world.dm("olga").expect("mongo").shown
    assert len(world.dm("olga")) == 1
    assert page.ts == world.dm("olga").messages[0].ts


async def test_the_blocker_card_names_a_page_that_slack_holds_back_until_it_is_there(world):
    world.slack.fault("chat.postMessage", "ratelimited", channel="olga", seconds=50)
    await world.says("pa", "/blocker mongo refuses TLS")
    assert "Slack holds the message to <@UOLGA> back until" in world.card().shown
    await world.advance(seconds=49)
    assert len(world.dm("olga")) == 0
    await world.advance(seconds=4)
    world.dm("olga").expect("mongo refuses TLS", "Slack held this page back until")
    assert "holds the message" not in world.card().shown


async def test_the_page_notice_of_a_blocker_acknowledged_while_it_waited_is_dropped_and_says_why(world):
    world.slack.fault("chat.postMessage", "ratelimited", channel="olga", seconds=50)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("amp", "/blocker ack 1")
    await world.advance(minutes=2)
    assert len(world.dm("olga")) == 0
    dropped = world.entries("blocker", "dropped a message", 1)[0]
    assert (dropped.facts["to"], dropped.facts["reason"]) == ("olga", "amp has acknowledged it")
    assert (
        "did not send a message to <@UOLGA>: amp has acknowledged it"
        in (await world.says("pa", "/blocker show 1")).text
    )


async def test_the_slack_connection_finds_a_slack_that_could_not_be_reached_at_the_start(database_url):
    world = World(database_url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    world.slack.url = f"http://127.0.0.1:{port}"
    world.app = world.another()
    world.apply(world.plan)
    await world.app.start(beating=False)
    assert "The bot cannot log in to Slack" in world.app.slack.trouble()
    await world.slack.serve("127.0.0.1", port)
    await world.slack.connected(within=15)
    await until(lambda: not world.app.slack.trouble(), within=15)
    assert "Blocker 1 is open" in (await world.says("pa", "/blocker mongo refuses TLS")).text
    world.dm("olga").expect("mongo")
    await world.app.stop()
    await world.slack.close()


async def test_the_courier_sends_everything_once_after_slack_took_nothing_for_a_while(world):
    before = keys(world.slack)
    world.slack.fault("*", "dropped", seconds=40)
    assert "Blocker 1 is open" in (await world.says("pa", "/blocker mongo refuses TLS")).text
    await world.advance(seconds=39)
    assert keys(world.slack) == before
    await world.advance(seconds=8)
    world.dm("olga").expect("mongo refuses TLS")
    await world.advance(minutes=1)
    world.card()
    assert set(keys(world.slack).values()) == {1}


async def test_the_slack_sender_finds_a_message_whose_answer_was_lost_in_channel_dm_and_thread(world):
    posts, greetings = world.slack.record.calls, keys(world.slack)
    posted = len(posts("chat.postMessage"))
    lost = world.slack.fault("chat.postMessage", "lost", times=4)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(seconds=15)
    assert len(world.dm("olga")) == world.channel("omega").count("mongo") == 1
    await world.says("olga", "/blocker note 1 the vendor is on it")
    await world.advance(seconds=15)
    assert world.thread(world.card()).count("the vendor is on it") == 1
    await world.says("olga", "/blocker ack 1")
    await world.advance(seconds=15)
    assert world.dm("pa").count("has your blocker 1") == 1
    assert set(keys(world.slack).values()) == {1}
    assert lost.times == 0
    assert len(posts("chat.postMessage")) - posted == len(keys(world.slack) - greetings)


@pytest.mark.parametrize("lag", [2, 5, 8])
async def test_the_courier_sends_no_message_twice_when_slacks_history_lags_behind(world, lag):
    world.slack.workspace.history_lag = lag
    world.slack.fault("chat.postMessage", "lost", times=2)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(seconds=40)
    assert len(world.dm("olga")) == world.channel("omega").count("mongo") == 1


async def test_the_slack_sender_finds_a_message_in_a_channel_known_only_by_its_name(database_url):
    async with World(database_url, PLAN.replace("#omega", "#newborn")) as world:
        newborn = world.slack.workspace.conversation("elsewhere")
        world.slack.add_bot("elsewhere")
        newborn.name = "newborn"
        world.slack.fault("chat.postMessage", "lost", channel="newborn", times=1)
        await world.says("pa", "/blocker mongo refuses TLS", "release")
        await world.advance(seconds=20)
        await world.says("olga", "/blocker ack 1")
        await world.advance(seconds=20)
        assert world.channel("newborn").count("mongo") == world.channel("newborn").count("<@UOLGA> has it") == 1


@pytest.fixture
def pager():
    """A web server that takes what Apprise posts."""
    POSTROOM.ready(60)
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield SimpleNamespace(port=server.server_port, received=received)
        server.shutdown()


# What Apprise imports on Python 3.11.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
async def test_the_fallback_reaches_a_person_outside_slack_when_it_took_nothing_for_a_minute(database_url, pager):
    way = f'slack: UOLGA, fallback: "json://127.0.0.1:{pager.port}/"'
    async with World(database_url, PLAN.replace("slack: UOLGA", way, 1)) as world:
        world.slack.fault("chat.postMessage", "broken", channel="olga", status=503, seconds=150)
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.advance(seconds=59)
        assert pager.received == []
        await world.advance(seconds=2)
        assert [one["title"] for one in pager.received] == ["Release: blocker 1"]
        assert "mongo refuses TLS" in pager.received[0]["message"]
        assert "/blocker ack 1" in pager.received[0]["message"]
        await world.advance(minutes=3)
        assert len(pager.received) == 1
        assert len(world.dm("olga")) == 0, "it went another way: it does not come twice"
        world.dm("amp").expect_nothing("While Slack was away")


async def test_slack_idempotency_raises_one_blocker_for_a_command_delivered_twice(world):
    first = await world.says("pa", "/blocker mongo refuses TLS")
    (again, _) = await again_delivered(world, "slash_commands")
    assert again["text"] == first.messages[-1].text
    assert world.channel("omega").count("mongo") == len(world.dm("olga")) == 1
    assert world.verbs("blocker", 1) == ["raised", "paged"]


async def test_slack_idempotency_acknowledges_a_blocker_once_for_a_click_delivered_twice(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.clicks("olga", "Take it", world.card())
    await again_delivered(world, "interactive")
    first, again = await world.slack.until(
        lambda: world.slack.ephemerals("olga", "omega")[1:] and world.slack.ephemerals("olga", "omega")
    )
    assert first.shown == again.shown
    assert "You have blocker 1" in first.shown
    assert world.verbs("blocker", 1) == ["raised", "paged", "acknowledged"]


async def test_slack_idempotency_resolves_a_blocker_once_for_a_form_delivered_twice(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.clicks("olga", "Resolve", world.card())
    await world.opened("olga")
    first = await world.slack.submit("olga", {"What helped?": "a new certificate"})
    again, before = await again_delivered(world, "interactive")
    assert first.ok
    assert again == before
    assert world.verbs("blocker", 1) == ["raised", "paged", "resolved"]


@pytest.fixture
async def hurried(database_url):
    """A world whose people are told soon that something takes longer."""
    async with World(database_url, patience=0.5) as world:
        yield world


async def test_a_command_is_dispatched_with_still_working_while_others_hold_the_database(hurried, database_url):
    world = hurried
    with somebody_else_holds_the_timeline(database_url):
        outcome = await world.slack.command("pa", "omega", "/blocker mongo refuses TLS")
        assert outcome.ok
        assert "Still working" in outcome.text
    await until(lambda: any("Blocker 1 is open" in one.shown for one in world.slack.ephemerals("pa", "omega")))
    (again, _) = await again_delivered(world, "slash_commands")
    assert again["text"].startswith("Blocker 1 is open")
    assert world.dm("olga").count("mongo") == 1


async def test_ticks_wait_for_a_database_that_somebody_holds_and_page_what_came_due_afterwards(world, database_url):
    await world.says("pa", "/blocker mongo refuses TLS")
    world.clock.advance(timedelta(minutes=5))
    with somebody_else_holds_the_timeline(database_url):
        ticking = asyncio.create_task(world.app.settle())
        done, _ = await asyncio.wait({ticking}, timeout=1)
        assert not done
        assert len(world.dm("amp")) == 0
    await ticking
    assert world.dm("amp").count("mongo") == world.dm("olga").count("mongo") == 1


async def test_ticks_park_a_row_of_due_work_that_keeps_failing_and_the_others_go_on(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("sc", "/blocker tests are red", "sigma")
    world.app.db.transact(
        lambda tx: tx.session.execute(update(Climb).where(col(Climb.subject_id) == 1).values(policy="a damaged row"))
    )
    await world.advance(minutes=5)
    assert world.dm("amp").count("tests are red") == 1
    for _ in range(ticks.PARK_AFTER):
        await world.advance(minutes=1)
    (trouble,) = world.app.db.transact(ticks.parked)
    assert (trouble.work, trouble.row_id, trouble.failures) == ("climbs", 1, ticks.PARK_AFTER)
    assert world.dm("exec").count("tests are red") == 1


async def test_ticks_park_a_page_that_cannot_fall_back_and_others_go_to_their_fallback(world):
    for lead in ("olga", "sara"):
        world.slack.fault("chat.postMessage", "ratelimited", channel=lead, seconds=600)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("sc", "/blocker tests are red", "sigma")
    world.app.db.transact(
        lambda tx: tx.session.execute(update(Delivery).where(col(Delivery.recipient) == "olga").values(plan_id=999))
    )
    await world.advance(seconds=61)
    world.dm("amp").expect("I can't page <@USARA>")
    for _ in range(2 * ticks.PARK_AFTER):
        await world.advance(seconds=20)
    (trouble,) = world.app.db.transact(ticks.parked)
    assert (trouble.work, trouble.failures) == ("pages unaccepted", ticks.PARK_AFTER)
