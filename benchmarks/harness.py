"""What every benchmark stands on: the servers it starts and the load it sends."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from benchmarks.databases import Store, fresh
from benchmarks.load import Load, Shots
from benchmarks.plan import TEAMS, plan

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - of nobody
READY_WITHIN = 30.0
STOPS_WITHIN = 20.0


class Wrong(Exception):  # noqa: N818 - it says what happened, as refusals do
    """A benchmark measured nothing, or not what it says."""


@dataclass
class Server:
    """A server that runs: where it answers and logs, and the seconds from its start until it was ready."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    ready_in: float = 0.0

    def memory(self) -> float:
        """Resident memory in MB."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 2**20)

    def ready(self) -> bool:
        """Whether it says so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])


@dataclass(frozen=True)
class Stage:
    """Where benchmarks run, and the share of the full load that is wanted."""

    folder: Path
    share: float
    postgres: str
    api_url: str
    wrong: list[Wrong] = field(default_factory=list)

    @contextmanager
    def tried(self) -> Iterator[None]:
        """What is wrong in the block is printed and kept, and the rest goes on."""
        try:
            yield
        except Wrong as wrong:
            print(f"  WRONG: {wrong}", flush=True)
            self.wrong.append(wrong)

    def some(self, count: int) -> int:
        """As many of `count` as wanted."""
        return max(int(count * self.share), 20)

    def databases(self) -> Iterator[tuple[str, Store]]:
        """An empty database of each kind."""
        yield "SQLite", fresh(self.folder)
        yield "PostgreSQL", fresh(self.folder, self.postgres)

    @contextmanager
    def bot(self, store: Store) -> Iterator[Server]:
        """`callboard serve` on this database, in HTTP mode, with the plan applied. Wrong where it logs an error."""
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-bench", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": self.api_url,
            "DATABASE_URL": store.url,
        }  # fmt: skip
        file = self.folder / "plan.yml"
        file.write_text(json.dumps(plan()))
        applied = subprocess.run(
            _module("callboard", "apply", str(file), "--yes"), env={**os.environ, **environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if applied.returncode:
            raise Wrong(f"the plan was not applied: {applied.stdout}{applied.stderr}")
        with self.server("callboard", "serve", "--host", "127.0.0.1", **environment) as server:
            yield server
            errors = [line for line in server.log.read_text().splitlines() if '"error"' in line or "Traceback" in line]
            if errors:
                raise Wrong(f"{len(errors)} errors were logged, the first of them: {errors[0][:3000]}")

    @contextmanager
    def server(self, *module: str, port: int = 0, **environment: str) -> Iterator[Server]:
        """Run a module until the end of the block; it serves `/readyz` on `$PORT`."""
        port = port or free_port()
        log, began = self.folder / f"{port}.log", time.monotonic()
        everything = {**os.environ, **environment, "PORT": str(port)}
        with log.open("wb") as output:
            process = subprocess.Popen(_module(*module), env=everything, stdout=output, stderr=output)
        server = Server(process, port, log)
        try:
            while not server.ready():
                if process.poll() is not None or time.monotonic() > began + READY_WITHIN:
                    raise Wrong(f"{module} did not become ready:\n{server.tail()}")
                time.sleep(0.005)
            server.ready_in = time.monotonic() - began
            yield server
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN)

    def fire(self, server: Server, count: int, at_once: int = 1) -> Shots:
        """Send commands as fast as they are answered."""
        with self.firing(server, count, at_once) as found:
            pass
        return found[0]

    @contextmanager
    def firing(self, server: Server, count: int, at_once: int, every: float = 0.0) -> Iterator[list[Shots]]:
        """Send commands while the block runs, and then to the end; the list then holds what was measured."""
        load = Load(
            port=server.port, secret=SECRET, count=count, at_once=at_once, every=every, expect="is open", teams=TEAMS
        )
        command = [*_module("benchmarks.load"), json.dumps(asdict(load))]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as generator:
            found: list[Shots] = []
            yield found
            said = generator.communicate()[0]
        if generator.returncode:
            raise Wrong(f"the load generator failed\n{server.tail()}")
        shots = Shots(**json.loads(said))
        if shots.wrong:
            raise Wrong(f"{len(shots.wrong)} of {count} commands failed: {shots.wrong[0]}\n{server.tail()}")
        found.append(shots)


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
