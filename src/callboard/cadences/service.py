"""What people say about what they are asked again and again, and what nothing was heard of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.cadences import models, store
from callboard.cadences.models import KIND, TASK, TEAM, How, StatusRequest
from callboard.core import outbox, timeline
from callboard.core.errors import Refused
from callboard.tasks import service as tasks
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from datetime import datetime

    from callboard.core.db import Tx

GONE = "That request is not there any more. `/task mine` shows what is yours."


def mine(tx: Tx, who: Asker, number: int) -> StatusRequest:
    """What somebody was asked, held until the end of the transaction. Refuses what others were asked."""
    one = store.request(tx, number, lock=True)
    if one is None or one.plan_id != who.directory.plan_id:
        raise Refused(GONE)
    if one.person != who.person.key:
        raise Refused(f"That is for {who.directory.called(one.person)}.")
    return one


def as_planned(tx: Tx, who: Asker, number: int, item: str = "") -> StatusRequest:
    """It goes as planned: one thing, or all that nothing was said about yet."""
    one = mine(tx, who, number)
    for each in [item] if item else one.left:
        kind, _, key = each.partition(":")
        if kind == TASK:
            tasks.note(tx, who, key, str(How.AS_PLANNED))
        _replied(tx, who, one, each, How.AS_PLANNED)
    return one


def behind(tx: Tx, who: Asker, number: int, item: str) -> StatusRequest:
    """It does not go as planned, and nothing is in the way."""
    one = mine(tx, who, number)
    _replied(tx, who, one, item, How.BEHIND)
    return one


def progress(tx: Tx, who: Asker, number: int, item: str, percent: int, expected: int | None = None) -> StatusRequest:
    """So far is a task; at 100 it is completed. Raises Refused as `/task progress` does."""
    one = mine(tx, who, number)
    tasks.progress(tx, who, item.partition(":")[2], percent, expected=expected)
    _replied(tx, who, one, item, f"{percent}%")
    return one


def blocked(tx: Tx, who: Asker, number: int, item: str, what: str, waits_for: str | None) -> Blocker:
    """Something is in the way: a blocker is raised, which climbs by itself."""
    one = mine(tx, who, number)
    kind, _, key = item.partition(":")
    if kind == TASK:
        _, blocker = tasks.block(tx, who, key, Raised(what=what, waits_for=waits_for))
    else:
        team = key if kind == TEAM else None
        blocker = blockers.raise_blocker(tx, who, Raised(what=what, team=team, waits_for=waits_for))
    _replied(tx, who, one, item, How.BLOCKED)
    return blocker


def heard(tx: Tx, plan_id: int, task: str) -> None:
    """Somebody did something to a task: nobody need say anything about it any more."""
    for one in store.current(tx, plan_id):
        if f"{TASK}:{task}" in one.left:
            models.reply(one, f"{TASK}:{task}", How.HEARD, tx.now)
            _keep(tx, one)


def stale(tx: Tx, plan_id: int, since: datetime) -> list[str]:
    """The tasks of which nothing was heard though it was asked for, from an instant on."""
    keys = {
        item.partition(":")[2]: one.at
        for one in store.silent_since(tx, plan_id, since)
        for item in one.items
        if item.startswith(TASK)
    }
    found = tasks.tasks(tx, plan_id, list(keys)) if keys else ()
    return [one.key for one in found if not tasks.settled(one) and not (one.moved_at and one.moved_at > keys[one.key])]


def _replied(tx: Tx, who: Asker, one: StatusRequest, item: str, how: str) -> None:
    models.reply(one, item, how, tx.now)
    _keep(tx, one)
    timeline.record(tx, one.plan_id, one.subject, "answered", actor=who.person.key, item=item, how=str(how))


def _keep(tx: Tx, one: StatusRequest) -> None:
    tx.session.add(one)
    tx.session.flush()
    outbox.touch(tx, KIND, [one.number])
