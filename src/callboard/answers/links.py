"""The signed token of a link, and what stands below a page that goes by mail or SMS."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from callboard.answers import letters, store
from callboard.core.db import Tx
from callboard.core.deliveries import Delivery, Medium, Priority
from callboard.core.outbox import Message
from callboard.core.registry import Key
from callboard.teams import service as teams
from callboard.teams.slack import Answerable
from callboard.web import address

ANSWERS: Key[Mapping[str, Answerable[Any]]] = Key(
    "how pages are answered by a link, by their kind, or their subject's", {}
)
VALID = timedelta(hours=24)
"""How long a link is good, from when it was sent."""
PATH = "/answer/"
PAGE, TRIED = "page", "was refused by its link"
"""What the timeline calls a page, and what it says of it."""
SHAPE = re.compile(r"[A-Za-z0-9_-]{40}")
BODY, SIGNATURE = struct.Struct(">QI"), 18


class Token(NamedTuple):
    """Which page a link answers, and until when."""

    page: int
    until: datetime


def signed(key: bytes, token: Token) -> str:
    body = BODY.pack(token.page, int(token.until.timestamp()))
    return base64.urlsafe_b64encode(body + _signature(key, body)).decode()


def read(key: bytes, written: str) -> Token | None:
    """The token, unless it was signed by nobody here."""
    if not SHAPE.fullmatch(written):
        return None
    held = base64.urlsafe_b64decode(written)
    body, signature = held[: BODY.size], held[BODY.size :]
    if not hmac.compare_digest(signature, _signature(key, body)):
        return None
    page, until = BODY.unpack(body)
    return Token(page, datetime.fromtimestamp(until, UTC))


def _signature(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"answer:" + body, hashlib.sha256)[:SIGNATURE]


def with_answer(tx: Tx, delivery: Delivery, message: Message) -> Message:
    """A message as mail and SMS have it; a page ends with how it is answered."""
    if delivery.medium != Medium.APPRISE or message.html:
        return message
    directory = teams.directory(tx, delivery.plan_id)
    own = letters.words(directory, message.plain, delivery.recipient)
    text = own or "\n".join(letters.lines(directory, message, delivery.recipient))
    below = "" if delivery.priority != Priority.PAGE else _below(tx, delivery, text)
    return replace(message, plain=f"{text}\n\n{below}" if below else text)


def how(tx: Tx, delivery: Delivery) -> Answerable[Any] | None:
    """How a page is answered: in a way of its own, or that of its subject."""
    known = tx.of(ANSWERS)
    return known.get(delivery.kind) or known.get(delivery.subject_kind)


def whom(delivery: Delivery) -> str:
    """Who can answer a page: also one that need not be told in another way when it does not arrive."""
    return delivery.recipient or str(delivery.args.get("of") or "")


def _below(tx: Tx, delivery: Delivery, text: str) -> str:
    answerable = how(tx, delivery)
    row = answerable.about.find(tx, delivery.subject_id) if answerable and whom(delivery) else None
    if answerable is None or row is None or delivery.id is None:
        return ""
    directory = teams.directory(tx, delivery.plan_id)
    person = directory.people.get(whom(delivery))
    typed = answerable.typed(row)
    url = address(tx, f"{PATH}{signed(store.key(tx), Token(delivery.id, tx.now + VALID))}")
    if person is None or not answerable.waits(tx, row):
        return ""
    if not url:
        return "" if typed in text else f"Answer in Slack: {typed}"
    until = (tx.now + VALID).astimezone(person.zone)
    return (
        f"Answer without Slack, until {until:%d %b, %H:%M %Z}:\n{url}\n"
        f"Whoever opens this link answers as {person.name}. Don't forward it."
    )
