"""Whom a trigger tells: those whom the plan names, once."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Message, Priority
from callboard.emergencies.triggers.models import KIND, Firing, Trigger
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Directory
from callboard.teams.service import Concern


def tell(
    tx: Tx, directory: Directory, trigger: Trigger, firing: Firing, said: str, did: Sequence[str] = ()
) -> list[str]:
    """Tell whoever the plan names; where nobody can be, and what else failed, the coordinator. Who was told."""
    part = trigger.part
    concern = Concern(team=part.team or firing.team)
    to = teams.who(directory, part.tell, concern, tx.now)
    if (part.tell and to.nobody) or any(sentence.startswith(":warning:") for sentence in did):
        to = teams.who(directory, (*part.tell, COORDINATOR), concern, tx.now)
    args = {"on": part.on, "name": part.name, "said": said, "did": list(did)}
    stem = f"{KIND}:{firing.number}{':over' if firing.over_at else ''}"
    posts = [TOLD.post(directory, channel, firing.subject, f"{stem}:{channel}", args=args) for channel in to.channels]
    posts += [
        TOLD.post(
            directory, directory.reach(each.person), firing.subject, f"{stem}:{each.person.key}", args=args,
            recipient=each.person.key,
        ) for each in to.people
    ]  # fmt: skip
    outbox.enqueue(tx, posts)
    return [*to.channels, *(each.person.key for each in to.people)]


def _told(_tx: Tx, delivery: Delivery) -> Message:
    args = delivery.args
    head = m.escape(args["name"] or args["on"].capitalize())
    said = args["said"].removeprefix(f"{head}: ")
    did = f"\n{' '.join(args['did'])}" if args["did"] else ""
    return Message(
        text=f":zap: {m.bold(head)}: {said}{did}", title=m.unescape(head),
        plain=m.unescape(f"{head}: {said}{did}"),
    )  # fmt: skip


TOLD = Notice(
    kind=f"{KIND}.told", told="whoever the plan names, when a trigger fires or a rollback is over; else coordinators",
    render=_told, priority=Priority.ANSWER,
)  # fmt: skip
NOTICES = (TOLD,)
