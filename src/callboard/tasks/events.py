"""What others are told about tasks."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.tasks.models import Verb


@dataclass(frozen=True)
class TaskChanged:
    """A task is different: `was` and `now` are its states, the same where only percent, people or criteria changed."""

    plan_id: int
    key: str
    was: str
    now: str
    actor: str
    verb: Verb
