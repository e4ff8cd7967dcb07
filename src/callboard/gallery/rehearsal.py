"""A rehearsal in pictures: asked for, still going, what it found, and that it found nothing or could not look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.gallery.stage import Screen, Stage
from callboard.preflight.rehearsal import reader, service, slack, store
from callboard.preflight.rehearsal.models import KIND

FOUND = [
    {"kind": "fault", "line": 40, "what": "Omega lead and Omega Person A are away at the same time.",
     "why": "On Fri 14 Nov, 00:00 the deputy is away, too. Amp is paged for them then, but can't sign for them.",
     "instead": "Name a second deputy, or move one of the absences.", "at": None},
    {"kind": "fault", "line": 198, "what": "O-1 (MongoDB) can't be done by Thu 13 Nov, 14:00.",
     "why": "It can begin Thu 13 Nov, 09:00 and takes at least 6 h of working time: that is Thu 13 Nov, 15:00.",
     "instead": "Give it more time, begin earlier, or split it.", "at": None},
    {"kind": "risk", "line": 34, "what": "Gate 5: Final go or no-go waits for Amp, and nobody stands in.",
     "why": "Only they can sign, tick or report something of it. They alone coordinate, too.",
     "instead": "Name a deputy: `deputies: [...]`.", "at": None},
]  # fmt: skip


def screens(stage: Stage) -> Iterator[Screen]:
    """A coordinator asks, a lead asks meanwhile, and a member may not."""
    yield stage.typed(slack.command, stage.user("amp"), "rehearse", "The plan is being read")
    stage.tx.now += timedelta(seconds=20)
    yield stage.typed(slack.command, stage.user("omega-lead"), "rehearse", "Somebody asks meanwhile")
    yield stage.typed(slack.command, stage.user("omega-a"), "rehearse", "Somebody may not ask")
    yield from _answered(stage, "What was found", FOUND)
    stage.typed(slack.command, stage.user("amp"), "rehearse", "again")
    yield from _answered(stage, "Nothing was found", [])
    stage.typed(slack.command, stage.user("amp"), "rehearse", "again")
    number = store.waiting(stage.tx)[0]
    if claimed := service.claim(stage.tx, number):
        service.give_up(stage.tx, claimed, reader.TOO_LONG)
    yield stage.told(f"{KIND}.found", "It takes too long")


def _answered(stage: Stage, title: str, found: list[dict[str, object]]) -> Iterator[Screen]:
    claimed = service.claim(stage.tx, store.waiting(stage.tx)[0])
    if claimed:
        service.found(stage.tx, claimed, found)
    stage.tx.now += timedelta(seconds=1)
    yield stage.told(f"{KIND}.found", title)
