"""Who may change a task, in sentences for whoever may not."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.tasks import models, store
from callboard.tasks.models import Task
from callboard.teams.directory import COORDINATOR, Asker, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on, refuse_lost, works_for


def asked(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """The task that somebody wants to change, locked until the end of the transaction. Refuses old buttons."""
    task = store.get(tx, asker.directory.plan_id, key, lock=True)
    refuse_old(tx, asker, task, task.key, expected, f"`/task show {task.key}` shows it as it is now.")
    return task


def unsettled(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """The same, where it must not be over. Raises Refused with when and by whom it was settled."""
    task = asked(tx, asker, key, expected)
    if models.settled(task):
        when = f", {m.date(task.completed_at, 'both')}" if task.completed_at else ""
        by = f" by {asker.directory.called(task.completed_by)}" if task.completed_by else ""
        raise Refused(f"{task.key} was already {task.status}{by}{when}. `/task reopen {task.key}` reopens it.")
    return task


def in_team(asker: Asker, task: Task) -> bool:
    """Whether somebody works in one of the teams that work on it."""
    return not set(task.teams).isdisjoint(works_for(asker))


def leads(asker: Asker, task: Task) -> bool:
    """Whether somebody leads one of its teams, owns its area, or coordinates the plan."""
    directory, person = asker.directory, asker.person
    leading = directory.has_role(person, COORDINATOR) or any(directory.is_lead(person, team) for team in task.teams)
    return leading or person in directory.owners_of(task.area)


def needs_team(asker: Asker, task: Task, what: str) -> None:
    """Refuse whoever is neither of its teams, nor has it, nor coordinates. `what` is a verb with its object."""
    if asker.person.key not in task.assignees and not leads(asker, task) and not in_team(asker, task):
        known = asker.directory.teams
        teams = joined(m.escape(known[team].name) for team in task.teams if team in known)
        raise Refused(f"Only {teams or 'its team'} can {what}. Ask {who_leads(asker, task)}.")


def needs_worker(asker: Asker, task: Task, what: str, *also: str | None) -> None:
    """Refuse whoever neither has it nor leads; where nobody has it, its team may."""
    if asker.person.key not in (*task.assignees, *also) and not leads(asker, task):
        needs_team(asker, task, what)
        if task.assignees:
            raise Refused(f"Only {who_leads(asker, task, *asker.directory.named(task.assignees))} can {what}.")


def needs_lead(asker: Asker, task: Task, what: str, *also: str | None) -> None:
    if not leads(asker, task) and asker.person.key not in also:
        raise Refused(f"Only {who_leads(asker, task)} can {what}.")


def may_note(asker: Asker, task: Task) -> None:
    needs_team(asker, task, f"add notes to {task.key}")


def may_block(asker: Asker, task: Task) -> None:
    needs_team(asker, task, f"block {task.key}")


def may_tick(asker: Asker, task: Task) -> None:
    needs_worker(asker, task, f"tick criteria of {task.key}")


def may_assign(asker: Asker, task: Task) -> None:
    needs_lead(asker, task, f"assign {task.key}", *task.assignees)


def may_drop(asker: Asker, task: Task) -> None:
    needs_lead(asker, task, f"drop {task.key}")


def take(asker: Asker, task: Task, people: Sequence[Person]) -> None:
    """Refuse to assign it to a vacant seat, and to people who only follow the plan, unless the plan file does so."""
    directory, named = asker.directory, (*task.assignees, *task.written.get("assignees", ()))
    seats = [person.name for person in people if person.vacant]
    if seats:
        raise Refused(f"The seat {joined(map(m.escape, seats))} is vacant. Name somebody else.")
    refuse_lost(people)
    idle = [person for person in people if looks_on(directory, person) and person.key not in named]
    if idle:
        follow, plan = "only follows" if len(idle) == 1 else "only follow", m.escape(directory.plan_name)
        raise Refused(f"{joined(map(directory.called, idle))} {follow} {plan}, so they can't have {task.key}. "
                      "Name somebody else.")  # fmt: skip


def needs_coordinator(tx: Tx, asker: Asker, what: str) -> None:
    if not asker.directory.coordinates(asker.person, tx.now):
        people = asker.directory.one_of(asker.directory.coordinating(tx.now))
        raise Refused(f"Only {people or 'a coordinator'} can {what}.")


def who_leads(asker: Asker, task: Task, *first: Person) -> str:
    """Whom to ask: `@Ann or @Ben`."""
    directory = asker.directory
    leads = (lead for team in task.teams for lead in directory.leads_of(team))
    people = dict.fromkeys([*first, *leads, *directory.owners_of(task.area), *directory.coordinators])
    return directory.one_of(people) or "whoever keeps the plan file"
