"""The hash chain over each plan's timeline, written by one sealer at a time so that writers never queue on one row."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, select

from callboard.core.db import Instant, Tx
from callboard.core.deliveries import DELIVERIES
from callboard.core.rows import Bulk, bare
from callboard.core.timeline import ERASED, Entry, Subject, committed, record, walked

DAY = timedelta(days=1)
SLACK = timedelta(minutes=1)
"""By then the sealer has sealed what was written; and what the clocks of replicas may differ."""
HEAD = "teams.head"
"""The kind of the messages that give heads to the channel."""
ENTRIES = Entry.__table__  # type: ignore[attr-defined]
SEALING = Bulk(ENTRIES, changes=("id", "seq", "hash"))
BEGINNING = "0" * 64
AT_ONCE = 1000
"""Entries that are sealed together before a head is announced."""


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


CHAINS: Table = Chain.__table__  # type: ignore[attr-defined]
_ENTRY = ENTRIES.c
OLDEST = select_columns(_ENTRY.id).where(_ENTRY.seq.is_(None)).order_by(_ENTRY.id).limit(bindparam("most"))
_THESE = _ENTRY.id.between(bindparam("first"), bindparam("last")) & _ENTRY.seq.is_(None)
PLANS = (
    select_columns(_ENTRY.plan_id, func.min(_ENTRY.at)).where(_THESE).group_by(_ENTRY.plan_id).order_by(_ENTRY.plan_id)
)
UNSEALED = select_columns(*_ENTRY).where(_THESE).order_by(_ENTRY.id)
HEADS = (
    select_columns(*CHAINS.c)
    .where(CHAINS.c.plan_id.in_(bindparam("of", expanding=True)))
    .order_by(CHAINS.c.plan_id)
    .with_for_update(skip_locked=True)
)
MOVING = update(CHAINS).where(CHAINS.c.plan_id == bindparam("of")).values(seq=bindparam("at"), hash=bindparam("with"))


def unsealed(tx: Tx, limit: int) -> Sequence[int]:
    """The ids of entries that are not sealed yet, oldest first."""
    return tx.connection.execute(OLDEST, {"most": limit}).scalars().all()


def seal(tx: Tx, ids: Sequence[int]) -> None:
    """Append what is unsealed from the first to the last of these entries to its chains.

    Except for plans that another sealer holds at this moment.
    """
    if ids:
        _seal(tx, ids)


def _seal(tx: Tx, ids: Sequence[int]) -> int:
    """Do it; return how many entries that was."""
    these = {"first": ids[0], "last": ids[-1]}
    oldest: dict[int, datetime] = {plan_id: at for plan_id, at in tx.connection.execute(PLANS, these)}  # noqa: C416 - rows
    heads = _held(tx, list(oldest))
    if new := oldest.keys() - {head.plan_id for head in heads}:
        begun = [{"plan_id": p, "seq": 0, "hash": BEGINNING, "publish_at": oldest[p] + DAY} for p in sorted(new)]
        tx.connection.execute(tx.insert(CHAINS).values(begun).on_conflict_do_nothing())
        heads += _held(tx, list(new))
    # Read only now: another sealer may have had the heads, and these entries, until a moment ago.
    by_plan: dict[int, list[Any]] = defaultdict(list)
    for entry in tx.connection.execute(UNSEALED, these):
        by_plan[entry.plan_id].append(entry)
    links = [link for head in heads for link in _chained(head, by_plan[head.plan_id])]
    if links:
        tx.defer(SEALING, links)
        tx.connection.execute(MOVING, [{"of": head.plan_id, "at": head.seq, "with": head.hash} for head in heads])
    return len(links)


def _held(tx: Tx, plans: Collection[int]) -> list[Chain]:
    """The heads of these plans' chains, without those that another sealer holds."""
    heads = tx.connection.execute(HEADS, {"of": plans})
    return [bare(Chain, zip(CHAINS.c.keys(), row, strict=True)) for row in heads]


def publish(tx: Tx, plan_ids: Sequence[int]) -> None:
    """Announce these heads, once all that was written before is sealed, and the next ones a day later."""
    while (waiting := unsealed(tx, AT_ONCE)) and _seal(tx, waiting):
        tx.flush()
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


def redact(tx: Tx, entry: Entry, facts: dict[str, Any], *, text: bool, actor: str, reason: str) -> None:
    """Put other facts in the place of what a sealed entry told of a person; with `text`, erase what was said in it.

    Its hash stays, and with it the chain. That the rest is as it was when this was done is sealed anew.
    """
    if text:
        entry.said = entry.salt = None
    changed: dict[str, Any] = {}
    if facts != entry.facts:
        before = select(Entry.hash).where(Entry.plan_id == entry.plan_id, Entry.seq == (entry.seq or 0) - 1)
        entry.facts = facts
        changed["resealed"] = link(tx.session.exec(before).first() or BEGINNING, entry.seq or 0, entry)
    about = Subject("entry", entry.id or 0)
    record(tx, entry.plan_id, about, ERASED, actor=actor, entry=entry.id, reason=reason, **changed)


def announced(tx: Tx, plan_id: int) -> list[tuple[int, str]]:
    """The heads that were given to the channel, by place."""
    told = select_columns(DELIVERIES.c.args).where(
        DELIVERIES.c.subject_kind == "plan", DELIVERIES.c.subject_id == plan_id, DELIVERIES.c.kind == HEAD
    )
    return [(args.get("seq", 0), str(args.get("hash"))) for args in tx.connection.execute(told).scalars()]


def verify(tx: Tx, plan_id: int, heads: Mapping[int, str] | None = None) -> tuple[int, list[str]]:
    """Walk a plan's chain. Return how many entries are sealed, and a sentence for each that was changed or is missing.

    `heads` are published ones, by place; the beginning of a hash will do. Those that we published count as well.
    """
    tx.flush()
    found: list[str] = []
    published: dict[int, list[str]] = defaultdict(list)
    for place, mark in [*announced(tx, plan_id), *(heads or {}).items()]:
        published[place].append(mark)
    previous, seq, (erased, resealed) = BEGINNING, 0, _erased(tx, plan_id)
    sealed = select_columns(*_ENTRY).where(_ENTRY.plan_id == plan_id, _ENTRY.seq.is_not(None)).order_by(_ENTRY.seq)
    for entry in walked(tx, sealed):
        seq += 1
        if entry.seq != seq:
            found.append(f"entry {seq} is missing: the next is {entry.seq}")
            seq = entry.seq or seq
        elif link(previous, seq, entry) not in (entry.hash, resealed.get(entry.id or 0)):
            found.append(f"{_named(entry)} was changed after it was sealed")
        if entry.said is None and entry.commitment is not None and entry.id not in erased:
            found.append(f"{_named(entry)}: its text is gone, and nobody recorded that it was erased")
        elif entry.said is not None and committed(entry.salt, entry.said) != entry.commitment:
            found.append(f"entry {seq}: its text was changed after it was sealed")
        previous = entry.hash or BEGINNING
        if not all(previous.startswith(mark) for mark in published.pop(seq, ())):
            found.append(f"entry {seq} is not the one whose head was published: everything up to it was rewritten")
    found += _wrong_end(tx, plan_id, seq, previous)
    found += [f"entry {place} was published and is not here: the tail was cut" for place in sorted(published)]
    return seq, [*found, *_taken_out(tx, plan_id)]


def _named(entry: Entry) -> str:
    return f"entry {entry.seq} ({entry.verb} {entry.subject_kind} {entry.subject_id})"


def _erased(tx: Tx, plan_id: int) -> tuple[set[int], dict[int, str]]:
    """The entries of which the timeline says that something was erased; and the links of those whose facts were."""
    wanted = select(Entry.facts).where(Entry.plan_id == plan_id, Entry.verb == ERASED).order_by(col(Entry.id))
    found = tx.session.exec(wanted).all()
    resealed = {each["entry"]: each["resealed"] for each in found if "resealed" in each}
    return {each.get("entry", 0) for each in found}, resealed


def _wrong_end(tx: Tx, plan_id: int, seq: int, last: str) -> Iterator[str]:
    """What is wrong with the row that says where a chain ends."""
    chain = tx.get(Chain, plan_id, fresh=True)
    if chain is None:
        if seq:
            yield f"the row that says where the chain ends is gone; {seq} sealed entries are here"
    elif (chain.seq, chain.hash) != (seq, last):
        cut = "the tail was cut" if chain.seq > seq else "that row was changed"
        yield f"the chain ends at entry {seq}, its head says {chain.seq}: {cut}"
    elif chain.publish_at > tx.now + DAY + SLACK:
        yield f"its next head is put off to {chain.publish_at:%Y-%m-%d %H:%M} UTC: heads are published daily"


def _taken_out(tx: Tx, plan_id: int) -> list[str]:
    """Entries without a place in the chain that had one, or that are older than what was sealed or sent since."""
    sealed = select_columns(func.max(ENTRIES.c.at)).where(ENTRIES.c.seq.is_not(None))
    signs = [
        tx.connection.execute(each).scalar() for each in (sealed, select_columns(func.max(DELIVERIES.c.posted_at)))
    ]
    alive = max(filter(None, signs), default=None)
    late = [ENTRIES.c.at < alive - SLACK] if alive else []
    loose = select_columns(ENTRIES.c["id", "verb", "subject_kind", "subject_id"]).where(
        ENTRIES.c.plan_id == plan_id, ENTRIES.c.seq.is_(None), or_(ENTRIES.c.hash.is_not(None), *late)
    )
    return [
        f"the entry with id {row.id} ({row.verb} {row.subject_kind} {row.subject_id}) was taken out of the chain, "
        "or put in behind it"
        for row in tx.connection.execute(loose.order_by(ENTRIES.c.id))
    ]
