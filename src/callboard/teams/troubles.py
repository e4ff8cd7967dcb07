"""Tells coordinators of what came due, kept failing and was given up: nobody else looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy import and_, exists
from sqlmodel import col, select

from callboard.core import blocks as b
from callboard.core import outbox, ticks
from callboard.core.outbox import Delivery, Message, Post, Priority
from callboard.core.subject import Subject
from callboard.core.ticks import NOW, Trouble, hindered, once_due
from callboard.plans import service as plans
from callboard.teams import service
from callboard.teams.models import TroubleNotice

if TYPE_CHECKING:
    from callboard.core.db import Tx

KIND, WORK = "teams.trouble", "troubles"
SHORT = 200
_TOLD = and_(col(TroubleNotice.work) == col(Trouble.work), col(TroubleNotice.row_id) == col(Trouble.row_id))
_UNTOLD = select(Trouble).where(col(Trouble.retry_at).is_(None), col(Trouble.work) != WORK, ~exists().where(_TOLD))
SPOKEN = {"climbs": "escalation", "holds": "hold", "pages unaccepted": "page that was not taken"}


def given_up(tx: Tx) -> list[str]:
    """What was given up, in words."""
    return [spoken(one.work, one.row_id, one.error) for one in ticks.parked(tx)]


def spoken(work: str, row_id: int, error: str) -> str:
    """One thing that was given up."""
    return f"{SPOKEN.get(work, work)} {row_id}: {b.clip(b.escape(' '.join(error.split())), SHORT)}"


def page(_tx: Tx, delivery: Delivery) -> Message:
    """What a coordinator reads."""
    args = delivery.args
    what = spoken(str(args["work"]), int(args["row"]), str(args["error"]))
    text = (
        f":rotating_light: Something came due and I could not do it, {ticks.PARK_AFTER} times over, so I have given it "
        f"up: {what}. Nobody is paged for it by me any more: look after it yourself, and show this to whoever runs "
        "Callboard; the log has the rest under `tick.row_failed`."
    )
    return Message(text=text, title="Callboard has given something up")


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
             workspace=directory.workspace, address=reach.address, kind=KIND, subject=Subject("plan", plan_id),
             priority=Priority.PAGE, medium=reach.medium, args=told, recipient=person.key)
        for person, reach in ways if reach and directory.workspace
    ]  # fmt: skip


due = once_due(WORK, _tell, sqlalchemy.select(NOW).where(_UNTOLD.exists(), ~hindered(WORK, 1)))
