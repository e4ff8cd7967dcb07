"""Backups of PostgreSQL: written by `pg_dump` from one snapshot, read by `pg_restore`, brought back by `psql`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from callboard.backups import contents, refuse_foreign
from callboard.backups.contents import Contents
from callboard.backups.dumps import Dump
from callboard.backups.sqlite import replaced
from callboard.core.engine import SPOKEN, agree_on_forms, is_pooled
from callboard.core.errors import Refused

MARK = b"PGDMP"
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
NAMESPACE = text("SELECT current_schema()")
BEGINS = ("SET lock_timeout = '10s';", "SET client_min_messages = warning;", "BEGIN;")
Program = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Postgres:
    """Keeps the tables of a database that is Callboard's own."""

    url: URL

    def held(self) -> Contents | None:
        """What the database holds."""
        with self.connected() as connection:
            return contents.of(connection)

    def save(self, file: Path) -> Contents:
        """Dump one snapshot, read the dump whole, and compare the two."""
        refuse_foreign(file, MARK, "PostgreSQL")
        with self.connected() as connection, replaced(file) as copy:
            connection.execution_options(isolation_level="REPEATABLE READ")
            self._refuse_old("pg_dump", connection)
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            namespace, held = connection.execute(NAMESPACE).scalar_one(), contents.of(connection)
            if held is None:
                raise Refused("This database holds nothing of Callboard yet.")
            self._run(
                "pg_dump", "--format=custom", "--compress=1", "--no-owner", "--no-privileges",
                f"--snapshot={snapshot}", f'--table="{namespace}".*', f"--file={copy}", f"--dbname={self._address}",
            )  # fmt: skip
            if self.read(copy) != held:
                raise Refused("The dump does not hold what the database does: it was thrown away. Try again.")
            return held

    def read(self, file: Path) -> Contents:
        """What a dump holds; all of it is read."""
        return self._dump(file).contents()

    def restore(self, file: Path) -> None:
        """Exchange our tables for those of the dump, in one transaction. Refused while anybody is connected."""
        dump = self._dump(file)
        with self.connected() as connection:
            self._refuse_old("pg_restore", connection)
            _refuse_others(connection, dump)
            present = inspect(connection).get_table_names()
        with self._started("pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file)) as script:
            self._play(script, [f'DROP TABLE "{dump.namespace}"."{name}" CASCADE;' for name in present])

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """One connection, closed afterwards."""
        try:
            engine = create_engine(self.url, poolclass=NullPool, connect_args=SPOKEN)
            event.listen(engine, "connect", _set_up)
            with engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise Refused(f"The database does not work: {error.orig}") from error

    def _play(self, script: Program, before: Sequence[str]) -> None:
        """Run statements, then a script, in one transaction: it ends only once the script is known to be whole."""
        with self._started("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", self._address) as psql:
            told, script_read = cast("IO[bytes]", psql.stdin), cast("IO[bytes]", script.stdout)
            try:
                told.write("\n".join([*BEGINS, *before, ""]).encode())
                shutil.copyfileobj(script_read, told, 1 << 20)
                if script.wait() == 0:
                    told.write(b"COMMIT;\n")
                told.close()
            except BrokenPipeError:  # it has stopped, and says why
                script.kill()
            _succeeded(psql=psql, pg_restore=script)

    def _dump(self, file: Path) -> Dump:
        refuse_foreign(file, MARK, "PostgreSQL, and DATABASE_URL is")
        dump = Dump()
        with self._started("pg_restore", "--data-only", "--file=-", str(file)) as script:
            dump.read(script.stdout or ())
            _succeeded(pg_restore=script)
        if not dump.revision:
            raise Refused(f"{file} holds no database of Callboard.")
        return dump

    @property
    def _address(self) -> str:
        """Without the password, and with every host there is."""
        _, named = self.url.get_dialect()().create_connect_args(self.url)
        return make_conninfo(**{name: value for name, value in named.items() if name != "password"})

    def _run(self, program: str, *words: str) -> None:
        with self._started(program, *words) as running:
            _succeeded(**{program: running})

    def _started(self, program: str, *words: str) -> Program:
        """A program of PostgreSQL at work. The password is in its environment, where no other user can read it."""
        found = shutil.which(program)
        if found is None:
            raise Refused(f"{program} is not on the PATH. Install PostgreSQL's client; on Debian postgresql-client.")
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"}
        if self.url.password:
            environment["PGPASSWORD"] = str(self.url.password)
        pipe = subprocess.PIPE
        return subprocess.Popen((found, *words), stdin=pipe, stdout=pipe, stderr=pipe, env=environment)

    def _refuse_old(self, program: str, connection: Connection) -> None:
        with self._started(program, "--version") as asked:
            said = asked.communicate()[0].decode()
        client = int((re.findall(r"\d+", said) or ["0"])[0])
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
        if client < server:
            raise Refused(
                f"{program} on the PATH is of PostgreSQL {client}, and the server is {server}: install the client of "
                f"PostgreSQL {server}, and put it first on the PATH."
            )


def _set_up(raw: Any, _: object) -> None:
    """Raise Refused behind a pooler: what `pg_dump` sets for its session would be set for all who get that next."""
    agree_on_forms(raw)
    pooled = is_pooled(raw)
    raw.commit()
    if pooled:
        raise Refused(
            "A pooler stands before this database, and it would keep the settings of pg_dump and psql for Callboard. "
            "Set DATABASE_URL to the server itself for this command."
        )


def _refuse_others(connection: Connection, dump: Dump) -> None:
    """Raise Refused where somebody else uses the database, or it holds what the dump would not bring back."""
    if others := connection.execute(text(OTHERS)).scalar_one():
        raise Refused(f"Something uses this database ({others} connections): stop Callboard first.")
    if (here := connection.execute(NAMESPACE).scalar_one()) != dump.namespace:
        raise Refused(f"The backup is of the schema {dump.namespace}, and this database uses {here}.")
    ours = {*SQLModel.metadata.tables, *dump.names, "alembic_version"}
    if strange := sorted(set(inspect(connection).get_table_names()) - ours):
        raise Refused(
            f"The database has tables that this version does not know ({', '.join(strange)}): restore into an empty "
            "database, and point DATABASE_URL there."
        )


def _succeeded(**running: Program) -> None:
    """Wait for programs to end. Raises Refused with what the first one said that failed."""
    for name, program in running.items():
        said = program.stderr.read().decode(errors="replace").strip() if program.stderr else ""
        if program.wait():
            raise Refused(f"{name} failed: {said or program.returncode}")
