"""Which tasks and teams a checkpoint or a cadence is about, and whom its who-expressions mean for these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from callboard.planfile.sections import Document
from callboard.teams.plan import directory as teams


def teams_of(document: Document, task: str) -> tuple[str, ...]:
    """The teams of a task: its own, or the leading and the supporting ones."""
    written = task_as_written(document, task)
    named = [written.get("team"), written.get("lead_team"), *several(written.get("support_teams"))]
    return tuple(dict.fromkeys(str(team) for team in named if team))


def everybody(document: Document, who: Iterable[str], concerned: Iterable[str]) -> tuple[str, ...]:
    """Whom expressions mean for several teams, in the order of the file."""
    expressions = tuple(who)
    found = {person for team in concerned or [""] for person in teams.meant(document, expressions, team)}
    return tuple(person for person in document.keys("people") if person in found)


def task_as_written(document: Document, task: str) -> Mapping[str, Any]:
    tasks = document.body.get("tasks")
    written = tasks.get(task) if isinstance(tasks, Mapping) else None
    return written if isinstance(written, Mapping) else {}


def several(written: Any) -> list[Any]:
    return written if isinstance(written, list) else [written] if written else []
