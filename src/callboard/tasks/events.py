"""What others are told about tasks, and what tasks ask of those above."""

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


@dataclass
class GateAsked:
    """Asked where a gate holds a task: whoever knows gates says in half a sentence how it stands and who can sign.

    `said` follows the gate's name: "is pending: @a and @b have yet to sign". `over` does so too where it holds nothing
    any more: "has passed".
    """

    plan_id: int
    gate: str
    said: str = ""
    over: str = ""
