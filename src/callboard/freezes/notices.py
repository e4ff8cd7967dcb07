"""What is sent about freezes and exceptions, written at the moment it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.freezes import messages, service, store
from callboard.freezes.models import FreezeException

if TYPE_CHECKING:
    from callboard.core.db import Tx


def exception_card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card of an exception."""
    return messages.card(messages.exception_view(tx, _exception(tx, delivery)))


def exception_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody is told about an exception."""
    row = _exception(tx, delivery)
    if delivery.args["what"] == "exception asked" and row.state != "asked":
        return Drop(f"the exception was {row.state}")
    return messages.news(messages.exception_view(tx, row), delivery.args)


def freeze_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A freeze begins or ends."""
    freeze = store.freeze(tx, delivery.subject_id)
    part = service.part_of(tx, freeze) if freeze else None
    if freeze is None or part is None:
        return Drop("the freeze is no more in the plan")
    branches, repositories = ", ".join(part.branches), ", ".join(part.repositories)
    what = f"{branches or 'all branches'} of {repositories or 'all repositories'}"
    if delivery.args["what"] == "over":
        return messages.ends(freeze.name, what, freeze.to_at)
    return messages.begins(freeze.name, what, freeze.to_at, exceptions=part.exceptions is not None)


def _exception(tx: Tx, delivery: Delivery) -> FreezeException:
    found = store.exception(tx, delivery.subject_id)
    if found is None:
        message = f"delivery {delivery.id} is about exception {delivery.subject_id}, which does not exist"
        raise LookupError(message)
    return found


renderers: dict[str, Renderer] = {
    "exception.card": exception_card,
    "exception.news": exception_news,
    "freeze.news": freeze_news,
}
