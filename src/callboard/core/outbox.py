"""Messages that wait until a medium has taken them: what about, to whom and how urgent; written when they are sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from html import unescape
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    tuple_,
    update,
)
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.core.db import Instant, Tx
from callboard.core.deliveries import DELIVERIES, Delivery, Medium, Priority, is_in
from callboard.core.registry import Key
from callboard.core.rows import Bulk, among
from callboard.core.timeline import Subject
from callboard.core.unit import AS_WRITTEN

__all__ = ["DELIVERIES", "Delivery", "Medium", "Priority"]

PAGE = "page:"
"""How the keys of pages begin."""
REPLACES = "replaces"
"""In the args of a message: the key of an earlier one that becomes history once it is posted."""
FALLBACK_AFTER = timedelta(seconds=60)
COMES_BACK_WITHIN = timedelta(days=7)
"""A message that is deleted later may have been swept up with others: a channel is not filled again then."""
FEW = 3
"""Up to so many messages of one kind to one address out of one transaction are sent one by one."""
UNINSTALLED = "app_uninstalled"
"""Why nothing goes to a workspace that has no token, in Slack's word: nobody there can be told of it."""
IN_SLACK = [str(medium) for medium in Medium if medium.edits]
COUNTED = ("waiting", "sending", "parked")
OVER = ("dropped", "folded")
ENQUEUING = Bulk(DELIVERIES)


@dataclass(frozen=True)
class Reach:
    """How somebody is told: a medium, and their address there."""

    medium: Medium
    address: str


@dataclass(frozen=True, kw_only=True)
class Post:
    """A message to send. `key` identifies it: posting the same key again changes nothing.

    `kind` names the renderer, `parent_key` the message whose thread it goes to. An `editable` message is shown anew
    whenever its subject is touched. A page carries `recipient`, the person who falls back to other media.
    """

    key: str
    plan_id: int
    workspace: str
    address: str
    kind: str
    subject: Subject
    priority: Priority = Priority.UPDATE
    medium: Medium = Medium.SLACK
    args: dict[str, Any] = field(default_factory=dict)
    recipient: str | None = None
    parent_key: str | None = None
    editable: bool = False
    folds: bool = False
    not_before: datetime | None = None


def sent_again(delivery: Delivery, reach: Reach, key: str) -> Post:
    return Post(
        key=key, plan_id=delivery.plan_id, workspace=delivery.workspace, medium=reach.medium, address=reach.address,
        kind=delivery.kind, subject=delivery.subject, priority=Priority(delivery.priority), args=delivery.args,
        recipient=delivery.recipient,
    )  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture in a message, as SVG; `png` draws it when it is sent. `alt` says what it shows."""

    name: str
    title: str
    alt: str
    svg: str
    png: Callable[[str], bytes]


@dataclass(frozen=True)
class Attachment:
    """A file in the thread of a message; `elsewhere` is a sentence that says how else to get it."""

    name: str
    title: str
    content: bytes
    elsewhere: str


@dataclass(frozen=True)
class Message:
    """What a renderer makes: text, blocks, HTML for mail.

    `text` is escaped for Slack as texts in blocks are; `title` and `plain` are not. `plain` is for media without
    blocks, such as mail, SMS and telephone; they show `text` where it is empty. One that `may_repeat` may have arrived
    before, and says so. With `pin` it is pinned where it is posted; without, once it says that, no more. Where its
    `picture` can't be shown, or its `attachment` not uploaded, it goes without, and says so.
    """

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    title: str = ""
    html: str = ""
    plain: str = ""
    may_repeat: bool = False
    pin: bool | None = None
    picture: Picture | None = None
    attachment: Attachment | None = None

    def shown_by(self, medium: str) -> Message:
        """The message as a medium shows it: without blocks, `plain` stands for the text."""
        return self if Medium(medium).shows_blocks else replace(self, text=self.plain or unescape(self.text), blocks=())


@dataclass(frozen=True)
class Drop:
    """What a renderer returns when the message is no longer true. The reason goes on the timeline."""

    reason: str


@dataclass(frozen=True)
class Fold:
    """Why a message is told together with others. The reason goes on the timeline."""

    reason: str


Renderer = Callable[[Tx, Delivery], Message | Drop]
Ahead = Callable[[Tx, Collection[int]], None]
"""Reads what renderers ask about each subject, by the numbers of several of one kind."""
Budget = Callable[[Tx, Delivery], Fold | None]
BUDGET: Key[Budget] = Key("whether somebody has had so much that a message is folded", lambda _tx, _delivery: None)
"""Asked before each first post, once it is known that the message is still true."""
Outside = Callable[[Tx, Delivery, Message], Message]
OUTSIDE: Key[Outside] = Key("a message as media beside Slack have it", lambda _tx, _delivery, message: message)
NAMED: Key[Outside] = Key("a message as whoever has several plans reads it", lambda _tx, _delivery, message: message)
OTHERWISE = ":fallback"
"""How the key of a page ends that went to the person's other media."""
BESIDE = ":beside"
"""How the key of a page ends that goes to other media too, since the plan says so."""
BUDGETS: Key[Callable[[Tx, Sequence[Delivery]], None]] = Key("what `BUDGET` asks, for several", lambda _tx, _some: None)
"""Reads it at once."""


@dataclass(frozen=True)
class DeliveriesParked:
    """Messages that cannot reach their address as it is."""

    deliveries: Sequence[Delivery]


@dataclass(frozen=True)
class DeliveryFolded:
    """A message that is not sent; whoever subscribes has another one tell it, and says in `told_by` which."""

    delivery: Delivery


@dataclass(frozen=True)
class PagesUnaccepted:
    """Pages that their medium has not accepted within `FALLBACK_AFTER`."""

    deliveries: Sequence[Delivery]


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
    these = select_columns(_ROW.id).where(_ABOUT).union_all(telling)
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
        _ROW.posted_in == channel, _ROW.posted_as == stamp, _is_of(workspace), _ROW.left_as.is_(None),
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


def about(tx: Tx, subject: Subject) -> Sequence[Delivery]:
    tx.flush()
    return tx.session.exec(
        select(Delivery)
        .where(Delivery.subject_kind == subject.kind, Delivery.subject_id == subject.id)
        .order_by(col(Delivery.id))
    ).all()


def posted(tx: Tx, workspace: str, channel: str, stamp: str) -> Delivery | None:
    """What stands there in a workspace: ids of channels are its own."""
    tx.flush()
    there = select(Delivery).where(Delivery.posted_in == channel, Delivery.posted_as == stamp)
    return tx.session.exec(there.where(_is_of(workspace)).limit(1)).first()


def _is_of(workspace: str) -> ColumnElement[bool]:
    """Of a workspace, or from before the plan had one."""
    return _ROW.workspace.in_((workspace, ""))


def gone_otherwise(tx: Tx, delivery: Delivery) -> Drop | None:
    """Why a page that its medium did not take in time is not sent there any more: the person's other media took it."""
    waits = delivery.priority == Priority.PAGE and delivery.recipient and Medium(delivery.medium).falls_back
    if not waits or delivery.fallback_at is not None or delivery.posted_as is not None:
        return None
    went = keyed(tx, [f"{delivery.key}{OTHERWISE}"])
    return Drop(f"it went by {went[0].posted_in or 'other ways'}") if went and went[0].posted_at else None


def troubled(tx: Tx, subject: Subject) -> Sequence[Any]:
    """The messages about a subject that are parked, or held back and never posted, oldest first."""
    return _asked(tx, TROUBLED, subject)


def pages(tx: Tx, subject: Subject) -> Sequence[Any]:
    """The pages about a subject and what became of them, oldest first."""
    written: Sequence[Any] = ()
    if not tx.is_all_deferred(subject, ENQUEUING):
        written = _asked(tx, PAGES_ABOUT, subject)
    keys = {row.key for row in written}
    new = (row for row in tx.deferred_about(subject, ENQUEUING) if row["key"].startswith(PAGE))
    return [*written, *(SimpleNamespace(**NOT_SENT, **row) for row in new if row["key"] not in keys)]


def read_ahead(tx: Tx, kind: str, ids: Collection[int]) -> None:
    """Read at once what `pages` and `troubled` find about each of these subjects. For whoever changes nothing."""
    for asked in (PAGES_ABOUT, TROUBLED):
        tx.local.setdefault(asked, {}).update(_asked_of(tx, asked, kind, ids))


def read_threads(tx: Tx, deliveries: Iterable[Delivery]) -> None:
    """Read at once the messages in whose threads these belong."""
    _read_parents(tx, {each.parent_key for each in deliveries if each.parent_key and not each.is_posted})


def _read_parents(tx: Tx, keys: Collection[str]) -> None:
    if keys:
        found = tx.connection.execute(PARENTS, {"parents": list(keys)}).all()
        tx.local.setdefault(PARENTS, {}).update(dict.fromkeys(keys) | {row.key: row for row in found})


def _asked(tx: Tx, asked: Select[Any], subject: Subject) -> Sequence[Any]:
    """What a question finds about a subject, unless that was read ahead."""
    ahead: dict[Subject, list[Any]] = tx.local.get(asked, {})
    if subject not in ahead:
        (tx.flush_rows if asked is PAGES_ABOUT else tx.flush)()
        return _asked_of(tx, asked, subject.kind, [subject.id])[subject]
    return ahead[subject]


def _asked_of(tx: Tx, asked: Select[Any], kind: str, ids: Collection[int]) -> dict[Subject, list[Any]]:
    found: dict[Subject, list[Any]] = {Subject(kind, subject_id): [] for subject_id in ids}
    about = {"kind_of": kind, "ids_of": list(ids), "at_present": tx.now}
    for row in tx.connection.execute(asked, about):
        found[Subject(kind, row.subject_id)].append(row)
    return found


def thread_of(tx: Tx, delivery: Delivery) -> tuple[str, str] | None:
    """Channel and stamp of the message in whose thread this one belongs; None where that one is nowhere to be seen."""
    if delivery.parent_key is None:
        return None
    parent = _parent(tx, delivery.parent_key)
    return (parent.posted_in, parent.posted_as) if parent and parent.posted_as else None


def is_dropped(tx: Tx, key: str) -> bool:
    """Whether a message was no longer true before it could be sent."""
    parent = _parent(tx, key)
    return parent is not None and parent.state == "dropped"


def _parent(tx: Tx, key: str) -> Any:
    """The message with a key, unless there is none; read now, or with others before."""
    if key not in tx.local.get(PARENTS, ()):
        _read_parents(tx, [key])
    return tx.local[PARENTS][key]


_ROW, _TOLD = DELIVERIES.c, DELIVERIES.alias("told").c
IS_MESSAGE = _ROW.medium != str(Medium.CANVAS)
"""A canvas that can't be written says nothing of whether its channel takes messages."""
_IS_IN_SLACK = _ROW.medium == str(Medium.SLACK)
_NOW = bindparam("at_present", type_=Instant())
_ABOUT = and_(
    _ROW.subject_kind == bindparam("kind_of"), _ROW.subject_id.in_(bindparam("ids_of", expanding=True))
)  # fmt: skip
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
        due_at=case((_WAS_SENT, _NOW), else_=_ROW.due_at),
    )
)
NOT_SENT = dict.fromkeys(("posted_at", "delayed_until", "error", "posted_in", "doubtful_since"))
PARENTS = select_columns(_ROW.key, _ROW.posted_in, _ROW.posted_as, _ROW.state).where(
    _ROW.key.in_(bindparam("parents", expanding=True))
)
TROUBLED = (
    select_columns(
        _ROW.subject_id,
        _ROW.kind,
        _ROW.recipient,
        _ROW.address,
        _ROW.state,
        _ROW.posted_as,
        _ROW.delayed_until,
        _ROW.error,
    )
    .where(
        _ABOUT,
        or_(_ROW.state == "parked", and_(_ROW.posted_as.is_(None), _ROW.delayed_until > _NOW)),
    )
    .order_by(_ROW.id)
)

PAGES_ABOUT = (
    select_columns(
        _ROW.subject_id, _ROW.recipient, _ROW.address, _ROW.key, _ROW.args, _ROW.state, _ROW.error, _ROW.created_at,
        _ROW.due_at, _ROW.posted_at, _ROW.delayed_until, _ROW.medium, _ROW.posted_in, _ROW.doubtful_since,
    )
    .where(_ABOUT, _ROW.key.like(f"{PAGE}%"))
    .order_by(_ROW.id)
    .execution_options(**{AS_WRITTEN: True})
)  # fmt: skip


def unpark(tx: Tx, workspace: str, addresses: Collection[str]) -> int:
    """Try the parked messages to these addresses again; return their number."""
    return _unpark(tx, _ROW.workspace == workspace, _ROW.address.in_(addresses)) if addresses else 0


def retry(tx: Tx, plan_id: int) -> Sequence[Delivery]:
    """Try all parked messages of a plan again; return them as they were, oldest first."""
    tx.flush()
    parked = select(Delivery).where(Delivery.plan_id == plan_id, is_in("parked")).order_by(col(Delivery.id))
    found = tx.session.exec(parked.with_for_update()).all()
    _unpark(tx, _ROW.plan_id == plan_id)
    return found


def _unpark(tx: Tx, *which: ColumnElement[bool]) -> int:
    tx.flush()
    again = update(DELIVERIES).where(*which, is_in("parked")).values(state="waiting", due_at=tx.now, attempts=0)
    tx.nudge("outbox")
    return int(tx.connection.execute(again).rowcount)


def park_all(tx: Tx, workspace: str, error: str, again_at: datetime) -> int:
    """Keep all that waits for Slack in a workspace until it is resumed; return how much that is."""
    tx.flush()
    waits = _ROW.state == literal_column("'waiting'"), _ROW.workspace == workspace, _ROW.medium.in_(IN_SLACK)
    parked_at = func.coalesce(_ROW.parked_at, _NOW)
    again = {"error": error, "parked_at": parked_at, "due_at": again_at, "state": "parked"}
    return int(tx.connection.execute(update(DELIVERIES).where(*waits).values(again), {"at_present": tx.now}).rowcount)


def resume(tx: Tx, workspace: str) -> int:
    """Try again all that is parked in a workspace; return how much that is."""
    return _unpark(tx, _ROW.workspace == workspace)


def parked_addresses(tx: Tx, workspace: str) -> set[str]:
    """Where messages are parked."""
    parked = select(Delivery.address).where(Delivery.workspace == workspace, is_in("parked"), IS_MESSAGE)
    return set(tx.session.exec(parked))


def readdress(tx: Tx, plan_id: int, former: Collection[str], address: str) -> None:
    """What is for one channel is for another: what stands there is edited there, and `move` posts it anew."""
    tx.flush()
    kept = or_(_ROW.state == "sending", _ROW.doubtful_since.is_not(None), _ROW.superseded, _ROW.state.in_(OVER))
    here = and_(_ROW.plan_id == plan_id, _ROW.address.in_(former), _IS_IN_SLACK)
    ends = or_(_ROW.editable, _ROW.state != "sent")
    tx.connection.execute(update(DELIVERIES).where(here, ends, ~kept).values(address=address))


def move(tx: Tx, plan_id: int, closed: Collection[str], address: str) -> None:
    """Post what waits for a closed channel as new in another, after the card that it answers."""
    tx.flush()
    waits = and_(
        _ROW.plan_id == plan_id, or_(_ROW.address.in_(closed), _ROW.posted_in.in_(closed)), _IS_IN_SLACK,
        _ROW.state.in_(("waiting", "parked")),
    )  # fmt: skip
    cards = select_columns(_ROW.parent_key).where(waits, _ROW.parent_key.is_not(None))
    found = or_(waits, and_(_ROW.key.in_(cards), _ROW.posted_in.in_(closed)))
    rows = tx.connection.execute(select_columns(_ROW.id, _ROW.subject_kind, _ROW.subject_id).where(found)).all()
    nowhere = dict.fromkeys(("posted_in", "posted_as", "posted_at", "left_as", "parked_at", "error"))
    new = {"address": address, "state": "waiting", "due_at": tx.now, "attempts": 0, **nowhere}
    found = _ROW.id.in_([row.id for row in rows])
    tx.connection.execute(update(DELIVERIES).where(found).values(**new, lane=_lane_to(address)))
    for kind in {row.subject_kind for row in rows}:
        touch(tx, kind, {row.subject_id for row in rows if row.subject_kind == kind}, urgent=False, parked=False)
    tx.nudge("outbox")


def renamed(tx: Tx, workspace: str, former: str, address: str) -> None:
    """An address is called otherwise now: what stands there stands there under its new name."""
    tx.flush()
    posted = update(DELIVERIES).where(_ROW.posted_in == former, _ROW.workspace == workspace)
    tx.connection.execute(posted.values(posted_in=address))
    sent = update(DELIVERIES).where(_ROW.address == former, _ROW.workspace == workspace)
    tx.connection.execute(sent.values(address=address, lane=_lane_to(address)))
    unpark(tx, workspace, [address])


def _lane_to(address: str) -> ColumnElement[str]:
    return _ROW.workspace + "/" + _ROW.medium + "/" + address


def moved_to(tx: Tx, plan_id: int, closed: str) -> set[str]:
    """Where else is for what stands in a channel."""
    stands = (_ROW.posted_in == closed, _ROW.plan_id == plan_id, _ROW.address != closed, _IS_IN_SLACK)
    return set(tx.connection.execute(select_columns(_ROW.address).where(*stands).distinct()).scalars())


def keyed(tx: Tx, keys: Collection[str]) -> Sequence[Delivery]:
    """The messages with these keys."""
    tx.flush()
    return tx.session.exec(select(Delivery).where(col(Delivery.key).in_(keys)).order_by(col(Delivery.id))).all()


def is_parked_at(tx: Tx, workspace: str, address: str) -> bool:
    """Whether messages to an address are parked, or were and are being tried again."""
    tx.flush()
    at = (Delivery.workspace == workspace, Delivery.address == address, col(Delivery.parked_at).is_not(None))
    parked = select(Delivery.id).where(*at, IS_MESSAGE)
    return tx.session.exec(parked.limit(1)).first() is not None


def in_trouble(tx: Tx, plan_id: int) -> Sequence[Delivery]:
    """The parked messages of one plan, newest first."""
    tx.flush()
    return tx.session.exec(
        select(Delivery)
        .where(Delivery.plan_id == plan_id, is_in("parked"), IS_MESSAGE)
        .order_by(col(Delivery.id).desc())
        .limit(50)
    ).all()


def counts(tx: Tx) -> dict[str, int]:
    """The number of messages in each state that may need a look."""
    numbers = [select(func.count()).where(is_in(state)).scalar_subquery() for state in COUNTED]
    return dict(zip(COUNTED, tx.connection.execute(select(*numbers)).one(), strict=True))


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
