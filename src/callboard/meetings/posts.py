"""The messages of meetings as the outbox keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.checkpoints.parts import MeetingPart
from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.meetings.models import Meeting
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
