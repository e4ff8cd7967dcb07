"""The append-only record of what happened, by whom and to what."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import sqlalchemy as sa
from sqlalchemy import JSON, BigInteger, Index, Integer, Table, and_, or_
from sqlmodel import Field, SQLModel, col, select

from callboard.core.db import Instant, Tx
from callboard.core.errors import Refused
from callboard.core.registry import Key
from callboard.core.rows import Bulk, partial_index


class Subject(NamedTuple):
    """One row of one capability, named without importing it: ("blocker", 12)."""

    kind: str
    id: int


CALLED: Key[Mapping[str, Callable[[Tx, int], str]]] = Key(
    "what a subject is called, by its kind, where it has a name", {}
)


def called(tx: Tx, subject: Subject) -> str:
    """What people call a subject: by its name, else by its kind and number."""
    name = tx.of(CALLED).get(subject.kind)
    return name(tx, subject.id) if name else f"{subject.kind} {subject.id}"


BigId = BigInteger().with_variant(Integer, "sqlite")
BOT = "callboard"
ERASED = "erased"
"""The verb of the entry that says whose text is gone, and why."""
OF_MESSAGES = frozenset({"dropped a message", "folded a message", "could not change a message", "posts a message anew"})
"""Verbs that tell what became of a message, and nothing of its subject."""
STANDS = "standing"
"""The fact by which an entry says how its subject stands after it, and the verb of one that says nothing else."""


class Numbered(SQLModel):
    """A row that people call by its number, and timeline and messages by one of the `subjects`."""

    subjects: ClassVar[str]
    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)

    @property
    def number(self) -> int:
        return self.id or 0

    @property
    def subject(self) -> Subject:
        return Subject(self.subjects, self.number)


class Entry(SQLModel, table=True):
    """One thing that happened. `seq` and `hash` are the sealer's; the rest never changes, but words may be erased."""

    __tablename__ = "timeline"
    __table_args__ = (
        Index("timeline_subject", "subject_kind", "subject_id", "id"),
        Index("timeline_plan", "plan_id", "id"),
        Index("timeline_chain", "plan_id", "seq", unique=True),
        partial_index("timeline_unsealed", "seq IS NULL", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    at: datetime = Field(sa_type=Instant)
    subject_kind: str
    subject_id: int = Field(sa_type=BigInteger)
    verb: str
    actor: str
    on_behalf_of: str | None = None
    facts: dict[str, Any] = Field(default={}, sa_type=JSON)
    said: str | None = None
    salt: str | None = None
    commitment: str | None = None
    trace: str = ""
    seq: int | None = None
    hash: str | None = None


@dataclass(frozen=True)
class TextErased:
    """What a person said in an entry is gone."""

    plan_id: int
    entry: int


WRITTEN = "timeline"
AT_ONCE = 1000
ENTRIES: Table = Entry.__table__  # type: ignore[attr-defined]
APPENDING = Bulk(ENTRIES)


def row(
    tx: Tx, plan_id: int, subject: Subject, verb: str, *, actor: str = BOT, on_behalf_of: str | None = None,
    said: str | None = None, **facts: Any,
) -> dict[str, Any]:  # fmt: skip
    """Make one entry as a plain row. What a person `said` is sealed as a salted hash, so that it can be erased."""
    salt = secrets.token_hex(16) if said is not None else None
    return {
        "plan_id": plan_id, "at": tx.now, "subject_kind": subject.kind, "subject_id": subject.id, "verb": verb,
        "actor": actor, "on_behalf_of": on_behalf_of, "facts": facts, "said": said, "salt": salt,
        "commitment": committed(salt, said), "trace": tx.trace,
    }  # fmt: skip


def record(
    tx: Tx, plan_id: int, subject: Subject, verb: str, *, actor: str = BOT, on_behalf_of: str | None = None,
    said: str | None = None, **facts: Any,
) -> None:  # fmt: skip
    append(tx, [row(tx, plan_id, subject, verb, actor=actor, on_behalf_of=on_behalf_of, said=said, **facts)])


def append(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """Append many entries made by `row`; all of a transaction go in one statement."""
    tx.defer(APPENDING, rows)
    tx.nudge(WRITTEN)


def stand(tx: Tx, plan_id: int, subject: Subject, **columns: Any) -> None:
    """Put on record how a subject stands: with what this transaction says of it last, or by itself, which nobody reads.

    A picture of then is made of this, where what people did does not say it.
    """
    last = tx.last_deferred(subject, APPENDING)
    if last is None:
        record(tx, plan_id, subject, STANDS, standing=columns)
    else:
        last["facts"][STANDS] = last["facts"].get(STANDS, {}) | columns


def erase(tx: Tx, plan_id: int, seq: int, *, actor: str, reason: str) -> None:
    """Erase what a person said in a sealed entry, and record that. Raises Refused for an entry without such a text.

    The chain holds: it has only the commitment, which nobody can guess the text from once the salt is gone.
    """
    found = tx.session.exec(select(Entry).where(Entry.plan_id == plan_id, Entry.seq == seq)).first()
    if found is None:
        raise Refused(f"There is no sealed entry {seq} in this plan.")
    if found.said is None:
        raise Refused(f"Entry {seq} holds no text.")
    found.said = found.salt = None
    tx.session.flush()
    tx.publish(TextErased(plan_id, found.id or 0))
    record(tx, plan_id, Subject("entry", found.id or 0), ERASED, actor=actor, entry=found.id, reason=reason)


def history(tx: Tx, subject: Subject) -> Sequence[Entry]:
    """Everything that happened to `subject`, oldest first."""
    about = (Entry.subject_kind == subject.kind, Entry.subject_id == subject.id, Entry.verb != STANDS)
    return tx.session.exec(select(Entry).where(*about).order_by(col(Entry.id))).all()


class Event(NamedTuple):
    """One entry, as far as whoever reads many of them needs it."""

    at: datetime
    kind: str
    number: int
    verb: str
    actor: str
    on_behalf_of: str | None
    said: str | None
    facts: Mapping[str, Any]


def told(tx: Tx, plan_id: int, verbs: Mapping[str, Collection[str]], until: datetime | None = None) -> Iterator[Event]:
    """What a plan's timeline has of some verbs, named by the kind of their subject; oldest first, up to an instant."""
    some = or_(*(and_(col(Entry.subject_kind) == kind, col(Entry.verb).in_(of)) for kind, of in verbs.items()))
    who = Entry.actor, Entry.on_behalf_of
    columns = Entry.at, Entry.subject_kind, Entry.subject_id, Entry.verb, *who, Entry.said, Entry.facts
    wanted = sa.select(*map(col, columns)).where(col(Entry.plan_id) == plan_id, some).order_by(col(Entry.id))
    if until is not None:
        wanted = wanted.where(col(Entry.at) <= until)
    yield from (Event(*row) for row in tx.connection.execute(wanted))


def walked(tx: Tx, wanted: sa.Select[Any]) -> Iterator[Entry]:
    """Entries as plain rows, a few at a time: a long timeline never stands in memory whole."""
    found: Any = tx.connection.execute(wanted.execution_options(yield_per=AT_ONCE))
    return iter(found)


def committed(salt: str | None, said: str | None) -> str | None:
    """The salted SHA-256 that stands for a text in the chain; None where nothing was said."""
    if salt is None or said is None:
        return None
    return hashlib.sha256(f"{salt}:{said}".encode()).hexdigest()
