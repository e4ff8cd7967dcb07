"""Servers that run for the time of a block, each in a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SEVERE = re.compile(r'"level": "(error|critical)"|^Traceback')
READY_WITHIN = STOPS_WITHIN = 30.0


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


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module with this Python."""
    return [sys.executable, "-m", module, *arguments]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
