"""What is sent about freezes and exceptions, and who writes it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.freezes import messages, rights, store
from callboard.freezes.models import EXCEPTION, FREEZE, Freeze, FreezeException, State, Told
from callboard.gates.notices import by_person, named, posts
from callboard.teams import service as teams
from callboard.teams.directory import Directory

ROWS, FREEZES = rows(FreezeException), rows(Freeze)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    ROWS(tx, numbers)
    FREEZES(tx, {store.known_exception(tx, number).freeze_id for number in numbers})


def _exception_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    view = messages.exception_view(tx, delivery.subject_id)
    what = State(delivery.args["what"].removeprefix("exception "))
    if what == State.ASKED != view.row.state:
        return Drop(f"the exception was {view.row.state}")
    return messages.news(view, what)


def _freeze_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    freeze = store.freeze(tx, delivery.subject_id)
    part = rights.part_of(tx, freeze) if freeze else None
    if freeze is None or (part is None and not freeze.live):
        return Drop("the freeze has left the plan")
    return messages.freeze_news(freeze, part, delivery.args["what"])


CARD = Notice(
    kind=f"{EXCEPTION}.card", told="The plan's first channel, once; the card changes with the exception.",
    render=lambda tx, delivery: messages.card(messages.exception_view(tx, delivery.subject_id)),
    priority=Priority.ANSWER, editable=True, ahead=_ahead,
)  # fmt: skip
EXCEPTION_NEWS = Notice(
    kind=f"{EXCEPTION}.news", told="Who signs when one is asked for; whoever asked and the plan's channel, the answer.",
    render=_exception_news, priority=Priority.ANSWER, ahead=_ahead,
)  # fmt: skip
FREEZE_NEWS = Notice(
    kind=f"{FREEZE}.news", told="The plan's first channel, when a freeze begins and when it ends.",
    render=_freeze_news, priority=Priority.ANSWER, ahead=FREEZES,
)  # fmt: skip
NOTICES = (CARD, EXCEPTION_NEWS, FREEZE_NEWS)


def announce(tx: Tx, freeze: Freeze, told: Told) -> None:
    """Tell the plan's first channel that a freeze begins or ends."""
    directory = teams.directory(tx, freeze.plan_id)
    key = f"{FREEZE}:{freeze.id}:{told}:{freeze.from_at.isoformat()}"
    post = FREEZE_NEWS.post(directory, directory.home_channel(), freeze.subject, key, args={"what": told})
    outbox.enqueue(tx, [post])


def ask(tx: Tx, directory: Directory, row: FreezeException) -> None:
    """Post the card of an exception, and ask those who sign it."""
    card = CARD.post(directory, directory.home_channel(), row.subject, f"{EXCEPTION}:{row.id}:card")
    signers = by_person(directory, rights.tally(tx, row).missing)
    asked = posts(EXCEPTION_NEWS, row.subject, directory, signers, State.ASKED, what="exception asked")
    outbox.enqueue(tx, [card, *asked])


def tell_settled(tx: Tx, directory: Directory, row: FreezeException) -> None:
    """Tell whoever asked, and the plan's channel, what became of it."""
    channel = ["#coordination"] if directory.channel("coordination") else []
    to = chain(by_person(directory, directory.named([row.by])), named(tx, directory, channel))
    outbox.enqueue(tx, posts(EXCEPTION_NEWS, row.subject, directory, to, row.state, what=f"exception {row.state}"))
