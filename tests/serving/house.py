"""Callboard as it is installed: processes on a database, and beside them a Slack that keeps the machine's time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx
from sqlmodel import select

from callboard.app import database, sections
from callboard.cli.main import main as callboard
from callboard.core import outbox, schema, seal
from callboard.core.clock import SystemClock
from callboard.core.outbox import Delivery
from callboard.core.timeline import Entry
from callboard.escalation.models import Climb
from callboard.plans import service as plans
from callboard.settings import Settings
from slack_standin import ChannelSpec, Sandbox, UserSpec, WorkspaceSpec
from tests.world import manifest_of

PEOPLE = ("olga", "pa", "amp", "exec", "stan")
HTTP, SOCKET = ("SLACK_SIGNING_SECRET",), ("SLACK_APP_TOKEN",)
START_WITHIN = 60.0
# What all processes import is imported once: in a process that only makes others.
NURSERY = multiprocessing.get_context("forkserver")
PRELOADED = ("callboard.app", "callboard.cli.main", "uvicorn")
NURSERY.set_forkserver_preload([*PRELOADED])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


PLAN = """\
callboard: 1
key: release
name: Release
timezone: UTC
from: 2025-11-13 09:00
to: 2099-11-15 18:00
channels: {coordination: "#release"}
people:
  olga: {name: Omega lead, slack: UOLGA}
  pa: {name: Person A, slack: UPA}
  amp: {name: Amp, slack: UAMP, roles: [coordinator]}
  exec: {name: Executive, slack: UEXEC, roles: [executive]}
  stan: {name: Stakeholder, slack: USTAN, roles: [stakeholder]}
teams:
  omega: {name: Omega, lead: olga, members: [pa], channel: "#omega"}
escalation:
  default:
    steps:
STEPS
blockers:
  severities: {normal: default}
"""


def plan(*steps: str) -> str:
    """A plan whose ladder has these steps."""
    return PLAN.replace("STEPS", "\n".join(f"      - {{{step}}}" for step in steps))


def _serve(log: Path, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    put_output(log)
    callboard(["serve", "--host", "127.0.0.1"])


def put_output(log: Path) -> None:
    """Whatever this process writes goes to the end of a file from now on."""
    with log.open("ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())


class Program:
    """The same from a folder with the code of another version."""

    def __init__(self, code: Path, log: Path, environment: dict[str, str]) -> None:
        self._log = log
        self._code = code
        self._environment = {**environment, "PYTHONPATH": str(code)}
        self._running: Any = None

    def start(self) -> None:
        with self._log.open("ab") as output:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "callboard", "serve", "--host", "127.0.0.1"],
                stdout=output, stderr=output, env=self._environment, cwd=self._code,
            )  # fmt: skip

    def join(self) -> None:
        self._running.wait()

    @property
    def pid(self) -> int:
        return int(self._running.pid)

    @property
    def exitcode(self) -> int | None:
        return self._running.poll() if self._running else None


class Process:
    """One `callboard serve`; of another version where its `code` is in a folder."""

    def __init__(self, number: int, log: Path, environment: dict[str, str], code: Path | None = None) -> None:
        self._code = code
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log.with_name(f"serve-{number}.log")
        self._environment = {**environment, "PORT": str(self.port)}
        self._running: Any = None
        self.kills = 0

    async def start(self) -> None:
        """Begin; return before it listens."""
        if self._code:
            self._running = Program(self._code, self._log, self._environment)
        else:
            self._running = NURSERY.Process(target=_serve, args=(self._log, self._environment), daemon=True)
        await asyncio.to_thread(self._running.start)

    async def ready(self, within: float = START_WITHIN) -> None:
        """Wait until it says that it is ready."""
        until = time.monotonic() + within
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            while (answer := await self._asked(http, "/readyz")) != (200, ""):
                assert self.alive, self.said
                assert time.monotonic() < until, f"{answer}\n{self.said}"
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """As a power cut would."""
        self.kills += 1
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop, as an operator does; return its exit code."""
        return await self._end(signal.SIGTERM)

    def send(self, what: signal.Signals) -> None:
        """Send it a signal, and wait for nothing."""
        os.kill(self._running.pid, what)

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.exitcode is None

    @property
    def said(self) -> str:
        """Everything it has written."""
        return self._log.read_text() if self._log.exists() else ""

    @property
    def logs(self) -> list[dict[str, Any]]:
        """What it has logged."""
        return [json.loads(line) for line in self.said.splitlines()]

    async def _end(self, how: signal.Signals) -> int:
        if self._running is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._running.pid, how)
        await asyncio.to_thread(self._running.join)
        return int(self._running.exitcode)

    @staticmethod
    async def _asked(http: httpx.AsyncClient, path: str) -> tuple[int, str]:
        try:
            answer = await http.get(path)
        except httpx.TransportError as error:
            return 0, repr(error)
        return answer.status_code, answer.json()["why"]


class House:
    """Slack, a database, and the processes on it. By HTTP or, with `ways=SOCKET`, by Socket Mode."""

    def __init__(self, database_url: str, folder: Path, plan: str, ways: tuple[str, ...] = HTTP) -> None:
        spec = WorkspaceSpec(
            users=[UserSpec(name=name) for name in PEOPLE],
            channels=[ChannelSpec(name="release"), ChannelSpec(name="omega")],
        )
        self.slack = Sandbox(spec.with_manifest(manifest_of()), clock=SystemClock().now)
        self.processes: list[Process] = []
        self._url = database_url
        self._folder = folder
        self._plan = plan
        self._ways = ways

    async def __aenter__(self) -> Self:
        await self.slack.serve()
        settings = Settings(database_url=self._url)
        self.db = database(settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self.processes:
            await process._end(signal.SIGKILL)
        self.db.close()
        await self.slack.close()

    def environment(self, *, token: bool = True) -> dict[str, str]:
        """What a process is given."""
        spec = self.slack.spec
        secrets = {
            "SLACK_BOT_TOKEN": spec.bot_token,
            "SLACK_APP_TOKEN": spec.app_token,
            "SLACK_SIGNING_SECRET": spec.signing_secret,
        }
        given = {name: secrets[name] for name in ("SLACK_BOT_TOKEN", *self._ways)} if token else {}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
        return {**kept, **given, "SLACK_API_URL": self.slack.api_url, "DATABASE_URL": self._url}

    async def begins(self) -> None:
        """Apply the plan from here, which is quicker."""
        await asyncio.to_thread(schema.upgrade, self.db)
        checked = plans.check(self._plan, "plan.yml", sections())
        team = self.slack.spec.team_id
        await self.db.write(lambda tx: plans.apply(tx, checked, author="test", workspace=team))

    async def apply(self, *, token: bool = True, code: Path | None = None) -> str:
        """Run `callboard apply FILE --yes`, of another version where its `code` is given; return what it said."""
        environment = self.environment(token=token) | ({"PYTHONPATH": str(code)} if code else {})
        file = self._folder / "plan.yml"
        file.write_text(self._plan)
        applied = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callboard", "apply", str(file), "--yes",
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said = (await applied.communicate())[0].decode()
        assert applied.returncode == 0, said
        return said

    async def process(self, *, ready: bool = True, code: Path | None = None, aimed: bool = True) -> Process:
        """One more process, of another version where its `code` is given. If `aimed`, Slack's requests go to it."""
        process = Process(len(self.processes), self._folder / "log", self.environment(), code)
        self.processes.append(process)
        if aimed:
            self.aim(process)
        await process.start()
        if ready:
            await process.ready()
        return process

    def aim(self, process: Process) -> None:
        """Send Slack's requests there, where they come by HTTP."""
        if "SLACK_SIGNING_SECRET" in self._ways:
            self.slack.courier.request_url = f"{process.url}/slack/events"

    def now(self) -> datetime:
        """The machine's time."""
        return self.slack.clock.now()

    def at(self, method: str, channel: str) -> list[datetime]:
        """When Slack was asked for something in a channel or a person's DM, as it was written down there."""
        asked = [call for call in self.slack.record.calls(method) if call["arguments"]["channel"] == channel]
        return [datetime.fromisoformat(call["at"]) for call in asked]

    async def opened(self, number: int = 1) -> datetime:
        """When a blocker's climb began."""
        return (await self.climbs())[number].opened_at

    async def climbs(self) -> dict[int, Climb]:
        """Every climb, by the blocker's number."""
        rows = await self.db.read(lambda tx: tx.session.exec(select(Climb)).all())
        return {climb.subject_id: climb for climb in rows}

    async def deliveries(self) -> list[Delivery]:
        return list(await self.db.read(lambda tx: tx.session.exec(select(Delivery)).all()))

    async def is_quiet(self) -> bool:
        """Whether nothing waits to be sent, nothing but the plan's end comes due and everything is sealed."""
        waiting = await self.db.read(outbox.counts)
        due = [climb for climb in (await self.climbs()).values() if climb.due_at not in (None, climb.ends_at)]
        unsealed = await self.db.read(seal.unsealed, 1)
        return not waiting["waiting"] and not waiting["sending"] and not due and not unsealed

    async def until_quiet(self, within: float) -> None:
        async with asyncio.timeout(within):
            while not await self.is_quiet():  # noqa: ASYNC110 - other processes say nothing
                await asyncio.sleep(0.1)

    async def until_sealed(self) -> None:
        while await self.db.read(seal.unsealed, 1):  # noqa: ASYNC110 - other processes say nothing
            await asyncio.sleep(0.1)

    async def until(self, condition: Any, within: float = 30.0) -> Any:
        """Wait for something that Slack sees."""
        return await self.slack.until(condition, within)

    async def expect_an_unbroken_seal(self) -> None:
        sealed, wrong = await self.db.read(seal.verify, 1)
        assert wrong == []
        assert sealed == await self.db.read(lambda tx: len(tx.session.exec(select(Entry)).all()))
