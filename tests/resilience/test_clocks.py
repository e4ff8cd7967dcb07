"""Clocks that somebody sets while the bot runs: the machine's, that of the metronome, that of a shared database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.base import BaseTrigger

from callboard.app.metronome import Metronome, Soon
from callboard.core import outbox
from callboard.core.clock import ManualClock, SharedClock, SteadyClock
from callboard.core.courier import Courier, claims
from callboard.core.courier.carrier import Accepted
from callboard.core.outbox import Message, Post
from callboard.core.timeline import Subject
from tests.world import MORNING


class Machine:
    """A machine's clock, which somebody may set, and one that nobody sets."""

    def __init__(self):
        self.wall, self.seconds = MORNING, 0.0

    def passes(self, seconds):
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    def is_set(self, **by):
        self.wall += timedelta(**by)


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def steady(machine):
    return SteadyClock(lambda: machine.wall, lambda: machine.seconds)


@pytest.fixture
def shared(machine):
    return SharedClock(elapsed=lambda: machine.seconds)


def test_a_steady_clock_is_the_machines_and_follows_it_ahead(machine, steady):
    machine.passes(5)
    assert steady.now() == MORNING + timedelta(seconds=5)
    machine.is_set(hours=1)
    assert steady.now() == MORNING + timedelta(hours=1, seconds=5)


def test_a_steady_clock_never_goes_back_and_runs_slowly_until_the_machines_has_caught_up(machine, steady):
    machine.is_set(minutes=-10)
    assert steady.now() == MORNING
    machine.passes(60)
    assert steady.now() == MORNING + timedelta(seconds=30)
    machine.passes(60)
    assert steady.now() == MORNING + timedelta(seconds=60)
    machine.passes(60 * 60)
    assert steady.now() == machine.wall


def test_a_shared_clock_knows_for_how_long_all_processes_have_the_same_time(machine, shared):
    def keeps(ahead=0.0):
        shared.keep(lambda: MORNING + timedelta(seconds=machine.seconds + ahead))

    keeps()
    assert shared.is_shared_since(15)
    for _ in range(5):
        machine.passes(5.5)
        keeps()
    assert shared.is_shared_since(15)
    machine.passes(11)
    keeps(ahead=3600)
    assert not shared.is_shared_since(0)
    machine.passes(11)
    assert shared.is_shared_since(0)


class Told(SharedClock):
    """Has no server to ask."""

    def keep(self, _ask):
        pass

    def hears(self, instant):
        super().keep(lambda: instant)


class Letterbox:
    def __init__(self):
        self.posted = 0

    async def post(self, _delivery, _message, _thread):
        self.posted += 1
        return Accepted("C1", "1.1")

    async def edit(self, _delivery, _message):
        raise AssertionError

    async def find(self, _delivery):
        return None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_taken_from_a_replica_that_may_have_the_time_before_somebody_set_it(db, clock, machine):
    post = Post(key="a", plan_id=1, workspace="T1", address="C1", kind="note", subject=Subject("thing", 1))
    db.transact(outbox.enqueue, [post])
    (taken,) = db.transact(claims.claim, claims.Room({"slack": 1}, {}))
    db.clock = Told(elapsed=lambda: machine.seconds)
    db.clock.hears(clock.now())
    machine.passes(11)
    db.clock.hears(clock.now() + timedelta(hours=1))
    slack = Letterbox()
    courier = Courier(db, {"slack": slack}, {"note": lambda _tx, _delivery: Message("hello")})
    assert await courier.drain() == 0
    machine.passes(26)
    assert await courier.drain() == 1
    assert (slack.posted, taken.fence) == (1, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_taken_from_a_replica_that_heard_first_that_the_time_was_set(db, clock, machine):
    posts = [
        Post(key=key, plan_id=1, workspace="T1", address=to, kind="note", subject=Subject("thing", 1))
        for key, to in (("a", "C1"), ("b", "C1"), ("c", "C2"))
    ]
    db.transact(outbox.enqueue, posts)
    clock.advance(timedelta(minutes=1))
    db.clock = Told(elapsed=lambda: machine.seconds)
    db.clock.hears(clock.now() + timedelta(hours=1))
    (taken,) = db.transact(claims.claim, claims.Room({"slack": 1}, {}))
    db.clock = Told(elapsed=lambda: machine.seconds)
    db.clock.hears(clock.now())
    machine.passes(11)
    slack = Letterbox()
    courier = Courier(db, {"slack": slack}, {"note": lambda _tx, _delivery: Message("hello")})
    assert await courier.drain() == 1  # to C2: the other waits behind what is sent to C1
    for seconds in (1, 22):
        machine.passes(seconds)
        assert await courier.drain() == 0
    machine.passes(3)
    assert await courier.drain() == 2
    assert (slack.posted, taken.key) == (3, "a")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_taken_before_the_time_was_set_back_is_taken_over_once_all_have_heard(db, clock, machine):
    post = Post(key="a", plan_id=1, workspace="T1", address="C1", kind="note", subject=Subject("thing", 1))
    db.transact(outbox.enqueue, [post])
    db.clock = Told(elapsed=lambda: machine.seconds)
    db.clock.hears(clock.now() + timedelta(hours=1))
    db.transact(claims.claim, claims.Room({"slack": 1}, {}))
    machine.passes(11)
    db.clock.hears(clock.now() + timedelta(seconds=11))
    slack = Letterbox()
    courier = Courier(db, {"slack": slack}, {"note": lambda _tx, _delivery: Message("hello")})
    machine.passes(23)
    assert await courier.drain() == 0
    machine.passes(3)
    assert await courier.drain() == 1


def test_a_beat_comes_soon_after_a_clock_was_set_ahead_by_years_and_leaves_out_all_between():
    trigger: BaseTrigger = Soon()
    before, now = datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, before) == before
    assert trigger.get_next_fire_time(before, now) == now + timedelta(seconds=0.25)


async def test_the_metronome_beats_on_after_the_machines_clock_was_set_back():
    beats, beaten = [0], asyncio.Event()

    async def beat():
        beats[0] += 1
        beaten.set()

    metronome = Metronome(beat)
    running = asyncio.create_task(metronome.run())
    async with asyncio.timeout(20):
        await beaten.wait()
        (job,) = metronome._scheduler.get_jobs()
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))  # as a clock that is an hour behind has it
        before = beats[0]
        beaten.clear()
        await beaten.wait()
    assert beats[0] > before
    await metronome.stop()
    running.cancel()


def test_a_manual_clock_is_agreed_on_by_all(db):
    assert isinstance(db.clock, ManualClock)
    assert db.agrees_for(3600)
