"""A claim on a job: which job is next, who has it until when, and its end. Core statements: they are the hot path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from callboard.core.db import Instant, Tx
from callboard.jobs.models import State
from callboard.jobs.store import JOBS

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
