"""What an old button still does: nothing, and it says what has happened since it was shown."""

from __future__ import annotations

from typing import Protocol

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.teams.directory import Asker

MOST = 5


class Changing(Protocol):
    """A row that counts its changes; each entry on its timeline has the count in its fact `change`."""

    changes: int

    @property
    def subject(self) -> Subject:
        """What its timeline is about."""


def refuse_old(tx: Tx, asker: Asker, row: Changing, name: str, expected: int | None, hint: str = "") -> None:
    """Refuse a click on something that was drawn before the row changed: it had changed `expected` times by then."""
    if expected is None or expected == row.changes:
        return
    since = changes_since(tx, asker, row, expected)
    what = f": {since}" if since else ""
    raise Refused(f"{name} has changed since this button was shown{what}. Your click did nothing. {hint}".strip())


def changes_since(tx: Tx, asker: Asker, row: Changing, expected: int | None) -> str:
    """What happened to a row since it had changed `expected` times, and who did it; empty for nothing."""
    since = []
    for entry in timeline.history(tx, row.subject) if expected is not None else ():
        if entry.facts.get("change", 0) > (expected or 0) and entry.verb != "refused":
            who = f"{asker.directory.called(entry.actor)} " if entry.actor != timeline.BOT else ""
            since.append(f"{who}{entry.verb}, {b.date(entry.at)}")
    return "; ".join(since[-MOST:])
