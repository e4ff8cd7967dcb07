"""Preflight in pictures: a test page, the card, one click, the reminder, the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.gallery import rehearsal
from callboard.gallery.stage import Screen, Stage
from callboard.preflight import due, service, slack, store


def screens(stage: Stage) -> Iterator[Screen]:
    """The coordinator of the example begins one by hand."""
    tx, amp, lead = stage.tx, stage.user("amp"), stage.asker("beta-lead")
    yield stage.typed(slack.command, amp, "preflight", "There was none yet")
    yield stage.typed(slack.command, amp, "preflight start", "Begun by hand")
    yield stage.told("preflight.page", "A test page", address=lead.person.slack_id)
    yield stage.told("preflight.card", "The card of the coordinator")
    flight = store.latest(tx, stage.plan_id)
    pages = store.pages(tx, flight.number) if flight else ()
    own = next(page for page in pages if page.person == "beta-lead")
    service.answer(tx, lead, own)
    yield stage.sent("preflight.page", "The same page, answered", own.subject, posted_as="1.0")
    yield stage.typed(slack.command, amp, "preflight reached @alpha-lead", "Heard from in another way")
    stage.later(timedelta(hours=2, minutes=1), due.open_ones)
    yield stage.told("preflight.again", "The reminder")
    stage.later(timedelta(hours=2), due.open_ones)
    yield stage.told("preflight.over", "The time is over")
    yield stage.typed(slack.command, stage.user("omega-a"), "preflight", "What everybody can look at")
    yield from rehearsal.screens(stage)
