"""The messages about a blocker: its card, lines in the card's thread, pages, and news for its reporter."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from callboard.blockers import classes, messages, store
from callboard.blockers.messages import SHORT, history, page, proposal
from callboard.blockers.models import KIND, LINE, STEP, Blocker, State, Verb
from callboard.blocks import markup as m
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.timeline import Subject
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.escalation.models import Why
from callboard.escalation.pages import HolderAway, ways
from callboard.escalation.service import StepDue, StepsDue
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.models import PersonAway
from callboard.teams.service import Directory, Person

SILENT = {Why.IDLE, Why.NUDGE}
MOST_NAMED = 10

ROWS = rows(Blocker)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    ROWS(tx, numbers)
    escalation.read_ahead(tx, KIND, numbers)


def _blocker(tx: Tx, delivery: Delivery) -> Blocker:
    return tx.get_one(Blocker, delivery.subject_id)


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
        if delivery.args["why"] == page.LEFT and blocker.owner != delivery.args["instead_of"]:
            return Drop("somebody else has it")
        if delivery.args["why"] == page.HANDED and blocker.handed_to != delivery.recipient:
            return Drop("it was handed to somebody else")
    shown, args = messages.view(tx, blocker), delivery.args
    silent = shown.ladder and shown.ladder.silent_since
    if delivery.posted_as is None and args["why"] in SILENT and silent != _instant(args.get("silent")):
        return Drop("somebody has said or done something about it since")
    before = _instant(args.get("before"))
    news = history.since(shown.directory, timeline.history(tx, blocker.subject), before) if before else ()
    return page.page(shown, delivery, news)


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _over(tx: Tx, delivery: Delivery) -> Message:
    """What is still open when the plan ends, in one line."""
    numbers = [str(blocker.number) for blocker in store.open_in(tx, delivery.plan_id)]
    plan = m.bold(m.escape(teams.directory(tx, delivery.plan_id).plan_name))
    still = f"Still open: {'blocker' if len(numbers) == 1 else 'blockers'} {joined(numbers, MOST_NAMED)}."
    what = f"{still} Nobody is paged any more: `/blocker list`" if numbers else "No blocker is open."
    return Message(f":checkered_flag: {plan} is over. {what}")


def _news(tx: Tx, delivery: Delivery) -> Message:
    return history.news(_blocker(tx, delivery), teams.directory(tx, delivery.plan_id), delivery.args)


def _vote(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A question about a class, dropped where it is decided before it was sent."""
    blocker = _blocker(tx, delivery)
    classed = classes.read(tx, blocker)
    if classed is None or blocker.class_change != delivery.args["proposal"]:
        return Message(TAKEN_BACK.format(blocker.number)) if delivery.posted_as else Drop("the proposal was taken back")
    if delivery.posted_as is None and not classed.voted_on:
        return Drop("the vote is over")
    return proposal.asked(classed, m.escape(classed.directory.plan_name), delivery.recipient or "")


def _decided(tx: Tx, delivery: Delivery) -> Message | Drop:
    blocker = _blocker(tx, delivery)
    classed = classes.read(tx, blocker)
    return proposal.decided(classed, m.clip(blocker.what, SHORT)) if classed else Drop("the proposal was taken back")


TAKEN_BACK = "The proposal for blocker {} was taken back. No vote is needed."
CARD = Notice(
    kind=f"{KIND}.card", told="the channel of its team, once, edited as the blocker changes", render=_card,
    priority=Priority.ANSWER, editable=True, ahead=_ahead,
)  # fmt: skip
PAGE = Notice(
    kind=f"{KIND}.page", told="whoever a step of its climb reaches, or whom somebody hands it to", render=_page,
    priority=Priority.PAGE, editable=True, see=f"/{KIND} show {{id}}", ahead=_ahead,
)  # fmt: skip
STEP_OF_CLIMB = Notice(
    kind=STEP, told="the card's thread, when somebody is paged; edited when that arrives or fails",
    render=history.line, editable=True, ahead=_ahead,
)  # fmt: skip
OVER = Notice(
    kind=f"{KIND}.over", told="the channel of the whole plan, when the plan ends with blockers still open", render=_over
)
LINE_OF_HISTORY = Notice(kind=LINE, told="the card's thread, whenever something happens", render=history.line)
NEWS = Notice(
    kind=f"{KIND}.news",
    told="its reporter, when somebody else takes or closes it; whoever had it, when somebody hands it on", render=_news,
    priority=Priority.ANSWER, ahead=ROWS,
)  # fmt: skip
VOTE = Notice(
    kind=f"{KIND}.vote", told="whoever may vote, when it is proposed for a class", render=_vote,
    priority=Priority.PROMPT, editable=True, ahead=ROWS,
)  # fmt: skip
DECIDED = Notice(
    kind=f"{KIND}.decided", told="its reporter and its proposer, when the votes have decided", render=_decided,
    ahead=ROWS,
)  # fmt: skip
NOTICES = (CARD, PAGE, LINE_OF_HISTORY, STEP_OF_CLIMB, NEWS, OVER, VOTE, DECIDED)


def tell_raised(tx: Tx, blocker: Blocker, directory: Directory) -> None:
    """Post its one card, in its channel."""
    outbox.enqueue(tx, [CARD.post(directory, blocker.channel, blocker.subject, _card_key(blocker.number))])


def show_card(tx: Tx, number: int) -> None:
    """Show the card anew, and nobody's page."""
    outbox.show(tx, _card_key(number))


def tell_line(tx: Tx, blocker: Blocker, asker: Asker, verb: Verb, **facts: Any) -> None:
    args = {"verb": verb, "actor": asker.person.key, "at": tx.now.isoformat(), **facts}
    outbox.enqueue(tx, [_line_post(asker.directory, blocker.number, blocker.channel, args)])


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps if step.move.why != Why.OPENED])
        outbox.enqueue(tx, [_step_line(tx, step) for step in event.steps])
        for step in event.steps:
            if step.move.why == Why.OVER:
                _tell_over(tx, step)


def _tell_over(tx: Tx, step: StepDue) -> None:
    """Once for all blockers that are open when a plan ends."""
    directory = teams.directory(tx, step.climb.plan_id)
    key = f"{KIND}:over:{directory.plan_id}:{step.move.due.isoformat()}"
    outbox.enqueue(tx, [OVER.post(directory, directory.home_channel(), Subject("plan", directory.plan_id), key)])


def _step_line(tx: Tx, step: StepDue) -> Post | None:
    """What the card's thread is told of a step; the card shows the first page, so only what was passed is told."""
    climb, move = step.climb, step.move
    if move.why == Why.OPENED and not move.empty and not move.missed:
        return None
    directory = teams.directory(tx, climb.plan_id)
    args = step.facts | {
        "verb": move.why.value, "level": step.level, "at": tx.now.isoformat(), "due": move.due.isoformat(),
        "people": step.people, "channels": list(step.recipients.channels), "missed": list(move.missed),
        "empty": list(move.empty),
    }  # fmt: skip
    return _line_post(directory, climb.subject_id, directory.home_channel(climb.team), args, STEP_OF_CLIMB)


def page_handed(tx: Tx, blocker: Blocker, asker: Asker, to: Person) -> None:
    _page_alone(tx, asker.directory, blocker, to, page.HANDED, to=to.key, by=asker.person.key)


def _page_alone(tx: Tx, directory: Directory, blocker: Blocker, person: Person, why: str, **facts: str) -> None:
    """Page somebody whom no step of the climb names."""
    key = f"page:{KIND}:{blocker.number}:{why}:{blocker.changes}:{person.key}"
    args = {**facts, "why": why, "step": None}
    outbox.enqueue(tx, [
        PAGE.post(directory, way, blocker.subject, f"{key}{ending}", args=args, recipient=person.key)
        for way, ending in ways(tx, directory, person, blocker.subject)
    ])  # fmt: skip


def on_holder_away(tx: Tx, event: HolderAway) -> None:
    """Whoever stands in for the owner of a blocker is paged, where nobody would be asked about it by itself."""
    blocker = store.find(tx, event.number) if event.kind == KIND else None
    ladder = escalation.ladder(tx, blocker.subject) if blocker and blocker.owner == event.holder else None
    if blocker is None or ladder is None or (ladder.next and ladder.next.whom):
        return
    directory, since = teams.directory(tx, event.plan_id), (blocker.owner_at or tx.now).isoformat()
    to = directory.people[event.instead]
    _page_alone(tx, directory, blocker, to, page.LEFT, instead_of=event.holder, since=since)


def tell_reporter(tx: Tx, blocker: Blocker, asker: Asker) -> None:
    """Whoever raised it hears of it, and whoever raised what is the same."""
    args = {"state": str(blocker.state), "by": asker.person.key, "outcome": blocker.outcome}
    key, reporter = f"{KIND}:{blocker.number}:news:{blocker.changes}", asker.directory.people.get(blocker.reporter)
    if reporter and reporter.key != asker.person.key:
        outbox.enqueue(tx, [NEWS.post(asker.directory, reporter.slack_id, blocker.subject, key, args=args)])
    tx.later(_tell_of_same, (blocker, key, args))


def tell_former(tx: Tx, blocker: Blocker, asker: Asker, owner: str | None, to: Person) -> None:
    """Whoever had it hears that somebody else gave it to another, unless they hear that as its reporter."""
    former, by = asker.directory.people.get(owner or ""), asker.person.key
    if former and former.key != by and (former.key != blocker.reporter or to.key != by):
        key = f"{KIND}:{blocker.number}:former:{blocker.changes}"
        post = NEWS.post(asker.directory, former.slack_id, blocker.subject, key, args={"by": by, "to": to.key})
        outbox.enqueue(tx, [post])


def _tell_of_same(tx: Tx, told: list[tuple[Blocker, str, dict[str, Any]]]) -> None:
    """What is the same is looked for once, however many blockers a transaction tells of."""
    same = store.same_as(tx, [blocker for blocker, _, _ in told])
    for blocker, key, args in told if any(same.values()) else ():
        directory, knows = teams.directory(tx, blocker.plan_id), {blocker.reporter, args["by"]}
        for row in same[blocker.number]:
            if row.reporter not in knows and (reporter := directory.people.get(row.reporter)):
                knows.add(reporter.key)
                own = args | {"same": row.number}
                post = NEWS.post(directory, reporter.slack_id, blocker.subject, f"{key}:{row.number}", args=own)
                outbox.enqueue(tx, [post])


def ask_votes(tx: Tx, blocker: Blocker, directory: Directory, able: Iterable[Person]) -> None:
    """Ask each of those who may vote, once."""
    args, key = {"proposal": blocker.class_change}, f"{KIND}:{blocker.number}:vote:{blocker.class_change}"
    outbox.enqueue(tx, [
        VOTE.post(directory, person.slack_id, blocker.subject, f"{key}:{person.key}", args=args, recipient=person.key)
        for person in able
    ])  # fmt: skip


def on_person_away(tx: Tx, event: PersonAway) -> None:
    """The deputies of whoever is away are asked for the votes that are missing."""
    for blocker in store.open_in(tx, event.plan_id):
        classed = classes.read(tx, blocker)
        if classed and classed.votes and classed.voted_on:
            ask_votes(tx, blocker, classed.directory, classed.directory.named(classed.votes.deputies))


def tell_decided(tx: Tx, blocker: Blocker, asker: Asker) -> None:
    key = f"{KIND}:{blocker.number}:decided:{blocker.class_change}"
    told = dict.fromkeys(key for key in (blocker.reporter, blocker.class_by) if key and key != asker.person.key)
    outbox.enqueue(tx, [
        DECIDED.post(asker.directory, person.slack_id, blocker.subject, f"{key}:{person.key}", recipient=person.key)
        for person in asker.directory.named(told)
    ])  # fmt: skip


def _line_post(
    directory: Directory, number: int, channel: str, args: dict[str, Any], notice: Notice = LINE_OF_HISTORY
) -> Post | None:
    key = f"{KIND}:{number}:line:{secrets.token_hex(6)}"
    return notice.post(directory, channel, Subject(KIND, number), key, args=args, thread=_card_key(number))


def _card_key(number: int) -> str:
    return f"{KIND}:{number}:card"
