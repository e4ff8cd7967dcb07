"""The messages about checkpoints: who is told what, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from callboard.checkpoints import messages, store
from callboard.checkpoints.models import Checkpoint, Inquiry, State
from callboard.core import outbox
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.teams.directory import Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("the checkpoint is gone")


def card(tx: Tx, directory: Directory, checkpoint: Checkpoint) -> None:
    """Post the card to the only team of a checkpoint, else to all; one that is posted already stays."""
    to = directory.home_channel(checkpoint.teams[0] if len(checkpoint.teams) == 1 else None)
    outbox.enqueue(tx, [CARD.post(directory, to, checkpoint.subject, checkpoint.card)])


def ask(tx: Tx, directory: Directory, inquiry: Inquiry) -> None:
    outbox.enqueue(tx, _posts(ASK, directory, inquiry, "ask", directory.named(inquiry.people)))


def help_wanted(tx: Tx, directory: Directory, inquiry: Inquiry, by: Person) -> list[Person]:
    """Tell the coordinators, or who stands in for them, that somebody needs help; return whom that reaches."""
    present = [directory.standing_in(person, tx.now) or person for person in directory.coordinators]
    people = [person for person in dict.fromkeys(present) if person.key != by.key and directory.reach(person)]
    outbox.enqueue(tx, _posts(HELP, directory, inquiry, f"help:{inquiry.changes}", people))
    return people


def _posts(
    notice: Notice, directory: Directory, inquiry: Inquiry, word: str, people: Iterable[Person]
) -> Iterator[Post | None]:
    for person in people:
        yield notice.post(
            directory, directory.reach(person), inquiry.subject, f"inquiry:{inquiry.number}:{word}:{person.key}",
            not_before=inquiry.asked_at if notice is ASK else None,
        )  # fmt: skip


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    checkpoint = store.checkpoint(tx, delivery.subject_id)
    return messages.card(messages.checkpoint(tx, checkpoint)) if checkpoint else GONE


def _ask(tx: Tx, delivery: Delivery) -> Message | Drop:
    inquiry = store.inquiry(tx, delivery.subject_id)
    if inquiry is None:
        return GONE
    if delivery.posted_as is None and not inquiry.open:
        return Drop(f"it is {inquiry.state}")
    return messages.ask(messages.inquiry(tx, inquiry))


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    inquiry = store.inquiry(tx, delivery.subject_id)
    if inquiry is None:
        return GONE
    if delivery.posted_as is None and inquiry.state != State.SILENT:
        return Drop(f"it is {inquiry.state}")
    return messages.page(messages.inquiry(tx, inquiry), delivery.args.get("reason", ""))


def _help(tx: Tx, delivery: Delivery) -> Message | Drop:
    inquiry = store.inquiry(tx, delivery.subject_id)
    return messages.help_wanted(messages.inquiry(tx, inquiry)) if inquiry else GONE


CARD = Notice(
    kind="checkpoint.card", told="the channel of its team, once; edited as answers come", render=_card,
    priority=Priority.ANSWER, editable=True,
)  # fmt: skip
ASK = Notice(
    kind="inquiry.ask", told="the leads, when something is behind or a question is asked", render=_ask,
    priority=Priority.PROMPT, editable=True,
)  # fmt: skip
PAGE = Notice(
    kind="inquiry.page", told="the next step of the policy, when nobody answers in time", render=_page,
    priority=Priority.PAGE, editable=True,
)  # fmt: skip
HELP = Notice(
    kind="inquiry.help", told="the coordinators, when somebody needs help", render=_help,
    priority=Priority.ANSWER, editable=True,
)  # fmt: skip
NOTICES = (CARD, ASK, PAGE, HELP)
