"""No route keeps a connection of whoever sends slowly, without end, or not as much as they say; in real time."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import cycle, islice

import pytest

from callboard.web.server import Within
from tests.installations.two import Two
from tests.web.strangers import Open, credentials, every_route, filled
from tests.web.test_server import Listening, read, status

DATABASES = ("sqlite",)  # sockets

SOON = Within(0.3, 0.3, 0.3)
AT_ONCE = 50
EACH = 2
JSON = ("Content-Type", "application/json")
BODY = b'{"name": "' + b"x" * 90
LENGTH, CHUNKED, HUGE = "Content-Length: 200", "Transfer-Encoding: chunked", "Content-Length: 900000000"
LARGE = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
SLOWLY, AT_FULL_SPEED = 0.02, 0.0

ATTACKS = {
    "a head without end": ("X: y", b"", b"X: y\r\n", SLOWLY),
    "a body byte by byte": (LENGTH, b"\r\n", b"x", SLOWLY),
    "a body shorter than it says": (LENGTH, b"\r\n" + BODY, b"", SLOWLY),
    "chunks byte by byte": (CHUNKED, b"\r\n", b"1\r\nx\r\n", SLOWLY),
    "trailers without end": (CHUNKED, b"\r\n0\r\n", b"X: y\r\n", SLOWLY),
    "chunks without end": (CHUNKED, b"\r\n", LARGE, AT_FULL_SPEED),
    "a body as long as it says": (HUGE, b"\r\n", LARGE, AT_FULL_SPEED),
    "a chunk's extension without end": (CHUNKED, b"\r\n1;", LARGE, AT_FULL_SPEED),
    "a body longer than it says": ("Content-Length: 2", b"\r\n{}", b"\x00" * 65_536, AT_FULL_SPEED),
}
"""The last header, what comes next, what then comes again and again, and the seconds between."""
READ = ("/api/v1/", "/hooks/", "/lfs/", "/slack/events")
"""Where bodies of people with credentials are read."""


@pytest.fixture
async def world(database_url):
    async with Open(database_url) as world:
        yield world


async def test_slow_clients_and_endless_ones_are_hung_up_on_at_every_route(world):
    """Each route meets some of the attacks, and each attack many routes."""
    token = world.token("amp", "tasks", "gates", "blockers", "jobs", "locks")
    attacks = cycle(ATTACKS)
    tries = [(*route, attack) for route in routes(world.app) for attack in islice(attacks, EACH)]
    async with Listening(world.app.web, within=SOON) as house:
        for (method, path, attack), said in await tried(house, tries, token):
            if path.startswith(READ) or attack == "a head without end":
                refused = (408,) if ATTACKS[attack][-1] == SLOWLY else (0, 400, 408, 413)
                assert said in refused, (method, path, attack)


async def test_slow_clients_are_hung_up_on_where_workspaces_install_the_app(database_url):
    async with Two(database_url, plan="", installed=()) as two, Listening(two.app.web, within=SOON) as house:
        own = [route for route in routes(two.app) if route[1].startswith("/slack/") and route[0] == "GET"]
        assert len(own) > 1
        await tried(house, [(*route, attack) for route in own for attack in ATTACKS], "")


def routes(app):
    return [(method, path) for method, path in every_route(app) if method != "HEAD"]  # as GET


async def tried(house, tries, token):
    """What was said first at each try. It is over when each connection is."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(method, path, attack):
        last, then, again, pause = ATTACKS[attack]
        async with room:
            return await hung_up(house, head(method, path, token, last) + then, again, pause)

    return zip(tries, await asyncio.gather(*(one(*each) for each in tries)), strict=True)


def head(method, path, token, last):
    """The head of a request of somebody who may, but for the empty line."""
    known = [*credentials(path, token, BODY), JSON]
    lines = [f"{method} {filled(path)} HTTP/1.1", "Host: x", *map(": ".join, known), last, ""]
    return "\r\n".join(lines).encode()


async def hung_up(house, sent, again, pause):
    """Send for ever; what the other side said before it hung up, 0 where that was lost."""
    reader = await house.opens(sent)
    writer = house.opened[-1]
    heard = asyncio.create_task(first_line(reader))
    while not heard.done():
        if writer.transport.get_write_buffer_size() <= len(again):
            writer.write(again)
        await asyncio.wait({heard}, timeout=pause)
    return status(await heard)


async def first_line(reader):
    with contextlib.suppress(ConnectionError):
        line = await reader.readline()
        await read(reader)
        return line
    return b""
