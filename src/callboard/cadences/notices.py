"""Who is told what by a status request, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.cadences import messages, store
from callboard.cadences.messages import view
from callboard.cadences.models import State, StatusRequest
from callboard.core import outbox
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.teams.directory import Directory, Person, working_from

if TYPE_CHECKING:
    from callboard.core.db import Tx


def ask(tx: Tx, directory: Directory, one: StatusRequest, person: Person) -> None:
    """Ask somebody."""
    post = Post(
        key=f"status:{one.number}", plan_id=one.plan_id, workspace=directory.workspace, address=person.slack_id,
        kind="status.ask", subject=one.subject, priority=Priority.PROMPT, editable=True,
    )  # fmt: skip
    outbox.enqueue(tx, [post])


def silent(tx: Tx, directory: Directory, lead: Person, ones: Sequence[StatusRequest]) -> None:
    """A word to a lead about people of whom nothing was heard twice."""
    numbers = [one.number for one in ones]
    post = Post(
        key=f"status:silent:{lead.key}:{'-'.join(map(str, numbers))}", plan_id=directory.plan_id,
        workspace=directory.workspace, address=lead.slack_id, kind="status.silent", subject=ones[0].subject,
        priority=Priority.PROMPT, args={"numbers": numbers}, not_before=working_from(directory, lead, tx.now),
    )  # fmt: skip
    outbox.enqueue(tx, [post])


GONE = Drop("that request is not there any more")


def _show_request(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask somebody; who has said something meanwhile is not asked."""
    one = store.request(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and (one.state == State.SILENT or not one.left):
        return Drop(f"it is {one.state}")
    return messages.ask(view(tx, one))


def _show_silent(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A word to a lead, about those who said nothing since."""
    found = [store.request(tx, number) for number in delivery.args["numbers"]]
    ones = [one for one in found if one is not None and one.state == State.SILENT]
    return messages.silent([view(tx, one) for one in ones]) if ones else Drop("something was heard since")


renderers: dict[str, Renderer] = {"status.ask": _show_request, "status.silent": _show_silent}
