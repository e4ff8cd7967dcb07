"""The messages to coordinators about whom and what nobody can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.core import outbox
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Message, Priority
from callboard.teams import messages, service

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _unreached(tx: Tx, delivery: Delivery) -> Message:
    who = service.directory(tx, delivery.plan_id).called(delivery.args["person"])
    return messages.unreached(who, delivery.args["medium"], delivery.args["error"])


def _parked(_tx: Tx, delivery: Delivery) -> Message:
    return messages.parked(delivery.args["address"], delivery.args["error"])


UNREACHED = Notice(
    kind="teams.unreached", told="the coordinators, when a page reached its person in no way", render=_unreached,
    priority=Priority.PAGE,
)  # fmt: skip
PARKED = Notice(
    kind="teams.parked", told="the coordinators, once a day for each address that takes no messages", render=_parked,
    priority=Priority.PAGE,
)  # fmt: skip
NOTICES = (UNREACHED, PARKED)


def tell_unreached(tx: Tx, page: Delivery) -> None:
    """Tell the coordinators, once, that a page reached nobody."""
    args = {"person": page.recipient or "", "medium": page.medium, "error": page.error or ""}
    _tell_coordinators(tx, page, UNREACHED, f"{page.key}:unreached", args)


def tell_parked(tx: Tx, parked: Delivery) -> None:
    """Tell the coordinators, once a day for each address, that it takes no messages."""
    key = f"parked:{parked.plan_id}:{parked.address}:{tx.now:%Y-%m-%d}"
    _tell_coordinators(tx, parked, PARKED, key, {"address": parked.address, "error": parked.error or ""})


def _tell_coordinators(tx: Tx, about: Delivery, notice: Notice, key: str, args: dict[str, Any]) -> None:
    directory = service.directory(tx, about.plan_id)
    for coordinator in directory.coordinators:
        reach, subject = directory.reach(coordinator), about.subject
        if reach and reach.address != about.address:
            post = notice.post(directory, reach, subject, f"{key}:{coordinator.key}", args=args,
                               recipient=coordinator.key)  # fmt: skip
            outbox.enqueue(tx, [post])
