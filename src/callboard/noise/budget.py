"""How much somebody takes from one plan, and which message goes beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from callboard.core.db import Tx
from callboard.core.deliveries import LONG_AGO
from callboard.core.outbox import Delivery, Fold
from callboard.core.words import counted
from callboard.noise import store
from callboard.noise.plan import NOISE, NoisePart
from callboard.noise.store import DAY, Reminders
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.directory import Person

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=15), timedelta(hours=8)
ONE_CAUSE, ONE_PACE = "one event caused several", "several matters wait for them, and I remind of them together"


def folded(tx: Tx, delivery: Delivery) -> Fold | None:
    """Whether a message to a person is told with others: many have one cause, or it is a lesser one beyond the budget.

    Without `folds` it is the first page of a matter or a step, or news that somebody waits for, and goes at once.
    """
    if not (delivery.folds or delivery.cause) or reader(tx, delivery) is None:
        return None
    if delivery.cause:
        return Fold(ONE_CAUSE)
    if _waits_for_others(tx, delivery):
        return Fold(ONE_PACE)
    part = of_plan(tx, delivery.plan_id)
    hour, day = store.posted(tx, store.reader(delivery))
    if hour >= part.pages_per_hour:
        return Fold(f"{counted(hour, 'message')} within an hour")
    return Fold(f"{counted(day, 'message')} within a day") if day >= part.messages_per_day else None


def read_ahead(tx: Tx, deliveries: Sequence[Delivery]) -> None:
    """Count at once what the readers of several messages have had."""
    store.posted.of(tx, map(store.reader, deliveries))


def _waits_for_others(tx: Tx, delivery: Delivery) -> bool:
    """Whether somebody is reminded of a matter together with others: all that wait for them share one pace."""
    if not store.reminds(delivery):
        return False
    lately = store.reminders(tx, delivery, tx.now - DAY)
    early = store.is_daily(delivery) or next_reminder(lately) > tx.now
    return (lately.of_others and early) or store.comes(tx, delivery)


def next_reminder(lately: Reminders) -> datetime:
    """When the next reminder may come: each within a day makes the pause after it longer."""
    return lately.last + min(FIRST_PAUSE * 2 ** (lately.times - 1), LONGEST_PAUSE) if lately.last else LONG_AGO


def of_plan(tx: Tx, plan_id: int) -> NoisePart:
    return plans.live(tx, plan_id).of(NOISE) or NoisePart()


def reader(tx: Tx, delivery: Delivery) -> Person | None:
    """The person whom a message is for; None for a channel, and for whoever is not in the plan."""
    directory = teams.directory(tx, delivery.plan_id)
    return directory.people.get(delivery.recipient or "") or directory.by_slack(delivery.address)
