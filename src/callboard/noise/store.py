"""Every query about what one person was sent, and what was folded for them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from callboard.core.db import Instant, Tx
from callboard.core.outbox import DELIVERIES, Delivery

SUMMARY = "noise.summary"
_ROW = DELIVERIES.c


def posted(tx: Tx, delivery: Delivery, hour: datetime, day: datetime) -> tuple[int, int]:
    """How many messages went to an address from one plan after two instants; edits alert nobody and don't count."""
    counting = select(func.coalesce(func.sum(case((_ROW.posted_at > hour, 1), else_=0)), 0), func.count()).where(
        _ROW.address == delivery.address, _ROW.plan_id == delivery.plan_id, _ROW.posted_at > day
    )
    within_hour, within_day = tx.connection.execute(counting).one()
    return int(within_hour), int(within_day)


def newest(tx: Tx, plan_id: int, address: str) -> Delivery | None:
    """The summary that somebody has now, locked."""
    wanted = select_rows(Delivery).where(
        Delivery.address == address, Delivery.plan_id == plan_id, Delivery.kind == SUMMARY, Delivery.state != "dropped"
    )
    newest_first = wanted.order_by(col(Delivery.id).desc()).limit(1)
    return tx.session.exec(newest_first.with_for_update().execution_options(populate_existing=True)).first()


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
    summaries = select(_ROW.key).where(
        _ROW.address == summary.address, _ROW.plan_id == summary.plan_id, _ROW.kind == SUMMARY
    )
    return _matters(tx, and_(_ROW.told_by.in_(summaries), _ROW.folded_at > since))


def _matters(tx: Tx, which: ColumnElement[bool]) -> list[Matter]:
    grouped = select(func.max(_ROW.id), func.count(), func.min(_ROW.created_at, type_=Instant())).where(which)
    found = tx.connection.execute(grouped.group_by(_ROW.subject_kind, _ROW.subject_id)).all()
    counted = {newest: (times, since) for newest, times, since in found}
    rows = tx.session.exec(select_rows(Delivery).where(col(Delivery.id).in_(counted)).order_by(col(Delivery.id).desc()))
    return [Matter(row, *counted[row.id]) for row in rows]
