"""What is sent about gates: to whom, where, and what draws it at the moment it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from callboard.core import outbox, timeline
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.core.timeline import BOT, Subject
from callboard.gates import store
from callboard.gates.messages import card, history, news, snapshot
from callboard.gates.models import KIND, Gate
from callboard.teams import service as teams
from callboard.teams.service import Concern, Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx


def record(
    tx: Tx, gate: Gate, verb: str, *, actor: str = BOT, on_behalf_of: str | None = None, said: str | None = None,
    **facts: Any,
) -> None:  # fmt: skip
    """Put on the timeline and into the thread of the card what happened, and show the card anew."""
    timeline.record(
        tx, gate.plan_id, gate.subject, verb, actor=actor, on_behalf_of=on_behalf_of, said=said, change=gate.changes,
        **facts,
    )  # fmt: skip
    directory = teams.directory(tx, gate.plan_id)
    post_card(tx, gate, directory)
    args = {"verb": verb, "actor": actor, "for": on_behalf_of, "said": said, "at": tx.now.isoformat(), **facts}
    post = Post(
        key=f"{gate.card}:line:{secrets.token_hex(6)}", plan_id=gate.plan_id, workspace=directory.workspace,
        address=directory.home_channel(), kind=f"{KIND}.line", subject=gate.subject, args=args, parent_key=gate.card,
    )  # fmt: skip
    if directory.home_channel():
        outbox.enqueue(tx, [post])
    outbox.touch(tx, KIND, [gate.id or 0])


def post_card(tx: Tx, gate: Gate, directory: Directory) -> None:
    """Post the one card of a gate, where it is not there yet."""
    gate.shown = True
    tx.session.add(gate)
    if directory.home_channel():
        post = Post(
            key=gate.card, plan_id=gate.plan_id, workspace=directory.workspace, address=directory.home_channel(),
            kind=f"{KIND}.card", subject=gate.subject, priority=Priority.ANSWER, editable=True,
        )  # fmt: skip
        outbox.enqueue(tx, [post])


def tell(tx: Tx, about: Subject, directory: Directory, people: Iterable[Person], key: str, **args: Any) -> None:
    """Tell people in their direct messages; `key` makes it one message for each."""
    posts = []
    for person in dict.fromkeys(people):
        reach = directory.reach(person)
        if reach is not None and not person.vacant:
            posts.append(_post(about, directory, f"{key}:{person.key}", reach.address, reach.medium, args))
    outbox.enqueue(tx, posts)


def announce(
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
    tell(tx, about, directory, [one.person for one in found.people], key, **args)
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


ASKS = {"ready", "reminder", "signature"}
"""What is only worth saying while the one who is told has not signed."""


def gate_card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    return card.card(snapshot.of_gate(tx, _gate(tx, delivery)))


def gate_page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page; one that was not sent yet and is not true any more is dropped."""
    gate = _gate(tx, delivery)
    if delivery.posted_as is None and gate.settled:
        return Drop(f"the gate is {gate.state}")
    if delivery.posted_as is None and gate.owner:
        return Drop(f"{gate.owner} has it")
    view, why = snapshot.of_gate(tx, gate), delivery.args.get("reason", "the plan names this channel")
    directory = teams.directory(tx, delivery.plan_id)
    instead = delivery.args.get("instead_of")
    stands_in = f", standing in for {directory.called(instead)}, who is away" if instead else ""
    if delivery.medium != "slack":
        return news.plain_page(view, why)
    return news.page(view, f"you are {why}" if delivery.recipient else why, stands_in=stands_in)


def history_line(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A line of history."""
    return history.line_message(history.of_delivery(tx, delivery))


def gate_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody is told about a gate."""
    gate = _gate(tx, delivery)
    if delivery.args["what"] in ASKS and gate.settled:
        return Drop(f"the gate is {gate.state}")
    return news.message(snapshot.of_gate(tx, gate), delivery.args)


def _gate(tx: Tx, delivery: Delivery) -> Gate:
    found = store.gate(tx, delivery.subject_id)
    if found is None:
        message = f"delivery {delivery.id} is about gate {delivery.subject_id}, which does not exist"
        raise LookupError(message)
    return found


renderers: dict[str, Renderer] = {
    "gate.card": gate_card,
    "gate.page": gate_page,
    "gate.line": history_line,
    "gate.news": gate_news,
}
