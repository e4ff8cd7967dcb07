"""The one message of a rehearsal: what was found, or why nothing was."""

from __future__ import annotations

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.preflight.rehearsal import messages, store
from callboard.preflight.rehearsal.models import KIND, Rehearsal, State
from callboard.teams import service as teams


def tell(tx: Tx, row: Rehearsal) -> None:
    """Tell whoever asked."""
    directory = teams.directory(tx, row.plan_id)
    person = directory.people.get(row.asked_by)
    if person is None:
        return
    key, args = f"{KIND}:{row.number}:{row.asked_at.isoformat()}", {"asked_at": row.asked_at.isoformat()}
    reach = directory.reach(person)
    outbox.enqueue(tx, [FOUND.post(directory, reach, row.subject, key, args=args, recipient=person.key)])


def _found(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = store.rehearsal(tx, delivery.subject_id)
    if row is None or row.asked_at.isoformat() != delivery.args["asked_at"] or row.state == State.WAITING:
        return Drop("somebody asked anew")
    directory = teams.directory(tx, row.plan_id)
    if row.state == State.FAILED:
        return messages.gave_up(directory.plan_name, row.why)
    return messages.findings(directory.plan_name, directory.plan_key, row.findings)


FOUND = Notice(
    kind="rehearsal.found", told="whoever asks with `/plan rehearse`, when their plan was read", render=_found,
    priority=Priority.ANSWER,
)  # fmt: skip
NOTICES = (FOUND,)
