"""What alerts do when people close a blocker that a source has raised."""

from __future__ import annotations

from callboard.alerts import service, store
from callboard.alerts.models import Source
from callboard.blockers.models import BlockerChanged, Verb
from callboard.core.db import Tx


def on_blocker_changed(tx: Tx, event: BlockerChanged) -> None:
    """Whoever closes the blocker of alerts says that they are over: what fires after that is news."""
    blocker = event.blocker
    if blocker.reporter not in set(Source) or event.verb not in (Verb.RESOLVED, Verb.WITHDRAWN):
        return
    group = store.of_blocker(tx, blocker.number)
    row = store.group(tx, group.number, lock=True) if group else None
    if row is not None and row.closed_at is None:
        service.close(tx, row, blocker.closed_by or "")
