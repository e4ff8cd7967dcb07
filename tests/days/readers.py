"""What each reader got on a day, in the order they got it; and how many pages in an hour."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, or_, select

from callboard.core.outbox import PAGE, Delivery
from callboard.teams import service as teams
from slack_standin.state import Message

HOUR, BUDGET = timedelta(hours=1), 6
DATE = re.compile(r"<!date\^(\d+)[^>]*>")
OTHERS = ("run.confirm",)
"""What pages without a climb."""
POSTS = ("chat.postMessage", "chat.postEphemeral")


@dataclass(frozen=True)
class Read:
    """One message as it was when it came: when, to whom, and its words. Edits alert nobody."""

    at: datetime
    reader: str
    words: str


def everything(world: Any) -> Iterator[Read]:
    """Every message that was posted, oldest first."""
    state = world.slack.workspace.state
    names = {user.id: f"@{user.name}" for user in state.users.values()}
    names |= {channel.id: f"#{channel.name}" for channel in state.conversations.values() if channel.name}
    for call in world.slack.record.of("request"):
        if call["method"] in POSTS and (call["answer"] or {}).get("ok", True):
            written = call["arguments"]
            blocks = written.get("blocks") or []
            words = Message(
                channel="", ts="", user="", text=written.get("text") or "",
                blocks=json.loads(blocks) if isinstance(blocks, str) else blocks,
            )  # fmt: skip
            to = written["channel"]
            yield Read(datetime.fromisoformat(call["at"]), names.get(to, to), words.shown)


def transcript(world: Any, zone: ZoneInfo) -> str:
    """All of it, one reader after the other, to be read aloud."""
    told = sorted(everything(world), key=lambda each: (each.reader, each.at))
    lines = (f"{each.reader} {each.at.astimezone(zone):%d %H:%M:%S}  {each.words}" for each in told)
    return DATE.sub(lambda found: f"{datetime.fromtimestamp(int(found[1]), zone):%d %H:%M}", "\n".join(lines))


def pages(world: Any) -> dict[str, list[Delivery]]:
    """The pages that each person got, in order."""
    paging = or_(col(Delivery.key).startswith(PAGE), col(Delivery.kind).in_(OTHERS))
    found = select(Delivery).where(paging, col(Delivery.posted_at).is_not(None))
    rows = world.app.db.transact(lambda tx: list(tx.session.exec(found.order_by(col(Delivery.posted_at)))))
    people = world.app.db.transact(lambda tx: teams.directory(tx, 1).people)
    return {
        key: [row for row in rows if row.recipient == key or row.address == person.slack_id]
        for key, person in people.items()
    }


def listed(world: Any) -> list[tuple[str, str, str]]:
    """Who was paged by which kind of page about what, for each page in order."""
    return [(key, row.kind, row.key) for key, own in pages(world).items() for row in own]


def beyond(world: Any) -> list[Delivery]:
    """Each page that somebody got when they had six within the hour before: only first pages may be among them."""
    return [
        row for own in pages(world).values() for number, row in enumerate(own)
        if sum(_posted(each) > _posted(row) - HOUR for each in own[:number]) >= BUDGET
    ]  # fmt: skip


def _posted(row: Delivery) -> datetime:
    assert row.posted_at is not None
    return row.posted_at
