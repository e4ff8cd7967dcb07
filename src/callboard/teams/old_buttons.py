"""What an old button still does: nothing, and it says what has happened since it was shown, and by whom.

What one changed oneself makes no button old: whoever did it knows.
"""

from __future__ import annotations

from typing import Protocol

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.teams.directory import Asker

MOST = 5
DONE_TO_IT = frozenset({
    "acknowledged", "answered", "assigned", "claimed", "completed", "dropped", "escalated", "raised", "reassigned",
    "reopened", "resolved", "signed", "snoozed", "started", "unacknowledged", "withdrawn",
})  # fmt: skip
"""Verbs that read well behind "was already": `O-5 was already started by @Ann`."""


class Old(Refused):
    """The row has changed since: whoever knows how it is shown adds that. `hint` is for where nobody does."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(f"{sentence} Your click did nothing. {hint}".strip())
        self.with_card = f"{sentence} Your click did nothing. Here it is as it is now:"


class Changing(Protocol):
    """A row that counts its changes; each entry on its timeline has the count in its fact `change`."""

    changes: int

    @property
    def subject(self) -> Subject:
        """What its timeline is about."""


def refuse_old(
    tx: Tx, asker: Asker, row: Changing, name: str, expected: int | None, hint: str = "", *, once: str = "",
    strict: bool = False,
) -> None:  # fmt: skip
    """Refuse a click on something that was drawn before the row changed: it had changed `expected` times by then.

    The asker's own changes count only if they are `strict`, or the very verb that is to be done `once`.
    """
    if expected is None or expected == row.changes:
        return
    since = _since(tx, row, expected)
    by_people = [entry for entry in since if entry.actor != timeline.BOT]
    own = [entry.verb for entry in by_people if entry.actor == asker.person.key]
    if own and len(own) == len(by_people) and not strict and once not in own:
        return
    lines = [_line(asker, entry) for entry in since[-MOST:]]
    if len(since) == 1 and since[0].actor != timeline.BOT and since[0].verb in DONE_TO_IT:
        by, at = _called(asker, since[0]), m.date(since[0].at, "both")
        raise Old(f"{name} was already {since[0].verb} by {by}, {at}.", hint)
    raise Old(f"{name} has changed{': ' if lines else ' since then'}{'; '.join(lines)}.", hint)


def changes_since(tx: Tx, asker: Asker, row: Changing, expected: int | None) -> str:
    """What happened to a row since it had changed `expected` times, and who did it; empty for nothing."""
    since = _since(tx, row, expected) if expected is not None else []
    return "; ".join(_line(asker, entry) for entry in since[-MOST:])


def _since(tx: Tx, row: Changing, expected: int) -> list[timeline.Entry]:
    return [
        entry for entry in timeline.history(tx, row.subject)
        if entry.facts.get("change", 0) > expected and entry.verb != "refused"
    ]  # fmt: skip


def _line(asker: Asker, entry: timeline.Entry) -> str:
    """Who did what, and when: `@Ann started, 18:07`."""
    who = f"{_called(asker, entry)} " if entry.actor != timeline.BOT else ""
    return f"{who}{entry.verb}, {m.date(entry.at, 'both')}"


def _called(asker: Asker, entry: timeline.Entry) -> str:
    return "you" if entry.actor == asker.person.key else asker.directory.called(entry.actor)
