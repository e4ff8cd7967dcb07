"""What a world has once its plan is applied and its teams are greeted, kept so that the next one begins there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import psycopg
from psycopg import sql
from sqlmodel import SQLModel

from slack_standin.state import State

TABLES = [table.name for table in SQLModel.metadata.sorted_tables if table.name != "signing_keys"]
COUNTED = "SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"


class Snapshot(NamedTuple):
    """Rows of a database, as its own kind writes them, and the state of the stand-in for Slack, without its record."""

    rows: dict[str, bytes]
    counted: list[tuple[str, str, int]]
    slack: str

    @classmethod
    def of(cls, url: str, slack: State) -> Self:
        """Take one while nobody writes."""
        if path := _file(url):
            with TemporaryDirectory() as folder, closing(sqlite3.connect(path)) as connection:
                connection.execute("VACUUM INTO ?", (f"{folder}/copy",))
                rows = {"": Path(folder, "copy").read_bytes()}
            return cls(rows, [], slack.model_dump_json())
        with psycopg.connect(url) as postgres:
            every = {table: _copied(postgres, table) for table in TABLES}
            counted = postgres.execute(COUNTED).fetchall()
        return cls({table: rows for table, rows in every.items() if rows}, counted, slack.model_dump_json())

    def restore(self, url: str, slack: State) -> None:
        """Begin with it, in an empty database that nobody has opened."""
        if path := _file(url):
            path.write_bytes(self.rows[""])
        else:
            with psycopg.connect(url) as connection:
                for table, rows in self.rows.items():
                    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                        copy.write(rows)
                for schema, sequence, value in self.counted:
                    name = sql.Identifier(schema, sequence).as_string(connection)
                    connection.execute("SELECT setval(%s::regclass, %s)", (name, value))
        for name, value in State.model_validate_json(self.slack):
            setattr(slack, name, value)


def empty(url: str) -> bool:
    """Whether no plan was ever applied there."""
    question = "SELECT NOT EXISTS (SELECT 1 FROM plans)"
    if path := _file(url):
        with closing(sqlite3.connect(path)) as connection:
            (answer,) = connection.execute(question).fetchone()
        return bool(answer)
    with psycopg.connect(url) as postgres:
        (answer,) = postgres.execute(question).fetchone() or (False,)
        return bool(answer)


def _file(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
        return b"".join(bytes(part) for part in copy)
