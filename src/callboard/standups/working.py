"""What a form changes of somebody's tasks: their state and how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.tasks import service as tasks
from callboard.tasks.service import State, Task
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOST, ALL = 8, 100
CHOICES = (State.NOT_STARTED, State.IN_PROGRESS, State.COMPLETED)
ORDER = (State.IN_PROGRESS, State.BLOCKED, State.NOT_STARTED)


def own(tx: Tx, who: Asker) -> Sequence[Task]:
    """The open tasks of somebody, those in progress first; as many as a form has room for."""
    mine = [task for task in tasks.tasks(tx, who.directory.plan_id) if who.person.key in task.assignees]
    there = [task for task in mine if not tasks.settled(task)]
    return sorted(there, key=lambda task: (ORDER.index(State(task.status)), task.position))[:MOST]


def change(tx: Tx, who: Asker, drawn: Mapping[str, Sequence[Any]], values: Mapping[str, Any]) -> dict[str, str]:
    """Do with tasks what a form says; what is wrong, by the block that says it."""
    wrong: dict[str, str] = {}
    for place, (key, (status, percent)) in enumerate(drawn.items()):
        chosen = values.get(f"status{place}") or status
        written = (values.get(f"percent{place}") or "").strip().removesuffix("%").strip() or str(percent)
        if not written.isdigit() or int(written) > ALL:
            wrong[f"percent{place}"] = "Write a number from 0 to 100."
            continue
        try:
            _change(tx, who, key, chosen if chosen != status else "", int(written) if written != str(percent) else None)
        except Refused as refused:
            wrong[f"status{place}" if chosen != status else f"percent{place}"] = refused.sentence
    return wrong


def _change(tx: Tx, who: Asker, key: str, status: str, percent: int | None) -> None:
    if status == State.COMPLETED:
        tasks.complete(tx, who, key)
    elif status == State.IN_PROGRESS and percent is None:
        tasks.start(tx, who, key)
    elif status == State.NOT_STARTED:
        raise Refused(f"{key} has begun: say how far it is, or complete it. `/task release {key}` gives it back.")
    elif percent is not None:
        tasks.progress(tx, who, key, percent)
