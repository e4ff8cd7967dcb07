"""The verbs of status requests: what people answer, and what is heard of a task in another way."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.cadences import models, store
from callboard.cadences.models import KIND, TASK, TEAM, How, StatusRequest, Verb
from callboard.core import outbox, timeline
from callboard.core.errors import Refused
from callboard.tasks import service as tasks
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = "This question no longer exists. `/task mine` lists your tasks."


def mine(tx: Tx, who: Asker, number: int) -> StatusRequest:
    """A request to whoever asks, locked. Refuses everybody else."""
    request = store.request(tx, number, lock=True)
    if request is None or request.plan_id != who.directory.plan_id:
        raise Refused(GONE)
    if request.person != who.person.key:
        raise Refused(f"Only {who.directory.called(request.person)} can answer this.")
    return request


def as_planned(tx: Tx, who: Asker, number: int, item: str = "") -> None:
    """One thing goes as planned, or everything that was not answered yet."""
    request = mine(tx, who, number)
    for each in [item] if item else request.left:
        kind, _, key = each.partition(":")
        if kind == TASK:
            tasks.note(tx, who, key, str(How.AS_PLANNED))
        _replied(tx, who, request, each, How.AS_PLANNED)


def behind(tx: Tx, who: Asker, number: int, item: str) -> None:
    """It is late, and nothing is in the way."""
    _replied(tx, who, mine(tx, who, number), item, How.BEHIND)


def progress(tx: Tx, who: Asker, number: int, item: str, percent: int, expected: int | None = None) -> None:
    """How far a task is; 100 completes it. Raises Refused as `/task progress` does."""
    request = mine(tx, who, number)
    tasks.progress(tx, who, item.partition(":")[2], percent, expected=expected)
    _replied(tx, who, request, item, f"{percent}%")


def blocked(tx: Tx, who: Asker, number: int, item: str, what: str, waits_for: str | None) -> None:
    """Something is in the way: raise a blocker."""
    request = mine(tx, who, number)
    kind, _, key = item.partition(":")
    if kind == TASK:
        tasks.block(tx, who, key, Raised(what=what, waits_for=waits_for))
    else:
        team = key if kind == TEAM else None
        blockers.raise_blocker(tx, who, Raised(what=what, team=team, waits_for=waits_for))
    _replied(tx, who, request, item, How.BLOCKED)


def heard(tx: Tx, plan_id: int, task: str) -> None:
    """Somebody changed a task: nobody need answer about it any more."""
    item = f"{TASK}:{task}"
    for request in store.current(tx, plan_id):
        if item in request.left:
            models.reply(request, item, How.HEARD, tx.now)
            show(tx, request)


def stale(tx: Tx, plan_id: int, since: datetime) -> list[str]:
    """The tasks that somebody was asked about since an instant, without any news of them."""
    asked = {
        item.partition(":")[2]: request.at
        for request in store.silent_since(tx, plan_id, since)
        for item in request.items
        if item.startswith(TASK)
    }
    rows = tasks.tasks(tx, plan_id, list(asked)) if asked else ()
    return [row.key for row in rows if not tasks.settled(row) and not (row.moved_at and row.moved_at > asked[row.key])]


def show(tx: Tx, request: StatusRequest) -> None:
    """Keep a change of a request, and show it to whoever was asked."""
    tx.session.add(request)
    tx.session.flush()
    outbox.touch(tx, KIND, [request.number])


def _replied(tx: Tx, who: Asker, request: StatusRequest, item: str, how: str) -> None:
    models.reply(request, item, how, tx.now)
    show(tx, request)
    timeline.record(tx, request.plan_id, request.subject, Verb.ANSWERED, actor=who.person.key, item=item, how=str(how))
