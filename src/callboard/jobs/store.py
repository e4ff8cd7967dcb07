"""Every query about jobs and their types. Claims are Core statements, built once: they are the hot path."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from callboard.core.db import Instant, Tx
from callboard.core.rows import fresh, inserting
from callboard.jobs.models import Job, State, TaskType

JOBS = Job.__table__  # type: ignore[attr-defined]
_ROW = JOBS.c
_IN_PLAN = _ROW.plan_id == bindparam("of_plan")
_THIS = (_ROW.id == bindparam("number"), _IN_PLAN)
_UNTIL = bindparam("until", type_=Instant())
_NOW = bindparam("at_present", type_=Instant())
# A row that another worker is claiming is skipped, not waited for.
_FIRST = (
    select(_ROW.id, _ROW.lease)
    .where(_IN_PLAN, _ROW.state == State.WAITING.value)
    .order_by(_ROW.priority, _ROW.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_FIRST_OF = _FIRST.where(_ROW.type.in_(bindparam("types", expanding=True)))
_CLAIMING = (
    update(JOBS)
    .where(_ROW.id == bindparam("number"))
    .values(
        state=State.CLAIMED.value, attempt=_ROW.attempt + 1, worker=bindparam("by_worker"),
        person=bindparam("by_person"), claimed_at=_NOW, leased_until=_UNTIL,
    )
    .returning(*_ROW)
)  # fmt: skip
_MINE = (*_THIS, _ROW.state == State.CLAIMED.value, _ROW.attempt == bindparam("of_attempt"))
_KEEPING = update(JOBS).where(*_MINE).values(leased_until=_UNTIL).returning(*_ROW)
_ENDING = (
    update(JOBS)
    .where(*_MINE)
    .values(
        state=bindparam("new_state"), result=bindparam("new_result", type_=_ROW.result.type),
        error=bindparam("new_error"), leased_until=None, ended_at=bindparam("new_end", type_=Instant()),
    )
    .returning(*_ROW)
)  # fmt: skip
_FOUND = select(*_ROW).where(*_THIS)
_MAKING = insert(JOBS).returning(*_ROW)


def make(tx: Tx, **values: Any) -> Row[Any]:
    job = fresh(Job, **values)
    return tx.connection.execute(_MAKING, {name: getattr(job, name) for name in inserting(Job)[1]}).one()


def first_waiting(tx: Tx, plan_id: int, types: Sequence[str]) -> Row[Any] | None:
    """The id and lease of the next job of these types, or of any, locked until the end of the transaction."""
    of_types = {"types": list(types)} if types else {}
    return tx.connection.execute(_FIRST_OF if types else _FIRST, {"of_plan": plan_id, **of_types}).first()


def claim(tx: Tx, number: int, worker: str, person: str, until: datetime) -> Row[Any]:
    values = {"number": number, "by_worker": worker, "by_person": person, "at_present": tx.now, "until": until}
    return tx.connection.execute(_CLAIMING, values).one()


def keep(tx: Tx, plan_id: int, number: int, attempt: int, until: datetime) -> Row[Any] | None:
    """Extend a claim; None where a later one replaced it."""
    mine = {"of_plan": plan_id, "number": number, "of_attempt": attempt}
    return tx.connection.execute(_KEEPING, mine | {"until": until}).first()


def end(
    tx: Tx, plan_id: int, number: int, attempt: int, state: State, *, result: Any = None, error: str = ""
) -> Row[Any] | None:
    """End a claim; None where a later one replaced it. A job that goes back to the queue has not ended."""
    mine = {"of_plan": plan_id, "number": number, "of_attempt": attempt}
    at = None if state == State.WAITING else tx.now
    ended = {"new_state": state.value, "new_result": result, "new_error": error, "new_end": at}
    return tx.connection.execute(_ENDING, mine | ended).first()


def find(tx: Tx, plan_id: int, number: int) -> Row[Any] | None:
    return tx.connection.execute(_FOUND, {"of_plan": plan_id, "number": number}).first()


def page(
    tx: Tx, plan_id: int, after: int, limit: int, *, state: str | None = None, kind: str | None = None
) -> Sequence[Row[Any]]:
    """Jobs of a plan with higher numbers than `after`, of one state or type or of all."""
    wanted = select(*_ROW).where(_ROW.plan_id == plan_id, _ROW.id > after).order_by(_ROW.id).limit(limit)
    only = {_ROW.state: state, _ROW.type: kind}
    chosen = wanted.where(*(column == value for column, value in only.items() if value is not None))
    return tx.connection.execute(chosen).all()


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Row[Any]]:
    return tx.connection.execute(select(*_ROW).where(_ROW.id.in_(numbers)).with_for_update()).all()


def types(tx: Tx, plan_id: int) -> Sequence[TaskType]:
    return tx.session.exec(select_rows(TaskType).where(TaskType.plan_id == plan_id).order_by(col(TaskType.name))).all()


def type_called(tx: Tx, plan_id: int, name: str) -> TaskType | None:
    wanted = select_rows(TaskType).where(TaskType.plan_id == plan_id, TaskType.name == name)
    return tx.session.exec(wanted.with_for_update()).first()
