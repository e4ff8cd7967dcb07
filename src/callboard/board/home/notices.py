"""The Home as a message: one for each person, replaced whole when what it shows is different."""

from __future__ import annotations

from collections.abc import Iterable

from callboard.board.home import messages, store, views
from callboard.board.home.models import KIND, Visit
from callboard.board.home.views import Outside
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Medium, Message, Priority, Reach


def show(tx: Tx, some: Iterable[Visit]) -> None:
    """Have these Homes written anew."""
    posts = {
        each.number: HOME.post(each, Reach(Medium.HOME, each.slack_id), each.subject, f"home:{each.number}")
        for each in some
    }
    outbox.enqueue(tx, posts.values())
    outbox.touch(tx, KIND, list(posts))


def _home(tx: Tx, delivery: Delivery) -> Message | Drop:
    visit = store.find(tx, delivery.subject_id)
    if visit is None:
        return Drop("nobody looks")
    view = views.home(tx, visit)
    return messages.outside(view) if isinstance(view, Outside) else messages.home(view)


HOME = Notice(
    kind="home.shown", told="whoever opened their Home in the last half hour", render=_home, priority=Priority.ANSWER,
    editable=True, ahead=rows(Visit),
)  # fmt: skip
NOTICES = (HOME,)
