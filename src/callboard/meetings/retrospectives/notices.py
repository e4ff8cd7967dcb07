"""The messages of retrospectives: who is told what, and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.meetings.retrospectives import messages, store
from callboard.meetings.retrospectives.models import Retrospective, Seat
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person, working_from

GONE = Drop("the retrospective is gone")


def begin(
    tx: Tx, directory: Directory, row: Retrospective, asked: Iterable[tuple[Seat, Person, datetime]]
) -> None:  # fmt: skip
    """Post the card in the plan's channel, and ask each person when they work next."""
    posts = [CARD.post(directory, directory.home_channel(), row.subject, f"retro:card:{row.number}")]
    posts += [
        ASK.post(directory, directory.reach(person), seat.subject, f"retro:ask:{seat.number}", not_before=at)
        for seat, person, at in asked
    ]  # fmt: skip
    outbox.enqueue(tx, posts)


def remind(tx: Tx, directory: Directory, row: Retrospective, seats: Sequence[Seat]) -> None:
    """Ask once more, in working hours, whoever is there before it closes."""
    posts = []
    for seat in seats:
        person = directory.people.get(seat.person)
        if person is None or not person.present(tx.now):
            continue
        at = working_from(directory, person, tx.now)
        if at < row.closes_at:
            key = f"retro:again:{seat.number}"
            posts.append(AGAIN.post(directory, directory.reach(person), seat.subject, key, not_before=at))
    outbox.enqueue(tx, posts)


def closed(tx: Tx, directory: Directory, row: Retrospective) -> None:
    """Tell whoever leads it, in their working hours."""
    outbox.enqueue(tx, [
        CLOSED.post(
            directory, directory.reach(person), row.subject, f"retro:closed:{row.number}:{person.key}",
            not_before=working_from(directory, person, tx.now),
        ) for person in directory.named(row.leads) if person.present(tx.now)
    ])  # fmt: skip


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = store.retrospective(tx, delivery.subject_id)
    return messages.card(messages.view(tx, row)) if row else GONE


def _closed(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = store.retrospective(tx, delivery.subject_id)
    return messages.closed(messages.view(tx, row)) if row else GONE


def _ask(tx: Tx, delivery: Delivery) -> Message | Drop:
    return _asked(tx, delivery, again=False)


def _again(tx: Tx, delivery: Delivery) -> Message | Drop:
    return _asked(tx, delivery, again=True)


def _asked(tx: Tx, delivery: Delivery, *, again: bool) -> Message | Drop:
    seat = store.seat(tx, delivery.subject_id)
    row = store.retrospective(tx, seat.retrospective_id) if seat else None
    if seat is None or row is None:
        return GONE
    if delivery.posted_as is None:
        if seat.answered_at or not row.is_open:
            return Drop("they have answered" if seat.answered_at else "the retrospective is closed")
        person = teams.directory(tx, row.plan_id).people.get(seat.person)
        if person is None or not person.present(tx.now):
            return Drop("they are away")
    return messages.ask(row, seat, again=again)


RETROSPECTIVES, SEATS = rows(Retrospective), rows(Seat)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    SEATS(tx, numbers)
    RETROSPECTIVES(tx, {seat.retrospective_id for number in numbers if (seat := store.seat(tx, number))})


CARD = Notice(
    kind="retro.card", told="the plan's channel, when a phase is over; it takes the answers", render=_card,
    priority=Priority.UPDATE, editable=True, ahead=RETROSPECTIVES,
)  # fmt: skip
ASK = Notice(
    kind="retro.ask", told="whom the plan asks about a phase that is over, in their working hours", render=_ask,
    priority=Priority.PROMPT, editable=True, folds=True, see="/plan retro", ahead=_ahead,
)  # fmt: skip
AGAIN = Notice(
    kind="retro.again", told="whoever has not answered by half of the time, once", render=_again,
    priority=Priority.PROMPT, editable=True, folds=True, see="/plan retro", ahead=_ahead,
)  # fmt: skip
CLOSED = Notice(
    kind="retro.closed", told="who leads a retrospective, when it is closed", render=_closed,
    priority=Priority.PROMPT, editable=True, folds=True, see="/plan retro", ahead=RETROSPECTIVES,
)  # fmt: skip
NOTICES = (CARD, ASK, AGAIN, CLOSED)
