"""Who is told what about a lock: one card in the channel of each team concerned, and the people it is about."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from callboard.branches.models import Branch
from callboard.core import outbox, timeline
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.locks import models, store
from callboard.locks.messages import card as messages
from callboard.locks.messages import git_activity, news
from callboard.locks.models import KIND, Allowance, Lock, State
from callboard.teams import service as teams
from callboard.teams.service import Asker, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


def cards(tx: Tx, directory: Directory, lock: Lock) -> None:
    """Its card, in each channel concerned once; those who are there are shown anew."""
    outbox.enqueue(tx, [
        Post(
            key=f"{KIND}:{lock.number}:card:{home}", plan_id=lock.plan_id, workspace=directory.workspace, address=home,
            kind=f"{KIND}.card", subject=lock.subject, priority=Priority.ANSWER, editable=True,
        ) for home in lock.homes
    ])  # fmt: skip


def direct(tx: Tx, directory: Directory, lock: Lock, whom: str, kind: str, **args: Any) -> None:
    """Tell one person, where they have a Slack account."""
    person = directory.people.get(whom)
    if person is None or not person.slack_id or person.vacant:
        return
    outbox.enqueue(tx, [
        Post(
            key=f"{KIND}:{lock.number}:{kind}:{lock.changes}:{whom}:{tx.now.isoformat()}", plan_id=lock.plan_id,
            workspace=directory.workspace, address=person.slack_id, kind=f"{KIND}.{kind}", subject=lock.subject,
            priority=Priority.ANSWER, args=args, editable=True,
        )
    ])  # fmt: skip


def once(tx: Tx, directory: Directory, lock: Lock, whom: str, kind: str, about: str, **args: Any) -> None:
    """Tell one person something that is told once for each lock, however often it happens."""
    person = directory.people.get(whom)
    if person is None or not person.slack_id or person.vacant:
        return
    outbox.enqueue(tx, [
        Post(
            key=f"{KIND}:{lock.number}:{kind}:{whom}:{about}", plan_id=lock.plan_id, workspace=directory.workspace,
            address=person.slack_id, kind=f"{KIND}.{kind}", subject=lock.subject, priority=Priority.ANSWER, args=args,
        )
    ])  # fmt: skip


def changed(tx: Tx, lock: Lock, verb: str, *, actor: str = timeline.BOT, said: str | None = None, **facts: Any) -> None:
    """Note what happened to a lock, when the next thing will, and let its cards show it."""
    models.look(lock)
    tx.session.add(lock)
    tx.session.flush()
    kept: dict[str, Any] = {
        "change": lock.changes,
        "state": lock.state,
        "holder": lock.holder,
        "targets": lock.targets,
    } | facts
    timeline.record(tx, lock.plan_id, lock.subject, verb, actor=actor, said=said, **kept)
    outbox.touch(tx, KIND, [lock.number], superseded=lock.state == models.State.OVER)


def by_asker(tx: Tx, lock: Lock, asker: Asker, verb: str, *, said: str | None = None, **facts: Any) -> None:
    """The same, done by a person."""
    changed(tx, lock, verb, actor=asker.person.key, said=said, **facts)


ONLY_WHILE = {
    "turn": State.OFFERED, "reminder": State.HELD, "awaited": State.HELD, "handed": State.HELD, "agreed": State.HELD,
}  # fmt: skip
KINDS = ("turn", "handed", "agreed", "awaited", "reminder", "ended")


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    lock = store.find(tx, delivery.subject_id)
    return messages.message(messages.lock_view(tx, lock)) if lock else Drop("the lock is not there any more")


def _news(kind: str, tx: Tx, delivery: Delivery) -> Message | Drop:
    lock, args = store.find(tx, delivery.subject_id), delivery.args
    if lock is None:
        return Drop("the lock is not there any more")
    view, directory = messages.lock_view(tx, lock), teams.directory(tx, delivery.plan_id)
    if kind in ONLY_WHILE and lock.state != ONLY_WHILE[kind]:
        if delivery.posted_as is None:
            return Drop(f"the lock is {lock.state}")
        return messages.message(view)
    by, to = (directory.called(args[name]) if args.get(name) else "" for name in ("by", "to"))
    return news.direct(view, kind, by, to, args.get("example", ""))


def allowed(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody may change for a while."""
    found = tx.session.get(Allowance, delivery.subject_id)
    if found is None or found.until <= tx.now:
        return Drop("the leave is over")
    by = teams.directory(tx, delivery.plan_id).called(found.by)
    return news.allowed(by, found.targets, found.reason, found.until)


def pushed(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody else has pushed what one holds."""
    lock, branch = store.find(tx, delivery.subject_id), tx.session.get(Branch, delivery.args["branch"])
    if lock is None or branch is None or lock.state != State.HELD:
        return Drop("it is not held any more")
    directory, wanted = teams.directory(tx, delivery.plan_id), store.targets(tx, [lock.number])[lock.number]
    files = next((files for one, files in git_activity.touching(tx, lock.plan_id, wanted) if one.id == branch.id), [])
    return news.pushed(messages.lock_view(tx, lock), git_activity.branch_line(directory, branch, files or lock.targets))


def unchecked(_tx: Tx, delivery: Delivery) -> Message | Drop:
    """Pushes that nobody checked."""
    return news.unchecked(delivery.args["pushes"])


renderers: dict[str, Renderer] = {
    f"{KIND}.allowed": allowed,
    f"{KIND}.pushed": pushed,
    f"{KIND}.unchecked": unchecked,
    f"{KIND}.card": _card,
    **{f"{KIND}.{kind}": partial(_news, kind) for kind in KINDS},
}
