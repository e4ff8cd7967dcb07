"""Every query about risks, their questions, and tasks that were reopened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Table, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.memory import remembered
from callboard.core.rows import bare
from callboard.core.timeline import Entry
from callboard.risks.models import Question, Risk
from callboard.tasks import models as tasks

QUESTIONS = Question.__table__  # type: ignore[attr-defined]
RISKS: Table = Risk.__table__  # type: ignore[attr-defined]
NAMES = tuple(RISKS.c.keys())
ASKED = select(Question).where(
    *(QUESTIONS.c[name] == bindparam(f"of_{name}") for name in ("risk_id", "indicator", "person", "at"))
)
IN_PLAN = select_columns(*RISKS.c).where(RISKS.c.plan_id == bindparam("plan"), ~RISKS.c.gone).order_by(RISKS.c.id)


def risk(tx: Tx, number: int, *, lock: bool = False) -> Risk | None:
    return tx.get(Risk, number, lock=lock)


def every_risk(tx: Tx, plan_id: int) -> Sequence[Risk]:
    """All that the plan ever had, in the order of their numbers."""
    return tx.session.exec(select(Risk).where(Risk.plan_id == plan_id).order_by(col(Risk.id))).all()


@remembered(Risk, shared=True)
def risks(tx: Tx, plan_id: int) -> Sequence[Risk]:
    """Those that are in the plan, for whoever only looks: what is done to these rows is written nowhere."""
    found = tx.connection.execute(IN_PLAN, {"plan": plan_id})
    return [bare(Risk, zip(NAMES, row, strict=True)) for row in found]


def question(tx: Tx, number: int, *, lock: bool = False) -> Question | None:
    return tx.get(Question, number, lock=lock)


def ask(tx: Tx, risk: Risk, indicator: str, person: str, words: str, at: datetime) -> Question | None:
    """A new question; None where they were asked in this round already."""
    tx.flush()
    place = {"risk_id": risk.number, "indicator": indicator, "person": person, "at": at}
    if not tx.insert_new(QUESTIONS, plan_id=risk.plan_id, question=words, said="", **place):
        return None
    return tx.session.exec(ASKED, params={f"of_{name}": value for name, value in place.items()}).one()


def reopened(tx: Tx, numbers: Collection[int]) -> set[int]:
    """Which of these tasks were ever reopened."""
    wanted = select(Entry.subject_id).where(
        Entry.subject_kind == tasks.KIND, col(Entry.subject_id).in_(numbers), Entry.verb == tasks.Verb.REOPENED
    )
    return set(tx.session.exec(wanted)) if numbers else set()
