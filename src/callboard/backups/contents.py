"""What a database or a backup holds: its schema, and how far the timeline of each plan goes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from callboard.core import schema
from callboard.core.errors import Refused
from callboard.core.words import counted, lasted

LAST = """
SELECT plans.id, plans.key, chains.seq, chains.hash, timeline.at FROM chains
JOIN plans ON plans.id = chains.plan_id
LEFT JOIN timeline ON timeline.plan_id = chains.plan_id AND timeline.seq = chains.seq
"""


@dataclass(frozen=True)
class Head:
    """Where the sealed timeline of a plan ends."""

    plan: str
    seq: int
    hash: str
    at: datetime | None

    def line(self, now: datetime) -> str:
        ends = f"{self.plan}: {counted(self.seq, 'entry', 'entries')}, head {self.seq}:{self.hash[:16]}"
        if self.at is None:
            return f"{ends}."
        return f"{ends}, the last of {self.at:%Y-%m-%d %H:%M:%S} UTC, {lasted(now - self.at)} ago."


@dataclass(frozen=True)
class Contents:
    """`heads` by the id of their plan. `entries` is the highest id on the timeline, sealed or not."""

    schema: str
    heads: Mapping[int, Head]
    entries: int

    @property
    def hash(self) -> str:
        """One hash for all timelines as far as they are sealed."""
        ends = sorted((number, head.seq, head.hash) for number, head in self.heads.items())
        return hashlib.sha256(repr(ends).encode()).hexdigest()

    def beyond(self, other: Contents) -> Iterator[str]:
        """What is here and not there, a sentence for each plan."""
        for number, head in self.heads.items():
            kept = other.heads.get(number)
            if kept is None or head.seq > kept.seq:
                there = kept.seq if kept else "none"
                yield f"{head.plan} has {counted(head.seq, 'entry', 'entries')} here, {there} there."
            elif head.seq == kept.seq and head.hash != kept.hash:
                yield f"{head.plan} has {counted(head.seq, 'entry', 'entries')} in both, and they are not the same."
        if self.entries > other.entries:
            yield f"The newest entry here has the id {self.entries}, there {other.entries}."


def of(connection: Connection) -> Contents | None:
    """What a database holds; None for one without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        return None
    heads = {row.id: Head(row.key, row.seq, row.hash, instant(row.at)) for row in connection.execute(text(LAST)).all()}
    entries = connection.execute(text("SELECT max(id) FROM timeline")).scalar()
    return Contents(revision, heads, entries or 0)


def instant(at: datetime | str | None) -> datetime | None:
    """An instant as either database gives it where no model says what it is."""
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read and (read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC))


def refuse_newer(contents: Contents) -> None:
    """Raise Refused for a schema that this version does not know."""
    if contents.schema > schema.head():
        raise Refused(f"A newer Callboard wrote this backup (schema {contents.schema}): restore it with that version.")
