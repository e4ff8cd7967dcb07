"""What is sent about conflicts, written at the moment it is sent, from their state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.conflicts import messages, store, views
from callboard.conflicts.models import GOING, KIND, Conflict, State
from callboard.core.outbox import Delivery, Drop, Message, Renderer

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("the conflict is not there any more")


def card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card; what is gone before anybody was told is not told."""
    conflict = store.find(tx, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and conflict.state == State.OVER):
        return GONE
    return messages.card(views.card(tx, conflict))


def page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page of its climb."""
    conflict = store.find(tx, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and not _wants(conflict, delivery)):
        return Drop("somebody sees to it") if conflict else GONE
    view = views.card(tx, conflict)
    why = f"You are paged as {delivery.args['reason']}." if delivery.args.get("reason") else ""
    return messages.card(view, why) if delivery.medium == "slack" else messages.plain_page(view, why)


def late(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Its time is over."""
    conflict = store.find(tx, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and conflict.state not in GOING):
        return GONE
    return messages.late(views.card(tx, conflict), delivery.args["what"])


def _wants(conflict: Conflict, delivery: Delivery) -> bool:
    """Whether a page is still true: once answered, only what was asked for or runs late is."""
    answered = delivery.args.get("why") in ("opened", "no response", "again", "exhausted")
    return conflict.state == State.OPEN or (conflict.state == State.ANSWERED and not answered)


renderers: dict[str, Renderer] = {f"{KIND}.card": card, f"{KIND}.page": page, f"{KIND}.late": late}
