"""Workers over HTTP: each creates a job, claims one and completes it, again and again, over a connection of its own.

Runs in a process of its own, with a `Shift` as JSON for its argument; writes `Done` as JSON to stdout.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import uvloop

from benchmarks.load import Connection

TYPE = "Bench.Import.Run"
DRAIN_WITHIN = 30.0
PAUSE = 0.05


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How many work, for how many seconds, how many each job takes, and of a hundred claims how many end in death."""

    port: int
    token: str
    workers: int
    seconds: float
    each: float = 0.0
    deaths: int = 0


@dataclass
class Done:
    """Seconds until answers, in the state of peace; ids of jobs that were created; of each done, by which claims."""

    claims: list[float] = field(default_factory=list)
    completes: list[float] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    done: dict[int, list[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    deaths: int = 0
    resent: int = 0
    refused: int = 0
    worked: float = 0.0
    in_time: int = 0


class Worker:
    """Sends one request after the other; one that nobody answered is sent again, the same, until somebody does."""

    def __init__(self, shift: Shift, done: Done, name: str) -> None:
        self._shift = shift
        self._done = done
        self._name = name
        self._sent = 0
        self._connection: tuple[asyncio.Transport, Connection] | None = None

    async def works(self, until: float) -> None:
        """Create, claim, complete."""
        while time.monotonic() < until:
            await self._creates()
            await self._turn()

    async def drains(self, until: float) -> None:
        """Claim and complete what is left."""
        while len(self._done.done) < len(self._done.created) and time.monotonic() < until:
            if not await self._turn():
                await asyncio.sleep(PAUSE)

    async def _creates(self) -> None:
        status, body, _ = await self._ask("/jobs", {"type": TYPE, "params": {"file": "a.csv"}})
        if self._expects(status, 201, body):
            self._done.created.append(json.loads(body)["id"])

    async def _turn(self) -> bool:
        if random.randrange(100) < self._shift.deaths:  # noqa: S311 - chance without secrets
            await self._dies()
        status, body, seconds = await self._ask("/jobs/claims", {"worker": self._name, "types": [TYPE]})
        if status == 204:
            return False
        if self._expects(status, 200, body):
            self._done.claims.append(seconds)
            await asyncio.sleep(self._shift.each)
            await self._completes(json.loads(body))
        return True

    async def _completes(self, job: dict[str, Any]) -> None:
        attempt = job["attempt"]
        status, body, seconds = await self._ask(f"/jobs/{job['id']}/complete", {"attempt": attempt, "result": {"n": 1}})
        if status == 409 and self._shift.deaths:
            self._done.refused += 1  # its lease lapsed while the server was away
        elif self._expects(status, 200, body):
            self._done.completes.append(seconds)
            self._done.done.setdefault(job["id"], []).append(attempt)

    async def _dies(self) -> None:
        """Claim, and be gone before the answer: nobody will ever complete that one by this claim."""
        try:
            transport, _ = await self._open()
        except OSError:
            return  # the server is away: there is nobody to claim from
        transport.write(self._request("/jobs/claims", {"worker": self._name, "types": [TYPE]}))
        await asyncio.sleep(random.uniform(0, PAUSE))  # noqa: S311 - chance without secrets
        transport.abort()
        self._connection = None
        self._done.deaths += 1

    async def _ask(self, path: str, body: dict[str, Any]) -> tuple[int, bytes, float]:
        request = self._request(path, body)
        while True:
            try:
                _, connection = await self._open()
                began = time.perf_counter()
                answer = await connection.ask(request)
                if answer.startswith(b"HTTP/1.1 "):
                    return int(answer[9:12]), answer.partition(b"\r\n\r\n")[2], time.perf_counter() - began
            except OSError:
                pass
            self._connection = None
            self._done.resent += 1
            await asyncio.sleep(PAUSE)

    async def _open(self) -> tuple[asyncio.Transport, Connection]:
        if self._connection is None or self._connection[0].is_closing():
            loop = asyncio.get_running_loop()
            self._connection = await loop.create_connection(Connection, "127.0.0.1", self._shift.port)
        return self._connection

    def _request(self, path: str, body: dict[str, Any]) -> bytes:
        self._sent += 1
        content = json.dumps(body).encode()
        head = (
            f"POST /api/v1/plans/bench{path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
            f"Authorization: Bearer {self._shift.token}", f"Content-Length: {len(content)}",
            f"Idempotency-Key: {self._name}-{self._sent}", "\r\n",
        )  # fmt: skip
        return "\r\n".join(head).encode() + content

    def _expects(self, status: int, wanted: int, body: bytes) -> bool:
        if status != wanted:
            self._done.wrong.append(f"{status}: {body.decode(errors='replace')[:500]}")
        return status == wanted


async def work(shift: Shift) -> Done:
    """Let all work for their time, and then until nothing is left."""
    done, began, run = Done(), time.monotonic(), time.time_ns()
    workers = [Worker(shift, done, f"worker-{run}-{number}") for number in range(shift.workers)]
    await asyncio.gather(*(worker.works(began + shift.seconds) for worker in workers))
    done.worked, done.in_time = time.monotonic() - began, len(done.done)
    await asyncio.gather(*(worker.drains(time.monotonic() + DRAIN_WITHIN) for worker in workers))
    return done


if __name__ == "__main__":
    json.dump(asdict(uvloop.run(work(Shift(**json.loads(sys.argv[1]))))), sys.stdout)
