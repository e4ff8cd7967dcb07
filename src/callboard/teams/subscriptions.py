"""What happens to pages that Slack did not take, and who hears of messages that nothing will deliver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.outbox import DeliveriesParked, Delivery, PagesUnaccepted, Post, Priority, Reach
from callboard.teams import service
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

OWN = "teams."


def on_pages_unaccepted(tx: Tx, event: PagesUnaccepted) -> None:
    """Slack has not taken these pages in time: they go out by the person's other ways."""
    _fall_back(tx, event.deliveries)


def on_parked(tx: Tx, event: DeliveriesParked) -> None:
    """Pages go out by other ways; of the rest the coordinator hears once a day and address."""
    pages = [one for one in event.deliveries if one.priority == Priority.PAGE and one.recipient]
    _fall_back(tx, pages)
    rest = [one for one in event.deliveries if one not in pages and not one.kind.startswith(OWN)]
    for parked in rest:
        directory = service.directory(tx, parked.plan_id)
        key = f"parked:{parked.plan_id}:{parked.address}:{tx.now:%Y-%m-%d}"
        told = {"address": parked.address, "error": parked.error or ""}
        outbox.enqueue(tx, _to_coordinators(directory, parked, "teams.parked", key, told))


def _fall_back(tx: Tx, pages: Iterable[Delivery]) -> None:
    for page in pages:
        directory = service.directory(tx, page.plan_id)
        person = directory.people.get(page.recipient or "")
        reach = directory.fall_back(person) if person and page.medium == "slack" else None
        if reach and person:
            outbox.enqueue(tx, [_again(page, reach)])
        elif not page.kind.startswith(OWN):
            told = {"person": page.recipient or "", "medium": page.medium, "error": page.error or ""}
            outbox.enqueue(tx, _to_coordinators(directory, page, "teams.unreached", f"{page.key}:unreached", told))


def _again(page: Delivery, reach: Reach) -> Post:
    return Post(
        key=f"{page.key}:fallback",
        plan_id=page.plan_id,
        workspace=page.workspace,
        address=reach.address,
        kind=page.kind,
        subject=page.subject,
        priority=Priority.PAGE,
        medium=reach.medium,
        args=page.args,
        recipient=page.recipient,
    )


def _to_coordinators(
    directory: Directory, about: Delivery, kind: str, key: str, told: dict[str, str]
) -> Iterator[Post]:
    for coordinator in directory.coordinators:
        reach = directory.reach(coordinator)
        if reach and reach.address != about.address:
            yield Post(
                key=f"{key}:{coordinator.key}",
                plan_id=about.plan_id,
                workspace=about.workspace,
                address=reach.address,
                kind=kind,
                subject=about.subject,
                priority=Priority.PAGE,
                medium=reach.medium,
                args=told,
                recipient=coordinator.key,
            )
