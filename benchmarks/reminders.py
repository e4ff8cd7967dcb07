"""The action of the jobs that climbs are compared with: one row, read, changed and committed by the ORM."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Engine, create_engine
from sqlmodel import Field, Session, SQLModel


class Reminder(SQLModel, table=True):
    """A row for each job."""

    id: int | None = Field(default=None, primary_key=True)
    done_at: datetime | None = None


@cache
def engine(folder: str) -> Engine:
    """The application's own database, beside the store."""
    return create_engine(f"sqlite:///{folder}/reminders.db", connect_args={"timeout": 60})


def remind(folder: str, number: int) -> None:
    """The action."""
    with Session(engine(folder)) as session, session.begin():
        session.get_one(Reminder, number).done_at = datetime.now(UTC)
