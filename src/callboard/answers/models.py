"""The keys that links are signed with."""

from __future__ import annotations

import secrets

from sqlalchemy import Table, event
from sqlalchemy.engine import Connection
from sqlmodel import Field, SQLModel

ANSWERS = "answers"


class SigningKey(SQLModel, table=True):
    """A key in hexadecimal digits, made when the table was. Without it every link that was sent is void."""

    __tablename__ = "signing_keys"

    name: str = Field(primary_key=True)
    key: str


@event.listens_for(SigningKey.__table__, "after_create")  # type: ignore[attr-defined]
def _made(table: Table, connection: Connection, **_: object) -> None:
    """Where no migration makes the table: for a rehearsal."""
    connection.execute(table.insert().values(name=ANSWERS, key=secrets.token_hex(32)))
