"""The keys that links are signed with."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class SigningKey(SQLModel, table=True):
    """A key in hexadecimal digits, made when the table was. Without it every link that was sent is void."""

    __tablename__ = "signing_keys"

    name: str = Field(primary_key=True)
    key: str
