"""Who is told what about a lock: one card in the channel of each team concerned, and the people it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.locks import models
from callboard.locks.models import KIND, Lock
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
