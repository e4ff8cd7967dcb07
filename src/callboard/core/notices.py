"""Kinds of messages: who is told what and when, how urgently, and who writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.deliveries import Medium, Priority
from callboard.core.outbox import Ahead, Post, Reach, Renderer
from callboard.core.registry import Key
from callboard.core.timeline import Numbered, Subject


class Plan(Protocol):
    """The plan that a message belongs to; a directory is one."""

    @property
    def plan_id(self) -> int: ...

    @property
    def workspace(self) -> str: ...  # of Slack


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One kind of message. `kind` is its name in the outbox; `told` says in a sentence who gets it when.

    An `editable` one is shown anew whenever its subject is touched, where the medium can do that. One that `folds`
    may be told together with others to somebody who has had many; `see` is the command that then shows it. `ahead`
    reads at once what `render` asks about each of several subjects.
    """

    kind: str
    told: str
    render: Renderer
    priority: Priority = Priority.UPDATE
    editable: bool = False
    folds: bool = False
    see: str = ""
    ahead: Ahead | None = None

    @property
    def repeated(self) -> Notice:
        """The same kind, for a message that says again what its reader knows."""
        return replace(self, folds=True)

    def post(
        self, plan: Plan, to: str | Reach | None, subject: Subject, key: str, *,
        args: Mapping[str, Any] | None = None, recipient: str | None = None, thread: str | None = None,
        not_before: datetime | None = None,
    ) -> Post | None:  # fmt: skip
        """One message `to` a Slack address or a `Reach`; None where that is empty.

        `key` identifies it: the same key again changes nothing. `thread` is the key of the message it answers;
        `recipient` is the person who falls back to other media.
        """
        if not to:
            return None
        reach = Reach(Medium.SLACK, to) if isinstance(to, str) else to
        return Post(
            key=key, plan_id=plan.plan_id, workspace=plan.workspace, medium=reach.medium, address=reach.address,
            kind=self.kind, subject=subject, priority=self.priority, args=dict(args or {}), recipient=recipient,
            parent_key=thread, editable=self.editable and reach.medium.edits, folds=self.folds,
            not_before=not_before,
        )  # fmt: skip


NOTICES: Key[Mapping[str, Notice]] = Key("every kind of message, by its name", {})


def rows(kind: type[Numbered]) -> Ahead:
    """Reads the rows of several subjects at once, so that each is known to whoever gets it from the session."""
    numbered = select(kind).where(col(kind.id).in_(bindparam("numbers", expanding=True)))

    def read(tx: Tx, numbers: Collection[int]) -> None:
        found = tx.session.exec(numbered, params={"numbers": list(numbers)}).all()
        # The session gives away whatever nobody holds on to.
        tx.local.setdefault("read ahead", []).extend(found)

    return read


def renderers(notices: Iterable[Notice]) -> dict[str, Renderer]:
    """Whoever writes each kind of message. ValueError where two kinds have one name."""
    found: dict[str, Renderer] = {}
    for notice in notices:
        if found.setdefault(notice.kind, notice.render) is not notice.render:
            raise ValueError(f"two notices are called {notice.kind}")
    return found


def aheads(notices: Iterable[Notice]) -> dict[str, Ahead]:
    """What reads ahead for each kind of message, where something does."""
    return {notice.kind: notice.ahead for notice in notices if notice.ahead is not None}
