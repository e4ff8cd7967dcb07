"""What is sent about checkpoints, written at the moment it is sent, from their state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.checkpoints import messages, store, views
from callboard.checkpoints.models import State
from callboard.core.outbox import Delivery, Drop, Message, Renderer

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("that checkpoint is not there any more")


def card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    found = store.checkpoint(tx, delivery.subject_id)
    return messages.card(views.checkpoint(tx, found)) if found else GONE


def ask(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask somebody, or show what became of it; who need not answer any more is not asked."""
    one = store.inquiry(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and not one.open:
        return Drop(f"it is {one.state}")
    return messages.ask(views.inquiry(tx, one))


def page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page; what was answered before it was sent pages nobody."""
    one = store.inquiry(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and one.state != State.SILENT:
        return Drop(f"it is {one.state}")
    why = delivery.args.get("reason", "in the channel that the plan names")
    view = views.inquiry(tx, one)
    return messages.page(view, why) if delivery.medium == "slack" else messages.plain_page(view, why)


def help_wanted(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody asks for help."""
    one = store.inquiry(tx, delivery.subject_id)
    return messages.help_wanted(views.inquiry(tx, one)) if one else GONE


renderers: dict[str, Renderer] = {
    "checkpoint.card": card,
    "inquiry.ask": ask,
    "inquiry.page": page,
    "inquiry.help": help_wanted,
}
