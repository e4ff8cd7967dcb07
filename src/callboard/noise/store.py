"""Every query about what one person was sent, and what was folded for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, or_, select
from sqlmodel import col
from sqlmodel import select as select_rows

from callboard.core.db import Instant, Tx
from callboard.core.memory import Each
from callboard.core.outbox import DELIVERIES, PAGE, Delivery

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUMMARY = "noise.summary"
_ROW = DELIVERIES.c
_IS_SUMMARY = _ROW.kind == literal_column(f"'{SUMMARY}'")
_COMES = and_(_ROW.posted_at.is_(None), _ROW.state.in_(("waiting", "sending")))


COUNTING = (
    select(
        _ROW.plan_id,
        _ROW.address,
        func.sum(case((_ROW.posted_at > bindparam("hour", type_=Instant()), 1), else_=0)),
        func.count(),
    )
    .where(
        _ROW.address.in_(bindparam("addresses", expanding=True)),
        _ROW.plan_id.in_(bindparam("plans", expanding=True)),
        _ROW.posted_at > bindparam("day", type_=Instant()),
    )
    .group_by(_ROW.plan_id, _ROW.address)
)


class Reader(NamedTuple):
    """An address, and the plan that sends there."""

    plan_id: int
    address: str


def reader(delivery: Delivery) -> Reader:
    return Reader(delivery.plan_id, delivery.address)


def _posted(tx: Tx, readers: list[Reader]) -> Mapping[Reader, tuple[int, int]]:
    about = {
        "addresses": sorted({each.address for each in readers}),
        "plans": sorted({each.plan_id for each in readers}),
    }
    found = tx.connection.execute(COUNTING, {**about, "hour": tx.now - HOUR, "day": tx.now - DAY})
    return {Reader(plan_id, address): (int(hour), int(day)) for plan_id, address, hour, day in found}


posted = Each[Reader, tuple[int, int]](_posted, lambda: (0, 0), Delivery)
"""How many messages went there within an hour and within a day; edits alert nobody and don't count."""


class Reminders(NamedTuple):
    """What reminded somebody of what they know: how often, when last, and whether of another matter too."""

    times: int
    last: datetime | None
    of_others: bool


def reminds(delivery: Delivery) -> bool:
    """Whether it pages somebody again."""
    return delivery.folds and delivery.key.startswith(PAGE)


def is_daily(delivery: Delivery) -> bool:
    return bool(delivery.args.get("daily"))


def reminders(tx: Tx, delivery: Delivery, since: datetime) -> Reminders:
    """How somebody was reminded of one matter, as a message would do now, and of others."""
    again = or_(_ROW.kind == SUMMARY, and_(_ROW.folds, _ROW.key.like(f"{PAGE}%")))
    about = and_(_ROW.subject_kind == delivery.subject_kind, _ROW.subject_id == delivery.subject_id)
    counting = select(
        func.count(), func.max(_ROW.posted_at, type_=Instant()), func.coalesce(func.sum(case((about, 0), else_=1)), 0)
    ).where(_of_reader(delivery), _ROW.posted_at > since, again)
    times, last, others = tx.connection.execute(counting).one()
    return Reminders(int(times), last, bool(others))


def comes(tx: Tx, delivery: Delivery) -> bool:
    """Whether a summary for somebody is to follow."""
    waiting = select(_ROW.id).where(_of_reader(delivery), _IS_SUMMARY, _COMES)
    return tx.connection.execute(waiting.limit(1)).first() is not None


def summaries(tx: Tx, delivery: Delivery) -> tuple[Delivery | None, Delivery | None]:
    """The summary that somebody has now, and the one that is to follow, locked."""
    wanted = select_rows(Delivery).where(
        _of_reader(delivery), _IS_SUMMARY, or_(_COMES, _ROW.posted_at.is_not(None)), ~_ROW.superseded
    )
    newest_first = wanted.order_by(col(Delivery.id).desc()).limit(2)
    found = tx.session.exec(newest_first.with_for_update().execution_options(populate_existing=True)).all()
    shown = next((row for row in found if row.posted_at), None)
    return shown, next((row for row in found if row.posted_at is None), None)


class Matter(NamedTuple):
    """What was folded about one subject: the newest message, how many, and since when."""

    newest: Delivery
    times: int
    since: datetime


def told_by(tx: Tx, key: str) -> list[Matter]:
    """What a message tells, newest first."""
    return _matters(tx, _ROW.told_by == key)


def told_since(tx: Tx, summary: Delivery, since: datetime) -> list[Matter]:
    """What a summary and those that it replaced tell of what was folded since an instant, newest first."""
    of_reader = select(_ROW.key).where(_of_reader(summary), _IS_SUMMARY)
    return _matters(tx, and_(tx.among(_ROW.told_by, of_reader), _ROW.folded_at > since))


def _matters(tx: Tx, which: ColumnElement[bool]) -> list[Matter]:
    grouped = select(func.max(_ROW.id), func.count(), func.min(_ROW.created_at, type_=Instant())).where(which)
    found = tx.connection.execute(grouped.group_by(_ROW.subject_kind, _ROW.subject_id)).all()
    counted = {newest: (times, since) for newest, times, since in found}
    rows = tx.session.exec(select_rows(Delivery).where(col(Delivery.id).in_(counted)).order_by(col(Delivery.id).desc()))
    return [Matter(row, *counted[row.id]) for row in rows]


def _of_reader(delivery: Delivery) -> ColumnElement[bool]:
    """What one plan sends to the address of a message."""
    return and_(_ROW.address == delivery.address, _ROW.plan_id == delivery.plan_id)
