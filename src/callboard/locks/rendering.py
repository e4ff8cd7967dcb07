"""What is sent about a lock, written at the moment it is sent, from the state as it then is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from callboard.branches.models import Branch
from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.locks import around, messages, store, views
from callboard.locks.allowing import Allowance
from callboard.locks.models import KIND, State
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

ONLY_WHILE = {
    "turn": State.OFFERED, "reminder": State.HELD, "awaited": State.HELD, "handed": State.HELD, "agreed": State.HELD,
}  # fmt: skip
KINDS = ("turn", "handed", "agreed", "awaited", "reminder", "ended")


def card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    lock = store.find(tx, delivery.subject_id)
    return messages.card(views.card(tx, lock)) if lock else Drop("the lock is not there any more")


def _news(kind: str, tx: Tx, delivery: Delivery) -> Message | Drop:
    lock, args = store.find(tx, delivery.subject_id), delivery.args
    if lock is None:
        return Drop("the lock is not there any more")
    view, directory = views.card(tx, lock), teams.directory(tx, delivery.plan_id)
    if kind in ONLY_WHILE and lock.state != ONLY_WHILE[kind]:
        if delivery.posted_as is None:
            return Drop(f"the lock is {lock.state}")
        return messages.card(view)
    by, to = (directory.called(args[name]) if args.get(name) else "" for name in ("by", "to"))
    return messages.news(view, kind, by, to, args.get("example", ""))


def allowed(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody may change for a while."""
    found = tx.session.get(Allowance, delivery.subject_id)
    if found is None or found.until <= tx.now:
        return Drop("the leave is over")
    by = teams.directory(tx, delivery.plan_id).called(found.by)
    return messages.allowed(by, found.targets, found.reason, found.until)


def pushed(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody else has pushed what one holds."""
    lock, branch = store.find(tx, delivery.subject_id), tx.session.get(Branch, delivery.args["branch"])
    if lock is None or branch is None or lock.state != State.HELD:
        return Drop("it is not held any more")
    directory, wanted = teams.directory(tx, delivery.plan_id), store.targets(tx, [lock.number])[lock.number]
    files = next((files for one, files in around.touching(tx, lock.plan_id, wanted) if one.id == branch.id), [])
    return messages.pushed(views.card(tx, lock), around.line(directory, branch, files or lock.targets))


def unchecked(_tx: Tx, delivery: Delivery) -> Message | Drop:
    """Pushes that nobody checked."""
    return messages.unchecked(delivery.args["pushes"])


renderers: dict[str, Renderer] = {
    f"{KIND}.allowed": allowed,
    f"{KIND}.pushed": pushed,
    f"{KIND}.unchecked": unchecked,
    f"{KIND}.card": card,
    **{f"{KIND}.{kind}": partial(_news, kind) for kind in KINDS},
}
