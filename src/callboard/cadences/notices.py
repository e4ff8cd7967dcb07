"""The messages of cadences: who is told what, and when."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.cadences import messages, store
from callboard.cadences.models import State, StatusRequest
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.teams.directory import Directory, Person, working_from


def ask(tx: Tx, directory: Directory, request: StatusRequest, person: Person) -> None:
    outbox.enqueue(tx, [ASK.post(directory, person.slack_id, request.subject, f"status:{request.number}")])


def silent(tx: Tx, directory: Directory, lead: Person, requests: Sequence[StatusRequest]) -> None:
    numbers = [request.number for request in requests]
    post = SILENT.post(
        directory, lead.slack_id, requests[0].subject, f"status:silent:{lead.key}:{'-'.join(map(str, numbers))}",
        args={"numbers": numbers}, not_before=working_from(directory, lead, tx.now),
    )  # fmt: skip
    outbox.enqueue(tx, [post])


def _ask(tx: Tx, delivery: Delivery) -> Message | Drop:
    request = store.request(tx, delivery.subject_id)
    if request is None:
        return Drop("the request is gone")
    if delivery.posted_as is None and (request.state == State.SILENT or not request.left):
        return Drop(f"it is {request.state}")
    return messages.ask(messages.view(tx, request))


def _silent(tx: Tx, delivery: Delivery) -> Message | Drop:
    rows = [store.request(tx, number) for number in delivery.args["numbers"]]
    views = [messages.view(tx, row) for row in rows if row is not None and row.state == State.SILENT]
    return messages.silent(views) if views else Drop("they have answered since")


ASK = Notice(
    kind="status.ask", told="whoever a cadence asks, each time there is no news", render=_ask,
    priority=Priority.PROMPT, editable=True, folds=True, see="/task mine", ahead=rows(StatusRequest),
)  # fmt: skip
SILENT = Notice(
    kind="status.silent", told="a lead, after the second request without an answer", render=_silent,
    priority=Priority.PROMPT, folds=True,
)  # fmt: skip
NOTICES = (ASK, SILENT)
