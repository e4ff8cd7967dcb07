"""Who is on call in pictures: before the first turn, during it, taken over; and the contact list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.gallery.stage import Screen, Stage
from callboard.rota import due, slack


def screens(stage: Stage) -> Iterator[Screen]:
    """The last day of the example: the turns of Beta begin when production is live."""
    lead, amp = stage.user("beta-lead"), stage.user("amp")
    yield stage.typed(slack.command, amp, "contacts", "Whom people turn to, and how fast they answer")
    yield stage.typed(slack.command, stage.user("stakeholder"), "contacts", "The same for who only follows the plan")
    yield stage.typed(slack.command, amp, "oncall", "Nobody has a turn yet")
    yield stage.typed(slack.command, amp, "oncall omega", "A team without a rotation")
    due.again(stage.tx, stage)
    stage.later(timedelta(days=2, hours=7, minutes=31), due.hand_overs)
    yield stage.told("rota.begins", "The first turn begins")
    yield stage.typed(slack.command, amp, "oncall", "Who is on call")
    typed = "oncall beta @alpha-lead for 2h because I am on a train"
    yield stage.typed(slack.command, lead, typed, "Somebody takes it over")
    yield stage.told("rota.begins", "Whoever takes over")
    yield stage.told("rota.ends", "Whoever had it")
    yield stage.typed(slack.command, amp, "oncall", "A turn that was taken over")
    yield stage.typed(slack.command, amp, "oncall beta @stakeholder for 2h", "Not to who only follows the plan")
