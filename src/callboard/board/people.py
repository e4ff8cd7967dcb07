"""What each person is in the plan for, how much they have in hand, and who carries too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import counted
from callboard.planfile.sections import Document
from callboard.planning import messages
from callboard.plans import service as plans
from callboard.risks.plan import RISKS, InProgressPart
from callboard.tasks import service as tasks
from callboard.tasks.models import State
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams
from callboard.teams.plan.people import PEOPLE

USUAL_LIMIT = 5
"""More tasks than so many in progress are too much for one person, where no risk of the plan says otherwise."""


def people(tx: Tx, directory: Directory) -> Message:
    live, busy = plans.live(tx, directory.plan_id), in_progress(tx, directory.plan_id)
    most = limits(live)
    parts = live.of(PEOPLE) or {}
    about: dict[str, list[str]] = {}
    for key in directory.people:
        part, count = parts.get(key), busy[key]
        words = [part.title, part.focus and f"focus {part.focus}", part.capacity and f"capacity {part.capacity}",
                 "critical path" if part.critical_path else ""] if part else []  # fmt: skip
        words.append(f"{counted(count, 'task')} in progress" if count else "")
        about[key] = [m.escape(word) for word in words if word]
    shown = messages.people(directory, tx.now, about)
    over = [key for key in directory.people if busy[key] > most.get(key, USUAL_LIMIT)]
    told = [f"{directory.called(key)}, {busy[key]} in progress, {most.get(key, USUAL_LIMIT)} at most" for key in over]
    warned = [b.section("\n".join([m.bold("Carries too much"), *(f":warning: {each}" for each in told)]))]
    return replace(shown, blocks=[*warned, *shown.blocks]) if told else shown


def in_progress(tx: Tx, plan_id: int) -> Counter[str]:
    """How many tasks each person has begun, and is not done with."""
    begun = (task for task in tasks.seen(tx, plan_id) if task.status == State.IN_PROGRESS)
    return Counter(person for task in begun for person in task.assignees)


def limits(document: Document) -> Mapping[str, int]:
    """How many tasks in progress the risks of the plan allow somebody at once."""
    found: dict[str, int] = {}
    for risk in document.of(RISKS) or ():
        for indicator in risk.indicators:
            if isinstance(indicator, InProgressPart) and indicator.in_progress.of:
                named = teams.meant(document, indicator.in_progress.of)
                if len(named) == 1:
                    found[named[0]] = indicator.in_progress.more_than
    return found
