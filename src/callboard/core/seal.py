"""The hash chain over each plan's timeline, written by one sealer at a time so that writers never queue on one row."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Field, SQLModel, col, select

from callboard.core.db import Instant, Tx
from callboard.core.rows import Bulk
from callboard.core.timeline import Entry, committed

DAY = timedelta(days=1)
ENTRIES = Entry.__table__  # type: ignore[attr-defined]
SEALING = Bulk(ENTRIES, changes=("id", "seq", "hash"))
BEGINNING = "0" * 64


class Chain(SQLModel, table=True):
    __tablename__ = "chains"

    plan_id: int = Field(primary_key=True)
    seq: int = 0
    hash: str = BEGINNING
    publish_at: datetime = Field(sa_type=Instant, index=True)


@dataclass(frozen=True)
class HeadDue:
    """The head of a plan's chain is to be published, where nobody who edits the database can edit it as well."""

    plan_id: int
    seq: int
    hash: str


WAITING = select(Entry.at).where(col(Entry.seq).is_(None)).order_by(col(Entry.id)).limit(1)
"""When the oldest entry without a seal was made: it is sealed at the next look."""


def unsealed(tx: Tx, limit: int) -> Sequence[int]:
    """The ids of entries that are not sealed yet, oldest first."""
    oldest = select(ENTRIES.c.id).where(ENTRIES.c.seq.is_(None)).order_by(ENTRIES.c.id).limit(limit)
    return tx.connection.execute(oldest).scalars().all()


def seal(tx: Tx, ids: Sequence[int]) -> None:
    """Append what is unsealed from the first to the last of these entries to its chains.

    Except for plans that another sealer holds at this moment.
    """
    if not ids:
        return
    these = ENTRIES.c.id.between(ids[0], ids[-1]) & ENTRIES.c.seq.is_(None)
    plans = sorted(tx.connection.execute(select(ENTRIES.c.plan_id).where(these).distinct()).scalars())
    if not plans:
        return
    tx.connection.execute(
        tx.insert(Chain.__table__)  # type: ignore[attr-defined]
        .values([{"plan_id": p, "seq": 0, "hash": BEGINNING, "publish_at": tx.now + DAY} for p in plans])
        .on_conflict_do_nothing()
    )
    heads = tx.session.exec(
        select(Chain)
        .where(col(Chain.plan_id).in_(plans))
        .order_by(col(Chain.plan_id))
        .with_for_update(skip_locked=True)
    ).all()
    # Read only now: another sealer may have had the heads, and these entries, until a moment ago.
    by_plan: dict[int, list[Any]] = defaultdict(list)
    for entry in tx.connection.execute(select(*ENTRIES.c).where(these).order_by(ENTRIES.c.id)):
        by_plan[entry.plan_id].append(entry)
    links = [link for head in heads for link in _chained(head, by_plan[head.plan_id])]
    tx.defer(SEALING, links)
    tx.session.add_all(heads)


def publish(tx: Tx, plan_ids: Sequence[int]) -> None:
    """Announce these heads, and the next ones a day later."""
    for chain in tx.session.exec(
        select(Chain).where(col(Chain.plan_id).in_(plan_ids), col(Chain.publish_at) <= tx.now)
    ):
        chain.publish_at = tx.now + DAY
        tx.session.add(chain)
        tx.publish(HeadDue(chain.plan_id, chain.seq, chain.hash))


def _chained(head: Chain, entries: Sequence[Any]) -> Iterator[dict[str, object]]:
    for entry in entries:
        head.seq += 1
        head.hash = link(head.hash, head.seq, entry)
        yield {"id": entry.id, "seq": head.seq, "hash": head.hash}


def link(previous: str, seq: int, entry: Any) -> str:
    """The SHA-256 that binds an entry to its place and to everything before it. Erased texts keep their commitment."""
    sealed = [
        previous, seq, entry.id, entry.plan_id, entry.at.astimezone(UTC).isoformat(), entry.subject_kind,
        entry.subject_id, entry.verb, entry.actor, entry.on_behalf_of, entry.facts, entry.commitment, entry.trace,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(sealed, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify(tx: Tx, plan_id: int, heads: Mapping[int, str] | None = None) -> tuple[int, list[str]]:
    """Walk a plan's chain. Return how many entries are sealed, and a sentence for each that was changed or is missing.

    `heads` are published ones, by place; the beginning of a hash will do.
    """
    found: list[str] = []
    published = dict(heads or {})
    previous, seq = BEGINNING, 0
    sealed = select(Entry).where(Entry.plan_id == plan_id, col(Entry.seq).is_not(None)).order_by(col(Entry.seq))
    for entry in tx.session.exec(sealed):
        seq += 1
        if entry.seq != seq:
            found.append(f"entry {seq} is missing: the next is {entry.seq}")
            seq = entry.seq or seq
        elif entry.hash != link(previous, seq, entry):
            found.append(
                f"entry {seq} ({entry.verb} {entry.subject_kind} {entry.subject_id}) was changed after it was sealed"
            )
        if entry.said is not None and committed(entry.salt, entry.said) != entry.commitment:
            found.append(f"entry {seq}: its text was changed after it was sealed")
        previous = entry.hash or BEGINNING
        if not previous.startswith(published.pop(seq, "")):
            found.append(f"entry {seq} is not the one whose head was published: everything up to it was rewritten")
    head = tx.session.get(Chain, plan_id)
    if head and (head.seq, head.hash) != (seq, previous):
        found.append(f"the chain ends at entry {seq}, its head says {head.seq}: the tail was cut")
    found += [f"entry {seq} was published and is not here: the tail was cut" for seq in published]
    return seq, found
