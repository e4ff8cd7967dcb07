"""What a database looks like, and what an older version of the program would not find or could not write any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, update

from callboard.core import schema

VALUES: dict[type, Any] = {
    str: "x", int: 1, float: 1.0, bool: True, dict: {}, list: [], bytes: b"x",
    datetime: datetime(2025, 11, 13, tzinfo=UTC), date: date(2025, 11, 13),
    object: {},  # what is JSON
}  # fmt: skip


def migrate(connection: Connection, to: str) -> None:
    """Bring a database to a revision, as its own version of the program did."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    connection.commit()


def tables(connection: Connection) -> dict[str, Table]:
    """Every table as it is."""
    found = MetaData()
    found.reflect(connection)
    connection.rollback()
    return {name: table for name, table in found.tables.items() if name != "alembic_version"}


def rules(connection: Connection) -> set[str]:
    """What a row must keep to, in each table: it may be alone of its kind, point at another, or pass a check."""
    looked = inspect(connection)
    found = set()
    for name in looked.get_table_names():
        found |= {f"{name}: unique {key['column_names']}" for key in looked.get_unique_constraints(name)}
        found |= {f"{name}: unique {key['column_names']}" for key in looked.get_indexes(name) if key["unique"]}
        found |= {f"{name}: points at {key['referred_table']}" for key in looked.get_foreign_keys(name)}
        found |= {f"{name}: check {key['sqltext']}" for key in looked.get_check_constraints(name)}
    connection.rollback()
    return found


def missed(before: dict[str, Table], after: dict[str, Table]) -> Iterator[str]:
    """What an older program would miss, or would have to give and does not know of, in a sentence each."""
    for name, table in before.items():
        if name not in after:
            yield f"table {name} is gone"
            continue
        here = after[name].columns
        for column in table.columns:
            if column.name not in here:
                yield f"{name}.{column.name} is gone"
            elif str(here[column.name].type) != str(column.type):
                yield f"{name}.{column.name} was {column.type}, and is {here[column.name].type}"
            elif here[column.name].nullable != column.nullable:
                yield f"{name}.{column.name} is {'' if here[column.name].nullable else 'not '}nullable now"
        for column in here:
            if column.name not in table.columns and not column.nullable and column.server_default is None:
                yield f"{name}.{column.name} has to be given"


def write_and_read(connection: Connection, before: dict[str, Table]) -> int:
    """Insert, change and read a row of every table, as a program does that knows these columns; how many there were."""
    for table in before.values():
        row = {column.name: VALUES[column.type.python_type] for column in table.columns}
        connection.execute(insert(table).values(row))
        this = [column == row[column.name] for column in table.primary_key]
        connection.execute(update(table).where(*this).values(row))
        assert connection.execute(select(*table.columns)).all(), table.name
    connection.rollback()
    return len(before)
