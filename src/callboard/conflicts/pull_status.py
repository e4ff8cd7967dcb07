"""What Callboard says on a pull or merge request: whether locks and zones allow it, and with whom it collides."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callboard.branches import service as branches
from callboard.branches import store as branch_rows
from callboard.branches.models import MOST_PATHS, PULL, Branch, Pull
from callboard.conflicts import service
from callboard.conflicts.models import Degree
from callboard.core import outbox
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.core.registry import Key
from callboard.locks import push_rules
from callboard.locks.push_rules import Push, Touched
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

FORGES: Key[frozenset[str]] = Key("the forges of which there is a token", frozenset())


@dataclass(frozen=True)
class Verdict:
    """A status as GitHub calls it, and one line."""

    state: str
    said: str


def verdict(tx: Tx, pull: Pull) -> Verdict:
    """What is to be said of a request as things are."""
    if pull.fork:
        return Verdict("error", "Not checked: the branch is in another repository; run `callboard guard` in CI.")
    branch = next((one for one in branches.live(tx, pull.plan_id) if _is(one, pull)), None)
    if branch is None:
        return Verdict("pending", "Callboard is looking at these commits.")
    if branch.files > MOST_PATHS:
        return Verdict("error", f"Not checked: {branch.files:,} files are too many; run `callboard guard` in CI.")
    touched = [Touched(path, "changed", sections) for path, sections in branches.touched(branch)]
    found = push_rules.judge(
        tx, pull.plan_id, Push(pull.repository, pull.branch, (pull.author, branch.author), touched)
    )
    collides = _collisions(tx, branch)
    if found.refused:
        first = found.refused[0]
        why = f"locked (lock {first.lock})" if first.lock else "in another team's zone"
        more = f" and {len(found.refused) - 1} more" if len(found.refused) > 1 else ""
        return Verdict("failure", f"{first.path} is {why}{more}.{collides}")
    looked = f"{len(touched)} files against {found.locks} locks and {found.zones} zone patterns"
    return Verdict("success", f"Checked {looked}.{collides}")


def status(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The status as it is when it is sent."""
    pull = branch_rows.find_pull(tx, delivery.subject_id)
    if pull is None or not pull.open or not delivery.address.endswith(f"@{pull.head}"):
        return Drop("the request has other commits now, or is closed")
    now = verdict(tx, pull)
    return Message(text=" ".join(now.said.split()), title=now.state)


def _is(branch: Branch, pull: Pull) -> bool:
    return (branch.repository, branch.name, branch.head) == (pull.repository, pull.branch, pull.head)


def _collisions(tx: Tx, branch: Branch) -> str:
    others = [
        one.other if one.one == branch.name else one.one for one in service.going(tx, branch.plan_id)
        if one.repository == branch.repository and branch.name in (one.one, one.other) and one.other
        and one.degree != Degree.SIMPLE
    ]  # fmt: skip
    return f" Collides with {', '.join(others[:2])}{' ...' if len(others) > 2 else ''}." if others else ""  # noqa: PLR2004


def tell(tx: Tx, pull: Pull, now: Verdict) -> None:
    """Set the status where it is another than before."""
    said = hashlib.sha256(f"{pull.head} {now.state} {now.said}".encode()).hexdigest()[:16]
    if pull.forge not in tx.of(FORGES) or said == pull.said:
        return
    pull.said = said
    tx.session.add(pull)
    directory = teams.directory(tx, pull.plan_id)
    outbox.enqueue(tx, [
        Post(
            key=f"{PULL}:{pull.id}:{said}:{tx.now.isoformat()}", plan_id=pull.plan_id, workspace=directory.workspace,
            address=f"{pull.project}@{pull.head}", kind=f"{PULL}.status", subject=pull.subject, medium=pull.forge,
            priority=Priority.UPDATE,
        )
    ])  # fmt: skip


renderers: dict[str, Renderer] = {f"{PULL}.status": status}
