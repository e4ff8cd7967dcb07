"""Every SELECT of reports."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.board.report.models import Report
from callboard.core.db import Tx

BEFORE = (
    select(Report)
    .where(
        col(Report.plan_id) == bindparam("plan"), col(Report.name) == bindparam("named"),
        col(Report.at) < bindparam("moment"),
    )
    .order_by(col(Report.day).desc()).limit(1)
)  # fmt: skip


def before(tx: Tx, plan_id: int, name: str, at: datetime) -> Report | None:
    """The report before, of the same name."""
    return tx.session.exec(BEFORE, params={"plan": plan_id, "named": name, "moment": at}).first()


def sent(tx: Tx, plan_id: int, name: str, day: date) -> bool:
    """Whether the report of a day was sent."""
    wanted = select(Report.id).where(Report.plan_id == plan_id, Report.name == name, Report.day == day)
    return tx.session.exec(wanted).first() is not None
