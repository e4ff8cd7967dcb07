"""What is told to people about their tasks, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard.blockers.models import Blocker
from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.tasks.models import Task
from callboard.teams import service as teams
from callboard.teams.service import Asker, Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx


def assigned(tx: Tx, asker: Asker, task: Task, people: Iterable[Person]) -> None:
    """Tell people that they have a task now."""
    for person in people:
        _direct(tx, asker.directory, task, person, "task.assigned", {"by": asker.person.key})


def unblocked(tx: Tx, task: Task, blocker: Blocker) -> None:
    """Tell those who have a task that it goes on; who ended the blocker knows."""
    directory = teams.directory(tx, task.plan_id)
    args = {"blocker": blocker.number, "by": blocker.closed_by, "state": str(blocker.state), "said": blocker.outcome}
    for person in directory.named(task.assignees):
        if person.key != blocker.closed_by:
            _direct(tx, directory, task, person, "task.unblocked", args)


def overridden(tx: Tx, asker: Asker, task: Task, by: Sequence[str], reason: str) -> None:
    """Announce that a task starts although something holds it: where the plan is coordinated, and to its team."""
    directory = asker.directory
    args = {"by": asker.person.key, "held": list(by), "reason": reason}
    homes = [directory.home_channel(), *map(directory.home_channel, task.teams)]
    outbox.enqueue(tx, [_post(directory, task, home, "task.overridden", args) for home in dict.fromkeys(homes) if home])


def late(
    tx: Tx, directory: Directory, person: Person, tasks: Sequence[Task], why: dict[str, str], at: datetime
) -> None:
    """Tell somebody of all their tasks that are overdue or stuck, in one message, when they work next."""
    if not person.slack_id or person.vacant:
        return
    key = f"task:late:{directory.plan_id}:{person.key}:{tx.now.isoformat()}"
    outbox.enqueue(tx, [
        Post(key=key, plan_id=directory.plan_id, workspace=directory.workspace, address=person.slack_id,
             kind="task.late", subject=tasks[0].subject, priority=Priority.PROMPT, not_before=at,
             args={"why": {str(task.number): why[task.key] for task in tasks}, "to": person.key}),
    ])  # fmt: skip


def _direct(tx: Tx, directory: Directory, task: Task, person: Person, kind: str, args: dict[str, Any]) -> None:
    if person.slack_id and not person.vacant:
        outbox.enqueue(tx, [_post(directory, task, person.slack_id, kind, args)])


def _post(directory: Directory, task: Task, address: str, kind: str, args: dict[str, Any]) -> Post:
    return Post(
        key=f"{kind}:{task.number}:{task.changes}:{address}", plan_id=task.plan_id, workspace=directory.workspace,
        address=address, kind=kind, subject=task.subject, priority=Priority.ANSWER, args=args,
    )  # fmt: skip
