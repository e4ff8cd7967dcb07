"""Two processes on one PostgreSQL, one of which dies: what it was sending, and what waited behind that."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from callboard.core import outbox
from callboard.core.courier import Courier, claims
from callboard.core.courier.carrier import Accepted
from callboard.core.courier.presence import Presence, is_gone
from callboard.core.deliveries import DELIVERIES, EDITS, Medium, Priority
from callboard.core.outbox import Message, Post
from callboard.core.timeline import Subject

DATABASES = ("postgresql",)  # on SQLite there is one process
ABOUT = Subject("thing", 1)
ROOM = claims.Room({"slack": 9}, {})


class Slack:
    """Takes everything, and finds what it was told to."""

    def __init__(self, *posted):
        self.taken, self.posted, self.looks = [], posted, 0

    async def post(self, delivery, _message, _thread):
        self.taken.append(delivery.key)
        return Accepted("C1", "1.0")

    async def edit(self, delivery, _message):
        raise AssertionError(delivery.key)

    async def find(self, delivery):
        self.looks += 1
        return Accepted("C1", "0.9") if delivery.key in self.posted else None


@asynccontextmanager
async def living(db):
    """A process that lives until the block ends."""
    presence = Presence(db)
    life = asyncio.create_task(presence.run())
    try:
        yield (known := await number(presence))
    finally:
        life.cancel()
        await asyncio.wait([life])
    async with asyncio.timeout(20):
        while not db.transact(lambda tx: tx.connection.execute(select(is_gone(known))).scalar()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def number(presence, before=None):
    async with asyncio.timeout(20):
        while presence.number in (None, before):  # noqa: ASYNC110 - the server says nothing
            await asyncio.sleep(0.01)
    return presence.number


def waits(db, *keys):
    posts = [
        Post(key=key, plan_id=1, workspace="T1", address="C1", kind="note", subject=ABOUT, priority=Priority.PAGE)
        for key in keys
    ]
    db.transact(outbox.enqueue, posts)


def survivor(db, *posted):
    slack = Slack(*posted)
    return Courier(db, {"slack": slack}, {"note": lambda _tx, delivery: Message(delivery.key)}), slack


async def test_what_waits_behind_a_message_of_a_process_that_dies_goes_at_once(db):
    waits(db, "first", "second")
    courier, slack = survivor(db)
    async with living(db) as holder:
        db.transact(claims.claim, ROOM, holder=holder)
        await courier.drain()
        assert slack.taken == []
    await courier.drain()
    assert slack.taken == ["second"]


async def test_what_a_process_was_sending_when_it_died_is_looked_for_at_once_and_sent_again_ten_seconds_later(
    db, clock
):
    waits(db, "page")
    courier, slack = survivor(db)
    async with living(db) as holder:
        db.transact(claims.claim, ROOM, holder=holder)
    await courier.drain()
    assert slack.looks == 1
    clock.advance(timedelta(seconds=9.9))
    await courier.drain()
    assert (slack.looks, slack.taken) == (2, [])
    clock.advance(timedelta(seconds=0.1))
    await courier.drain()
    assert (slack.looks, slack.taken) == (3, ["page"])


async def test_a_process_that_dies_while_it_looks_for_a_message_makes_nobody_wait_longer(db, clock):
    waits(db, "page")
    courier, slack = survivor(db)
    async with living(db) as holder:
        db.transact(claims.claim, ROOM, holder=holder)
    clock.advance(timedelta(seconds=5))
    async with living(db) as holder:
        db.transact(claims.claim, ROOM, holder=holder)
        clock.advance(timedelta(seconds=5))
    await courier.drain()
    assert slack.taken == []
    clock.advance(timedelta(seconds=5))
    await courier.drain()
    assert slack.taken == ["page"]


async def test_what_a_process_had_sent_when_it_died_is_found_at_once(db):
    waits(db, "page")
    courier, slack = survivor(db, "page")
    async with living(db) as holder:
        db.transact(claims.claim, ROOM, holder=holder)
    await courier.drain()
    (row,) = db.transact(outbox.about, ABOUT)
    assert (row.state, row.posted_as, slack.taken) == ("sent", "0.9", [])


async def test_an_edit_of_a_process_that_dies_is_not_overtaken_by_a_newer_one(db, clock):
    waits(db, "card")
    with db.engine.begin() as connection:
        shown = {"posted_as": "1.0", "posted_in": "C1", "editable": True, "lane": f"T1/slack/C1{EDITS}"}
        connection.execute(update(DELIVERIES).values(shown))
    async with living(db) as holder:
        db.transact(claims.claim, ROOM, holder=holder)
    assert db.transact(claims.look, ROOM).lapsed == []
    clock.advance(claims.LEASE)
    assert len(db.transact(claims.look, ROOM).lapsed) == 1


def test_only_what_can_be_looked_up_and_replaces_nothing_is_free_by_a_death():
    lanes = {medium: f"T1/{medium}/A1" for medium in Medium}
    free = {medium for medium, lane in lanes.items() if claims.is_free_by_a_death(lane)}
    assert free == {Medium.SLACK, Medium.GITHUB, Medium.GITLAB}
    assert not any(claims.is_free_by_a_death(lane + EDITS) for lane in lanes.values())


async def test_who_has_lost_its_lock_takes_what_nobody_else_takes_before_its_lease_ends(db):
    waits(db, "page")
    async with living(db) as lost:
        pass
    db.transact(claims.claim, ROOM, holder=lost)
    assert db.transact(claims.look, ROOM).lapsed == []


async def test_who_loses_its_session_soon_has_another_one(db):
    presence = Presence(db)
    life = asyncio.create_task(presence.run())
    before = await number(presence)
    with db.engine.begin() as connection:
        held = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :number")
        connection.execute(held, {"number": before})
    assert await number(presence, before) != before
    life.cancel()
    with pytest.raises(asyncio.CancelledError):
        await life
