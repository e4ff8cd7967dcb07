"""Who is told what of a meeting, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.meetings import messages, store
from callboard.meetings.models import Meeting, State
from callboard.meetings.plan import MeetingPart
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


def card(tx: Tx, directory: Directory, one: Meeting, part: MeetingPart) -> None:
    """The card, in the channel of the only team that meets, else in that of all."""
    team = part.who[0] if len(part.who) == 1 and part.who[0] in directory.teams else None
    address = directory.home_channel(team)
    if address:
        post = Post(
            key=one.card, plan_id=one.plan_id, workspace=directory.workspace, address=address, kind="meeting.card",
            subject=one.subject, priority=Priority.PROMPT, editable=True,
        )  # fmt: skip
        outbox.enqueue(tx, [post])


def ask(tx: Tx, directory: Directory, one: Meeting) -> None:
    """Ask who leads it what came of it; where nobody does, who coordinates."""
    people = directory.named(one.leads) or directory.coordinators
    outbox.enqueue(
        tx,
        [
            Post(
                key=f"meeting:over:{one.number}:{person.key}", plan_id=one.plan_id, workspace=directory.workspace,
                address=person.slack_id, kind="meeting.over", subject=one.subject, priority=Priority.PROMPT,
                editable=True,
            )
            for person in people[:1] if person.slack_id
        ],
    )  # fmt: skip


GONE = Drop("that meeting is not there any more")


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    one = store.meeting(tx, delivery.subject_id)
    return messages.card(messages.meeting(tx, one)) if one else GONE


def _over(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask who leads it what came of it."""
    one = store.meeting(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and one.state == State.RECORDED:
        return Drop("it is written down")
    return messages.over(messages.meeting(tx, one))


renderers: dict[str, Renderer] = {"meeting.card": _card, "meeting.over": _over}
