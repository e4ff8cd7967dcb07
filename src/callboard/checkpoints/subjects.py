"""Which tasks and teams a checkpoint or a cadence is about, and whom its who-expressions mean for these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from callboard.checkpoints.parts import CadencePart
from callboard.planfile import task_sets
from callboard.planfile.sections import Document
from callboard.teams.plan import directory as teams

ASSIGNEES = "assignees"
ASKED = "_asked"


def teams_of(document: Document, task: str) -> tuple[str, ...]:
    """The teams of a task: its own, or the leading and the supporting ones."""
    written = _written(document, task)
    named = [written.get("team"), written.get("lead_team"), *_several(written.get("support_teams"))]
    return tuple(dict.fromkeys(str(team) for team in named if team))


def about(document: Document, part: CadencePart) -> list[str]:
    """The tasks whose state is asked for."""
    if isinstance(part.about, str):
        return list(document.keys("tasks"))
    return task_sets.members(document, part.about)


def asked(document: Document, part: CadencePart) -> tuple[str, ...]:
    """Everybody whom a cadence may ask, in the order of the file: of each task its assignees, and its teams' leads.

    It is kept with the document: the calendar is looked at week by week.
    """
    known: dict[CadencePart, tuple[str, ...]] = vars(document).setdefault(ASKED, {})
    if part not in known:
        known[part] = _asked(document, part)
    return known[part]


def _asked(document: Document, part: CadencePart) -> tuple[str, ...]:
    tasks = about(document, part)
    concerned = list(dict.fromkeys(team for task in tasks for team in teams_of(document, task)))
    if isinstance(part.about, str) and part.about != "tasks":
        concerned = document.keys("teams")
    found = {person for team in ["", *concerned] for person in teams.meant(document, part.who, team)}
    if ASSIGNEES in part.who:
        alike = dict.fromkeys(_assigned(document, task) for task in tasks)
        found |= {person for named, team in alike for person in teams.meant(document, named, team)}
    return tuple(person for person in document.keys("people") if person in found)


def everybody(document: Document, who: Iterable[str], concerned: Iterable[str]) -> tuple[str, ...]:
    """Whom expressions mean for several teams, in the order of the file."""
    expressions = tuple(who)
    found = {person for team in concerned or [""] for person in teams.meant(document, expressions, team)}
    return tuple(person for person in document.keys("people") if person in found)


def _assigned(document: Document, task: str) -> tuple[tuple[str, ...], str]:
    """Who does a task, and its first team; the leads of that where nobody is named."""
    written = _written(document, task)
    named = (*_several(written.get("assignee")), *_several(written.get("assignees")))
    return tuple(map(str, named)) or ("lead",), next(iter(teams_of(document, task)), "")


def _written(document: Document, task: str) -> Mapping[str, Any]:
    tasks = document.body.get("tasks")
    written = tasks.get(task) if isinstance(tasks, Mapping) else None
    return written if isinstance(written, Mapping) else {}


def _several(written: Any) -> list[Any]:
    return written if isinstance(written, list) else [written] if written else []
