"""The verbs of mirrors and branches: claim a mirror, keep what a scan found or a forge reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callboard.branches import models, notices, store
from callboard.branches.models import Branch, BranchesSeen, CheckState, ForgeNews, Line, Merge, Mirror, Pull, Seen
from callboard.branches.plan import REPOSITORIES, RepositoryPart
from callboard.branches.store import check_reports, live, merges_of, open_pulls
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.registry import Key
from callboard.plans import service as plans

__all__ = ["check_reports", "live", "merges_of", "open_pulls"]

LEASE = timedelta(minutes=15)
MOST_FILES = 100_000
TOLD_AFTER = 2
"""Failures: a network may blink."""
LONGEST_NAME = 200
OVER_443 = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}
"""Where forges take ssh at the port of https, and what they call that place otherwise."""
Touches = Callable[[str, str, Collection[models.Stack] | None], bool]
"""Whether some sections of a file of a repository are meant; None stands for all sections."""
FROZEN: Key[Callable[[Tx, int, str, str, str], str]] = Key("why a branch takes no changes now", lambda *_: "")
"""Asked with a plan, a repository, a branch and whoever wants to change it; empty where they may."""


@dataclass(frozen=True)
class Claim:
    """A mirror that one process scans now. `fence` is the number of the claim."""

    mirror: int
    plan_id: int
    repository: str
    clone: str
    fence: int


def claim(tx: Tx, number: int) -> Claim | None:
    """Take a mirror to scan it; None where another process scans it."""
    found = store.mirror(tx, number) if store.claim(tx, number, tx.now + LEASE) else None
    return Claim(number, found.plan_id, found.repository, found.clone, found.fence) if found else None


def address(clone: str) -> str:
    """Where a repository is fetched from: `env:NAME` in the plan names a variable that holds the address."""
    return os.environ.get(clone.removeprefix("env:").strip(), "") if clone.startswith("env:") else clone


def received(tx: Tx, news: ForgeNews) -> int | None:
    """Keep what a forge reports; how many repositories of plans it is about, None for what was received before."""
    if not store.is_new(tx, news.digest):
        return None
    wanted = {normal(address) for address in news.addresses if address}
    mirrors = [mirror for mirror in store.followed(tx) if normal(address(mirror.clone)) in wanted]
    for mirror in mirrors:
        if news.queued:
            _keep_queued(tx, mirror, news)
        elif news.check:
            state = models.CHECK_STATES.get(news.state, CheckState.RUNNING)
            store.keep_check(tx, mirror, news.head, news.check[:LONGEST_NAME], state, news.as_of)
        else:
            _pushed(tx, mirror)
            if news.pull:
                _keep_pull(tx, mirror, news)
    return len(mirrors)


def normal(address: str) -> str:
    """`host/group/name`: the same for https and ssh."""
    bare = address.strip().lower().partition("://")[2] or address.strip().lower().replace(":", "/", 1)
    host, _, path = bare.rpartition("@")[2].partition("/")
    name = host.partition(":")[0]
    return f"{OVER_443.get(name, name)}/{path.strip('/').removesuffix('.git')}"


def keep(tx: Tx, taken: Claim, seen: Seen, every: timedelta, begun_at: datetime) -> None:
    """Keep what a scan found, and publish it, unless the mirror was claimed anew meanwhile."""
    mirror = _still(tx, taken)
    if mirror is None:
        return
    moved = list(_kept(tx, mirror, seen))
    if seen.files is not None:
        row = tx.get(models.MirrorFiles, mirror.number) or models.MirrorFiles(mirror_id=mirror.number)
        row.paths = list(seen.files) if len(seen.files) <= MOST_FILES else []
        tx.session.add(row)
    branches = {branch.name: branch for branch in store.standing(tx, mirror)}
    event = BranchesSeen(mirror.plan_id, mirror.repository, branches, seen.meetings, moved, mirror.pushed_at)
    _fetched(tx, mirror, every, again=mirror.pushed_at is not None and mirror.pushed_at > begun_at)
    mirror.main_head = seen.main_head
    tx.session.flush()
    tx.publish(event)


def failed(tx: Tx, taken: Claim, why: str, every: timedelta) -> None:
    """A repository could not be fetched or read: try again later, and tell it once."""
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
        notices.tell_trouble(tx, mirror)


def want_merge(tx: Tx, plan_id: int, repository: str, sides: tuple[str, str], by: str, about: int) -> Merge:
    """Have git merge two branches as they are now. Refused for branches that are not there any more."""
    mirror = next((row for row in store.mirrors(tx, plan_id) if row.repository == repository and row.next_at), None)
    heads = {branch.name: branch.head for branch in store.standing(tx, mirror)} if mirror else {}
    if mirror is None or not set(sides) <= heads.keys():
        raise Refused("One of the branches is not there any more.")
    merge = Merge(
        plan_id=plan_id, mirror_id=mirror.number, about=about, one=sides[0], other=sides[1], one_head=heads[sides[0]],
        other_head=heads[sides[1]], by=by, asked_at=tx.now,
    )  # fmt: skip
    mirror.next_at = tx.now
    if why := not_merged(tx, repository, merge):
        raise Refused(why)
    tx.session.add_all((merge, mirror))
    tx.session.flush()
    tx.nudge("mirrors")
    return merge


def merge_ended(tx: Tx, taken: Claim, number: int, commit: str, trouble: str) -> None:
    """Git has made and pushed a merge, or why it could not; once, and only by whoever has the mirror."""
    merge = tx.get(Merge, number, fresh=True)
    if merge is None or merge.ended_at is not None or _still(tx, taken) is None:
        return
    merge.commit, merge.trouble, merge.ended_at = commit, trouble, tx.now
    tx.session.add(merge)
    tx.session.flush()
    tx.publish(models.MergeEnded(merge))


def not_merged(tx: Tx, repository: str, merge: Merge) -> str:
    """Why two branches are not merged now: one of them, or the one that would be pushed, is frozen."""
    names, frozen = dict.fromkeys((merge.one, merge.other, merge.branch)), tx.of(FROZEN)
    return next(filter(None, (frozen(tx, merge.plan_id, repository, name, merge.by) for name in names)), "")


def target(tx: Tx, pull: Pull) -> str:
    """The branch that a request is to be merged into; main where no forge has said."""
    part = repositories(tx, pull.plan_id).get(pull.repository)
    return pull.base or (part.main if part else "")


def touching(tx: Tx, plan_id: int, touches: Touches, *, besides: str = "") -> list[tuple[Branch, list[str]]]:
    """The live branches that change what is meant, with the files; without those of the person `besides`."""
    found = []
    for branch in store.live(tx, plan_id):
        if branch.protected or (besides and branch.person == besides):
            continue
        files = [path for path, sections in touched(branch) if touches(branch.repository, path, sections)]
        if files:
            found.append((branch, files))
    return found


def heads(tx: Tx, plan_id: int) -> dict[str, str]:
    """The newest known commit of each repository's main branch."""
    return {mirror.repository: mirror.main_head for mirror in store.mirrors(tx, plan_id)
            if mirror.main_head and mirror.next_at}  # fmt: skip


def repositories(tx: Tx, plan_id: int) -> Mapping[str, RepositoryPart]:
    """The repositories that a plan names."""
    return plans.live(tx, plan_id).of(REPOSITORIES) or {}


def ignores(tx: Tx, plan_id: int, repository: str, name: str) -> bool:
    """Whether the plan leaves a branch out."""
    part = repositories(tx, plan_id).get(repository)
    return part is not None and part.ignores(name)


def files(tx: Tx, plan_id: int, repository: str) -> Sequence[str]:
    """The files of a repository's main branch; empty where it was never mirrored."""
    fetched = {mirror.repository: mirror.number for mirror in store.mirrors(tx, plan_id) if mirror.fetched_at}
    found = tx.get(models.MirrorFiles, fetched[repository]) if repository in fetched else None
    return found.paths if found else ()


def touched(branch: Branch) -> Iterator[tuple[str, Collection[models.Stack] | None]]:
    for path, _, sections in branch.touched:
        yield path, None if sections is None else {tuple(stack) for stack in sections}


def _pushed(tx: Tx, mirror: Mirror) -> None:
    """Scan it now. The clocks of conflicts begin with the first push that no scan has seen."""
    mirror.pushed_at = mirror.pushed_at or tx.now
    mirror.next_at = tx.now
    tx.session.add(mirror)
    tx.session.flush()
    tx.nudge("mirrors")


def _fetched(tx: Tx, mirror: Mirror, every: timedelta, *, again: bool) -> None:
    """The trouble is over; what was pushed while it was scanned is scanned `again` at once."""
    mirror.fetched_at, mirror.failures, mirror.leased_until = tx.now, 0, None
    mirror.next_at, mirror.pushed_at = (tx.now, mirror.pushed_at) if again else (tx.now + every, None)
    if mirror.told_at is not None:
        timeline.record(tx, mirror.plan_id, mirror.subject, "fetched again", repository=mirror.repository)
        outbox.touch(tx, models.KIND, [mirror.number], superseded=True)
    mirror.trouble, mirror.told_at = "", None
    tx.session.add(mirror)


def _still(tx: Tx, taken: Claim) -> Mirror | None:
    mirror = store.mirror(tx, taken.mirror)
    return mirror if mirror and mirror.fence == taken.fence and mirror.next_at is not None else None


def _kept(tx: Tx, mirror: Mirror, seen: Seen) -> Iterator[models.Moved]:
    known = {branch.name: branch for branch in store.standing(tx, mirror)}
    new = [line.name for line in seen.lines if line.name not in known]
    known |= {branch.name: branch for branch in store.called(tx, mirror, new)}
    for line in seen.lines:
        branch = known.pop(line.name, None) or Branch(
            plan_id=mirror.plan_id, mirror_id=mirror.number, repository=mirror.repository, name=line.name
        )
        was = branch.head if branch.gone_at is None else ""
        if was != line.head or branch.base != line.base or branch.team != line.team:
            _take_over(branch, line)
            tx.session.add(branch)
        if was != line.head and mirror.fetched_at is not None and (was or mirror.main_head):
            # As the forge reported the push; else when it was committed, but not before the last scan.
            yield models.Moved(branch, min(mirror.pushed_at or max(line.committed_at, mirror.fetched_at), tx.now))
    for branch in known.values():
        branch.gone_at = branch.gone_at or tx.now
        tx.session.add(branch)
    tx.session.flush()


def _take_over(branch: Branch, line: Line) -> None:
    rows: list[Any] = [
        [path, kind, None if sections is None else sorted(map(list, sections))]
        for path, (kind, sections) in list(line.touched.items())[: models.MOST_PATHS]
    ]
    branch.head, branch.base, branch.team, branch.person = line.head, line.base, line.team, line.person
    branch.author, branch.protected, branch.touched = line.author, line.protected, rows
    branch.files, branch.gone_at = len(line.touched), None


def _keep_queued(tx: Tx, mirror: Mirror, news: ForgeNews) -> None:
    """A merge queue asks about the commit that it makes of some requests."""
    pulls = [_pull(tx, mirror, news, number) for number in news.batch]
    for pull in pulls:
        pull.branch = pull.branch or news.branch
        pull.base = news.base or pull.base
        pull.queued, pull.said, pull.open = news.queued, "", True
    tx.session.flush()
    for pull in pulls:
        tx.publish(models.PullChanged(pull))


def _keep_pull(tx: Tx, mirror: Mirror, news: ForgeNews) -> None:
    pull = _pull(tx, mirror, news, news.pull)
    if pull.as_of and news.as_of and news.as_of < pull.as_of:
        return
    pull.as_of = news.as_of
    pull.said = pull.said if pull.head == news.head else ""
    pull.head, pull.branch, pull.author = news.head, news.branch, news.author
    pull.fork, pull.open, pull.base = news.fork, news.open, news.base
    tx.session.flush()
    if pull.open:
        tx.publish(models.PullChanged(pull))


def _pull(tx: Tx, mirror: Mirror, news: ForgeNews, number: int) -> Pull:
    pull = store.pull_of(tx, mirror, number) or Pull(
        plan_id=mirror.plan_id, repository=mirror.repository, forge=news.forge, project=news.project, number=number,
    )  # fmt: skip
    tx.session.add(pull)
    return pull
