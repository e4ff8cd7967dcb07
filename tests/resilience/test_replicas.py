"""Several processes on one database, at the worst possible moment of each other."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from callboard.core import outbox, seal, ticks, timeline
from callboard.core.courier import Courier
from callboard.core.courier.carrier import Accepted
from callboard.core.outbox import Delivery, Message, Post, Priority
from callboard.core.timeline import Subject

ABOUT = Subject("thing", 1)


def recorded(tx, count):
    for _ in range(count):
        timeline.record(tx, 1, ABOUT, "happened")


@pytest.mark.parametrize("already", [0, 3], ids=["at the very beginning", "later on"])
async def test_the_seal_chain_stays_one_when_two_replicas_seal_at_the_same_moment(db, database_url, already):
    db.transact(recorded, already)
    db.transact(lambda tx: seal.seal(tx, seal.unsealed(tx, 100)))
    db.transact(recorded, 3)
    first_has_sealed, second_has_looked = threading.Event(), threading.Event()

    def first(tx):
        seal.seal(tx, seal.unsealed(tx, 100))
        first_has_sealed.set()
        if not db.on_sqlite:
            assert second_has_looked.wait(10)

    def second(tx):
        ids = seal.unsealed(tx, 100)
        second_has_looked.set()
        seal.seal(tx, ids)

    sealing = asyncio.create_task(db.write(first))
    await asyncio.to_thread(first_has_sealed.wait, 10)
    await asyncio.gather(sealing, db.write(second))
    db.transact(lambda tx: seal.seal(tx, seal.unsealed(tx, 100)))
    assert db.transact(seal.verify, 1) == (already + 3, [])


class Letterbox:
    """A medium that takes everything."""

    def __init__(self):
        self.taken = []

    async def post(self, delivery, _message, _thread):
        self.taken.append(delivery.key)
        return Accepted("C1", "1.0")


@pytest.fixture
def letterbox():
    return Letterbox()


@pytest.fixture
def courier(db, letterbox):
    db.transact(
        outbox.enqueue,
        [Post(key="a", plan_id=1, workspace="T1", address="C1", kind="note", subject=ABOUT, priority=Priority.PAGE)],
    )
    return Courier(db, {"slack": letterbox}, {"note": lambda _tx, delivery: Message(delivery.key)})


async def test_the_courier_sends_what_it_has_begun_to_take_before_it_stops(db, courier, letterbox):
    claiming = asyncio.create_task(courier.start_ready())
    await asyncio.sleep(0)
    await courier.stop()
    (row,) = db.transact(outbox.about, ABOUT)
    assert (row.state, letterbox.taken) == ("sent", ["a"])
    assert await claiming == 1


async def test_a_courier_that_was_stopped_takes_nothing_more(db, courier, letterbox):
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(0)
    await courier.stop()
    await running
    (row,) = db.transact(outbox.about, ABOUT)
    assert (row.state, letterbox.taken) == ("waiting", [])


async def test_the_courier_parks_no_page_because_the_database_is_away_briefly(db, clock, letterbox, courier):
    away = [True]

    def render(_tx, delivery):
        if away.pop() if away else False:
            raise OperationalError("SELECT", {}, Exception("the server closed the connection"))
        return Message(delivery.key)

    courier = Courier(db, {"slack": letterbox}, {"note": render})
    await courier.drain()
    assert db.transact(outbox.about, ABOUT)[0].state == "waiting"
    clock.advance(timedelta(seconds=5))
    await courier.drain()
    assert letterbox.taken == ["a"]


@pytest.mark.parametrize("why", ["database or disk is full", "the server closed the connection"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL is waited for, each time for seconds
async def test_ticks_park_no_row_because_the_database_is_away_or_full_whenever_it_is_due(db, courier, why):
    broken, done = [why] * ticks.PARK_AFTER, []

    def handle(_tx, rows):
        if broken:
            raise OperationalError("UPDATE", {}, psycopg.OperationalError(broken[-1]))
        done.extend(rows)

    ticker = ticks.Ticker(db, [ticks.rows_due("messages", handle, Delivery.id, Delivery.due_at)])
    while broken:
        await ticker.tick()
        broken.pop()
    await ticker.tick()
    assert done == [1]
    assert db.transact(ticks.parked) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is the process that is slow
async def test_the_courier_takes_fewer_pages_at_once_when_it_is_too_slow_to_send_so_many_in_time(db, clock, letterbox):
    pages = [
        Post(key=f"{number}", plan_id=1, workspace="T1", address=f"C{number}", kind="note", subject=ABOUT,
             priority=Priority.PAGE) for number in range(40)
    ]  # fmt: skip
    db.transact(outbox.enqueue, pages)

    def slowly(_tx, delivery):
        clock.advance(timedelta(seconds=0.5))
        return Message(delivery.key)

    courier = Courier(db, {"slack": letterbox}, {"note": slowly})
    for _ in range(10):
        await courier.drain()
        clock.advance(timedelta(minutes=1))
    assert sorted(letterbox.taken) == sorted(page.key for page in pages)
