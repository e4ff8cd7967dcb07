"""The load generator: signed slash commands over connections that stay open, made before the first one is sent.

Runs in a process of its own, with a `Load` as JSON for its argument; writes `Shots` as JSON to stdout.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import cast
from urllib.parse import urlencode

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
OPEN, LATE = b"is open", b"Still working"
GIVE_UP_AFTER = 60.0


@dataclass(frozen=True, kw_only=True)
class Load:
    """What to send.

    Every `every` seconds a command is due, whatever the answers take; 0 sends as fast as is answered, for `within`
    seconds at most. An answer counts when it is a 200 and says that the blocker is open; one only promised is late.
    """

    port: int
    secret: str
    response_url: str
    count: int
    at_once: int = 1
    every: float = 0.0
    within: float = 1e9
    teams: int = 1


@dataclass
class Shots:
    """When each command was to be sent (Unix time), the seconds until its answer, and answers that were wrong."""

    sent: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    late: int = 0
    took: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.took

    def between(self, began: float, ended: float) -> list[float]:
        """The seconds of those that were sent in this span."""
        return [seconds for sent, seconds in zip(self.sent, self.seconds, strict=True) if began <= sent <= ended]


class Connection(asyncio.Protocol):
    """One connection that sends a request and waits for its answer."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if separator and len(body) >= int(length[1] if length else 0) and self._answer and not self._answer.done():
            self._answer.set_result(self._received)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(b"the connection was closed")

    async def ask(self, request: bytes) -> bytes:
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await asyncio.wait_for(self._answer, GIVE_UP_AFTER)


def requests(load: Load) -> list[bytes]:
    """Every request as it goes over the wire, with a trigger id of its own and a signature."""
    run, stamp = time.time_ns(), str(int(time.time()))
    return [_request(load, stamp, f"{run}.{number}", number) for number in range(load.count)]


def _request(load: Load, stamp: str, trigger: str, number: int) -> bytes:
    team = number % load.teams
    return command(load.secret, stamp, {
        "token": "old", "team_id": "T0BENCH", "team_domain": "bench", "channel_id": f"C0TEAM{team:03}",
        "channel_name": f"team-{team:03}", "user_id": f"U0MEMBER{team:03}", "user_name": "member",
        "command": "/blocker", "text": f"mongo refuses TLS from host {number}", "api_app_id": "A0BENCH",
        "response_url": load.response_url, "trigger_id": trigger,
    })  # fmt: skip


def command(secret: str, stamp: str, fields: dict[str, str]) -> bytes:
    """A slash command as Slack sends it, signed at an instant."""
    return signed(secret, stamp, fields)


def signed(secret: str, stamp: str, fields: dict[str, str]) -> bytes:
    """A request with a form, as Slack sends commands and clicks."""
    body = urlencode(fields).encode()
    signature = hmac.new(secret.encode(), b"v0:%b:%b" % (stamp.encode(), body), hashlib.sha256).hexdigest()
    head = (
        "POST /slack/events HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}", f"X-Slack-Request-Timestamp: {stamp}", f"X-Slack-Signature: v0={signature}",
        "\r\n",
    )  # fmt: skip
    return "\r\n".join(head).encode() + body


async def fire(load: Load) -> Shots:
    """Send everything and wait for every answer."""
    waiting, shots, loop = requests(load), Shots(), asyncio.get_running_loop()
    waiting.reverse()
    connections = [await loop.create_connection(Connection, "127.0.0.1", load.port) for _ in range(load.at_once)]
    began = time.time()

    async def shoot(connection: Connection) -> None:
        while waiting and time.time() < began + load.within:
            planned = began + (load.count - len(waiting)) * load.every
            request = waiting.pop()
            await asyncio.sleep(max(planned - time.time(), 0) if load.every else 0)
            sent = planned if load.every else time.time()
            answer = await connection.ask(request)
            shots.sent.append(sent)
            shots.seconds.append(time.time() - sent)
            shots.late += LATE in answer
            if not answer.startswith(b"HTTP/1.1 200") or (OPEN not in answer and LATE not in answer):
                shots.wrong.append(answer.decode(errors="replace")[:500])

    await asyncio.gather(*(shoot(connection) for _, connection in connections))
    shots.took = time.time() - began
    for transport, _ in connections:
        transport.close()
    return shots


if __name__ == "__main__":
    json.dump(asdict(uvloop.run(fire(Load(**json.loads(sys.argv[1]))))), sys.stdout)
