"""What is sent about meetings, written at the moment it is sent, from their state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.meetings import messages, store, views
from callboard.meetings.models import State

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("that meeting is not there any more")


def card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    one = store.meeting(tx, delivery.subject_id)
    return messages.card(views.meeting(tx, one)) if one else GONE


def over(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask who leads it what came of it."""
    one = store.meeting(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and one.state == State.RECORDED:
        return Drop("it is written down")
    return messages.over(views.meeting(tx, one))


renderers: dict[str, Renderer] = {"meeting.card": card, "meeting.over": over}
