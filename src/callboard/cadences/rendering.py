"""What is sent about status requests, written at the moment it is sent, from their state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.cadences import messages, store
from callboard.cadences.messages import ItemView, RequestView
from callboard.cadences.models import GATE, PHASE, PLAN, TASK, TEAM, State, StatusRequest
from callboard.checkpoints.expectations import so_far
from callboard.core import blocks as b
from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("that request is not there any more")
NAMED = {TEAM: "teams", PHASE: "phases", GATE: "gates"}


def ask(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask somebody; who has said something meanwhile is not asked."""
    one = store.request(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and (one.state == State.SILENT or not one.left):
        return Drop(f"it is {one.state}")
    return messages.ask(view(tx, one))


def silent(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A word to a lead, about those who said nothing since."""
    found = [store.request(tx, number) for number in delivery.args["numbers"]]
    ones = [one for one in found if one is not None and one.state == State.SILENT]
    return messages.silent([view(tx, one) for one in ones]) if ones else Drop("something was heard since")


def view(tx: Tx, one: StatusRequest) -> RequestView:
    """A request with what it is about, as that stands now."""
    directory = teams.directory(tx, one.plan_id)
    return RequestView(
        number=one.number, who=directory.called(one.person), at=one.at,
        closes_at=one.closes_at, state=one.state, items=tuple(_item(tx, one, item) for item in one.items),
    )  # fmt: skip


def _item(tx: Tx, one: StatusRequest, item: str) -> ItemView:
    kind, _, key = item.partition(":")
    reply = str(one.replies.get(item, ""))
    if kind == TASK and (found := tasks.tasks(tx, one.plan_id, [key])):
        task = found[0]
        return ItemView(
            item=item, called=f"{task.key} {b.escape(task.title)}", is_task=True, so_far=so_far(task),
            percent=task.percent, changes=task.changes, due_at=task.due_at, late=tasks.is_overdue(task, tx.now),
            reply=reply,
        )  # fmt: skip
    if kind == PLAN:
        name = teams.directory(tx, one.plan_id).plan_name
    else:
        written = (plans.live(tx, one.plan_id).values.get(NAMED.get(kind, "")) or {}).get(key)
        name = getattr(written, "name", "") or key
    return ItemView(
        item=item, called=b.escape(name), is_task=False, so_far=_rolled(tx, one.plan_id, kind, key), percent=0,
        changes=0, due_at=None, late=False,
        reply=reply,
    )  # fmt: skip


def _rolled(tx: Tx, plan_id: int, kind: str, key: str) -> str:
    """How far a team or a phase is with its tasks."""
    own = [one for one in tasks.tasks(tx, plan_id) if key in one.teams or (kind == PHASE and key == one.phase)]
    if kind not in (TEAM, PHASE) or not own:
        return ""
    found = tasks.rolled(key, own, tx.now)
    late = f", {found.overdue} late" if found.overdue else ""
    return f"{found.percent}%, {found.completed} of {found.total} tasks completed{late}"


renderers: dict[str, Renderer] = {"status.ask": ask, "status.silent": silent}
