"""What conflicts make of a scan, a pull request and a step of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.branches import service as branches
from callboard.branches.events import BranchesSeen, PullChanged
from callboard.conflicts import notices, service, store
from callboard.conflicts.models import KIND
from callboard.conflicts.severity import Judge
from callboard.core import outbox
from callboard.escalation.service import StepsDue

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb moved: the cards show it."""
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps])


def on_branches_seen(tx: Tx, seen: BranchesSeen) -> None:
    """Begin the conflicts that are new, go on with those found again, end the others."""
    found = {each.key(seen.repository): each for each in Judge(tx, seen).all()}
    standing = {conflict.key: conflict for conflict in store.standing(tx, seen.plan_id, seen.repository, lock=True)}
    for key, each in found.items():
        if key in standing:
            service.go_on(tx, standing[key], each)
        else:
            service.begin(tx, seen, each)
    for key, conflict in standing.items():
        if key not in found:
            service.end(tx, conflict)


def on_pull_changed(tx: Tx, event: PullChanged) -> None:
    notices.set_status(tx, event.pull)


def set_statuses(tx: Tx, seen: BranchesSeen) -> None:
    for pull in branches.open_pulls(tx, seen.plan_id, seen.repository):
        notices.set_status(tx, pull)
