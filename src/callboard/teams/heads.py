"""Publishes the head of a plan's sealed timeline in its channel, where nobody who edits the database can edit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.outbox import Delivery, Message, Post, Priority
from callboard.core.seal import HeadDue
from callboard.core.subject import Subject
from callboard.teams import service

if TYPE_CHECKING:
    from callboard.core.db import Tx

KIND = "teams.head"
SHOWN = 16


def on_head_due(tx: Tx, head: HeadDue) -> None:
    """Post it in the coordination channel, once for each state of the timeline."""
    if not head.plan_id:
        return
    directory = service.directory(tx, head.plan_id)
    address = directory.home_channel()
    if address:
        outbox.enqueue(tx, [
            Post(key=f"head:{head.plan_id}:{head.seq}", plan_id=head.plan_id, workspace=directory.workspace,
                 address=address, kind=KIND, subject=Subject("plan", head.plan_id), priority=Priority.DIGEST,
                 args={"seq": head.seq, "hash": head.hash}),
        ])  # fmt: skip


def published(tx: Tx, delivery: Delivery) -> Message:
    """What the channel reads."""
    directory = service.directory(tx, delivery.plan_id)
    seq, mark = delivery.args["seq"], delivery.args["hash"][:SHOWN]
    return Message(
        f":lock: The timeline of {directory.plan_name} is sealed up to entry {seq} (`{mark}`). To check that nothing "
        f"before it was changed: `callboard audit verify --plan {directory.plan_key} --head {seq}:{mark}`"
    )
