"""The Home as a message: one for each person, replaced whole when what it shows is different."""

from __future__ import annotations

from callboard.board.home import messages, views, visits
from callboard.board.home.views import Outside
from callboard.board.home.visits import Visit
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Medium, Message, Priority, Reach


def show(tx: Tx, visit: Visit) -> None:
    """Have somebody's Home written anew."""
    key = f"home:{visit.number}"
    outbox.enqueue(tx, [HOME.post(visit, Reach(Medium.HOME, visit.slack_id), visit.subject, key)])
    outbox.touch(tx, visits.KIND, [visit.number])


def _home(tx: Tx, delivery: Delivery) -> Message | Drop:
    visit = visits.find(tx, delivery.subject_id)
    if visit is None:
        return Drop("nobody looks")
    view = views.home(tx, visit)
    return messages.outside(view) if isinstance(view, Outside) else messages.home(view)


HOME = Notice(
    kind="home.shown", told="whoever opened their Home in the last half hour", render=_home, priority=Priority.ANSWER,
    editable=True,
)  # fmt: skip
NOTICES = (HOME,)
