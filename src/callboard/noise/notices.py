"""The messages that tell several others: to whom, when, and who writes each of their lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from callboard.core import notices as core
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.deliveries import Medium
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Priority, Reach
from callboard.noise import messages, store
from callboard.noise.messages import Line
from callboard.noise.store import Matter
from callboard.teams import service as teams
from callboard.teams import store as people
from callboard.teams.directory import Person

NOTHING = Drop("nothing of it is true any more")


def bundle(tx: Tx, delivery: Delivery, reader: Person) -> str:
    """Tell at once, as urgently as the first of them, what one event caused; return the key of that message."""
    key = f"noise:bundle:{delivery.cause}"
    _send(tx, BUNDLE, delivery, reader, key, priority=Priority(delivery.priority))
    return key


def summary(tx: Tx, delivery: Delivery, reader: Person, last: Delivery | None, at: datetime) -> str:
    """Post a summary at an instant, which then replaces the last one; return its key."""
    key = f"noise:summary:{delivery.id}"
    replaces = {outbox.REPLACES: last.key} if last else {}
    _send(tx, SUMMARY, delivery, reader, key, not_before=reader.quiet_until(at) or at, args=replaces)
    return key


def _send(tx: Tx, notice: Notice, delivery: Delivery, reader: Person, key: str, **more: object) -> None:
    directory = teams.directory(tx, delivery.plan_id)
    reach = Reach(Medium(delivery.medium), delivery.address)
    about = people.subject(tx, delivery.plan_id, reader.key)
    post = notice.post(directory, reach, about, key, recipient=reader.key)
    outbox.enqueue(tx, [replace(post, **more)] if post else [])  # type: ignore[arg-type]


def told(tx: Tx, delivery: Delivery) -> list[Matter]:
    """What a message tells: of one cause, or what was folded within a day for its reader."""
    if delivery.kind == BUNDLE.kind:
        return store.told_by(tx, delivery.key)
    return store.told_since(tx, delivery, tx.now - store.DAY)


def _lines(tx: Tx, matters: Iterable[Matter]) -> Iterator[Line]:
    """A line for each matter: the newest message about it, where that is still true."""
    for matter in matters:
        notice = tx.of(core.NOTICES)[matter.newest.kind]
        message = notice.render(tx, matter.newest)
        if isinstance(message, Message):
            see = notice.see.format(id=matter.newest.subject_id)
            yield Line(text=message.text.partition("\n")[0], times=matter.times, see=see)


def _summary(tx: Tx, delivery: Delivery) -> Message | Drop:
    if delivery.superseded:
        return messages.REPLACED
    directory, matters = teams.directory(tx, delivery.plan_id), told(tx, delivery)
    if delivery.posted_as is None and directory.ends_at and directory.ends_at <= tx.now:
        matters = [matter for matter in matters if (matter.newest.folded_at or tx.now) >= directory.ends_at]
    lines = list(_lines(tx, matters))
    if not lines:
        settled = messages.SETTLED if matters else messages.OLD
        return settled if delivery.posted_as else NOTHING
    plan = directory.plan_name
    return messages.summary(plan, min(matter.since for matter in matters), lines)


def _bundle(tx: Tx, delivery: Delivery) -> Message | Drop:
    lines = list(_lines(tx, told(tx, delivery)))
    if not lines:
        return messages.SETTLED if delivery.posted_as else NOTHING
    return messages.bundle(teams.directory(tx, delivery.plan_id).plan_name, lines)


SUMMARY = Notice(
    kind=store.SUMMARY, render=_summary, priority=Priority.PROMPT, editable=True,
    told="somebody for whom several matters wait, or who has had many messages: the repeats and questions since then",
)  # fmt: skip
BUNDLE = Notice(
    kind="noise.bundle", render=_bundle, priority=Priority.PROMPT, editable=True,
    told="somebody to whom one event would have sent more than three messages of one kind",
)  # fmt: skip
NOTICES = (SUMMARY, BUNDLE)
