"""What is to be said about gates and freezes, to whom and where; the words are made when it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.core.subject import Subject
from callboard.core.timeline import BOT
from callboard.gates.models import KIND, Gate
from callboard.teams import service as teams
from callboard.teams.service import Concern, Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx


def told(
    tx: Tx, gate: Gate, verb: str, *, actor: str = BOT, on_behalf_of: str | None = None, said: str | None = None,
    **facts: Any,
) -> None:  # fmt: skip
    """Put on the timeline and into the thread of the card what happened, and show the card anew."""
    timeline.record(
        tx, gate.plan_id, gate.subject, verb, actor=actor, on_behalf_of=on_behalf_of, said=said, change=gate.changes,
        **facts,
    )  # fmt: skip
    directory = teams.directory(tx, gate.plan_id)
    card(tx, gate, directory)
    args = {"verb": verb, "actor": actor, "for": on_behalf_of, "said": said, "at": tx.now.isoformat(), **facts}
    post = Post(
        key=f"{gate.card}:line:{secrets.token_hex(6)}", plan_id=gate.plan_id, workspace=directory.workspace,
        address=directory.home_channel(), kind=f"{KIND}.line", subject=gate.subject, args=args, parent_key=gate.card,
    )  # fmt: skip
    if directory.home_channel():
        outbox.enqueue(tx, [post])
    outbox.touch(tx, KIND, [gate.id or 0])


def card(tx: Tx, gate: Gate, directory: Directory) -> None:
    """Post the one card of a gate, where it is not there yet."""
    gate.shown = True
    tx.session.add(gate)
    if directory.home_channel():
        post = Post(
            key=gate.card, plan_id=gate.plan_id, workspace=directory.workspace, address=directory.home_channel(),
            kind=f"{KIND}.card", subject=gate.subject, priority=Priority.ANSWER, editable=True,
        )  # fmt: skip
        outbox.enqueue(tx, [post])


def news(tx: Tx, about: Subject, directory: Directory, people: Iterable[Person], key: str, **args: Any) -> None:
    """Tell people in their direct messages; `key` makes it one message for each."""
    posts = []
    for person in dict.fromkeys(people):
        reach = directory.reach(person)
        if reach is not None and not person.vacant:
            posts.append(_post(about, directory, f"{key}:{person.key}", reach.address, reach.medium, args))
    outbox.enqueue(tx, posts)


def announced(
    tx: Tx,
    about: Subject,
    directory: Directory,
    whom: Sequence[str],
    key: str,
    *,
    mail: Sequence[str] = (),
    **args: Any,
) -> None:
    """Tell whoever the plan names, people and channels, and mail addresses or people by mail."""
    found = teams.who(directory, whom, Concern(), tx.now)
    news(tx, about, directory, [one.person for one in found.people], key, **args)
    posts = [_post(about, directory, f"{key}:{address}", address, "slack", args) for address in found.channels]
    posts += [_post(about, directory, f"{key}:{to}", to, "apprise", args) for to in _addresses(tx, directory, mail)]
    outbox.enqueue(tx, posts)


def _addresses(tx: Tx, directory: Directory, mail: Sequence[str]) -> list[str]:
    words = [one for one in mail if "@" not in one]
    people = [one.person for one in teams.who(directory, words, Concern(), tx.now).people]
    return list(dict.fromkeys([*(one for one in mail if "@" in one), *(one.email for one in people if one.email)]))


def _post(about: Subject, directory: Directory, key: str, address: str, medium: str, args: dict[str, Any]) -> Post:
    return Post(
        key=f"{about.kind}:{about.id}:{key}:{medium}", plan_id=directory.plan_id, workspace=directory.workspace,
        address=address, medium=medium, kind=f"{about.kind}.news", subject=about, priority=Priority.ANSWER, args=args,
    )  # fmt: skip
