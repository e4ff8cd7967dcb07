"""What every right has in common: an old button does nothing but say what has happened since, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.timeline import Entry, Subject
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


class Changing(Protocol):
    """A row that counts its changes; each entry on its timeline has the count in its fact `change`."""

    changes: int

    @property
    def subject(self) -> Subject:
        """What its timeline is about."""


def refuse_old(tx: Tx, asker: Asker, row: Changing, name: str, expected: int | None, hint: str = "") -> None:
    """Refuse a click on something that was drawn before the row changed: it had changed `expected` times by then."""
    if expected is not None and expected != row.changes:
        since = "; ".join(
            f"{_who(asker, entry)}{entry.verb}, {b.date(entry.at)}" for entry in _since(tx, row, expected)
        )
        what = f": {since}" if since else ""
        raise Refused(f"{name} has changed since this button was shown{what}. Your click did nothing. {hint}".strip())


def _since(tx: Tx, row: Changing, expected: int) -> list[Entry]:
    entries = timeline.history(tx, row.subject)
    return [entry for entry in entries if entry.facts.get("change", 0) > expected and entry.verb != "refused"][-5:]


def _who(asker: Asker, entry: Entry) -> str:
    return f"{asker.directory.called(entry.actor)} " if entry.actor != timeline.BOT else ""
