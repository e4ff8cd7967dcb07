"""What the outbox takes and what is sent: messages, those a renderer makes, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from callboard.core.db import Tx
from callboard.core.deliveries import Delivery, Medium, Priority
from callboard.core.registry import Key
from callboard.core.timeline import Subject

PAGE = "page:"
"""How the keys of pages begin."""
REPLACES = "replaces"
"""In the args of a message: the key of an earlier one that becomes history once it is posted."""
FALLBACK_AFTER = timedelta(seconds=60)
UNINSTALLED = "app_uninstalled"
"""Why nothing goes to a workspace that has no token, in Slack's word: nobody there can be told of it."""


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
