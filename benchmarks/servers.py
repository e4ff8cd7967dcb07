"""Servers that run for the time of a block, each in a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

SEVERE = re.compile(r'"level": "(error|critical)"|^Traceback')
READY_WITHIN, STOPS_WITHIN = 120.0, 30.0


class Wrong(Exception):
    """A benchmark measured nothing, or not what it says."""


@dataclass
class Server:
    """A server that runs: where it answers and logs, and the seconds from its start until it was ready."""

    port: int
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)
    ready_in: float = 0.0

    def start(self, environment: Mapping[str, str], *module: str) -> None:
        """Run the module, and wait until it is ready. Raises Wrong where it does not become so."""
        began = time.monotonic()
        with self.log.open("ab") as output:
            everything = {**os.environ, **environment, "PORT": str(self.port)}
            self.process = subprocess.Popen(python(*module), env=everything, stdout=output, stderr=output)
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > began + READY_WITHIN:
                raise Wrong(f"{module} did not become ready:\n{self.tail()}")
            time.sleep(0.005)
        self.ready_in = time.monotonic() - began

    def memory(self) -> float:
        """Resident memory in MB."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 2**20)

    def share(self) -> float:
        """Memory in MB of which each process that has it as well bears its part (PSS)."""
        return float(psutil.Process(self.process.pid).memory_full_info().pss / 2**20)

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

    def complain(self) -> None:
        """Raise Wrong where it logged an error."""
        errors = [line for line in self.log.read_text().splitlines() if SEVERE.search(line)]
        if errors:
            raise Wrong(f"{len(errors)} errors were logged, the first of them: {errors[0][:3000]}")


@contextmanager
def serving(folder: Path, environment: Mapping[str, str], port: int, *module: str) -> Iterator[Server]:
    """Run a module until the end of the block; it serves `/readyz` on `$PORT`."""
    server = Server(port, folder / f"{port}.log")
    try:
        server.start(environment, *module)
        yield server
    finally:
        server.process.terminate()
        server.process.wait(STOPS_WITHIN)


@contextmanager
def working(module: str, given: Any, server: Server) -> Iterator[dict[str, Any]]:
    """Let a module work at a server while the block runs, and then to its end; what is yielded then holds its answer.

    It takes a dataclass as JSON for its argument and writes JSON to stdout. Wrong where it, or a request of it, failed.
    """
    said: dict[str, Any] = {}
    with subprocess.Popen(python(module, json.dumps(asdict(given))), stdout=subprocess.PIPE) as process:
        yield said
        written = process.communicate()[0]
    if process.returncode:
        raise Wrong(f"{module} failed\n{server.tail()}")
    said.update(json.loads(written))
    if said["wrong"]:
        raise Wrong(f"{len(said['wrong'])} requests failed, the first with {said['wrong'][0]}\n{server.tail()}")


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module with this Python."""
    return [sys.executable, "-m", module, *arguments]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
