"""Who is paged next by a running climb, and leaves the plan with a new version of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.escalation.models import Climb, State
from callboard.escalation.policies import policy_of
from callboard.planfile.sections import Document
from callboard.teams import who
from callboard.teams.directory import Directory
from callboard.teams.plan import drafted

if TYPE_CHECKING:
    from callboard.core.db import Tx


def paged_next(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Name them, and what the climbs are about."""
    gone = set(before.keys("people")) - set(after.keys("people"))
    directory = drafted(before)
    if not gone or directory is None:
        return
    waiting: dict[str, list[str]] = {}
    running = select(Climb).where(Climb.plan_id == plan_id, Climb.state != State.ENDED).order_by(col(Climb.id))
    for climb in tx.session.exec(running):
        for key in gone.intersection(_next(tx, directory, climb)):
            waiting.setdefault(key, []).append(f"{climb.subject_kind} {climb.subject_id}")
    for key, subjects in sorted(waiting.items()):
        yield f"{key} leaves the plan and would be paged next for {', '.join(subjects)}"


def _next(tx: Tx, directory: Directory, climb: Climb) -> list[str]:
    """Whom the next step of a climb means."""
    steps = policy_of(tx, climb.policy).steps
    if climb.reached + 1 >= len(steps):
        return []
    concern = who.Concern(team=climb.team, reporter=climb.reporter, assignees=tuple(climb.assignees))
    return [person.key for person in who.seats(directory, steps[climb.reached + 1].notify, concern)]
