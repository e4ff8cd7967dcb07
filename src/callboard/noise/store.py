"""Every query about what one person was sent, and what was folded for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from callboard.core.db import Tx
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


def told_by(tx: Tx, key: str) -> Sequence[Delivery]:
    """What a message tells, oldest first."""
    return tx.session.exec(select_rows(Delivery).where(Delivery.told_by == key).order_by(col(Delivery.id))).all()


def told_since(tx: Tx, summary: Delivery, since: datetime) -> Sequence[Delivery]:
    """What a summary and those that it replaced tell of what was folded since an instant, oldest first."""
    summaries = select(_ROW.key).where(
        _ROW.address == summary.address, _ROW.plan_id == summary.plan_id, _ROW.kind == SUMMARY
    )
    wanted = select_rows(Delivery).where(and_(_ROW.told_by.in_(summaries), _ROW.folded_at > since))
    return tx.session.exec(wanted.order_by(col(Delivery.id))).all()
