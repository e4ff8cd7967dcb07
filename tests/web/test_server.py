"""The server holds out: against whoever sends half a request, too much, or never reads; in real time on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import httpx
import pytest
from starlette.responses import PlainTextResponse
from uvicorn.lifespan.off import LifespanOff

from callboard.web.server import Within, server
from tests.web.strangers import command, half_a_body
from tests.world import until

HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
HALF_A_BODY = half_a_body("/")
LONG, SOME = 30_000_000, 60_000
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope, receive, send):
    """Reads the whole body, and answers by the path."""
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("x" * {"/long": LONG, "/some": SOME}.get(scope["path"], 1))(scope, receive, send)


class Listening:
    """The server on a port of its own."""

    def __init__(self, web=app, **how):
        self.server = server(web, "127.0.0.1", 0, **how)
        self.server.config.load()
        self.server.lifespan = LifespanOff(self.server.config)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.opened = []

    async def __aenter__(self):
        await self.server.startup([self.socket])
        return self

    async def __aexit__(self, *_):
        for one in self.server.servers:
            one.close()
        for writer in self.opened:
            writer.transport.abort()
        await until(lambda: not self.server.server_state.connections)

    async def opens(self, sent=b"", host="127.0.0.1"):
        """Open a connection from an address, and send something."""
        reader, writer = await asyncio.open_connection(*self.socket.getsockname(), local_addr=(host, 0))
        self.opened.append(writer)
        writer.write(sent)
        return reader

    async def asks(self, sent=WHOLE, host="127.0.0.1"):
        """Send a whole request; the status."""
        return status(await (await self.opens(sent, host)).readuntil(b"\r\n"))


def status(answer):
    return int(answer.split()[1]) if answer else 0


async def read(reader):
    """What comes until the other side hangs up."""
    with contextlib.suppress(ConnectionError):
        return await reader.read()
    return b""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_server_answers_slack_and_health_beside_300_requests_that_are_half_sent(world):
    async with Listening(world.app.web, most=100) as house:
        for number in range(300):
            await house.opens((b"", HALF_A_HEAD, half_a_body("/slack/events"))[number % 3])
        assert await house.asks() == 200
        url = f"http://127.0.0.1:{house.socket.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            answer = await http.post("/slack/events", **command("mongo refuses TLS", world.slack.spec.team_id))
            assert "Blocker 1 is open" in answer.json()["text"]
            large = await http.post("/api/v1/plans/release/blockers", content=b"x" * 5_000_000)
            assert "Send a token" in large.json()["detail"]  # read to its end, whatever it sends
        assert len(house.server.server_state.connections) <= 101


async def test_the_server_lets_go_whom_it_never_served_of_the_address_with_the_most_connections():
    async with Listening(most=20) as house:
        kept, other = await house.opens(WHOLE), await house.opens(HALF_A_HEAD, "127.0.0.2")
        assert status(await kept.readuntil(b"\r\n")) == 200
        crowd = [await house.opens(HALF_A_HEAD) for _ in range(30)]
        assert await house.asks() == 200
        assert await asyncio.gather(*(read(one) for one in crowd[:12])) == [b""] * 12
        assert not kept.at_eof()
        assert not other.at_eof()


async def test_the_server_hangs_up_on_whoever_is_late_with_a_head_a_body_or_an_answer():
    async with Listening(within=Within(0.2, 0.2, 0.2)) as house:
        late = [await house.opens(half) for half in (b"", HALF_A_HEAD, HALF_A_BODY)]
        assert [status(await read(one)) for one in late] == [408, 408, 408]
        deaf = await house.opens(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: not house.server.server_state.connections)
        assert len(await read(deaf)) < LONG
        slow = await house.opens(WHOLE[:20])
        house.opened[-1].write(WHOLE[20:])
        assert status(await slow.readuntil(b"\r\n")) == 200
        served = await house.opens(WHOLE)
        assert status(await served.readuntil(b"\r\n")) == 200
        house.opened[-1].write(b"\r\n")  # as some do after a body; it begins no request
        assert b"408" in await read(served)
    async with Listening(within=Within(head=0.2)) as house:
        dripping = asyncio.create_task(read(await house.opens(HALF_A_HEAD)))
        while not dripping.done():
            house.opened[-1].write(b"X")
            await asyncio.wait({dripping}, timeout=0.02)


@pytest.mark.parametrize("last", [b"keep-alive", b"close"])
async def test_the_server_hangs_up_on_whoever_takes_no_answer_however_little_is_left_to_send(last):
    asked = b"GET /some HTTP/1.1\r\nHost: x\r\nConnection: " + last + b"\r\n\r\n"
    async with Listening(within=Within(taken=0.5)) as house:
        house.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.connect(house.socket.getsockname())
            deaf.sendall(asked)
            await until(lambda: house.server.server_state.total_requests)
            await until(lambda: not house.server.server_state.connections)
            deaf.settimeout(5)
            assert len(await asyncio.to_thread(taken, deaf)) < SOME


def taken(client):
    """All that a client is still sent."""
    with contextlib.suppress(ConnectionError):
        return b"".join(iter(lambda: client.recv(SOME), b""))
    return b""


async def test_the_server_refuses_endless_heads_and_what_is_no_http_with_the_headers_of_every_answer():
    async with Listening() as house:
        for sent in (
            HALF_A_HEAD + b"X: " + b"x" * 70_000,
            b"GET /" + b"x" * 70_000,
            (HALF_A_HEAD + b"a: b\r\n" * 20_000),
        ):
            assert status(await read(await house.opens(sent))) in (0, 431)  # who sends on may not see the answer
        trailer = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"x" * 400_000
        assert status(await read(await house.opens(trailer))) in (0, 431)
        for sent in (b"\x16\x03\x01" + b"\x00" * 99, b"GET \xff HTTP/1.1\r\nHost: x\r\n\r\n", b"nonsense\r\n\r\n"):
            answer = await read(await house.opens(sent))
            assert (status(answer), b"frame-ancestors 'none'" in answer) == (400, True), sent
        await read(await house.opens(WHOLE * 2_000))  # all at once: hung up on, or answered one by one
        assert await house.asks() == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_server_believes_only_its_proxy_for_whom_a_request_comes(world):
    """By itself it takes only this machine for a proxy; whoever else names other addresses is still one guesser."""
    guess = b"GET /api/v1/plans/release HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer callboard_%d\r\n"
    guess += b"X-Forwarded-For: 10.0.0.%d\r\n\r\n"
    async with Listening(world.app.web) as house:
        stranger = [await house.asks(guess % (number, number), "127.0.0.2") for number in range(32)]
        proxied = [await house.asks(guess % (number, number)) for number in range(32)]
    assert stranger == [401] * 30 + [429] * 2
    assert proxied == [401] * 32
