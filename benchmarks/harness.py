"""What every benchmark stands on: Callboard, what it is compared with, databases for it and load on it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.databases import Store, fresh
from benchmarks.load import Load, Shots
from benchmarks.plan import TEAMS, plan
from benchmarks.servers import Server, Wrong, free_port, python, serving, working

FIRE_WITHIN = 12.0
SERVE = ("callboard", "serve", "--host", "127.0.0.1")
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - of nobody


@dataclass(frozen=True)
class Stage:
    """Where benchmarks run, the share of the full load that is wanted, and what was wrong so far."""

    folder: Path
    share: float
    postgres: str
    api_port: int
    wrong: list[Wrong] = field(default_factory=list)

    def some(self, count: int) -> int:
        """As many of `count` as wanted."""
        return max(int(count * self.share), 20)

    @contextmanager
    def tried(self) -> Iterator[None]:
        """What is wrong in the block is printed and kept, and the rest goes on."""
        try:
            yield
        except Wrong as wrong:
            print(f"  WRONG: {wrong}", flush=True)
            self.wrong.append(wrong)

    def databases(self) -> Iterator[tuple[str, Store]]:
        """An empty database of each kind."""
        yield "SQLite", fresh(self.folder)
        yield "PostgreSQL", fresh(self.folder, self.postgres)

    def web_api(self) -> AbstractContextManager[Server]:
        """Slack's Web API, as far as it is called."""
        return serving(self.folder, {}, self.api_port, "benchmarks.stub")

    def bolt(self, *how: str) -> AbstractContextManager[Server]:
        """The empty handler."""
        return serving(self.folder, self.environment(), free_port(), "benchmarks.bolt", *how)

    @contextmanager
    def bot(self, store: Store, members: int = 1, written: str = "") -> Iterator[Server]:
        """`callboard serve` on this database, in HTTP mode, with a plan applied: the small one, or one that is written.

        Wrong where it logs an error.
        """
        file, environment = self.folder / "plan.yml", {**self.environment(), "DATABASE_URL": store.url}
        file.write_text(written or json.dumps(plan(members)))
        applied = subprocess.run(
            python("callboard", "apply", str(file), "--yes"),
            env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if applied.returncode:
            raise Wrong(f"the plan was not applied: {applied.stdout}{applied.stderr}")
        with serving(self.folder, environment, free_port(), *SERVE) as server:
            yield server
            server.complain()

    def beside(self, store: Store) -> AbstractContextManager[Server]:
        """One more bot on a database that has one."""
        environment = {**self.environment(), "DATABASE_URL": store.url}
        return serving(self.folder, environment, free_port(), *SERVE)

    def kill(self, store: Store, server: Server) -> None:
        """End a bot as a power cut would, and start it again; it ends with the block of the first."""
        server.process.kill()
        server.process.wait()
        server.start({**self.environment(), "DATABASE_URL": store.url}, *SERVE)

    def fire(self, server: Server, count: int, at_once: int = 1, teams: int = TEAMS) -> Shots:
        """Send commands as fast as they are answered, but not for ever on a slow machine."""
        with self.firing(server, count, at_once, within=FIRE_WITHIN, teams=teams) as found:
            pass
        return found[0]

    @contextmanager
    def firing(
        self, server: Server, count: int, at_once: int, every: float = 0.0, within: float = 1e9, teams: int = TEAMS
    ) -> Iterator[list[Shots]]:
        """Send commands while the block runs, and then to the end; the list then holds what was measured."""
        load = Load(
            port=server.port, secret=SECRET, response_url=f"{self._api_url}response", count=count, at_once=at_once,
            every=every, within=within, teams=teams,
        )  # fmt: skip
        found: list[Shots] = []
        with working("benchmarks.load", load, server) as said:
            yield found
        found.append(Shots(**said))

    @property
    def _api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}/api/"

    def environment(self) -> dict[str, str]:
        """What the bot is told of its surroundings, without its database."""
        return {"SLACK_BOT_TOKEN": "xoxb-bench", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": self._api_url}
