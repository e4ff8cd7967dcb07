"""Messages that wait until a medium has taken them: what about, to whom and how urgent; written when they are sent.

What is asked of them is in `store`, what they are in `models`; `addresses` parks, tries again and moves them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, or_, tuple_, update
from sqlalchemy import select as select_columns

from callboard.core.db import Tx
from callboard.core.deliveries import DELIVERIES, Delivery, Medium, Priority
from callboard.core.outbox.models import (
    BESIDE,
    BUDGET,
    BUDGETS,
    FALLBACK_AFTER,
    NAMED,
    OTHERWISE,
    OUTSIDE,
    PAGE,
    REPLACES,
    UNINSTALLED,
    Ahead,
    Attachment,
    DeliveriesParked,
    DeliveryFolded,
    Drop,
    Fold,
    Message,
    PagesUnaccepted,
    Picture,
    Post,
    Reach,
    Renderer,
    sent_again,
)
from callboard.core.outbox.store import (
    ABOUT,
    ENQUEUING,
    NOW,
    about,
    cards,
    counts,
    gone_otherwise,
    is_dropped,
    is_of,
    keyed,
    latest,
    pages,
    posted,
    read_ahead,
    read_threads,
    thread_of,
    troubled,
    untold,
)
from callboard.core.rows import among

__all__ = [
    "BESIDE", "BUDGET", "BUDGETS", "DELIVERIES", "FALLBACK_AFTER", "NAMED", "OTHERWISE", "OUTSIDE", "PAGE",
    "REPLACES", "UNINSTALLED", "Ahead", "Attachment", "DeliveriesParked", "Delivery", "DeliveryFolded", "Drop",
    "Fold", "Medium", "Message", "PagesUnaccepted", "Picture", "Post", "Priority", "Reach", "Renderer", "about",
    "cards", "counts", "gone_otherwise", "is_dropped", "keyed", "latest", "pages", "posted", "read_ahead",
    "read_threads", "sent_again", "thread_of", "troubled", "untold",
]  # fmt: skip

COMES_BACK_WITHIN = timedelta(days=7)
"""A message that is deleted later may have been swept up with others: a channel is not filled again then."""
FEW = 3
"""Up to so many messages of one kind to one address out of one transaction are sent one by one."""
_ROW, _TOLD = DELIVERIES.c, DELIVERIES.alias("told").c
_WAS_SENT = or_(_ROW.state == "sent", _ROW.state == "parked")
SHOWING_ANEW = (
    update(DELIVERIES)
    .where(
        _ROW.editable,
        or_(_ROW.state.in_(("waiting", "sending", "sent")), and_(_ROW.state == "parked", _ROW.posted_as.is_not(None))),
    )
    .values(
        revision=_ROW.revision + 1,
        state=case((_WAS_SENT, "waiting"), else_=_ROW.state),
        priority=case((_WAS_SENT, int(Priority.UPDATE)), else_=_ROW.priority),
        due_at=case((_WAS_SENT, NOW), else_=_ROW.due_at),
    )
)


def enqueue(tx: Tx, posts: Iterable[Post | None], *, one_cause: bool = False) -> None:
    """Add messages in one statement. A message whose key exists already stays as it is.

    Many of one kind to one address out of one transaction have one cause; pages only where that is said.
    """
    rows = [_row(tx, post) for post in posts if post is not None]
    if rows:
        _mark_cause(tx, [row for row in rows if one_cause or row["priority"] != Priority.PAGE])
        tx.defer(ENQUEUING, rows)
        tx.nudge("outbox")


def touch(
    tx: Tx, kind: str, ids: Collection[int], *, superseded: bool = False, urgent: bool = True, parked: bool = True
) -> None:
    """Show every editable message about these subjects anew, and those that tell such a message with others.

    Many touches before it is sent make one edit. One whose last edit was refused is tried again, unless not `parked`.

    Messages that a later one replaced stay as they are, unless `superseded`; where not `urgent`, so do pages.
    """
    if ids:
        tx.later(_touch_all, ((kind, superseded, urgent, parked), ids))


def _touch_all(tx: Tx, touched: Sequence[tuple[tuple[str, bool, bool, bool], Collection[int]]]) -> None:
    """Show anew what was touched in a transaction, once for all that is of a kind."""
    every: dict[tuple[str, bool, bool, bool], dict[int, None]] = {}
    for which, ids in touched:
        every.setdefault(which, {}).update(dict.fromkeys(ids))
    for (kind, superseded, urgent, parked), ids in every.items():
        _touch(tx, kind, list(ids), superseded=superseded, urgent=urgent, parked=parked)


def _touch(tx: Tx, kind: str, ids: Collection[int], *, superseded: bool, urgent: bool, parked: bool) -> None:
    tx.flush()
    touching = _touching(tx.on_postgres, superseded, urgent, parked)
    tx.connection.execute(touching, {"at_present": tx.now, "kind_of": kind, "ids_of": list(ids)})
    tx.nudge("outbox")


@cache
def _touching(on_postgres: bool, superseded: bool, urgent: bool, parked: bool) -> Update:  # noqa: FBT001
    """The statement that shows anew what is about some subjects."""
    told = _TOLD.subject_kind == bindparam("kind_of"), _TOLD.subject_id.in_(bindparam("ids_of", expanding=True))
    folded = select_columns(_TOLD.told_by).where(_TOLD.told_by.is_not(None), *told)
    telling = select_columns(_ROW.id).where(among(_ROW.key, folded, on_postgres=on_postgres))
    # Not one condition or the other: PostgreSQL would look at every message there ever was.
    these = select_columns(_ROW.id).where(ABOUT).union_all(telling)
    which = [among(_ROW.id, these, on_postgres=on_postgres)]
    which += [] if urgent else [_ROW.priority != int(Priority.PAGE)]
    which += [] if parked else [_ROW.state != "parked"]
    which += [] if superseded else [~_ROW.superseded]
    return SHOWING_ANEW.where(*which)


def supersede(tx: Tx, later: Sequence[Post]) -> None:
    """Show earlier pages to the same people about the same subjects once more, as history, and then no more."""
    row = DELIVERIES.c
    for kind, about_kind in {(post.kind, post.subject.kind) for post in later}:
        posts = [post for post in later if (post.kind, post.subject.kind) == (kind, about_kind)]
        earlier = and_(
            row.subject_kind == about_kind, row.subject_id.in_({post.subject.id for post in posts}),
            tuple_(row.subject_id, row.recipient).in_({(post.subject.id, post.recipient) for post in posts}),
            row.kind == kind, row.key.not_in([post.key for post in posts]), ~row.superseded,
        )  # fmt: skip
        _show_anew(tx, earlier, superseded=True)


def show(tx: Tx, key: str) -> None:
    """Show one message anew."""
    _show_anew(tx, DELIVERIES.c.key == key)


def deleted(tx: Tx, workspace: str, channel: str, stamp: str) -> None:
    """Somebody says that a message is gone. It is edited to see; one that a channel shows then comes back, once."""
    gone = and_(
        _ROW.posted_in == channel, _ROW.posted_as == stamp, is_of(workspace), _ROW.left_as.is_(None),
        _ROW.recipient.is_(None),
    )  # fmt: skip
    _show_anew(tx, and_(gone, ~_ROW.superseded, _ROW.posted_at > tx.now - COMES_BACK_WITHIN), shown=None)


def take_over(tx: Tx, later: Delivery) -> None:
    """Show the message that a later one `REPLACES` once more, as history; what it told is told by the later one."""
    replaced = later.args[REPLACES]
    tx.connection.execute(update(DELIVERIES).where(_ROW.told_by == replaced).values(told_by=later.key))
    _show_anew(tx, _ROW.key == replaced, superseded=True)


def _show_anew(tx: Tx, which: ColumnElement[bool], **also: Any) -> None:
    tx.flush()
    tx.connection.execute(SHOWING_ANEW.where(which).values(also), {"at_present": tx.now})
    tx.nudge("outbox")


def _row(tx: Tx, post: Post) -> dict[str, Any]:
    due_at = max(post.not_before or tx.now, tx.now)
    falls_back = post.priority == Priority.PAGE and Medium(post.medium).falls_back and post.recipient
    return {
        "key": post.key, "plan_id": post.plan_id, "workspace": post.workspace, "medium": str(post.medium),
        "address": post.address, "lane": f"{post.workspace}/{post.medium}/{post.address}",
        "priority": int(post.priority), "kind": post.kind, "subject_kind": post.subject.kind,
        "subject_id": post.subject.id, "args": post.args, "recipient": post.recipient,
        "parent_key": post.parent_key, "editable": post.editable, "superseded": False, "folds": post.folds,
        "cause": None, "state": "waiting",
        "revision": 1, "created_at": tx.now, "due_at": due_at,
        "fallback_at": due_at + FALLBACK_AFTER if falls_back else None, "attempts": 0, "fence": 0, "trace": tx.trace,
    }  # fmt: skip


def _mark_cause(tx: Tx, rows: Iterable[dict[str, Any]]) -> None:
    """Mark what one transaction tells of one kind to one address, once that is more than `FEW` messages."""
    together: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = tx.local.setdefault("told together", {})
    for row in rows:
        if row["parent_key"] is None:
            alike = together.setdefault((row["plan_id"], row["address"], row["kind"]), {})
            alike[row["key"]] = row
            if len(alike) > FEW:
                cause = next(iter(alike))
                written = [key for key, other in alike.items() if other["cause"] is None and key != row["key"]]
                for key in (*written, row["key"]):
                    alike[key]["cause"] = cause
                if written:
                    tx.flush()
                    tx.connection.execute(update(DELIVERIES).where(_ROW.key.in_(written)).values(cause=cause))
