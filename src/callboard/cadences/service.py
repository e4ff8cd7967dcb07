"""What people answer to status requests, and what is heard of a task in another way."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import datetime

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.cadences import models, store
from callboard.cadences.models import KIND, TASK, TEAM, How, StatusRequest, Verb
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.tasks import service as tasks
from callboard.teams.directory import Asker

GONE = "This question no longer exists. `/task mine` lists your tasks."


def mine(tx: Tx, who: Asker, number: int) -> StatusRequest:
    """A request to whoever asks, locked. Refuses everybody else."""
    row = store.request(tx, number, lock=True)
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
    for row in store.going(tx, plan_id):
        if item in row.left:
            models.reply(row, item, How.HEARD, tx.now)
            show(tx, row)


def stale(tx: Tx, plan_id: int, since: datetime) -> list[str]:
    """The tasks that somebody was asked about since an instant, without any news of them."""
    silent = store.silent(tx, plan_id, since)
    asked = {item.partition(":")[2]: row.at for row in silent for item in row.items if item.startswith(TASK)}
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
