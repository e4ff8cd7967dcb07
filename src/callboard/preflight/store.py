"""Every query about preflights."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.preflight.models import Preflight, TestPage


def latest(tx: Tx, plan_id: int) -> Preflight | None:
    """The preflight of a plan that began last."""
    newest = select(Preflight).where(Preflight.plan_id == plan_id).order_by(col(Preflight.id).desc()).limit(1)
    return tx.session.exec(newest).first()


def reached(tx: Tx, plan_id: int) -> Preflight | None:
    """The latest of the last few preflights of a plan that reached everybody."""
    newest = select(Preflight).where(Preflight.plan_id == plan_id).order_by(col(Preflight.id).desc()).limit(10)
    return next((flight for flight in tx.session.exec(newest) if flight.reached_at), None)


def flight(tx: Tx, number: int, *, lock: bool = False) -> Preflight | None:
    return tx.get(Preflight, number, lock=lock)


def page(tx: Tx, number: int) -> TestPage | None:
    return tx.get(TestPage, number)


def pages(tx: Tx, number: int) -> Sequence[TestPage]:
    """Everybody whom a preflight asks, in the order of the file."""
    return tx.session.exec(select(TestPage).where(TestPage.preflight_id == number).order_by(col(TestPage.id))).all()
