"""The messages of status requests as the outbox keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.cadences.models import StatusRequest
from callboard.core import outbox
from callboard.core.outbox import Post, Priority
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
