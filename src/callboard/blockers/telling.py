"""What is said about a blocker: its card, the lines in the card's thread, and news to who raised it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from callboard.blockers.models import KIND, Blocker
from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.core.subject import Subject
from callboard.escalation import service as escalation
from callboard.escalation.models import Why
from callboard.teams.service import Asker, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


def card(blocker: Blocker, directory: Directory) -> Post:
    """Its one card, in its channel."""
    return Post(
        key=blocker.card,
        plan_id=blocker.plan_id,
        workspace=directory.workspace,
        address=blocker.channel,
        kind=f"{KIND}.card",
        subject=blocker.subject,
        priority=Priority.ANSWER,
        editable=True,
    )


def line(tx: Tx, blocker: Blocker, asker: Asker, verb: str, **facts: Any) -> None:
    """Tell in the card's thread what somebody did."""
    args = {"verb": verb, "actor": asker.person.key, "at": tx.now.isoformat(), **facts}
    outbox.enqueue(
        tx, [_thread_post(blocker.plan_id, asker.directory.workspace, blocker.number, blocker.channel, args)]
    )


def step_line(tx: Tx, step: escalation.StepDue) -> Post:
    """What the card's thread is told of a step."""
    climb, move = step.climb, step.move
    directory = escalation.directory_of(tx, climb)
    args = {
        "verb": move.why.value,
        "level": step.level,
        "at": tx.now.isoformat(),
        "due": move.due.isoformat(),
        "people": [r.person.key for r in step.recipients.people],
        "channels": list(step.recipients.channels),
        "missed": list(move.missed),
        "empty": list(move.empty),
        "climb": climb.id,
    }
    return _thread_post(climb.plan_id, directory.workspace, climb.subject_id, directory.home_channel(climb.team), args)


def worth_a_line(step: escalation.StepDue) -> bool:
    """The first page is on the card; it gets a line only where somebody was passed by."""
    return step.move.why != Why.OPENED or bool(step.move.empty or step.move.missed)


def _thread_post(plan_id: int, workspace: str, number: int, channel: str, args: dict[str, Any]) -> Post:
    return Post(
        key=f"{KIND}:{number}:line:{secrets.token_hex(6)}",
        plan_id=plan_id,
        workspace=workspace,
        address=channel,
        kind=f"{KIND}.line",
        subject=Subject(KIND, number),
        args=args,
        parent_key=f"{KIND}:{number}:card",
    )


def news(tx: Tx, blocker: Blocker, asker: Asker) -> None:
    """Tell the reporter what somebody else did about their blocker."""
    reporter = asker.directory.people.get(blocker.reporter)
    if reporter is None or reporter.key == asker.person.key or not reporter.slack_id:
        return
    outbox.enqueue(
        tx,
        [
            Post(
                key=f"{KIND}:{blocker.number}:news:{blocker.changes}",
                plan_id=blocker.plan_id,
                workspace=asker.directory.workspace,
                address=reporter.slack_id,
                kind=f"{KIND}.news",
                subject=blocker.subject,
                priority=Priority.ANSWER,
                args={"state": str(blocker.state), "by": asker.person.key, "outcome": blocker.outcome},
            ),
        ],
    )
