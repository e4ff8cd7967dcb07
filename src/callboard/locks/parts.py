"""What a plan file says about locks."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator

from callboard.planfile.types import Clock, Part, Span

SHORTEST = timedelta(minutes=1)


def _long_enough(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("nobody gets anything done in that time: write 1m or more, such as 8h")
    return span


class LocksPart(Part):
    """How long a lock lasts when nobody says so, and when its holder is asked whether to keep it."""

    expire_after: Annotated[Span, AfterValidator(_long_enough)] = timedelta(hours=8)
    remind_at: Clock = time(9)
