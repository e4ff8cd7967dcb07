"""Every query about jobs and their types, but for those of claims."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select
from sqlmodel import col
from sqlmodel import select as select_rows

from callboard.core.db import Tx
from callboard.core.retention import Sweep
from callboard.core.rows import fresh, inserting
from callboard.jobs.models import Job, State, TaskType

JOBS = Job.__table__  # type: ignore[attr-defined]
_ROW = JOBS.c
_IN_PLAN = _ROW.plan_id == bindparam("of_plan")
_THIS = (_ROW.id == bindparam("number"), _IN_PLAN)
_FOUND = select(*_ROW).where(*_THIS)
SWEEPS = (Sweep(JOBS.c.ended_at),)
_MAKING = insert(JOBS).returning(*_ROW)


def make(tx: Tx, **values: Any) -> Row[Any]:
    job = fresh(Job, **values)
    return tx.connection.execute(_MAKING, {name: getattr(job, name) for name in inserting(Job)[1]}).one()


def find(tx: Tx, plan_id: int, number: int) -> Row[Any] | None:
    return tx.connection.execute(_FOUND, {"of_plan": plan_id, "number": number}).first()


def page(
    tx: Tx, plan_id: int, after: int, limit: int, *, state: str | None = None, kind: str | None = None
) -> Sequence[Row[Any]]:
    """Jobs of a plan with higher numbers than `after`, of one state or type or of all."""
    wanted = select(*_ROW).where(_ROW.plan_id == plan_id, _ROW.id > after).order_by(_ROW.id).limit(limit)
    if kind is None and state is None:
        return tx.connection.execute(wanted).all()
    if kind is not None:
        wanted = wanted.where(_ROW.type == kind)
    found = (row for one in ([state] if state else State) for row in _of_state(tx, wanted, one))
    return sorted(found, key=lambda row: row.id)[:limit]


def _of_state(tx: Tx, wanted: Select[Any], state: str) -> Sequence[Row[Any]]:
    """Those of one state. Their numbers come from the index alone, so that no planner reads the table instead."""
    numbers = wanted.with_only_columns(_ROW.id).where(_ROW.state == state)
    return tx.connection.execute(select(*_ROW).where(_ROW.id.in_(numbers)).order_by(_ROW.id)).all()


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Row[Any]]:
    return tx.connection.execute(select(*_ROW).where(_ROW.id.in_(numbers)).with_for_update()).all()


def types(tx: Tx, plan_id: int) -> Sequence[TaskType]:
    return tx.session.exec(select_rows(TaskType).where(TaskType.plan_id == plan_id).order_by(col(TaskType.name))).all()


def type_called(tx: Tx, plan_id: int, name: str) -> TaskType | None:
    wanted = select_rows(TaskType).where(TaskType.plan_id == plan_id, TaskType.name == name)
    return tx.session.exec(wanted.with_for_update()).first()
