"""What is sent of reports, written at the moment it is sent, from the state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.board import messages, store
from callboard.board import report as composing
from callboard.core.outbox import Delivery, Drop, Message, Renderer

if TYPE_CHECKING:
    from callboard.core.db import Tx


def report(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A report, in Slack or by mail."""
    found = store.report(tx, delivery.subject_id)
    if found is None:
        return Drop("that report is not there any more")
    view = composing.compose(tx, found)
    return messages.slack(view) if delivery.medium == "slack" else messages.mail(view)


renderers: dict[str, Renderer] = {"report.sent": report}
