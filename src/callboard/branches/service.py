"""The verbs of mirrors and branches: claim, keep what was found or what a forge tells, say what cannot be fetched."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete
from sqlmodel import col, select

from callboard.branches import store
from callboard.branches.events import BranchesSeen, Moved, PullChanged
from callboard.branches.models import (
    CHECK_STATES,
    KIND,
    MOST_PATHS,
    RUNNING,
    Branch,
    CheckReport,
    ForgeNews,
    HookReceived,
    Line,
    Mirror,
    MirrorFiles,
    Pull,
    Seen,
    Stack,
)
from callboard.branches.store import followed
from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

LEASE = timedelta(minutes=15)
MOST_FILES = 100_000
TOLD_AFTER = 2
"""Failures: a network may blink."""
Touches = Callable[[str, str, Collection[Stack] | None], bool]
"""Whether a repository's file, and of it these sections, is meant; all of it where the sections are None."""
LONGEST_NAME = 200
HOOKS_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Claim:
    """Somebody looks into a mirror: which, of what, and the claim's number."""

    mirror: int
    plan_id: int
    repository: str
    clone: str
    fence: int


class Replayed(Exception):
    """The very same was received before."""


def due(tx: Tx, limit: int = 20) -> Sequence[int]:
    """The mirrors to be looked into."""
    return store.due(tx, limit)


def next_at(tx: Tx) -> datetime | None:
    """When the next mirror is to be looked into."""
    return store.next_at(tx)


def claim(tx: Tx, number: int) -> Claim | None:
    """Take a mirror to look into it; None where somebody else does."""
    found = store.mirror(tx, number) if store.claim(tx, number, tx.now + LEASE) else None
    return Claim(number, found.plan_id, found.repository, found.clone, found.fence) if found else None


def address(clone: str) -> str:
    """Where a repository is fetched from: `env:NAME` stands in the plan for an address with a secret in it."""
    return os.environ.get(clone.removeprefix("env:").strip(), "") if clone.startswith("env:") else clone


def pushed(tx: Tx, mirror: Mirror) -> None:
    """There was a push: look into it now. The first push that nobody has looked at is when the clocks began."""
    mirror.pushed_at = mirror.pushed_at or tx.now
    mirror.next_at = tx.now
    tx.session.add(mirror)
    tx.session.flush()
    tx.nudge("mirrors")


def received(tx: Tx, told: ForgeNews) -> int:
    """Take in what a forge tells; for how many of the plans' repositories that is. Raises Again for a replay."""
    tx.connection.execute(delete(HookReceived).where(col(HookReceived.at) < tx.now - HOOKS_KEPT))
    new = tx.insert(HookReceived).values(digest=told.digest, at=tx.now).on_conflict_do_nothing()
    if tx.connection.execute(new.returning(HookReceived.digest)).first() is None:
        raise Replayed
    wanted = {normal(address) for address in told.addresses if address}
    mirrors = [one for one in followed(tx) if normal(address(one.clone)) in wanted]
    for mirror in mirrors:
        if told.check:
            keep_check(tx, mirror, told.head, told.check, told.state)
            continue
        pushed(tx, mirror)
        if told.pull:
            _keep_pull(tx, mirror, told)
    return len(mirrors)


def keep_check(tx: Tx, mirror: Mirror, commit: str, name: str, said: str) -> None:
    """Keep what was reported of a commit; a later word takes the place of the one before."""
    state = CHECK_STATES.get(said, RUNNING)
    row = {"plan_id": mirror.plan_id, "repository": mirror.repository, "commit": commit, "name": name[:LONGEST_NAME]}
    new = tx.insert(CheckReport).values(**row, state=state, at=tx.now)
    again = new.on_conflict_do_update(index_elements=list(row), set_={"state": state, "at": tx.now})
    tx.connection.execute(again)


def normal(address: str) -> str:
    """An address without how it is reached: `host/group/name`, the same over https and ssh."""
    bare = address.strip().lower().partition("://")[2] or address.strip().lower().replace(":", "/", 1)
    host, _, path = bare.rpartition("@")[2].partition("/")
    return f"{host.partition(':')[0]}/{path.strip('/').removesuffix('.git')}"


def keep(tx: Tx, taken: Claim, seen: Seen, every: timedelta, begun_at: datetime) -> BranchesSeen | None:
    """Keep what a look has found, and tell it. None where the mirror was claimed anew meanwhile."""
    mirror = _still(tx, taken)
    if mirror is None:
        return None
    moved = list(_kept(tx, mirror, seen))
    if seen.files is not None:
        _keep_files(tx, mirror, seen.files)
    branches = {one.name: one for one in store.of_mirror(tx, mirror.number) if one.gone_at is None}
    event = BranchesSeen(mirror.plan_id, mirror.repository, seen.main, branches, seen.meetings, moved, mirror.pushed_at)
    again = mirror.pushed_at is not None and mirror.pushed_at > begun_at
    mirror.main_head, mirror.fetched_at, mirror.failures, mirror.leased_until = seen.main_head, tx.now, 0, None
    mirror.next_at = tx.now if again else tx.now + every
    mirror.pushed_at = mirror.pushed_at if again else None
    if mirror.trouble:
        _recovered(tx, mirror)
    tx.session.add(mirror)
    tx.session.flush()
    tx.publish(event)
    return event


def failed(tx: Tx, taken: Claim, why: str, every: timedelta) -> None:
    """It could not be fetched or read: look again later, and say so once."""
    mirror = _still(tx, taken)
    if mirror is None:
        return
    mirror.failures += 1
    mirror.trouble, mirror.leased_until = why, None
    mirror.next_at = tx.now + min(every, timedelta(seconds=30) * 2 ** min(mirror.failures - 1, 10))
    tx.session.add(mirror)
    tx.session.flush()
    if mirror.failures >= TOLD_AFTER and mirror.told_at is None:
        mirror.told_at = tx.now
        timeline.record(tx, mirror.plan_id, mirror.subject, "not fetched", said=why, repository=mirror.repository)
        directory = teams.directory(tx, mirror.plan_id)
        outbox.enqueue(tx, [
            Post(
                key=f"{KIND}:{mirror.number}:trouble:{tx.now.isoformat()}", plan_id=mirror.plan_id,
                workspace=directory.workspace, address=directory.home_channel(), kind=f"{KIND}.trouble",
                subject=mirror.subject, priority=Priority.UPDATE, editable=True,
            )
        ])  # fmt: skip


def live(tx: Tx, plan_id: int) -> Sequence[Branch]:
    """The live branches of a plan."""
    return store.live(tx, plan_id)


def touching(tx: Tx, plan_id: int, touches: Touches, *, besides: str = "") -> list[tuple[Branch, list[str]]]:
    """The live branches that change what is meant, with the files; those `besides` somebody's own."""
    found = []
    for branch in store.live(tx, plan_id):
        if branch.protected or (besides and branch.person == besides):
            continue
        files = [path for path, sections in touched(branch) if touches(branch.repository, path, sections)]
        if files:
            found.append((branch, files))
    return found


def heads(tx: Tx, plan_id: int) -> dict[str, str]:
    """The newest commit of each repository's main branch, as far as it is known."""
    return {one.repository: one.main_head for one in store.mirrors(tx, plan_id) if one.main_head and one.next_at}


def files(tx: Tx, plan_id: int, repository: str) -> Sequence[str]:
    """The files of a repository's main branch; none where it has no mirror."""
    mirror = store.called(tx, plan_id, repository)
    found = store.files(tx, mirror.number) if mirror and mirror.fetched_at else None
    return found.paths if found else ()


def touched(branch: Branch) -> Iterator[tuple[str, Collection[Stack] | None]]:
    """The files that a branch changes, with the sections."""
    for path, _, sections in branch.touched:
        yield path, None if sections is None else {tuple(each) for each in sections}


def _still(tx: Tx, taken: Claim) -> Mirror | None:
    mirror = store.mirror(tx, taken.mirror)
    return mirror if mirror and mirror.fence == taken.fence and mirror.next_at is not None else None


def _kept(tx: Tx, mirror: Mirror, seen: Seen) -> Iterator[Moved]:
    there = {one.name: one for one in store.of_mirror(tx, mirror.number)}
    first = mirror.fetched_at is None
    for line in seen.lines:
        branch = there.pop(line.name, None)
        was = branch.head if branch and branch.gone_at is None else ""
        if branch is None:
            branch = Branch(
                plan_id=mirror.plan_id, mirror_id=mirror.number, repository=mirror.repository, name=line.name,
                head="", base="", committed_at=line.committed_at, moved_at=tx.now,
            )  # fmt: skip
        if was != line.head or branch.base != line.base or branch.team != line.team:
            pushed_at = _pushed_at(tx, mirror, line)
            _take_over(branch, line, pushed_at)
            tx.session.add(branch)
            if was != line.head and not first:
                yield Moved(branch, was, pushed_at)
    for branch in there.values():
        if branch.gone_at is None:
            branch.gone_at = tx.now
            tx.session.add(branch)
    tx.session.flush()


def _take_over(branch: Branch, line: Line, at: datetime) -> None:
    rows: list[Any] = [
        [path, kind, None if sections is None else sorted(map(list, sections))]
        for path, (kind, sections) in list(line.touched.items())[:MOST_PATHS]
    ]
    branch.moved_at = at if branch.head != line.head else branch.moved_at
    branch.head, branch.base, branch.team, branch.person = line.head, line.base, line.team, line.person
    branch.author, branch.protected, branch.committed_at = line.author, line.protected, line.committed_at
    branch.touched, branch.files, branch.gone_at = rows, len(line.touched), None


def _pushed_at(tx: Tx, mirror: Mirror, line: Line) -> datetime:
    """When it was pushed: as was told, else when it was committed, as far as that is since the last look."""
    since = mirror.fetched_at or tx.now
    return min(mirror.pushed_at or max(line.committed_at, since), tx.now)


def _keep_files(tx: Tx, mirror: Mirror, files: Sequence[str]) -> None:
    kept = store.files(tx, mirror.number) or MirrorFiles(mirror_id=mirror.number)
    kept.paths = list(files) if len(files) <= MOST_FILES else []
    tx.session.add(kept)


def _recovered(tx: Tx, mirror: Mirror) -> None:
    if mirror.told_at is not None:
        timeline.record(tx, mirror.plan_id, mirror.subject, "fetched again", repository=mirror.repository)
        outbox.touch(tx, KIND, [mirror.number], superseded=True)
    mirror.trouble, mirror.told_at = "", None


def _keep_pull(tx: Tx, mirror: Mirror, told: ForgeNews) -> None:
    wanted = select(Pull).where(
        Pull.plan_id == mirror.plan_id, Pull.repository == mirror.repository, Pull.number == told.pull
    )
    pull = tx.session.exec(wanted).first() or Pull(
        plan_id=mirror.plan_id, repository=mirror.repository, forge=told.forge, project=told.project, number=told.pull,
        head="", branch="", base="", author="", heard_at=tx.now,
    )  # fmt: skip
    if pull.head != told.head:
        pull.said = ""
    pull.head, pull.branch, pull.base, pull.author = told.head, told.branch, told.base, told.author
    pull.fork, pull.open, pull.heard_at = told.fork, told.open, tx.now
    tx.session.add(pull)
    tx.session.flush()
    if pull.open:
        tx.publish(PullChanged(pull))
