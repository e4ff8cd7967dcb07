"""The message by which a climb reaches somebody: each kind of subject that climbs declares its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from callboard.core.notices import Notice
from callboard.core.outbox import Post
from callboard.core.registry import Key
from callboard.escalation.models import Climb, Move, Policy
from callboard.teams import service as teams
from callboard.teams.service import Recipient, Recipients

if TYPE_CHECKING:
    from callboard.core.db import Tx

PAGES: Key[Mapping[str, Notice]] = Key("the notice of a page, by the kind of subject that climbs", {})


def posts(tx: Tx, climb: Climb, policy: Policy, move: Move, to: Recipients) -> list[Post]:
    """The pages of a move to people and channels. LookupError for a kind of subject that declared none."""
    notice, directory = tx.of(PAGES)[climb.subject_kind], teams.directory(tx, climb.plan_id)
    stem = f"page:{climb.id}:{'top' if move.step is None else move.step}:{move.repetition}"
    args: dict[str, Any] = {"climb": climb.id, "step": move.step, "repetition": move.repetition, "why": move.why.value}
    if move.missed:
        args["missed"] = list(move.missed)
    pages = [notice.post(directory, channel, climb.subject, f"{stem}:{channel}", args=args) for channel in to.channels]
    for recipient in to.people:
        person, reach = recipient.person, directory.reach(recipient.person)
        if reach:
            pages.append(notice.post(
                directory, reach, climb.subject, f"{stem}:{person.key}:{reach.medium}", args=args | _facts(recipient),
                recipient=person.key, not_before=person.quiet_until(tx.now) if policy.respect_quiet else None,
            ))  # fmt: skip
    return [page for page in pages if page]


def _facts(recipient: Recipient) -> dict[str, str]:
    instead = {"instead_of": recipient.instead_of.key} if recipient.instead_of else {}
    return {"to": recipient.person.key, "reason": recipient.why, **instead}
