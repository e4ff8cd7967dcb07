"""How it stands with the class of a blocker: on its card, for those who vote, and once it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers.classes import Classed
from callboard.blockers.models import Blocker, ClassState
from callboard.blocks import markup as m
from callboard.core.outbox import Message

if TYPE_CHECKING:
    from callboard.blockers.messages import View

WHAT = 600


def voted(shown: View) -> list[b.Block]:
    """How it stands, on the card, with the buttons of those who vote."""
    classed = shown.classed
    if classed is None:
        return []
    return [b.section(f":raised_hand: {classed.sentence}"), *_buttons(classed)]


def asked(classed: Classed, plan: str, recipient: str) -> Message:
    """What somebody reads who may vote, from the first moment to the last."""
    blocker, votes = classed.blocker, classed.votes
    if not classed.voted_on:
        over = f"Blocker {blocker.number} is {blocker.state}. No vote is needed."
        text = classed.sentence if blocker.is_open else over
        return Message(text, [b.section(text)])
    text, count = f"Is blocker {blocker.number} in {plan} a {blocker.class_name}?", votes.count if votes else 0
    own = next((vote for vote in blocker.votes or () if recipient in (vote.get("deputy"), vote["by"])), None)
    yours = f"\n{_yours(classed, own, recipient)}" if own else ""
    if votes and recipient in votes.deputies:
        yours = f"\nYou vote for {classed.directory.called(votes.deputies[recipient])}, who is away."
    proposer = classed.directory.called(blocker.class_by)
    means = f"{proposer} proposes it. If {count} accept it, {classed.gate} can't pass while it is open."
    return Message(text, [
        b.section(f"{m.bold(text)}\n> {m.clip(blocker.what, WHAT)}"),
        b.section(f"{means}{yours}\n{classed.sentence}"),
        *_buttons(classed),
    ])  # fmt: skip


def _yours(classed: Classed, vote: Mapping[str, Any], recipient: str) -> str:
    what, deputy = "accepted" if vote["yes"] else "rejected", vote.get("deputy")
    if not deputy:
        return f"You {what} it."
    called = classed.directory.called
    if deputy == recipient:
        return f"You {what} it for {called(vote['by'])}."
    return f"{called(deputy)} {what} it for you."


def decided(classed: Classed, what: str) -> Message:
    """What its reporter and its proposer read once the votes have decided."""
    icon = ":no_entry:" if classed.blocker.class_state == ClassState.ACCEPTED else ":white_circle:"
    return Message(f"{icon} {classed.sentence} ({what})")


def value(blocker: Blocker) -> str:
    """What the buttons carry: which proposal is voted on, whatever else happens to the blocker meanwhile."""
    return f"{blocker.number}:{blocker.class_change}"


def _buttons(classed: Classed) -> list[b.Block]:
    if not classed.voted_on:
        return []
    name, carried = classed.blocker.class_name, value(classed.blocker)
    accept = b.button(f"Accept as {name}", "blocker.accept", carried)
    return [b.actions(accept, b.button(f"Reject as {name}", "blocker.reject", carried))]
