"""Who may do what with a task, and what an old button may not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.tasks import models, store
from callboard.tasks.models import Task
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def asked(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """The task that somebody wants to change, held until the end of the transaction. Refuses old buttons."""
    task = store.get(tx, asker.directory.plan_id, key, lock=True)
    if expected is not None and expected != task.changes:
        since = store.changes_since(tx, task, expected)
        called = asker.directory.called
        told = "; ".join(f"{called(e.actor)}: {e.verb}, {b.date(e.at)}" for e in since) or "it has changed"
        raise Refused(f"That button is older than what happened to {task.key}: {told}. Nothing was changed now.")
    return task


def unsettled(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """The same, where it must not be over. Raises Refused with when and by whom it was settled."""
    task = asked(tx, asker, key, expected)
    if models.settled(task):
        when = f", {b.date(task.completed_at, 'both')}" if task.completed_at else ""
        by = f" by {asker.directory.called(task.completed_by)}" if task.completed_by else ""
        raise Refused(f"{task.key} was {task.status}{by}{when}. If it is not over: `/task reopen {task.key}`.")
    return task


def in_team(asker: Asker, task: Task) -> bool:
    """Whether somebody is of one of the teams that work on it."""
    return any(team.key in task.teams for team in asker.directory.teams_of(asker.person))


def leads(asker: Asker, task: Task) -> bool:
    """Whether somebody leads one of its teams, or coordinates the plan."""
    directory, person = asker.directory, asker.person
    return directory.has_role(person, COORDINATOR) or any(directory.is_lead(person, team) for team in task.teams)


def works(asker: Asker, task: Task) -> bool:
    """Whether somebody has it, or leads those who do."""
    return asker.person.key in task.assignees or leads(asker, task)


def needs_team(asker: Asker, task: Task, what: str) -> None:
    """Refuse whoever is neither of its teams, nor has it, nor coordinates."""
    if not works(asker, task) and not in_team(asker, task):
        raise Refused(f"{task.key} is {teams(asker, task)}'s: to {what}, ask {who_leads(asker, task)}.")


def needs_worker(asker: Asker, task: Task, what: str, *also: str | None) -> None:
    """Refuse whoever neither has it nor leads; where nobody has it, its team may."""
    if works(asker, task) or asker.person.key in also:
        return
    needs_team(asker, task, what)
    if task.assignees:
        raise Refused(
            f"{named(asker, task.assignees)} {'has' if len(task.assignees) == 1 else 'have'} {task.key}: to {what}, "
            f"ask them, or {who_leads(asker, task)} to give it to you."
        )


def needs_lead(asker: Asker, task: Task, what: str, *also: str | None) -> None:
    """Refuse whoever does not lead one of its teams."""
    if not leads(asker, task) and asker.person.key not in also:
        raise Refused(f"To {what} is for {who_leads(asker, task)}: ask them.")


def needs_coordinator(asker: Asker, what: str) -> None:
    """Refuse whoever does not coordinate the plan."""
    if not asker.directory.has_role(asker.person, COORDINATOR):
        people = joined(map(asker.directory.called, asker.directory.coordinators)) or "nobody in this plan"
        raise Refused(f"To {what} is for whoever coordinates {asker.directory.plan_name}: {people}.")


def who_leads(asker: Asker, task: Task) -> str:
    """Whom to ask about it."""
    directory = asker.directory
    people = [*(lead for team in task.teams for lead in directory.leads_of(team)), *directory.coordinators]
    return directory.one_of(people) or "whoever keeps the plan file"


def teams(asker: Asker, task: Task) -> str:
    """The names of its teams."""
    known = asker.directory.teams
    return joined(b.escape(known[team].name) for team in task.teams if team in known) or "no team"


def named(asker: Asker, keys: Iterable[str]) -> str:
    """People as they are spoken of."""
    return joined(map(asker.directory.called, keys))
