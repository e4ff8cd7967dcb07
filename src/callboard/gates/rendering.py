"""What is sent about gates and freezes, written at the moment it is sent, from the state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.gates import freezing, frozen, messages, store, views
from callboard.gates import news as told
from callboard.gates.models import FreezeException, Gate
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

ASKS = {"ready", "reminder", "signature"}
"""What is only worth saying while the one who is told has not signed."""


def card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    return messages.card(views.card(tx, _gate(tx, delivery)))


def page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page; one that was not sent yet and is not true any more is dropped."""
    gate = _gate(tx, delivery)
    if delivery.posted_as is None and gate.settled:
        return Drop(f"the gate is {gate.state}")
    if delivery.posted_as is None and gate.owner:
        return Drop(f"{gate.owner} has it")
    view, why = views.card(tx, gate), delivery.args.get("reason", "the plan names this channel")
    directory = teams.directory(tx, delivery.plan_id)
    instead = delivery.args.get("instead_of")
    stands_in = f", standing in for {directory.called(instead)}, who is away" if instead else ""
    if delivery.medium != "slack":
        return messages.plain_page(view, why)
    return messages.page(view, f"you are {why}" if delivery.recipient else why, stands_in=stands_in)


def line(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A line of history."""
    return messages.line(views.line(tx, delivery))


def news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody is told about a gate."""
    gate = _gate(tx, delivery)
    if delivery.args["what"] in ASKS and gate.settled:
        return Drop(f"the gate is {gate.state}")
    return told.message(views.card(tx, gate), delivery.args)


def exception_card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card of an exception."""
    return frozen.card(views.exception(tx, _exception(tx, delivery)))


def exception_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody is told about an exception."""
    row = _exception(tx, delivery)
    if delivery.args["what"] == "exception asked" and row.state != "asked":
        return Drop(f"the exception was {row.state}")
    return frozen.news(views.exception(tx, row), delivery.args)


def freeze_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A freeze begins or ends."""
    freeze = store.freeze(tx, delivery.subject_id)
    part = freezing.part_of(tx, freeze) if freeze else None
    if freeze is None or part is None:
        return Drop("the freeze is no more in the plan")
    branches, repositories = ", ".join(part.branches), ", ".join(part.repositories)
    what = f"{branches or 'all branches'} of {repositories or 'all repositories'}"
    if delivery.args["what"] == "over":
        return frozen.ends(freeze.name, what, freeze.to_at)
    return frozen.begins(freeze.name, what, freeze.to_at, exceptions=part.exceptions is not None)


def _gate(tx: Tx, delivery: Delivery) -> Gate:
    found = store.gate(tx, delivery.subject_id)
    if found is None:
        message = f"delivery {delivery.id} is about gate {delivery.subject_id}, which does not exist"
        raise LookupError(message)
    return found


def _exception(tx: Tx, delivery: Delivery) -> FreezeException:
    found = store.exception(tx, delivery.subject_id)
    if found is None:
        message = f"delivery {delivery.id} is about exception {delivery.subject_id}, which does not exist"
        raise LookupError(message)
    return found


renderers: dict[str, Renderer] = {
    "gate.card": card,
    "gate.page": page,
    "gate.line": line,
    "gate.news": news,
    "exception.card": exception_card,
    "exception.news": exception_news,
    "freeze.news": freeze_news,
}
