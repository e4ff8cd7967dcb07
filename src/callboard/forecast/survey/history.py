"""What the plans of a workspace that are over have shown: how far they slipped, and how long their tasks took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from callboard.core.db import Tx
from callboard.forecast import store
from callboard.forecast.engine.network import PRIOR
from callboard.forecast.models import Course

ENOUGH = 5
"""So many done tasks a plan must have to tell something."""
OWN = 2
"""What is known of plans everywhere counts as much as two plans."""


@dataclass(frozen=True)
class Took:
    """How long half of so many done tasks took at most, in seconds of work."""

    tasks: int
    usual: float


@dataclass(frozen=True)
class History:
    """`prior` is how far plans slip, as a logarithm, as `slipped` of them have shown.

    `usual` is how long a task takes, as `tasks` tasks of `plans` plans have shown; None where nothing tells it.
    """

    prior: float = PRIOR
    slipped: int = 0
    usual: float | None = None
    tasks: int = 0
    plans: int = 0


def history(tx: Tx, plan_id: int) -> History:
    """What is known from plans before this one."""
    return learned(store.before(tx, plan_id))


def learned(courses: Sequence[Course]) -> History:
    slips = [math.log(course.slip) for course in courses if course.seen >= ENOUGH]
    took = [course for course in courses if course.took >= ENOUGH]
    tasks = sum(course.took for course in took)
    logs = sum(course.took * math.log(course.usual) for course in took)
    return History(
        prior=(OWN * PRIOR + sum(slips)) / (OWN + len(slips)), slipped=len(slips),
        usual=math.exp(logs / tasks) if tasks else None, tasks=tasks, plans=len(took),
    )  # fmt: skip
