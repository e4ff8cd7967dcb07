"""Every query about tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.memory import Each, remembered
from callboard.core.rows import Bulk, bare, inserting
from callboard.core.words import bare_name
from callboard.tasks.models import Task

TASKS: Table = Task.__table__  # type: ignore[attr-defined]
NEW = Bulk(TASKS)
NAMES = tuple(TASKS.c.keys())
IN_PLAN = (
    select_columns(*TASKS.c)
    .where(TASKS.c.plan_id == bindparam("plan"), ~TASKS.c.gone)
    .order_by(TASKS.c.position, TASKS.c.id)
)


SEEN_KEYED = IN_PLAN.where(TASKS.c.key.in_(bindparam("keys", expanding=True)))
NUMBERED = select(Task).where(col(Task.id).in_(bindparam("numbers", expanding=True))).order_by(col(Task.position))
_OWN = select(Task).where(col(Task.plan_id) == bindparam("plan"), ~col(Task.gone))
ALL = _OWN.order_by(col(Task.position), col(Task.id))
KEYED = _OWN.where(col(Task.key).in_(bindparam("keys", expanding=True)))
# The exact spelling comes first where several ids differ only in case.
ALIKE = (
    _OWN.where(func.lower(Task.key) == bindparam("lower"))
    .order_by(col(Task.key) != bindparam("wanted"), col(Task.position))
    .limit(1)
)
ALIKE_LOCKED = ALIKE.with_for_update().execution_options(populate_existing=True)


def get(tx: Tx, plan_id: int, key: str, *, lock: bool = False) -> Task:
    """The task with this id, in any case. Raises Refused with the nearest where there is none."""
    wanted = bare_name(key).strip("`#")
    about = {"plan": plan_id, "lower": wanted.lower(), "wanted": wanted}
    task = tx.session.exec(ALIKE_LOCKED if lock else ALIKE, params=about).first()
    if task is None:
        if tasks(tx, plan_id, [wanted], ever=True):
            raise Refused(f"Task `{m.clip(wanted, 40)}` has left the plan. `/task list` shows all.")
        sentence, known = f"There is no task `{m.clip(wanted, 40)}`", [task.key for task in tasks(tx, plan_id)]
        raise unknown(sentence, wanted, known, "`/task list` shows all.")
    return task


def tasks(tx: Tx, plan_id: int, keys: Collection[str] | None = None, *, ever: bool = False) -> Sequence[Task]:
    """The tasks of a plan in the order of the file, all or those with these ids; `ever`, also those that left it."""
    if keys is not None and not ever:
        known = keyed.of(tx, ((plan_id, key) for key in keys)).values()
        return sorted(filter(None, known), key=lambda task: (task.position, task.number))
    if not ever:
        found = tx.session.exec(ALL, params={"plan": plan_id}).all()
        keyed.tell(tx, {(plan_id, task.key): task for task in found})
        return found
    wanted = select(Task).where(Task.plan_id == plan_id)
    chosen = wanted if keys is None else wanted.where(col(Task.key).in_(keys))
    return tx.session.exec(chosen.order_by(col(Task.position), col(Task.id))).all()


@remembered(Task, shared=True)
def seen(tx: Tx, plan_id: int) -> Sequence[Task]:
    """The same, of a plan, for whoever only looks: what is done to these rows is written nowhere."""
    return [_bare(row) for row in tx.connection.execute(IN_PLAN, {"plan": plan_id})]


def seen_of(tx: Tx, plan_id: int, keys: Iterable[str]) -> Sequence[Task]:
    """The same, of those with these ids."""
    known = filter(None, _seen.of(tx, ((plan_id, key) for key in keys)).values())
    return sorted(known, key=lambda task: (task.position, task.number))


def _bare(row: Row[Any]) -> Task:
    return bare(Task, zip(NAMES, row, strict=True))


def _seen_keyed(tx: Tx, keys: list[tuple[int, str]]) -> Mapping[tuple[int, str], Task]:
    found = dict[tuple[int, str], Task]()
    for plan_id in {plan_id for plan_id, _ in keys}:
        own = [key for of, key in keys if of == plan_id]
        rows = tx.connection.execute(SEEN_KEYED, {"plan": plan_id, "keys": own})
        found |= {(plan_id, row.key): _bare(row) for row in rows}
    return found


_seen = Each[tuple[int, str], Task | None](_seen_keyed, lambda: None, Task, shared=True)


def _keyed(tx: Tx, keys: list[tuple[int, str]]) -> Mapping[tuple[int, str], Task]:
    found = dict[tuple[int, str], Task]()
    for plan_id in {plan_id for plan_id, _ in keys}:
        own = [key for of, key in keys if of == plan_id]
        rows = tx.session.exec(KEYED, params={"plan": plan_id, "keys": own})
        found |= {(plan_id, task.key): task for task in rows}
    return found


keyed = Each[tuple[int, str], Task | None](_keyed, lambda: None, Task)
"""A task of a plan by its id, unless it has left it."""


def find(tx: Tx, number: int) -> Task | None:
    """The task of a row, unless it has left the plan."""
    task = tx.get(Task, number) if number < 2**63 else None
    return None if task is None or task.gone else task


def blocked_by(tx: Tx, blocker: int) -> Sequence[Task]:
    wanted = select(Task).where(Task.blocker == blocker).order_by(col(Task.id))
    return tx.session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()


def freed(tx: Tx, plan_id: int, team: str, by: str, at: datetime) -> Sequence[Task]:
    """The tasks of a team that could start once `by` was settled, at this moment."""
    return tx.session.exec(
        select(Task)
        .where(Task.plan_id == plan_id, Task.team == team, Task.freed_by == by, Task.freed_at == at, ~col(Task.gone))
        .order_by(col(Task.position))
    ).all()


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Task]:
    """The tasks of these rows, also those that have left the plan."""
    return tx.session.exec(NUMBERED, params={"numbers": list(numbers)}).all()


def insert(tx: Tx, tasks: Sequence[Task]) -> None:
    if tasks:
        names = inserting(Task)[1]
        NEW.run(tx.connection, [{name: getattr(task, name) for name in names} for task in tasks])
