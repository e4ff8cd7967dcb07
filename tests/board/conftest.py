"""A world whose board is reached from outside, and browsers that come to it without Slack."""

from __future__ import annotations

from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from tests.world import PLAN, World

PUBLIC = "https://callboard.example.com/"
OBSERVED = PLAN.replace("  stan:", "  obs: {name: Observer, slack: UOBS, phone: '+4930123456', roles: [observer]}\n  stan:")
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
