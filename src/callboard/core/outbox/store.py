"""What is asked of the outbox: the messages about a subject, by key, in a thread, where they stand in Slack."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.core.db import Instant, Tx
from callboard.core.deliveries import DELIVERIES, Delivery, Medium, Priority, is_in
from callboard.core.outbox.models import OTHERWISE, PAGE, Drop
from callboard.core.rows import Bulk
from callboard.core.timeline import Subject
from callboard.core.unit import AS_WRITTEN

COUNTED = ("waiting", "sending", "parked")
ENQUEUING = Bulk(DELIVERIES)
_ROW = DELIVERIES.c
NOW = bindparam("at_present", type_=Instant())
ABOUT = and_(_ROW.subject_kind == bindparam("kind_of"), _ROW.subject_id.in_(bindparam("ids_of", expanding=True)))
NOT_SENT = dict.fromkeys(("posted_at", "delayed_until", "error", "posted_in", "doubtful_since"))
PARENTS = select_columns(_ROW.key, _ROW.posted_in, _ROW.posted_as, _ROW.state).where(
    _ROW.key.in_(bindparam("parents", expanding=True))
)
TROUBLED = (
    select_columns(
        _ROW.subject_id, _ROW.kind, _ROW.recipient, _ROW.address, _ROW.state, _ROW.posted_as, _ROW.delayed_until,
        _ROW.error,
    )
    .where(ABOUT, or_(_ROW.state == "parked", and_(_ROW.posted_as.is_(None), _ROW.delayed_until > NOW)))
    .order_by(_ROW.id)
)  # fmt: skip
PAGES_ABOUT = (
    select_columns(
        _ROW.subject_id, _ROW.recipient, _ROW.address, _ROW.key, _ROW.args, _ROW.state, _ROW.error, _ROW.created_at,
        _ROW.due_at, _ROW.posted_at, _ROW.delayed_until, _ROW.medium, _ROW.posted_in, _ROW.doubtful_since,
    )
    .where(ABOUT, _ROW.key.like(f"{PAGE}%"))
    .order_by(_ROW.id)
    .execution_options(**{AS_WRITTEN: True})
)  # fmt: skip


def about(tx: Tx, subject: Subject) -> Sequence[Delivery]:
    tx.flush()
    return tx.session.exec(
        select(Delivery)
        .where(Delivery.subject_kind == subject.kind, Delivery.subject_id == subject.id)
        .order_by(col(Delivery.id))
    ).all()


def posted(tx: Tx, workspace: str, channel: str, stamp: str) -> Delivery | None:
    """What stands there in a workspace: ids of channels are its own."""
    tx.flush()
    there = select(Delivery).where(Delivery.posted_in == channel, Delivery.posted_as == stamp)
    return tx.session.exec(there.where(is_of(workspace)).limit(1)).first()


def untold(tx: Tx, plan_id: int, kind: str, address: str) -> Sequence[Delivery]:
    """What of a kind waits for an address and was never tried, oldest first; locked, to be changed before it goes."""
    tx.flush()
    waits = (Delivery.plan_id == plan_id, Delivery.kind == kind, Delivery.address == address, is_in("waiting"))
    new = (col(Delivery.posted_as).is_(None), Delivery.attempts == 0)
    return tx.session.exec(select(Delivery).where(*waits, *new).order_by(col(Delivery.id)).with_for_update()).all()


def cards(tx: Tx, plan_id: int, channel: str) -> Sequence[Delivery]:
    """What stands in a channel, is edited there and is no page, oldest first."""
    tx.flush()
    standing = (Delivery.plan_id == plan_id, Delivery.posted_in == channel, _ROW.editable, ~_ROW.superseded)
    no_page = (_ROW.recipient.is_(None), ~_ROW.key.startswith(PAGE), _ROW.parent_key.is_(None))
    return tx.session.exec(select(Delivery).where(*standing, *no_page).order_by(col(Delivery.id))).all()


def latest(
    tx: Tx, workspace: str, channel: str, since: datetime, kinds: Collection[str]
) -> Delivery | None:  # fmt: skip
    """The last message about one of these kinds that was posted in a direct message after that."""
    tx.flush()
    there = select(Delivery).where(_ROW.posted_in == channel, _ROW.created_at > since)
    there = there.where(_ROW.subject_kind.in_(kinds))
    return tx.session.exec(there.where(is_of(workspace)).order_by(_ROW.posted_as.desc()).limit(1)).first()


def is_of(workspace: str) -> ColumnElement[bool]:
    """Of a workspace, or from before the plan had one."""
    return _ROW.workspace.in_((workspace, ""))


def gone_otherwise(tx: Tx, delivery: Delivery) -> Drop | None:
    """Why a page that its medium did not take in time is not sent there any more: the person's other media took it."""
    waits = delivery.priority == Priority.PAGE and delivery.recipient and Medium(delivery.medium).falls_back
    if not waits or delivery.fallback_at is not None or delivery.posted_as is not None:
        return None
    went = keyed(tx, [f"{delivery.key}{OTHERWISE}"])
    return Drop(f"it went by {went[0].posted_in or 'other ways'}") if went and went[0].posted_at else None


def troubled(tx: Tx, subject: Subject) -> Sequence[Any]:
    """The messages about a subject that are parked, or held back and never posted, oldest first."""
    return _asked(tx, TROUBLED, subject)


def pages(tx: Tx, subject: Subject) -> Sequence[Any]:
    """The pages about a subject and what became of them, oldest first."""
    written: Sequence[Any] = ()
    if not tx.is_all_deferred(subject, ENQUEUING):
        written = _asked(tx, PAGES_ABOUT, subject)
    keys = {row.key for row in written}
    new = (row for row in tx.deferred_about(subject, ENQUEUING) if row["key"].startswith(PAGE))
    return [*written, *(SimpleNamespace(**NOT_SENT, **row) for row in new if row["key"] not in keys)]


def read_ahead(tx: Tx, kind: str, ids: Collection[int]) -> None:
    """Read at once what `pages` and `troubled` find about each of these subjects. For whoever changes nothing."""
    for asked in (PAGES_ABOUT, TROUBLED):
        tx.local.setdefault(asked, {}).update(_asked_of(tx, asked, kind, ids))


def read_threads(tx: Tx, deliveries: Iterable[Delivery]) -> None:
    """Read at once the messages in whose threads these belong."""
    _read_parents(tx, {each.parent_key for each in deliveries if each.parent_key and not each.is_posted})


def _read_parents(tx: Tx, keys: Collection[str]) -> None:
    if keys:
        found = tx.connection.execute(PARENTS, {"parents": list(keys)}).all()
        tx.local.setdefault(PARENTS, {}).update(dict.fromkeys(keys) | {row.key: row for row in found})


def _asked(tx: Tx, asked: Select[Any], subject: Subject) -> Sequence[Any]:
    """What a question finds about a subject, unless that was read ahead."""
    ahead: dict[Subject, list[Any]] = tx.local.get(asked, {})
    if subject not in ahead:
        (tx.flush_rows if asked is PAGES_ABOUT else tx.flush)()
        return _asked_of(tx, asked, subject.kind, [subject.id])[subject]
    return ahead[subject]


def _asked_of(tx: Tx, asked: Select[Any], kind: str, ids: Collection[int]) -> dict[Subject, list[Any]]:
    found: dict[Subject, list[Any]] = {Subject(kind, subject_id): [] for subject_id in ids}
    about = {"kind_of": kind, "ids_of": list(ids), "at_present": tx.now}
    for row in tx.connection.execute(asked, about):
        found[Subject(kind, row.subject_id)].append(row)
    return found


def thread_of(tx: Tx, delivery: Delivery) -> tuple[str, str] | None:
    """Channel and stamp of the message in whose thread this one belongs; None where that one is nowhere to be seen."""
    if delivery.parent_key is None:
        return None
    parent = _parent(tx, delivery.parent_key)
    return (parent.posted_in, parent.posted_as) if parent and parent.posted_as else None


def is_dropped(tx: Tx, key: str) -> bool:
    """Whether a message was no longer true before it could be sent."""
    parent = _parent(tx, key)
    return parent is not None and parent.state == "dropped"


def _parent(tx: Tx, key: str) -> Any:
    """The message with a key, unless there is none; read now, or with others before."""
    if key not in tx.local.get(PARENTS, ()):
        _read_parents(tx, [key])
    return tx.local[PARENTS][key]


def keyed(tx: Tx, keys: Collection[str]) -> Sequence[Delivery]:
    """The messages with these keys."""
    tx.flush()
    return tx.session.exec(select(Delivery).where(col(Delivery.key).in_(keys)).order_by(col(Delivery.id))).all()


def counts(tx: Tx) -> dict[str, int]:
    """The number of messages in each state that may need a look."""
    numbers = [select(func.count()).where(is_in(state)).scalar_subquery() for state in COUNTED]
    return dict(zip(COUNTED, tx.connection.execute(select(*numbers)).one(), strict=True))
