"""Whatever the bot is doing when it dies, the next one goes on: every message once, none lost, the seal unbroken."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from callboard.core import outbox, seal, timeline
from callboard.core.courier import claims
from callboard.core.timeline import Subject
from tests.resilience.mortal import Moment, Mortal
from tests.world import World, keys

COMMAND = Moment("_run Deed is committed", 1)
CLAIMS = 3  # of a story; the claims after these are like them
LEASE_OVER = claims.LEASE + timedelta(seconds=1)


class Stage:
    """Blockers that live the same life, and a bot that dies somewhere in it."""

    def __init__(self, world):
        self.world = world
        self.slack = world.slack
        self.bot: Mortal
        self.number = 0
        self.moments = []
        self.deaths = []

    async def someone_takes_over(self):
        self.bot = Mortal(self.world.settings(), self.world.clock)
        await self.bot.slack.start()
        await self.slack.connected()
        await self.bot.linker.link(self.slack.spec.team_id)

    async def does(self, doing, dies_at=None):
        """Whether it lives to the end of what it does; who dies is followed by another, once the leases are over."""
        self.bot.heart.stops_at(dies_at)
        if await self.bot.lives(doing):
            return True
        self.deaths.append(dies_at)
        await self.slack.until(lambda: not self.slack.sockets.connections)
        self.world.clock.advance(LEASE_OVER)
        await self.someone_takes_over()
        return False

    async def commanded(self, person, text, dies_at=None):
        """Type it; when nobody answers, Slack says so, and delivers it again."""
        outcomes = []

        async def typed():
            outcomes.append(await self.slack.command(person, "omega", text))

        if await self.does(typed(), dies_at):
            return outcomes[0].text
        again = await self.slack.courier.again()
        assert again.ok
        return again.payload["text"]

    async def raised(self, dies_at=None):
        self.number += 1
        said = await self.commanded("pa", f"/blocker mongo {self.number} refuses TLS", dies_at)
        assert f"Blocker {self.number} is open" in said

    async def five_minutes_old(self):
        self.world.clock.move_to(self.opened_at() + timedelta(minutes=5))

    async def taken(self, dies_at=None):
        said = await self.commanded("olga", f"/blocker ack {self.number}", dies_at)
        assert f"You have blocker {self.number}" in said

    async def settled(self):
        """Do what is due at this instant."""
        return await self.does(self.bot.settle())

    async def risked(self, dies_at):
        """Do what is due at this instant, or die in it; note where one can."""
        if await self.does(self.bot.settle(), dies_at):
            self.moments = list(self.bot.heart.beats)

    async def ends(self):
        """Let the rest of the life go well, and look at it."""
        for _ in range(3):
            self.world.clock.advance(timedelta(seconds=4))
            assert await self.settled()
        await self.everything_is_there_once()

    async def dies_wherever_it_can(self, life):
        """Live once to see where one can die, and then once for each of these moments."""
        await life(None)
        moments = [moment for moment in self.moments if moment.time <= CLAIMS]
        for moment in moments:
            await self.commanded("pa", f"/blocker withdraw {self.number}")
            assert await self.settled()
            await life(moment)
        spared = {moment for moment in moments if moment not in self.deaths}
        assert all(moment.where.startswith("claim") for moment in spared), spared

    def opened_at(self):
        (raised,) = [entry for entry in self.history() if entry.verb == "raised"]
        return raised.at

    def history(self):
        return self.bot.db.transact(timeline.history, Subject("blocker", self.number))

    def told(self, person):
        return [m for m in self.slack.dm(person) if f"mongo {self.number} refuses" in m.shown]

    async def everything_is_there_once(self):
        rows = await self.bot.db.read(lambda tx: outbox.about(tx, Subject("blocker", self.number)))
        sent = keys(self.slack)
        assert {row.key: (row.state, sent[row.key]) for row in rows} == {row.key: ("sent", 1) for row in rows}
        assert set(sent.values()) == {1}
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
    for _ in range(4):  # the teams are greeted before the story begins
        world.clock.advance(timedelta(seconds=4))
        assert await stage.settled()
    yield stage
    print(f"{len(stage.deaths)} deaths: {stage.deaths}")  # noqa: T201
    await stage.bot.leaves()
    await world.slack.close()
    await asyncio.to_thread(world.app.db.close)


async def test_slack_idempotency_runs_a_command_once_though_the_bot_dies_after_its_commit(stage):
    await stage.raised(dies_at=COMMAND)
    assert await stage.settled()
    assert [entry.verb for entry in stage.history()] == ["raised", "paged"]
    await stage.taken(dies_at=COMMAND)
    assert [entry.verb for entry in stage.history()] == ["raised", "paged", "acknowledged"]
    await stage.ends()
    assert stage.deaths == [COMMAND, COMMAND]
    assert len(stage.told("olga")) == len(stage.told("pa")) == 1
    assert stage.told("amp") == []


async def test_the_claims_of_the_courier_send_every_message_once_though_the_bot_dies_anywhere(stage):
    async def life(dies_at):
        await stage.raised()
        await stage.risked(dies_at)
        await stage.ends()
        assert len(stage.told("olga")) == 1
        assert [entry.verb for entry in stage.history()] == ["raised", "paged"]

    await stage.dies_wherever_it_can(life)


async def test_the_claims_of_the_courier_send_every_page_of_a_climb_once_though_the_bot_dies(stage):
    async def life(dies_at):
        await stage.raised()
        await stage.settled()
        await stage.five_minutes_old()
        await stage.risked(dies_at)
        await stage.ends()
        assert [len(stage.told(reader)) for reader in ("olga", "amp", "exec")] == [1, 1, 0]
        assert [entry.verb for entry in stage.history()] == ["raised", "paged", "paged"]

    await stage.dies_wherever_it_can(life)


async def test_the_claims_of_the_courier_edit_pages_and_cards_once_though_the_bot_dies(stage):
    async def life(dies_at):
        await stage.raised()
        await stage.settled()
        await stage.taken()
        await stage.risked(dies_at)
        await stage.ends()
        assert "acknowledged" in stage.told("olga")[0].text
        assert len(stage.told("pa")) == 1

    await stage.dies_wherever_it_can(life)
