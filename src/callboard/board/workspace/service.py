"""The verbs of a workspace: follow the plan, make commits of what happened, claim a push, keep what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from callboard.blockers import store as blockers
from callboard.board.workspace import facts, history, notices, store
from callboard.board.workspace.canvas import service as canvas
from callboard.board.workspace.facts import Facts
from callboard.board.workspace.files import made
from callboard.board.workspace.models import Commit, Workspace
from callboard.board.workspace.plan import part
from callboard.conflicts import store as conflicts
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.emergencies import store as emergencies
from callboard.gates import store as gates
from callboard.plans import service as plans
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.runbooks import store as runbooks
from callboard.tasks import store as tasks

LEASE = timedelta(minutes=15)
FIRST_AGAIN = timedelta(seconds=30)
TOLD_AFTER = 2
"""Failures: a network may blink."""
SHORT = 12
BEGINNING = "Workspace begins"
LESSER = "Progress"
Names = Mapping[tuple[str, int], Mapping[str, str]]


@dataclass(frozen=True)
class Claim:
    """A workspace that one process pushes now. `fence` is the number of the claim."""

    workspace: int
    plan: str
    plan_id: int
    repository: str
    branch: str
    fence: int
    commits: Sequence[Commit]


def follow(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """The workspace is where the plan says. In another place it begins anew, with all files."""
    live = plans.live(tx, event.plan_id)
    wanted, row = part(live), store.of_plan(tx, event.plan_id)
    if row is None and not wanted.repository and not wanted.canvases:
        return
    row = row or Workspace(plan_id=event.plan_id, repository="", branch="", every=0)
    row.every = int(wanted.every.total_seconds())
    if (row.repository, row.branch) != (wanted.repository, wanted.branch):
        if row.id:
            store.forget(tx, row.number)
        row.repository, row.branch, row.seq = wanted.repository, wanted.branch, store.sealed(tx, event.plan_id)
        row.prints, row.lesser_at, row.next_at, row.pushed_at = {}, None, None, None
        row.failures, row.trouble, row.told_at = 0, "", None
    canvas.follow(tx, row, wanted=wanted.canvases)
    tx.session.add(row)
    tx.session.flush()


def look(tx: Tx, numbers: Sequence[int]) -> None:
    """Make a commit of what happened in each workspace since it was looked at."""
    for number in numbers:
        workspace = store.workspace(tx, number)
        if workspace is None or not (entries := store.entries(tx, workspace)):
            continue
        workspace.seq = entries[-1].seq or 0
        canvas.note(workspace, tx.now + canvas.SOON)
        if workspace.repository:
            _collect(tx, workspace, entries)
        tx.session.add(workspace)
    tx.session.flush()


def _collect(tx: Tx, workspace: Workspace, entries: Sequence[Entry]) -> None:
    mattering = history.matters(entries)
    if mattering or not workspace.prints:
        _commit(tx, workspace, mattering, entries[-1])
    elif history.has_lesser(entries):
        workspace.lesser_at = workspace.lesser_at or tx.now


def gather(tx: Tx, numbers: Sequence[int]) -> None:
    """Lesser changes have waited long enough: one commit for all of them."""
    for number in numbers:
        workspace = store.workspace(tx, number)
        if workspace is None or workspace.lesser_at is None:
            continue
        last = store.entry(tx, workspace.plan_id, workspace.seq)
        if last is not None:
            _commit(tx, workspace, [], last)
        workspace.lesser_at = None
        tx.session.add(workspace)
    tx.session.flush()


def claim(tx: Tx, number: int) -> Claim | None:
    """Take a workspace to push what waits; None where another process does, or nothing waits."""
    found = store.workspace(tx, number) if store.claim(tx, number, tx.now + LEASE) else None
    if found is None:
        return None
    commits = store.waiting(tx, number)
    key = plans.plan(tx, found.plan_id).key
    return Claim(number, key, found.plan_id, found.repository, found.branch, found.fence, commits)


def pushed(tx: Tx, taken: Claim) -> None:
    """These commits are in the repository; what came meanwhile waits its turn."""
    workspace = _still(tx, taken)
    if workspace is None:
        return
    if taken.commits:
        store.forget(tx, workspace.number, taken.commits[-1].id)
    if told := workspace.told_at is not None:
        timeline.record(tx, workspace.plan_id, workspace.subject, "pushed again")
    workspace.pushed_at, workspace.failures, workspace.trouble, workspace.told_at = tx.now, 0, "", None
    more = store.newest(tx, workspace.number)
    workspace.next_at = tx.now + timedelta(seconds=workspace.every) if more else None
    workspace.leased_until = None
    tx.session.add(workspace)
    tx.session.flush()
    if told:
        notices.tell_mended(tx, workspace)


def failed(tx: Tx, taken: Claim, why: str) -> None:
    """It could not be pushed: try again later, and tell it once."""
    workspace = _still(tx, taken)
    if workspace is None:
        return
    workspace.failures += 1
    workspace.trouble, workspace.leased_until = why, None
    pause = FIRST_AGAIN * 2 ** min(workspace.failures - 1, 10)
    workspace.next_at = tx.now + min(max(timedelta(seconds=workspace.every), FIRST_AGAIN), pause)
    if workspace.failures >= TOLD_AFTER and workspace.told_at is None:
        workspace.told_at = tx.now
        timeline.record(tx, workspace.plan_id, workspace.subject, "not pushed", said=why)
        notices.tell_trouble(tx, workspace)
    tx.session.add(workspace)
    tx.session.flush()


def _still(tx: Tx, taken: Claim) -> Workspace | None:
    found = store.workspace(tx, taken.workspace)
    same = found and (found.fence, found.repository, found.branch) == (taken.fence, taken.repository, taken.branch)
    return found if same else None


def _commit(tx: Tx, workspace: Workspace, mattering: Sequence[Entry], last: Entry) -> None:
    """A commit of the files as they stand now, if any is different."""
    known = facts.read(tx, workspace.plan_id)
    files, before = made(known), workspace.prints
    prints = {path: _print(text) for path, text in files.items()}
    changed: dict[str, str | None] = {path: text for path, text in files.items() if before.get(path) != prints[path]}
    changed |= dict.fromkeys(path for path in before if path not in prints)
    workspace.lesser_at = None
    if not changed:
        return
    if mattering and before:
        line = partial(history.line, known, names=_names(tx, known, mattering))
        told = history.told(known, mattering, line)
    else:
        text = LESSER if before else BEGINNING
        told = history.Told(f"{text}: {known.directory.plan_name}", "Callboard", f"callboard@{history.NO_REPLY}")
    tx.session.add(Commit(
        workspace_id=workspace.number, plan_id=workspace.plan_id, at=(mattering or [last])[-1].at,
        zone=known.directory.timezone, author=told.author, mail=told.mail, message=told.message,
        mark=f"{last.seq}-{(last.hash or '')[:SHORT]}", whole=not before, files=changed,
    ))  # fmt: skip
    workspace.prints = prints
    workspace.next_at = workspace.next_at or _turn(workspace, tx.now)


def _turn(workspace: Workspace, now: datetime) -> datetime:
    """When it may be pushed next: at once after a long time without."""
    every = timedelta(seconds=workspace.every)
    return max(now, workspace.pushed_at + every) if workspace.pushed_at else now


def _names(tx: Tx, known: Facts, entries: Sequence[Entry]) -> Names:
    """What the subjects of entries are called."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for subject in dict.fromkeys((entry.subject_kind, entry.subject_id) for entry in entries):
        found[subject] = {key: known.text(text) for key, text in _called(tx, *subject).items()}
    return found


def _called(tx: Tx, kind: str, number: int) -> dict[str, str]:
    read = CALLED.get(kind)
    return read(tx, number) if read else {}


def _task(tx: Tx, number: int) -> dict[str, str]:
    task = tasks.find(tx, number)
    return {"key": task.key, "name": task.title} if task else {}


def _blocker(tx: Tx, number: int) -> dict[str, str]:
    blocker = blockers.find(tx, number)
    return {"name": blocker.what} if blocker else {}


def _gate(tx: Tx, number: int) -> dict[str, str]:
    gate = gates.known(tx, number)
    return {"name": gate.name if gate.name.lower().startswith("gate") else f'Gate "{gate.name}"'}


def _conflict(tx: Tx, number: int) -> dict[str, str]:
    found = conflicts.find(tx, number)
    return {"name": " and ".join(filter(None, (found.one, found.other)))} if found else {}


def _emergency(tx: Tx, number: int) -> dict[str, str]:
    found = emergencies.find(tx, number)
    return {"name": found.called, "what": found.what} if found else {}


def _run(tx: Tx, number: int) -> dict[str, str]:
    run = runbooks.run(tx, number)
    return {"name": f"{run.name} (drill)" if run.drill else run.name} if run else {}


def _step(tx: Tx, number: int) -> dict[str, str]:
    step = runbooks.step(tx, number)
    return {"name": step.title, "run": _run(tx, step.run_id).get("name", "")} if step else {}


CALLED: Mapping[str, Callable[[Tx, int], dict[str, str]]] = {
    "task": _task, "blocker": _blocker, "gate": _gate, "conflict": _conflict, "emergency": _emergency, "run": _run,
    "step": _step,
}  # fmt: skip


def _print(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]
