"""Whatever the bot is doing when it dies, the next one goes on: every message once, none lost, the seal unbroken."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from callboard.core import outbox, seal, timeline
from callboard.core.outbox import Delivery
from callboard.core.subject import Subject
from tests.resilience.mortal import Mortal
from tests.world import World

LEASE_OVER = outbox.LEASE + timedelta(seconds=1)


class Stage:
    """Blockers that live the same life, and a bot that dies somewhere in it."""

    def __init__(self, world):
        self.world = world
        self.slack = world.slack
        self.bot = None
        self.number = 0
        self.deaths = Counter()

    async def someone_takes_over(self):
        self.bot = Mortal(self.world.settings(), self.world.clock)
        await self.bot.slack.start()
        await self.slack.connected()
        await self.bot.linker.link(self.slack.spec.team_id)

    async def does(self, doing, *, dies_after=None):
        """Do it, or die in it; who died is followed by another, once its leases are over."""
        if dies_after is not None:
            self.bot.heart.stops_after(dies_after)
        if await self.bot.lives(doing):
            self.bot.heart.stops_after(None)
            return True
        self.deaths[self.bot.heart.last] += 1
        self.world.clock.advance(LEASE_OVER)
        await self.someone_takes_over()
        return False

    async def commanded(self, person, text, *, dies_after=None):
        """Type it; when nobody answers, Slack says so, and delivers it again."""
        outcomes = []

        async def typed():
            outcomes.append(await self.slack.command(person, "omega", text))

        if await self.does(typed(), dies_after=dies_after):
            return outcomes[0].text
        again = await self.slack.courier.again()
        assert again.ok
        return again.payload["text"]

    async def raised(self, *, dies_after=None):
        self.number += 1
        said = await self.commanded("pa", f"/blocker mongo {self.number} refuses TLS", dies_after=dies_after)
        assert f"Blocker {self.number} is open" in said

    async def climbed(self, *, dies_after=None):
        blocker = self.opened_at()
        self.world.clock.move_to(blocker + timedelta(minutes=5))
        return await self.settled(dies_after=dies_after)

    async def taken(self, *, dies_after=None):
        said = await self.commanded("olga", f"/blocker ack {self.number}", dies_after=dies_after)
        assert f"You have blocker {self.number}" in said

    async def settled(self, *, dies_after=None):
        """Whether it lives to the end of what is due at this instant."""
        return await self.does(self.bot.settle(), dies_after=dies_after)

    async def ends(self):
        """Let the rest of the life go well, and look at it."""
        for _ in range(6):
            self.world.clock.advance(timedelta(seconds=4))
            assert await self.settled()
        await self.everything_is_there_once()

    async def withdrawn(self):
        """Make room for the next one."""
        await self.commanded("pa", f"/blocker withdraw {self.number}")
        assert await self.settled()

    def expect_a_death(self, *moments):
        """Whether the story came by these moments at all."""
        assert all(any(moment in death for death in self.deaths) for moment in moments), self.deaths

    def opened_at(self):
        (raised,) = [entry for entry in self.history() if entry.verb == "raised"]
        return raised.at

    def history(self):
        return self.bot.db.transact(timeline.history, Subject("blocker", self.number))

    def told(self, person):
        return [m for m in self.slack.dm(person) if f"mongo {self.number} refuses" in m.shown]

    async def everything_is_there_once(self):
        rows = await self.bot.db.read(
            lambda tx: tx.session.exec(select(Delivery).where(Delivery.subject_id == self.number)).all()
        )
        keys = Counter(
            message.metadata["event_payload"]["key"]
            for room in self.slack.workspace.state.messages.values()
            for message in room.values()
            if message.metadata
        )
        assert {row.key: (row.state, keys[row.key]) for row in rows} == {row.key: ("sent", 1) for row in rows}
        assert set(keys.values()) == {1}
        assert self.bot.db.transact(seal.verify, 1)[1] == []
        assert self.bot.db.transact(seal.unsealed, 10) == []


@pytest.fixture
async def stage(database_url):
    world = World(database_url)
    await world.slack.serve()
    world.app = world.another()
    world.apply(world.plan)
    stage = Stage(world)
    await stage.someone_takes_over()
    yield stage
    print(f"{sum(stage.deaths.values())} deaths: {sorted(stage.deaths)}")  # noqa: T201
    await stage.bot.leaves()
    await world.slack.close()
    await asyncio.to_thread(world.app.db.close)


async def test_it_dies_after_the_commit_of_a_command_and_its_repetition_is_answered_as_the_first_would_have_been(stage):
    await stage.raised(dies_after=1)
    assert stage.deaths == {"after _run": 1}
    assert await stage.settled()
    assert [entry.verb for entry in stage.history()] == ["raised", "paged"]
    await stage.taken(dies_after=1)
    assert [entry.verb for entry in stage.history()] == ["raised", "paged", "acknowledged"]
    await stage.ends()
    assert len(stage.told("olga")) == len(stage.told("pa")) == 1
    assert stage.told("amp") == []


async def test_it_dies_anywhere_between_a_command_and_the_last_message_about_it(stage):
    for beats in range(1, 100):
        await stage.raised()
        survived = await stage.settled(dies_after=beats)
        await stage.ends()
        assert len(stage.told("olga")) == 1
        assert [entry.verb for entry in stage.history()][:2] == ["raised", "paged"]
        if survived:
            break
        await stage.withdrawn()
    stage.expect_a_death("after claim", "Slack has blocker.page", "after accepted blocker.page")


async def test_it_dies_anywhere_in_a_climb(stage):
    for beats in range(1, 100):
        await stage.raised()
        assert await stage.settled()
        survived = await stage.climbed(dies_after=beats)
        await stage.ends()
        assert [len(stage.told(reader)) for reader in ("olga", "amp", "exec")] == [1, 1, 0]
        assert [entry.verb for entry in stage.history()][:3] == ["raised", "paged", "paged"]
        if survived:
            break
        await stage.withdrawn()
    stage.expect_a_death("batch", "after claim", "Slack has blocker.page", "Slack has the edit of blocker.")


async def test_it_dies_anywhere_in_showing_that_somebody_has_it(stage):
    for beats in range(1, 100):
        await stage.raised()
        assert await stage.settled()
        await stage.taken()
        survived = await stage.settled(dies_after=beats)
        await stage.ends()
        assert "acknowledged" in stage.told("olga")[0].text
        assert len(stage.told("pa")) == 1
        if survived:
            break
        await stage.withdrawn()
    stage.expect_a_death("Slack has the edit of blocker.", "after accepted blocker.")
