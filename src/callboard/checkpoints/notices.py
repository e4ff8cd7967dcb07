"""Who is told what of a checkpoint, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from callboard.checkpoints import store
from callboard.checkpoints.messages import cards, views
from callboard.checkpoints.models import Checkpoint, Inquiry, State
from callboard.core import outbox
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
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


GONE = Drop("that checkpoint is not there any more")


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    found = store.checkpoint(tx, delivery.subject_id)
    return cards.card(views.checkpoint(tx, found)) if found else GONE


def _ask(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask somebody, or show what became of it; who need not answer any more is not asked."""
    one = store.inquiry(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and not one.open:
        return Drop(f"it is {one.state}")
    return cards.ask(views.inquiry(tx, one))


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page; what was answered before it was sent pages nobody."""
    one = store.inquiry(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and one.state != State.SILENT:
        return Drop(f"it is {one.state}")
    why = delivery.args.get("reason", "in the channel that the plan names")
    view = views.inquiry(tx, one)
    return cards.page(view, why) if delivery.medium == "slack" else cards.plain_page(view, why)


def _help_wanted(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody asks for help."""
    one = store.inquiry(tx, delivery.subject_id)
    return cards.help_wanted(views.inquiry(tx, one)) if one else GONE


renderers: dict[str, Renderer] = {
    "checkpoint.card": _card,
    "inquiry.ask": _ask,
    "inquiry.page": _page,
    "inquiry.help": _help_wanted,
}
