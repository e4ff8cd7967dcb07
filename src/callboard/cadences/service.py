"""Status requests: those there are, what people answer, and what is heard of a task in another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.cadences import models
from callboard.cadences.models import KIND, TASK, TEAM, How, State, StatusRequest, Verb
from callboard.core import outbox, timeline
from callboard.core.db import Instant, Tx
from callboard.core.errors import Refused
from callboard.core.memory import remembered
from callboard.tasks import service as tasks
from callboard.teams.directory import Asker

A_DAY = timedelta(days=1)
GOING = (
    select(StatusRequest)
    .where(
        # The numbers come from the index alone, so that no planner reads the table instead.
        col(StatusRequest.id).in_(
            select(StatusRequest.id).where(
                col(StatusRequest.plan_id) == bindparam("plan"),
                col(StatusRequest.closes_at) > bindparam("at_present", type_=Instant()),
            )
        )
    )
    .order_by(col(StatusRequest.id))
)
GONE = "This question no longer exists. `/task mine` lists your tasks."


def request(tx: Tx, number: int, *, lock: bool = False) -> StatusRequest | None:
    return tx.get(StatusRequest, number, lock=lock)


def of_person(tx: Tx, plan_id: int, person: str, limit: int = 2) -> Sequence[StatusRequest]:
    """The newest requests to somebody, newest first."""
    wanted = select(StatusRequest).where(StatusRequest.plan_id == plan_id, StatusRequest.person == person)
    return tx.session.exec(wanted.order_by(col(StatusRequest.at).desc()).limit(limit)).all()


def newest(tx: Tx, plan_id: int) -> Mapping[str, StatusRequest]:
    """The newest request to everybody, by person; none that was over a day ago."""
    wanted = select(StatusRequest).where(StatusRequest.plan_id == plan_id, StatusRequest.closes_at > tx.now - A_DAY)
    return {row.person: row for row in tx.session.exec(wanted.order_by(col(StatusRequest.at)))}


def mine(tx: Tx, who: Asker, number: int) -> StatusRequest:
    """A request to whoever asks, locked. Refuses everybody else."""
    row = request(tx, number, lock=True)
    if row is None or row.plan_id != who.directory.plan_id:
        raise Refused(GONE)
    if row.person != who.person.key:
        raise Refused(f"Only {who.directory.called(row.person)} can answer this.")
    return row


def as_planned(tx: Tx, who: Asker, number: int, item: str = "") -> None:
    """One thing goes as planned, or everything that was not answered yet."""
    row = mine(tx, who, number)
    for each in [item] if item else row.left:
        kind, _, key = each.partition(":")
        if kind == TASK:
            with nullcontext() if item else suppress(Refused):  # a task that has left the plan is in no other's way
                tasks.note(tx, who, key, str(How.AS_PLANNED))
        _replied(tx, who, row, each, How.AS_PLANNED)


def behind(tx: Tx, who: Asker, number: int, item: str) -> None:
    """It is late, and nothing is in the way."""
    _replied(tx, who, mine(tx, who, number), item, How.BEHIND)


def progress(tx: Tx, who: Asker, number: int, item: str, percent: int, expected: int | None = None) -> None:
    """How far a task is; 100 completes it. Raises Refused as `/task progress` does."""
    row = mine(tx, who, number)
    tasks.progress(tx, who, item.partition(":")[2], percent, expected=expected)
    _replied(tx, who, row, item, f"{percent}%")


def blocked(tx: Tx, who: Asker, number: int, item: str, what: str, waits_for: str | None) -> None:
    """Something is in the way: raise a blocker."""
    row = mine(tx, who, number)
    kind, _, key = item.partition(":")
    raised = Raised(what=what, team=key if kind == TEAM else None, waits_for=waits_for)
    if kind == TASK:
        tasks.block(tx, who, key, raised)
    else:
        blockers.raise_blocker(tx, who, raised)
    _replied(tx, who, row, item, How.BLOCKED)


def heard(tx: Tx, plan_id: int, task: str) -> None:
    """Somebody changed a task: nobody need answer about it any more."""
    item = f"{TASK}:{task}"
    for row in _going(tx, plan_id):
        if item in row.left:
            models.reply(row, item, How.HEARD, tx.now)
            show(tx, row)


@remembered(StatusRequest)
def _going(tx: Tx, plan_id: int) -> Sequence[StatusRequest]:
    """What may still be answered: where there is nothing, time brings nothing."""
    return tx.session.exec(GOING, params={"plan": plan_id, "at_present": tx.now}).all()


def stale(tx: Tx, plan_id: int, since: datetime) -> list[str]:
    """The tasks that somebody was asked about since an instant, without any news of them."""
    silent = select(StatusRequest).where(
        StatusRequest.plan_id == plan_id, StatusRequest.state == State.SILENT, StatusRequest.at >= since
    )
    asked = {
        item.partition(":")[2]: row.at
        for row in tx.session.exec(silent.order_by(col(StatusRequest.at))).all()
        for item in row.items
        if item.startswith(TASK)
    }
    rows = tasks.tasks(tx, plan_id, list(asked)) if asked else ()
    return [row.key for row in rows if not tasks.settled(row) and not (row.moved_at and row.moved_at > asked[row.key])]


def show(tx: Tx, row: StatusRequest) -> None:
    """Keep a change of a request, and show it to whoever was asked."""
    tx.session.add(row)
    tx.session.flush()
    outbox.touch(tx, KIND, [row.number])


def _replied(tx: Tx, who: Asker, row: StatusRequest, item: str, how: str) -> None:
    models.reply(row, item, how, tx.now)
    show(tx, row)
    timeline.record(tx, row.plan_id, row.subject, Verb.ANSWERED, actor=who.person.key, item=item, how=str(how))
