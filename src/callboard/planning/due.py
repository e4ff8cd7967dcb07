"""Tells coordinators of what came due, kept failing and was given up: nobody else looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy import and_, exists
from sqlmodel import col, select

from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.core.ticks import NOW, Trouble, hindered, once_due
from callboard.core.timeline import Subject
from callboard.planning.models import TroubleNotice
from callboard.planning.notices import TROUBLE
from callboard.plans import service as plans
from callboard.teams import service

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORK = "troubles"
_TOLD = and_(col(TroubleNotice.work) == col(Trouble.work), col(TroubleNotice.row_id) == col(Trouble.row_id))
_UNTOLD = select(Trouble).where(col(Trouble.retry_at).is_(None), col(Trouble.work) != WORK, ~exists().where(_TOLD))


def _tell(tx: Tx) -> None:
    """Page the coordinators of every plan that runs, each once: whose row it was is not known here."""
    for trouble in tx.session.exec(_UNTOLD).all():
        tx.session.add(TroubleNotice(work=trouble.work, row_id=trouble.row_id, at=tx.now))
        for plan in plans.every(tx):
            outbox.enqueue(tx, _pages(tx, plan.id or 0, trouble))
    tx.session.flush()


def _pages(tx: Tx, plan_id: int, trouble: Trouble) -> list[Post]:
    directory = service.directory(tx, plan_id)
    ways = [(person, directory.reach(person)) for person in directory.coordinators]
    told = {"work": trouble.work, "row": trouble.row_id, "error": trouble.error}
    return [
        Post(key=f"trouble:{trouble.work}:{trouble.row_id}:{reach.medium}:{reach.address}", plan_id=plan_id,
             workspace=directory.workspace, address=reach.address, kind=TROUBLE, subject=Subject("plan", plan_id),
             priority=Priority.PAGE, medium=reach.medium, args=told, recipient=person.key)
        for person, reach in ways if reach and directory.workspace
    ]  # fmt: skip


troubles = once_due(WORK, _tell, sqlalchemy.select(NOW).where(_UNTOLD.exists(), ~hindered(WORK, 1)))
