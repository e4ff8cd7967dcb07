"""The messages about a blocker: its card, lines in the card's thread, pages, and news for its reporter."""

from __future__ import annotations

import secrets
from typing import Any

from callboard.blockers import messages
from callboard.blockers.messages import history, page
from callboard.blockers.models import KIND, LINE, Blocker, State, Verb
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.timeline import Subject
from callboard.escalation.models import Why
from callboard.escalation.service import StepDue, StepsDue
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.service import Directory, Person


def _blocker(tx: Tx, delivery: Delivery) -> Blocker:
    return tx.session.get_one(Blocker, delivery.subject_id)


def _card(tx: Tx, delivery: Delivery) -> Message:
    late = delivery.delayed_until if delivery.posted_as is None else None
    return messages.card(messages.view(tx, _blocker(tx, delivery)), late)


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page that was not sent in time is dropped where it is not true any more."""
    blocker = _blocker(tx, delivery)
    if delivery.posted_as is None:
        if not blocker.is_open:
            return Drop(f"the blocker was {blocker.state}")
        if blocker.state == State.ACKNOWLEDGED and delivery.args["why"] in page.WHILE_OPEN:
            return Drop(f"{blocker.owner} has acknowledged it")
        if delivery.args["why"] == page.HANDED and blocker.handed_to != delivery.recipient:
            return Drop("it was handed to somebody else")
    return page.page(messages.view(tx, blocker), delivery)


def _news(tx: Tx, delivery: Delivery) -> Message:
    return history.news(_blocker(tx, delivery), teams.directory(tx, delivery.plan_id), delivery.args)


CARD = Notice(
    kind=f"{KIND}.card", told="the channel of its team, once, edited as the blocker changes", render=_card,
    priority=Priority.ANSWER, editable=True,
)  # fmt: skip
PAGE = Notice(
    kind=f"{KIND}.page", told="whoever a step of its climb reaches, or whom somebody hands it to", render=_page,
    priority=Priority.PAGE, editable=True, see=f"/{KIND} show {{id}}",
)  # fmt: skip
LINE_OF_HISTORY = Notice(kind=LINE, told="the card's thread, whenever something happens", render=history.line)
NEWS = Notice(
    kind=f"{KIND}.news", told="its reporter, when somebody else takes or closes it", render=_news,
    priority=Priority.ANSWER,
)  # fmt: skip
NOTICES = (CARD, PAGE, LINE_OF_HISTORY, NEWS)


def tell_raised(tx: Tx, blocker: Blocker, directory: Directory) -> None:
    """Post its one card, in its channel."""
    outbox.enqueue(tx, [CARD.post(directory, blocker.channel, blocker.subject, _card_key(blocker.number))])


def tell_line(tx: Tx, blocker: Blocker, asker: Asker, verb: Verb, **facts: Any) -> None:
    args = {"verb": verb, "actor": asker.person.key, "at": tx.now.isoformat(), **facts}
    outbox.enqueue(tx, [_line_post(asker.directory, blocker.number, blocker.channel, args)])


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps if step.move.why != Why.OPENED])
        outbox.enqueue(tx, [_step_line(tx, step) for step in event.steps])


def _step_line(tx: Tx, step: StepDue) -> Post | None:
    """What the card's thread is told of a step; the card shows the first page, so only what was passed is told."""
    climb, move = step.climb, step.move
    if move.why == Why.OPENED and not move.empty and not move.missed:
        return None
    directory = teams.directory(tx, climb.plan_id)
    args = {
        "verb": move.why.value, "level": step.level, "at": tx.now.isoformat(), "due": move.due.isoformat(),
        "people": [recipient.person.key for recipient in step.recipients.people],
        "channels": list(step.recipients.channels), "missed": list(move.missed), "empty": list(move.empty),
        "climb": climb.id,
    }  # fmt: skip
    return _line_post(directory, climb.subject_id, directory.home_channel(climb.team), args)


def page_handed(tx: Tx, blocker: Blocker, asker: Asker, to: Person) -> None:
    args = {"to": to.key, "why": page.HANDED, "by": asker.person.key, "step": None}
    key = f"page:{KIND}:{blocker.number}:{page.HANDED}:{blocker.changes}:{to.key}"
    reach = asker.directory.reach(to)
    outbox.enqueue(tx, [PAGE.post(asker.directory, reach, blocker.subject, key, args=args, recipient=to.key)])


def tell_reporter(tx: Tx, blocker: Blocker, asker: Asker) -> None:
    reporter = asker.directory.people.get(blocker.reporter)
    if reporter and reporter.key != asker.person.key:
        args = {"state": str(blocker.state), "by": asker.person.key, "outcome": blocker.outcome}
        key = f"{KIND}:{blocker.number}:news:{blocker.changes}"
        outbox.enqueue(tx, [NEWS.post(asker.directory, reporter.slack_id, blocker.subject, key, args=args)])


def _line_post(directory: Directory, number: int, channel: str, args: dict[str, Any]) -> Post | None:
    key = f"{KIND}:{number}:line:{secrets.token_hex(6)}"
    return LINE_OF_HISTORY.post(directory, channel, Subject(KIND, number), key, args=args, thread=_card_key(number))


def _card_key(number: int) -> str:
    return f"{KIND}:{number}:card"
