"""The verbs of standups: rounds are kept on record, people report or skip, a line becomes a blocker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import MENTION, Raised
from callboard.core import outbox, timeline
from callboard.core.errors import Refused
from callboard.planfile import calendar
from callboard.standups import models, notices, schedule, store
from callboard.standups.models import AWAY, CHECK_IN, ROUND, CheckIn, Round, Standup, State, in_the_way
from callboard.standups.schedule import MOMENT, Book, Slot, open_round
from callboard.standups.statistics import Figures, figures
from callboard.tasks import service as tasks
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

__all__ = ["Figures", "Report", "current", "figures", "open_round", "raise_line", "skip", "submit", "wake"]
OLD = "That button is older than what you said last: the buttons below your words are the ones that count."


@dataclass(frozen=True)
class Report:
    """What somebody says: each question with its answer, in Slack's markup, and the person they wait for, by id."""

    answers: Sequence[tuple[str, str]]
    waits_for: str = ""


def wake(tx: Tx, plan_id: int) -> None:
    """Something is different with people: look at all standups of a plan again."""
    for row in store.standups(tx, plan_id):
        if not row.gone:
            row.wake_at = tx.now
            tx.session.add(row)
    tx.session.flush()


def attend(tx: Tx, standup: Standup) -> None:
    """Put on record who is asked in every round that began, and note when the next one does."""
    book = schedule.book_of(tx, standup.plan_id)
    part = book.standups.get(standup.key)
    if part is None or standup.gone:
        standup.wake_at = None
        tx.session.add(standup)
        return
    since = min(standup.seen_until, tx.now - part.window - schedule.LONGEST_WAIT)
    held = schedule.on_hold(tx, standup.plan_id)
    found = schedule.slots(book, standup.key, (since + MOMENT, tx.now + MOMENT), held)
    by_day: dict[date, list[Slot]] = defaultdict(list)
    for slot in found:
        if slot.at > standup.seen_until or slot.closes_at > tx.now:
            by_day[slot.day].append(slot)
    for day, asked in sorted(by_day.items()):
        keep(tx, standup.plan_id, standup.key, day, asked)
    standup.seen_until = tx.now
    standup.wake_at = _again(book, standup.key, tx.now)
    tx.session.add(standup)
    tx.session.flush()


def keep(tx: Tx, plan_id: int, key: str, day: date, asked: Iterable[Slot]) -> dict[str, CheckIn]:
    """The check-ins of some people in one round, made where they are not there yet; by person."""
    part = schedule.book_of(tx, plan_id).standups[key]
    one_round = store.put_round(tx, plan_id, key, day, part.name)
    there = {one.person: one for one in store.of_round(tx, one_round.number)}
    kept = {}
    for slot in asked:
        old = there.get(slot.person.key)
        kept[slot.person.key] = _different(tx, old, slot) if old else _new(tx, one_round, slot)
        if kept[slot.person.key].state == State.WAITING:
            plan_digest(tx, one_round, slot.digest_at)
    tx.session.flush()
    return kept


def submit(tx: Tx, who: Asker, key: str, day: date, report: Report) -> CheckIn:
    """Say something in a round, for the first time or anew. Raises Refused once the next round has begun."""
    one = _mine(tx, who, key, day)
    first = not one.answered
    said = "\n".join(f"{ask}: {text}" for ask, text in report.answers if text)
    models.answer(one, report.answers, report.waits_for, tx.now)
    tx.session.add(one)
    note(tx, one, str(one.state) if first else "changed", actor=who.person.key, said=said)
    show(tx, [one])
    _show(tx, who, one, first=first)
    return one


def skip(tx: Tx, who: Asker, key: str, day: date, reason: str) -> CheckIn:
    """Say nothing in a round, and why. Raises Refused without a reason, and where something was said already."""
    if not reason.strip():
        raise Refused("Say why, the others see it: `/standup skip because ...`.")
    one = _mine(tx, who, key, day)
    if one.answered:
        raise Refused("You have reported in this round already. `/standup` changes what you said.")
    if one.closes_at <= tx.now:
        raise Refused("This round is over: it cannot be skipped any more. `/standup` still takes what you have to say.")
    models.excuse(one, reason.strip())
    tx.session.add(one)
    note(tx, one, "skipped", actor=who.person.key, said=reason.strip())
    show(tx, [one])
    return one


def current(tx: Tx, who: Asker, key: str, day: date) -> CheckIn | None:
    """What somebody has in a round so far. Raises Refused once the next round has begun."""
    one = store.check_in_on(tx, who.directory.plan_id, key, who.person.key, day)
    _not_over(tx, one)
    return one


def raise_line(tx: Tx, who: Asker, number: int, place: int, expected: int) -> Blocker:
    """Raise a blocker from one line. Raises Refused where it is one already, and for an old button."""
    one = store.check_in(tx, number, lock=True)
    if one is None or one.plan_id != who.directory.plan_id or one.person != who.person.key:
        raise Refused("Only whoever said it can make a blocker of it. `/blocker` raises one of your own.")
    found = in_the_way(one)
    if str(place) in one.raised:
        known = one.raised[str(place)]
        raise Refused(f"That is blocker {known} already: `/blocker show {known}` says who has it.")
    if one.changes != expected or place >= len(found):
        raise Refused(OLD)
    line = found[place]
    blocker = blockers.raise_blocker(
        tx, who, Raised(what=line, waits_for=_waits_for(who, one, line), blocks=_blocks(tx, who, line))
    )
    one.raised = {**one.raised, str(place): blocker.number}
    tx.session.add(one)
    note(tx, one, "raised", actor=who.person.key, blocker=str(blocker.number))
    show(tx, [one])
    return blocker


def plan_digest(tx: Tx, one_round: Round, at: datetime) -> None:
    """The digest is posted at the first of these instants."""
    if one_round.posted_at is None:
        one_round.digest_at = min(filter(None, (one_round.digest_at, at)))
        tx.session.add(one_round)


def note(tx: Tx, one: CheckIn, verb: str, *, actor: str = timeline.BOT, said: str | None = None, **facts: str) -> None:
    """Put on the timeline what became of a check-in."""
    about = {"standup": one.standup, "person": one.person, "day": str(one.day), **facts}
    timeline.record(tx, one.plan_id, one.subject, verb, actor=actor, said=said, change=one.changes, **about)


def show(tx: Tx, ones: Iterable[CheckIn]) -> None:
    """Have all messages about these check-ins and their rounds shown anew."""
    several = list(ones)
    outbox.touch(tx, CHECK_IN, [one.number for one in several])
    outbox.touch(tx, ROUND, {one.round_id for one in several})


def _mine(tx: Tx, who: Asker, key: str, day: date) -> CheckIn:
    """Somebody's check-in, held until the end of the transaction, made where it is early."""
    plan_id = who.directory.plan_id
    there = store.check_in_on(tx, plan_id, key, who.person.key, day)
    if there is None:
        place = schedule.own_slot(tx, schedule.book_of(tx, plan_id), who, key, day)
        keep(tx, plan_id, key, day, [place])
    one = store.check_in_on(tx, plan_id, key, who.person.key, day, lock=True)
    if one is None:
        raise Refused("That round is not there any more. `/standup` shows what is open for you.")
    _not_over(tx, one)
    return one


def _not_over(tx: Tx, one: CheckIn | None) -> None:
    if one is not None and store.later(tx, one):
        raise Refused(
            f"The round of {models.day_name(one.day)} is closed: the next one has begun. `/standup` opens that one."
        )


def _show(tx: Tx, who: Asker, one: CheckIn, *, first: bool) -> None:
    """The person sees what they said, the digest's thread has it once the digest is there."""
    directory = who.directory
    outbox.enqueue(tx, [notices.prompt(directory, one, who.person)])
    one_round = store.round_of(tx, one.round_id, lock=True)
    if one_round is None:
        return
    if one_round.posted_at is not None and first and schedule.digest_channel(tx, directory, one_round):
        outbox.enqueue(tx, [notices.answer(tx, directory, one_round, one)])
    elif one_round.posted_at is None and one_round.digest_at is None:
        plan_digest(tx, one_round, max(one.closes_at, tx.now))
    tx.session.flush()


def _again(book: Book, key: str, now: datetime) -> datetime | None:
    whole = calendar.plan_window(book.document)
    return schedule.next_at(book, key, now) if whole and now < whole[1] else None


def _new(tx: Tx, one_round: Round, slot: Slot) -> CheckIn:
    one = CheckIn(
        plan_id=one_round.plan_id, standup=one_round.standup, person=slot.person.key, day=slot.day,
        round_id=one_round.number, zone=slot.zone, at=slot.at, asked_at=slot.asked_at, closes_at=slot.closes_at,
        remind_at=slot.remind_at, why=slot.why,
    )  # fmt: skip
    if slot.why:
        one.state = State.EXCUSED
    elif slot.closes_at <= tx.now:
        one.state = State.MISSED
    models.look(one)
    tx.session.add(one)
    tx.session.flush()
    if one.state != State.WAITING:
        note(tx, one, str(one.state), why=one.why or "nobody was there to ask")
    return one


def _different(tx: Tx, one: CheckIn, slot: Slot) -> CheckIn:
    """Somebody went away, or is back, while the round is open."""
    if one.closes_at <= tx.now:
        return one
    if one.state == State.WAITING and slot.why == AWAY:
        models.excuse(one, AWAY)
        note(tx, one, "excused", why=AWAY)
        show(tx, [one])
    elif one.state == State.EXCUSED and one.why == AWAY and not slot.why:
        models.expect(one)
        note(tx, one, "expected")
        show(tx, [one])
    tx.session.add(one)
    return one


def _waits_for(who: Asker, one: CheckIn, line: str) -> str | None:
    """Whom the line mentions, else whom the form named."""
    mentioned = [found for user in MENTION.findall(line) if (found := who.directory.by_slack(user))]
    return mentioned[0].key if mentioned else one.waits_for or None


def _blocks(tx: Tx, who: Asker, line: str) -> str | None:
    """The asker's task that the line names by its id."""
    said = {word.strip(".,:;()`").lower() for word in b.unescape(line).split()}
    own = [task for task in tasks.tasks(tx, who.directory.plan_id) if who.person.key in task.assignees]
    return next((task.called for task in own if task.key.lower() in said and not tasks.settled(task)), None)
