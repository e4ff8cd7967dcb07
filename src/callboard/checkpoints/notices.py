"""The messages about checkpoints: who is told what, and when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from callboard.checkpoints import messages, store
from callboard.checkpoints.messages import views
from callboard.checkpoints.messages.views import InquiryView
from callboard.checkpoints.models import KIND, Checkpoint, Inquiry, State
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.escalation import service as escalation
from callboard.escalation.messages import standing_in
from callboard.standups import schedule
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person

SEE = "/checkpoint"


def card(tx: Tx, directory: Directory, checkpoint: Checkpoint) -> None:
    """Post the card to the only team of a checkpoint, else to all; one that is posted already stays."""
    to = directory.home_channel(checkpoint.teams[0] if len(checkpoint.teams) == 1 else None)
    outbox.enqueue(tx, [CARD.post(directory, to, checkpoint.subject, checkpoint.card)])


def ask(tx: Tx, directory: Directory, inquiry: Inquiry) -> None:
    outbox.enqueue(tx, _posts(ASK, directory, inquiry, "ask", directory.named(inquiry.people)))


def remind(tx: Tx, directory: Directory, inquiry: Inquiry) -> None:
    outbox.enqueue(tx, _posts(REMINDER, directory, inquiry, "remind", directory.named(inquiry.people)))


def silent(tx: Tx, directory: Directory, checkpoint: Checkpoint, person: Person) -> None:
    """Tell somebody, in their working hours, of all that nobody answered at a checkpoint; later ones are added."""
    key, at = f"checkpoint:silent:{checkpoint.number}", schedule.may_ask(directory, person, tx.now)
    absent = [other.key for other in directory.coordinators if directory.standing_in(other, tx.now) == person != other]
    args = {"instead_of": absent[0]} if absent and not directory.is_lead(person) else {}
    outbox.enqueue(
        tx, [SILENT.post(directory, directory.reach(person), checkpoint.subject, key, args=args, not_before=at)]
    )


def help_wanted(tx: Tx, directory: Directory, inquiry: Inquiry, by: Person) -> list[Person]:
    """Tell the coordinators, or who stands in for them, that somebody needs help; return whom that reaches."""
    people = [person for person in directory.coordinating(tx.now) if person.key != by.key and directory.reach(person)]
    outbox.enqueue(tx, _posts(HELP, directory, inquiry, f"help:{inquiry.changes}", people))
    return people


def _posts(
    notice: Notice, directory: Directory, inquiry: Inquiry, word: str, people: Iterable[Person]
) -> Iterator[Post | None]:
    for person in people:
        yield notice.post(
            directory, directory.reach(person), inquiry.subject, f"inquiry:{inquiry.number}:{word}:{person.key}",
            not_before=None if notice is HELP else inquiry.asked_at,
        )  # fmt: skip


ROWS, INQUIRIES = rows(Checkpoint), rows(Inquiry)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    ROWS(tx, numbers)
    store.inquiries.of(tx, numbers)
    escalation.read_ahead(tx, KIND, numbers)


def _ahead_of_inquiries(tx: Tx, numbers: Collection[int]) -> None:
    INQUIRIES(tx, numbers)
    found = (store.inquiry(tx, number) for number in numbers)
    ROWS(tx, {inquiry.checkpoint_id for inquiry in found if inquiry})


def _about(write: Callable[[InquiryView, Delivery], Message | Drop]) -> Renderer:
    """Who writes about an inquiry."""

    def render(tx: Tx, delivery: Delivery) -> Message | Drop:
        inquiry = store.inquiry(tx, delivery.subject_id)
        return write(views.inquiry(tx, inquiry), delivery) if inquiry else Drop("the checkpoint is gone")

    return render


def _ask(view: InquiryView, delivery: Delivery) -> Message | Drop:
    over = delivery.posted_as is None and not view.row.open
    return Drop(f"it is {view.row.state}") if over else messages.ask(view)


def _reminder(view: InquiryView, delivery: Delivery) -> Message | Drop:
    over = delivery.posted_as is None and view.row.state != State.WAITING
    return Drop(f"it is {view.row.state}") if over else messages.ask(view, again=True)


def _silent(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What nobody answered at a checkpoint, as a page says it, and whoever is told once."""
    every = store.inquiries(tx, delivery.subject_id)
    rows = [inquiry for inquiry in every if inquiry.state == State.SILENT]
    if not rows and delivery.posted_as is None:
        return Drop("all of it is answered or over")
    told = [views.inquiry(tx, inquiry) for inquiry in rows or every]
    if not rows:
        return messages.over(told)
    instead = standing_in(teams.directory(tx, delivery.plan_id), delivery.args).removeprefix(", ")
    return messages.silent(told, delivery.args.get("reason") or instead, delivery.recipient or "")


CARD = Notice(
    kind="checkpoint.card", told="the channel of its team, once; edited as answers come",
    render=lambda tx, delivery: messages.card(views.checkpoint(tx, store.checkpoint(tx, delivery.subject_id))),
    priority=Priority.ANSWER, editable=True, ahead=_ahead,
)  # fmt: skip
ASK = Notice(
    kind="inquiry.ask", told="the leads, when something is behind or a question is asked", render=_about(_ask),
    priority=Priority.PROMPT, editable=True, folds=True, see=SEE, ahead=_ahead_of_inquiries,
)  # fmt: skip
REMINDER = Notice(
    kind="inquiry.reminder", told="whoever was asked and has not answered, once, half-way through the window",
    render=_about(_reminder), priority=Priority.PROMPT, editable=True, folds=True, see=SEE, ahead=_ahead_of_inquiries,
)  # fmt: skip
SILENT = Notice(
    kind="checkpoint.silent", told="who leads them, else who coordinates, once, when nobody answers in time",
    render=_silent, priority=Priority.PROMPT, editable=True, folds=True, see=SEE, ahead=_ahead,
)  # fmt: skip
PAGE = Notice(
    kind="checkpoint.page", told="each step of the policy that the checkpoint names, once, when nobody answers in time",
    render=_silent, priority=Priority.PAGE, editable=True, see=SEE, ahead=_ahead,
)  # fmt: skip
HELP = Notice(
    kind="inquiry.help", told="the coordinators, when somebody needs help", priority=Priority.ANSWER, editable=True,
    render=_about(lambda view, _: messages.help_wanted(view)), ahead=_ahead_of_inquiries,
)  # fmt: skip
NOTICES = (CARD, ASK, REMINDER, SILENT, PAGE, HELP)
