"""The `locks` section of the plan file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator

from callboard.core.db import Tx
from callboard.planfile.header import HEADER
from callboard.planfile.sections import Document, Problem, Section
from callboard.planfile.types import Clock, Part, Span
from callboard.plans import service as plans
from callboard.teams.plan.directory import check_channel

SHORTEST = timedelta(minutes=1)


def _long_enough(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("that is too short to get anything done: write 1m or more, such as 8h")
    return span


class LocksPart(Part):
    """How long a lock lasts where nobody says so, when its holder is asked about it, and where all are shown.

    Without a channel only the teams concerned see a lock.
    """

    expire_after: Annotated[Span, AfterValidator(_long_enough)] = timedelta(hours=8)
    remind_at: Clock = time(9)
    channel: str = ""


def check(document: Document, part: LocksPart) -> Iterator[Problem]:
    frame = document.of(HEADER)
    hours = frame.calendar.working.hours if frame else None
    if hours and hours.start < hours.end and not hours.start <= part.remind_at <= hours.end:
        sentence = f"{part.remind_at:%H:%M} is outside working hours, {hours}: write a time within them"
        yield document.warning(("locks", "remind_at"), sentence)
    yield from check_channel(document, ("locks", "channel"), part.channel)


LOCKS: Section[LocksPart] = Section(name="locks", model=LocksPart, check=check)


def rules(tx: Tx, plan_id: int) -> LocksPart:
    return plans.live(tx, plan_id).of(LOCKS) or LocksPart()
