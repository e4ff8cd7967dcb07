"""The messages of checkpoints as the outbox keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from callboard.checkpoints.models import Checkpoint, Inquiry
from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.teams.directory import Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx


def card(tx: Tx, directory: Directory, one: Checkpoint) -> None:
    """Post the card of a checkpoint, where it is not there yet: to its only team, else to all."""
    address = directory.home_channel(one.teams[0] if len(one.teams) == 1 else None)
    if address:
        post = Post(
            key=one.card, plan_id=one.plan_id, workspace=directory.workspace, address=address, kind="checkpoint.card",
            subject=one.subject, priority=Priority.ANSWER, editable=True,
        )  # fmt: skip
        outbox.enqueue(tx, [post])


def ask(tx: Tx, directory: Directory, one: Inquiry) -> None:
    """Ask those of whom something is to be heard."""
    outbox.enqueue(tx, list(_posts(directory, one, "ask", directory.named(one.people), Priority.PROMPT)))


def help_wanted(tx: Tx, directory: Directory, one: Inquiry, by: Person) -> list[Person]:
    """Tell those who coordinate, or who stand in for them, that help is wanted; return whom that reaches."""
    there = [directory.standing_in(person, tx.now) or person for person in directory.coordinators]
    people = [person for person in dict.fromkeys(there) if person.key != by.key and directory.reach(person)]
    outbox.enqueue(tx, list(_posts(directory, one, f"help:{one.changes}", people, Priority.ANSWER)))
    return people


def _posts(
    directory: Directory, one: Inquiry, what: str, people: Iterable[Person], priority: Priority
) -> Iterable[Post]:
    for person in people:
        reach = directory.reach(person)
        if reach is not None:
            yield Post(
                key=f"inquiry:{one.number}:{what}:{person.key}", plan_id=one.plan_id, workspace=directory.workspace,
                address=reach.address, medium=reach.medium, kind=f"inquiry.{what.partition(':')[0]}",
                subject=one.subject, priority=priority, editable=reach.medium == "slack",
                not_before=one.asked_at if what == "ask" else None,
            )  # fmt: skip
