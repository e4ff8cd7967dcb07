"""Writes the messages about people at the moment they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.teams import heads, messages, service

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.teams.directory import Directory


def _called(directory: Directory, key: str) -> str:
    person = directory.people.get(key)
    return directory.called(person) if person else key


def test_page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A test page."""
    directory = service.directory(tx, delivery.plan_id)
    by = str(delivery.args["by"])
    return messages.test_page(
        directory.plan_name, _called(directory, by), str(delivery.args["key"]), own=by == delivery.recipient
    )


def got(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The answer to a test page."""
    return messages.got(_called(service.directory(tx, delivery.plan_id), str(delivery.args["person"])))


def unreached(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody could not be paged."""
    directory = service.directory(tx, delivery.plan_id)
    args = delivery.args
    return messages.unreached(_called(directory, str(args["person"])), str(args["medium"]), str(args["error"]))


def parked(_tx: Tx, delivery: Delivery) -> Message | Drop:
    """An address cannot be reached."""
    return messages.parked(messages.address(str(delivery.args["address"])), str(delivery.args["error"]))


renderers: dict[str, Renderer] = {
    "teams.test": test_page,
    "teams.got": got,
    "teams.unreached": unreached,
    "teams.parked": parked,
    heads.KIND: heads.published,
}
