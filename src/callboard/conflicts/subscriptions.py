"""What conflicts make of a look into a mirror, a pull request and a step of a ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.branches import store as branch_rows
from callboard.branches.events import BranchesSeen, PullChanged
from callboard.conflicts import models, notices, store
from callboard.conflicts.models import KIND, Conflict, Degree
from callboard.conflicts.plan import clocks
from callboard.conflicts.pull_status import tell, verdict
from callboard.conflicts.service import announce
from callboard.conflicts.severity import MOST_FILES, Found, Judge
from callboard.core import outbox, timeline
from callboard.escalation import service as escalation

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_steps_due(tx: Tx, event: escalation.StepsDue) -> None:
    """A climb moved: the cards show it."""
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps])


def on_branches_seen(tx: Tx, seen: BranchesSeen) -> None:
    """Make what stands in the table what was seen: new ones are told, those that are gone close themselves."""
    found = {one.key(seen.repository): one for one in Judge(tx, seen).all()}
    there = {one.key: one for one in store.standing(tx, seen.plan_id, seen.repository, lock=True)}
    for key, one in found.items():
        if key in there:
            _seen_again(tx, there[key], one)
        else:
            _begin(tx, seen, one)
    for key, conflict in there.items():
        if key not in found:
            _gone(tx, conflict)


def on_pull_changed(tx: Tx, event: PullChanged) -> None:
    """Say that it is being looked at; or that it cannot be."""
    tell(tx, event.pull, verdict(tx, event.pull))


def set_statuses(tx: Tx, seen: BranchesSeen) -> None:
    """Say of each open request what is the case now."""
    for pull in branch_rows.open_pulls(tx, seen.plan_id, seen.repository):
        tell(tx, pull, verdict(tx, pull))


def _begin(tx: Tx, seen: BranchesSeen, found: Found) -> None:
    heads = {found.one.name, found.other.name if found.other else ""}
    pushes = [moved.pushed_at for moved in seen.moved if moved.branch.name in heads]
    pushed_at = max(pushes, default=seen.pushed_at or tx.now)
    spans = clocks(tx, seen.plan_id)
    conflict = Conflict(
        plan_id=seen.plan_id, repository=seen.repository, one=found.one.name,
        other=found.other.name if found.other else "", kind=found.kind, degree=found.degree, pushed_at=pushed_at,
        found_at=tx.now,
    )  # fmt: skip
    if found.degree != Degree.SIMPLE:
        conflict.resolve_at = max(pushed_at + spans["resolve"], tx.now + (spans["resolve"] - spans["respond"]))
        conflict.validate_at = max(pushed_at + spans["validate"], conflict.resolve_at)
    _take_over(conflict, found)
    models.look(conflict, tx.now)
    tx.session.add(conflict)
    tx.session.flush()
    announce(tx, conflict, "found")


def _seen_again(tx: Tx, conflict: Conflict, found: Found) -> None:
    worse = found.degree.rank > Degree(conflict.degree).rank
    before = (conflict.degree, conflict.files, conflict.hunks, conflict.why)
    _take_over(conflict, found)
    if before == (conflict.degree, conflict.files, conflict.hunks, conflict.why):
        tx.session.add(conflict)
        return
    if not worse:
        notices.changed(tx, conflict, "changed", timeline.BOT)
        return
    escalation.end(tx, conflict.subject)
    models.open_again(conflict)
    spans = clocks(tx, conflict.plan_id)
    conflict.resolve_at, conflict.validate_at = tx.now + spans["resolve"], tx.now + spans["validate"]
    models.look(conflict, tx.now)
    announce(tx, conflict, "got worse")


def _gone(tx: Tx, conflict: Conflict) -> None:
    models.end(conflict, "gone", tx.now)
    notices.changed(tx, conflict, "gone", timeline.BOT)
    escalation.end(tx, conflict.subject)


def _take_over(conflict: Conflict, found: Found) -> None:
    sides = [found.one, *([found.other] if found.other else [])]
    conflict.degree, conflict.why, conflict.files = found.degree, list(found.why), list(found.files[:MOST_FILES])
    conflict.hunks = [list(one) for one in found.hunks]
    conflict.teams = list(found.teams)
    conflict.people = [side.person or side.author for side in sides]
    conflict.heads = [side.head for side in sides]
