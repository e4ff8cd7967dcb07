"""Tells coordinators of whom and what cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.teams import messages, service

if TYPE_CHECKING:
    from callboard.core.db import Tx


def unreached(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody could not be paged."""
    directory = service.directory(tx, delivery.plan_id)
    args = delivery.args
    return messages.unreached(directory.called(str(args["person"])), str(args["medium"]), str(args["error"]))


def parked(_tx: Tx, delivery: Delivery) -> Message | Drop:
    """An address cannot be reached."""
    return messages.parked(messages.address(str(delivery.args["address"])), str(delivery.args["error"]))


renderers: dict[str, Renderer] = {"teams.unreached": unreached, "teams.parked": parked}
