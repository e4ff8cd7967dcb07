"""The messages of standups as the outbox keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.core.outbox import Post, Priority
from callboard.standups import slots
from callboard.standups.models import CheckIn, Round
from callboard.teams.directory import Directory, Person, working_from

if TYPE_CHECKING:
    from callboard.core.db import Tx


def prompt(directory: Directory, one: CheckIn, person: Person) -> Post:
    """What asks somebody, and shows them afterwards what they said."""
    return _post(
        directory, f"standup:prompt:{one.number}", person.slack_id, "standup.prompt", one, editable=True,
        priority=Priority.PROMPT,
    )  # fmt: skip


def reminder(directory: Directory, one: CheckIn, person: Person) -> Post:
    """What asks somebody once more."""
    key = f"standup:reminder:{one.number}"
    return _post(directory, key, person.slack_id, "standup.reminder", one, priority=Priority.PROMPT)


def digest(tx: Tx, directory: Directory, one_round: Round) -> Post:
    """The card of a round."""
    return _post(
        directory, one_round.card, channel(tx, directory, one_round), "standup.digest", one_round, editable=True,
        priority=Priority.DIGEST,
    )  # fmt: skip


def answer(tx: Tx, directory: Directory, one_round: Round, one: CheckIn) -> Post:
    """What somebody said, in the thread of the card."""
    return _post(
        directory, f"standup:answer:{one.number}", channel(tx, directory, one_round), "standup.answer", one,
        editable=True, priority=Priority.DIGEST, parent_key=one_round.card,
    )  # fmt: skip


def silent(tx: Tx, directory: Directory, lead: Person, ones: list[CheckIn]) -> Post:
    """A word to a lead about people who were silent twice."""
    numbers = [one.number for one in ones]
    key = f"standup:silent:{lead.key}:{'-'.join(map(str, numbers))}"
    return _post(
        directory, key, lead.slack_id, "standup.silent", ones[0], priority=Priority.PROMPT, args={"numbers": numbers},
        not_before=working_from(directory, lead, tx.now),
    )  # fmt: skip


def channel(tx: Tx, directory: Directory, one_round: Round) -> str:
    """Where the digest of a round goes: the standup's channel, that of its only team, or the plan's."""
    part = slots.book(tx, one_round.plan_id).standups.get(one_round.standup)
    if part is None or not part.channel:
        team = part.who[0] if part and len(part.who) == 1 and part.who[0] in directory.teams else None
        return directory.home_channel(team)
    return directory.address(part.channel)


def _post(directory: Directory, key: str, address: str, kind: str, about: CheckIn | Round, **more: Any) -> Post:
    return Post(
        key=key, plan_id=directory.plan_id, workspace=directory.workspace, address=address, kind=kind,
        subject=about.subject, **more,
    )  # fmt: skip
