"""Open pages hear what changed: each entry once, whatever happens to the connection; and nobody who is not let in."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlmodel import col, select

from callboard.board import page
from callboard.core.timeline import Entry
from tests.board.conftest import House, come


@pytest.fixture
async def house(world):
    async with House(world) as house, httpx.AsyncClient(base_url=house.url, trust_env=False, timeout=60) as http:
        house.http = http
        await come(world, http)
        yield house


@asynccontextmanager
async def listens(house, after, **headers):
    """An open page; what it is told, event by event."""
    asked = {"after": after, "version": page.version()}
    async with house.http.stream("GET", "/board/release/events", params=asked, headers=headers) as answer:
        assert answer.status_code == 200
        yield _events(answer.aiter_lines())


async def _events(lines):
    event = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "event" in event:
            yield event
            event = {}


async def told(events, wanted):
    """What is told, up to an event of this kind, or an entry with these words."""
    heard = []
    async with asyncio.timeout(60):
        async for event in events:
            heard.append(event)
            if wanted == event["event"] or any(wanted in entry["text"] for entry in news(event)):
                return heard
    raise AssertionError(heard)


def news(event):
    """The entries that it tells of."""
    return json.loads(event["data"])["entries"] if event["event"] == "news" else []


def numbers(events):
    return [entry["id"] for event in events for entry in news(event)]


def entries(world, after):
    """The timeline's own account."""
    wanted = select(Entry.id).where(Entry.id > after, Entry.plan_id == 1).order_by(col(Entry.id))
    return world.app.db.transact(lambda tx: list(tx.session.exec(wanted)))


def newest(world):
    return max(entries(world, 0))


async def test_the_stream_tells_each_entry_once_with_the_parts_that_it_changed(world, house):
    before = newest(world)
    async with listens(house, before) as events:
        assert (await told(events, "clock"))[0]["data"] == "2025-11-13T09:00:00Z"
        await world.says("pa", "/blocker mongo refuses TLS")
        heard = await told(events, "Blocker 1: Person A raised it")
    (parts,) = [parts for event in heard if event["event"] == "news" and (parts := json.loads(event["data"])["parts"])]
    assert "mongo refuses TLS" in parts["blockers"]
    assert "phases" not in parts
    seen = numbers(heard)[-1]
    assert seen == int(heard[-1]["id"])
    async with listens(house, before, **{"Last-Event-ID": str(seen)}) as events:
        await told(events, "clock")
        await world.says("olga", "/blocker ack 1")
        heard += await told(events, "Blocker 1: Omega lead took it")
    assert numbers(heard) == entries(world, before)


async def test_the_stream_replays_what_a_page_missed_while_it_was_cut_off(world, house):
    before = newest(world)
    for number in (1, 2, 3):
        await world.says("pa", f"/blocker the disk of host {number} is full")
    async with listens(house, before) as events:
        heard = await told(events, "Blocker 3: Person A raised it")
        assert numbers(heard) == [number for number in entries(world, before) if number <= numbers(heard)[-1]]
        assert "the disk of host 3 is full" in heard[1]["data"]


async def test_the_stream_ends_for_whoever_is_not_let_in_any_more_and_never_begins_for_strangers(world, house):
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as stranger:
        answer = await stranger.get("/board/release/events")
        assert (answer.status_code, "not signed in" in answer.text) == (403, True)
    async with listens(house, newest(world)) as events:
        await told(events, "clock")
        world.apply(world.plan.replace("slack: UAMP", "slack: UNINA"))
        assert (await told(events, "again"))[-1]["event"] == "again"
    assert (await house.http.get("/board/release")).status_code == 403


async def test_the_stream_makes_a_page_of_an_older_version_load_itself_again(house):
    async with house.http.stream("GET", "/board/release/events", params={"version": "older"}) as answer:
        assert [event["event"] async for event in _events(answer.aiter_lines())] == ["again"]


async def test_the_stream_draws_one_board_for_all_who_look(house):
    async with listens(house, 0) as one, listens(house, 0) as two:
        drawn = [(await told(events, "news"))[-1]["data"] for events in (one, two)]
        assert drawn[0] == drawn[1]
    first, second = await house.http.get("/board/release"), await house.http.get("/board/release")
    assert first.content == second.content


async def test_the_stream_does_not_hold_up_a_server_that_stops(house):
    async with listens(house, 0) as events:
        await told(events, "news")
        for connection in list(house.server.server_state.connections):
            connection.shutdown()
        with pytest.raises(httpx.RemoteProtocolError):
            await told(events, "again")
