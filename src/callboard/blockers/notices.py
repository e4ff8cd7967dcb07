"""What is sent about a blocker: its card, the lines in the card's thread, pages, and news to who raised it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from callboard.blockers import store
from callboard.blockers.messages import card, page, thread
from callboard.blockers.models import KIND, Blocker, State
from callboard.core import outbox
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Reach, Renderer
from callboard.core.timeline import Subject
from callboard.escalation import service as escalation
from callboard.escalation.models import Why
from callboard.teams.service import Asker, Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

ONLY_WHILE_OPEN = {"opened", "no response", "again", "exhausted", "handed"}


def blocker_of(tx: Tx, delivery: Delivery) -> Blocker:
    """The blocker a delivery is about."""
    found = store.find(tx, delivery.subject_id)
    if found is None:
        message = f"delivery {delivery.id} is about blocker {delivery.subject_id}, which does not exist"
        raise LookupError(message)
    return found


def render_card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card."""
    late = delivery.delayed_until if delivery.posted_as is None else None
    return card.card(card.card_view(tx, blocker_of(tx, delivery)), held_until=late)


def render_page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page; one that was not sent yet and is not true any more is dropped."""
    blocker = blocker_of(tx, delivery)
    if delivery.posted_as is None:
        if not blocker.is_open:
            return Drop(f"the blocker was {blocker.state}")
        if blocker.state == State.ACKNOWLEDGED and delivery.args["why"] in ONLY_WHILE_OPEN:
            return Drop(f"{blocker.owner} has acknowledged it")
        if delivery.args["why"] == "handed" and blocker.handed_to != delivery.recipient:
            return Drop("it was handed to somebody else")
    view = page.page_view(tx, delivery, blocker)
    return page.page(view) if delivery.medium == "slack" else page.plain_page(view)


def render_line(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A line of history."""
    return thread.line(thread.line_view(tx, delivery.plan_id, delivery.args))


def render_news(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What the reporter is told."""
    return thread.news(thread.news_view(tx, delivery, blocker_of(tx, delivery)))


def card_post(blocker: Blocker, directory: Directory) -> Post:
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


def tell_line(tx: Tx, blocker: Blocker, asker: Asker, verb: str, **facts: Any) -> None:
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


def page_handed(tx: Tx, blocker: Blocker, asker: Asker, to: Person, reach: Reach) -> None:
    """Page whoever is to take it."""
    outbox.enqueue(
        tx,
        [
            Post(
                key=f"page:{KIND}:{blocker.number}:handed:{blocker.changes}:{to.key}",
                plan_id=blocker.plan_id,
                kind=f"{KIND}.page",
                workspace=asker.directory.workspace,
                address=reach.address,
                medium=reach.medium,
                subject=blocker.subject,
                priority=Priority.PAGE,
                recipient=to.key,
                editable=reach.medium == "slack",
                args={"to": to.key, "why": "handed", "by": asker.person.key, "step": None},
            ),
        ],
    )


def tell_reporter(tx: Tx, blocker: Blocker, asker: Asker) -> None:
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


renderers: dict[str, Renderer] = {
    "blocker.card": render_card,
    "blocker.page": render_page,
    "blocker.line": render_line,
    "blocker.news": render_news,
}
