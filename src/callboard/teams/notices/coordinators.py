"""Who hears what is wrong with people and channels of a plan: its coordinators, or whoever can in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Medium, Reach, addresses
from callboard.core.timeline import Subject
from callboard.teams import service
from callboard.teams.service import Directory, Person

Readers = dict[str, tuple[Reach, str | None]]
"""How each is reached and who that is, by the end of the key; nobody in particular for a channel."""


def coordinating(directory: Directory, tx: Tx) -> dict[str, Person]:
    """Every coordinator, or who stands in, by key; whoever is away themselves where nobody does."""
    return {person.key: person for person in directory.coordinating(tx.now)}


def tell(
    tx: Tx, plan_id: int, about: Subject, notice: Notice, key: str, args: Mapping[str, Any], *, but: str = "",
    not_before: datetime | None = None,
) -> None:  # fmt: skip
    """Tell the coordinators; where no message reaches any, the plan's channel, and where that is closed the leads.

    `but` is an address that is known to take nothing.
    """
    directory = service.directory(tx, plan_id)
    for readers in _ranks(tx, directory):
        able = {end: reader for end, reader in readers.items() if _takes(tx, directory, reader[0], but)}
        outbox.enqueue(tx, (
            notice.post(
                directory, reach, about, f"{key}:{end}", args=args, recipient=recipient, not_before=not_before
            )
            for end, (reach, recipient) in able.items()
        ))  # fmt: skip
        if able:
            return


def tell_instead(tx: Tx, notice: Notice, parked: outbox.Delivery) -> None:
    """Tell others what could not be told to one of those who should hear it."""
    key = parked.key.rpartition(":")[0]
    tell(tx, parked.plan_id, parked.subject, notice, key, parked.args, but=parked.address)


def _ranks(tx: Tx, directory: Directory) -> Iterator[Readers]:
    yield _people(directory, coordinating(directory, tx))
    home = directory.home_channel()
    yield {"#": (Reach(Medium.SLACK, home), None)} if home else {}
    yield _people(directory, {lead.key: lead for lead in directory.with_role("lead")})


def _people(directory: Directory, people: Mapping[str, Person]) -> Readers:
    reached = ((key, directory.reach(person)) for key, person in people.items())
    return {key: (reach, key) for key, reach in reached if reach}


def _takes(tx: Tx, directory: Directory, reach: Reach, but: str) -> bool:
    return reach.address != but and not addresses.is_parked_at(tx, directory.workspace, reach.address)
