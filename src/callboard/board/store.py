"""Every query about reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.board.models import Report

if TYPE_CHECKING:
    from datetime import datetime

    from callboard.core.db import Tx


def report(tx: Tx, number: int) -> Report | None:
    return tx.session.get(Report, number)


def before(tx: Tx, plan_id: int, name: str, at: datetime) -> Report | None:
    """The report before, of the same name."""
    wanted = select(Report).where(Report.plan_id == plan_id, Report.name == name, Report.at < at)
    return tx.session.exec(wanted.order_by(col(Report.at).desc()).limit(1)).first()
