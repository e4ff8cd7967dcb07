"""The messages about checkpoints: who is told what, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from callboard.checkpoints import messages, store
from callboard.checkpoints.messages import InquiryView
from callboard.checkpoints.models import Checkpoint, Inquiry, State
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.teams.directory import Directory, Person


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


def _about(write: Callable[[InquiryView, Delivery], Message | Drop]) -> Renderer:
    """Who writes about an inquiry."""

    def render(tx: Tx, delivery: Delivery) -> Message | Drop:
        inquiry = store.inquiry(tx, delivery.subject_id)
        return write(messages.inquiry(tx, inquiry), delivery) if inquiry else Drop("the checkpoint is gone")

    return render


def _ask(view: InquiryView, delivery: Delivery) -> Message | Drop:
    over = delivery.posted_as is None and not view.row.open
    return Drop(f"it is {view.row.state}") if over else messages.ask(view)


def _page(view: InquiryView, delivery: Delivery) -> Message | Drop:
    over = delivery.posted_as is None and view.row.state != State.SILENT
    return Drop(f"it is {view.row.state}") if over else messages.page(view, delivery.args.get("reason", ""))


CARD = Notice(
    kind="checkpoint.card", told="the channel of its team, once; edited as answers come",
    render=lambda tx, delivery: messages.card(messages.checkpoint(tx, store.checkpoint(tx, delivery.subject_id))),
    priority=Priority.ANSWER, editable=True,
)  # fmt: skip
ASK = Notice(
    kind="inquiry.ask", told="the leads, when something is behind or a question is asked", render=_about(_ask),
    priority=Priority.PROMPT, editable=True,
)  # fmt: skip
PAGE = Notice(
    kind="inquiry.page", told="the next step of the policy, when nobody answers in time", render=_about(_page),
    priority=Priority.PAGE, editable=True,
)  # fmt: skip
HELP = Notice(
    kind="inquiry.help", told="the coordinators, when somebody needs help", priority=Priority.ANSWER, editable=True,
    render=_about(lambda view, _: messages.help_wanted(view)),
)  # fmt: skip
NOTICES = (CARD, ASK, PAGE, HELP)
