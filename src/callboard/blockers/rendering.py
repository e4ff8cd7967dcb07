"""What is sent about a blocker, written at the moment it is sent, from the state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.blockers import messages, views
from callboard.blockers.models import State
from callboard.core.outbox import Delivery, Drop, Message, Renderer

if TYPE_CHECKING:
    from callboard.core.db import Tx

ONLY_WHILE_OPEN = {"opened", "no response", "again", "exhausted", "handed"}


def card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    late = delivery.delayed_until if delivery.posted_as is None else None
    return messages.card(views.card(tx, views.of(tx, delivery)), held_until=late)


def page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page; one that was not sent yet and is not true any more is dropped."""
    blocker = views.of(tx, delivery)
    if delivery.posted_as is None:
        if not blocker.is_open:
            return Drop(f"the blocker was {blocker.state}")
        if blocker.state == State.ACKNOWLEDGED and delivery.args["why"] in ONLY_WHILE_OPEN:
            return Drop(f"{blocker.owner} has acknowledged it")
        if delivery.args["why"] == "handed" and blocker.handed_to != delivery.recipient:
            return Drop("it was handed to somebody else")
    view = views.page(tx, delivery, blocker)
    return messages.page(view) if delivery.medium == "slack" else messages.plain_page(view)


def line(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A line of history."""
    return messages.line(views.line(tx, delivery.plan_id, delivery.args))


def news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What the reporter is told."""
    return messages.news(views.news(tx, delivery, views.of(tx, delivery)))


renderers: dict[str, Renderer] = {
    "blocker.card": card,
    "blocker.page": page,
    "blocker.line": line,
    "blocker.news": news,
}
