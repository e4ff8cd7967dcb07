"""A world whose board is reached from outside, and browsers that come to it without Slack."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from callboard.web import PUBLIC_URL
from tests.web.test_server import Listening
from tests.world import PLAN, World

PUBLIC = "https://callboard.example.com/"
WORK = """\
phases:
  prepare: {name: Preparation, from: 2025-11-13 09:00, to: 2025-11-14 12:00}
  stage: {name: Staging, from: 2025-11-14 12:00, to: 2025-11-15 18:00, needs: [ready]}
tasks:
  - for: {team: omega, phase: prepare}
    A-1: {title: Schema validated, assignee: pa, due: 2025-11-13 09:30}
    A-2: {title: API under load, needs: [A-1]}
  - S-1: {title: Dashboard final, team: sigma, assignee: sc, phase: prepare}
    M-1: {title: Dashboard meets API, lead_team: omega, support_teams: [sigma], phase: stage, assignee: pb,
          components: [A-1, S-1], points: {Connectivity: omega, Sign-in: sigma}}
gates:
  ready: {name: Ready for staging, due: 2025-11-14 12:00, sign_off: [{lead_of: omega}]}
  live: {name: Production live, due: 2025-11-15 16:00, criteria: [Smoke tests pass], sign_off: [{role: coordinator}]}
"""
OBSERVER = "  obs: {name: Observer, slack: UOBS, phone: '+4930123456', roles: [observer]}\n"
OBSERVED = PLAN.replace("  stan:", f"{OBSERVER}  stan:") + WORK
PEOPLE = ("olga", "pa", "pb", "sara", "sc", "amp", "exec", "stan", "obs")


class Public(World):
    """The bot, and where the web reaches it."""

    public: str | None = PUBLIC

    def settings(self):
        return super().settings().model_copy(update={"public_url": self.public})


@pytest.fixture
async def world(database_url):
    async with Public(database_url, OBSERVED, people=PEOPLE) as world:
        yield world


@asynccontextmanager
async def browser(world):
    """A browser of its own, with its own cookies."""
    asgi = httpx.ASGITransport(world.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url=PUBLIC) as client:
        yield client


def links(message):
    """Where the buttons of a message lead."""
    buttons = [each for block in message.blocks for each in block.get("elements", ())]
    return [urlsplit(each["url"]).path for each in buttons if "url" in each]


async def link(world, person="amp", text="/plan board"):
    """Where the button leads that somebody gets."""
    outcome = await world.says(person, text)
    (path,) = links(outcome.messages[-1])
    return path


async def come(world, client, person="amp"):
    """Open the board as somebody."""
    return await client.post(await link(world, person), follow_redirects=True)


class House(Listening):
    """The server on a port of its own, where the board is reached; its connections can be cut."""

    def __init__(self, world):
        super().__init__(world.app.web)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        world.app.db.registry.put(PUBLIC_URL, f"{self.url}/")

    def cut(self):
        """Take no more connections, and lose those that there are."""
        for one in self.server.servers:
            one.close()
        for connection in list(self.server.server_state.connections):
            connection.transport.abort()

    async def mend(self):
        self.socket = socket.create_server(("127.0.0.1", urlsplit(self.url).port))
        await self.server.startup([self.socket])
