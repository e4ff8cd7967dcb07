"""Whether the pages of a climb have arrived: "paged" means that a medium has taken it, and not before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.deliveries import Medium
from callboard.core.outbox import FALLBACK_AFTER
from callboard.core.timeline import Subject


class Arrival(StrEnum):
    """How far a page has come; the values are how that is said. Of several ways to somebody the first here counts."""

    SENT = "paged"
    TOGETHER = "reminded together with other matters"
    UNSURE = "sent a page, not sure it arrived"
    SENDING = "being paged"
    LATER = "paged when their quiet hours end"
    FAILED = "not reached"
    DROPPED = "not paged: no longer needed"


ORDER = tuple(Arrival)
Place = tuple[int, int | None, int]
"""A climb, a step and a repetition."""


@dataclass(frozen=True)
class Receipts:
    """How far the pages about one subject have come, for each reader: the key of a person, or a channel."""

    pages: Mapping[Place, Mapping[str, Arrival]] = field(default_factory=dict)
    notes: Mapping[Place, Mapping[str, str]] = field(default_factory=dict)
    """By what else than Slack, and when: `by mail, 14:02`."""

    def noted(self, place: Place, names: Mapping[str, str]) -> Mapping[str, str]:
        """The names, each with its note."""
        notes = self.notes.get(place)
        return (
            names
            if not notes
            else {key: f"{name} ({notes[key]})" if key in notes else name for key, name in names.items()}
        )

    def of_move(self, place: Place, readers: Iterable[str]) -> dict[str, Arrival]:
        return {reader: self.pages.get(place, {}).get(reader, Arrival.SENT) for reader in readers}

    def of_step(self, climb: int | None, step: int, readers: Iterable[str]) -> dict[str, Arrival]:
        """Of all repetitions of a step together: one that has arrived is enough."""
        of_step = [found for place, found in self.pages.items() if place[:2] == (climb, step)]
        return {
            reader: min((found[reader] for found in of_step if reader in found), key=ORDER.index, default=Arrival.SENT)
            for reader in readers
        }  # fmt: skip


def receipts(tx: Tx, subject: Subject) -> Receipts:
    pages: dict[Place, dict[str, Arrival]] = {}
    notes: dict[Place, dict[str, str]] = {}
    for page in outbox.pages(tx, subject):
        if "climb" in page.args:
            place = (page.args["climb"], page.args["step"], page.args["repetition"])
            found = pages.setdefault(place, {})
            reader, arrival = page.recipient or page.address, _arrival(page, tx.now)
            found[reader] = min(arrival, found.get(reader, arrival), key=ORDER.index)
            if page.medium == Medium.APPRISE and arrival == found[reader] and (note := _note(page, arrival)):
                notes.setdefault(place, {})[reader] = note
    return Receipts(pages, notes)


def _note(page: Any, arrival: Arrival) -> str:
    """How and when a page went that Slack did not take; empty where that is not known."""
    if arrival == Arrival.SENT:
        return f"by {page.posted_in}, {m.date(page.posted_at)}" if page.posted_in else ""
    by, said, _ = (page.error or "").partition(": no answer")
    return f"{f'by {by}, ' if said else ''}{m.date(page.doubtful_since)}" if arrival == Arrival.UNSURE else ""


def _arrival(page: Any, now: datetime) -> Arrival:
    if page.posted_at is not None:
        return Arrival.SENT
    if page.state == "folded":
        return Arrival.TOGETHER
    if page.state == "dropped":
        return Arrival.DROPPED
    if page.doubtful_since is not None and page.medium == Medium.APPRISE:
        return Arrival.UNSURE
    if page.state == "parked" or (page.error and page.created_at + FALLBACK_AFTER <= now):
        return Arrival.FAILED
    return Arrival.LATER if page.due_at > now and not page.error and page.delayed_until is None else Arrival.SENDING


def grouped(arrivals: Mapping[str, Arrival], names: Mapping[str, str]) -> dict[Arrival, tuple[str, ...]]:
    """Who has been paged, who is being paged and who is not reached, by name."""
    return {
        arrival: readers for arrival in Arrival
        if (readers := tuple(names[reader] for reader, found in arrivals.items() if found == arrival))
    }  # fmt: skip


def listed(told: Mapping[Arrival, tuple[str, ...]]) -> str:
    """`@a, @b paged; @c being paged`; empty for nobody."""
    return "; ".join(f"{', '.join(names)} {arrival}" for arrival, names in told.items())
