"""The verbs of standups: put rounds on record, report, skip, raise a line as a blocker."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import MENTION, Raised
from callboard.blocks import markup as m
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.measures import MeasuresMoved
from callboard.core.rows import fresh
from callboard.core.ticks import MOMENT
from callboard.planfile import calendar
from callboard.standups import models, notices, schedule, store
from callboard.standups.models import AWAY, CHECK_IN, ROUND, UNASKED, CheckIn, Round, Standup, State, Verb, in_the_way
from callboard.standups.schedule import Book, Slot
from callboard.tasks import service as tasks
from callboard.teams.directory import COORDINATOR, Asker
from callboard.teams.models import PersonAway
from callboard.teams.old_buttons import refuse_old

LATELY, A_DAY = timedelta(days=30), timedelta(days=1)


@dataclass(frozen=True)
class Figures:
    """Counts of check-ins: of a standup, or of one person in it. Whoever was excused or never asked is not expected."""

    name: str
    rounds: int
    states: Counter[str]

    @property
    def percent(self) -> int:
        """How many of them did, in percent; 100 where nobody was to."""
        reported = self.states[State.SUBMITTED] + self.states[State.LATE]
        expected = reported + self.states[State.MISSED]
        return round(100 * reported / expected) if expected else 100


def figures(tx: Tx, who: Asker) -> dict[str, tuple[Figures, list[Figures]]]:
    """Each standup of the last thirty days, and in it the people whom the asker leads, and themselves."""
    book = schedule.book_of(tx, who.directory.plan_id)
    first = (tx.now - LATELY).date()
    rows = [row for row in store.every(tx, who.directory.plan_id, first) if row.at <= tx.now or row.answered]
    figures = {}
    for key, part in book.standups.items():
        theirs: dict[str, list[CheckIn]] = defaultdict(list)
        for row in (row for row in rows if row.standup == key):
            theirs[row.person].append(row)
        people = [person for person in book.directory.people if person in theirs and _sees(who, person)]
        if theirs:
            of_people = [count(person, theirs[person]) for person in people]
            figures[key] = count(part.name, [row for of_person in theirs.values() for row in of_person]), of_people
    return figures


def count(name: str, rows: Sequence[CheckIn]) -> Figures:
    states = [State.EXCUSED if row.state == State.MISSED and not models.was_asked(row) else row.state for row in rows]
    days = {row.day for row, state in zip(rows, states, strict=True) if state != State.EXCUSED}
    return Figures(name, len(days), Counter(states))


def _sees(who: Asker, key: str) -> bool:
    """Figures of a person are for themselves, for whoever leads them and for who coordinates."""
    directory, person = who.directory, who.directory.people[key]
    leads = any(directory.is_lead(who.person, team.key) for team in directory.teams_of(person))
    return key == who.person.key or leads or directory.has_role(who.person, COORDINATOR)


@dataclass(frozen=True)
class Report:
    """Each question with its answer, in Slack's markup, and whom somebody waits for, by id."""

    answers: Sequence[tuple[str, str]]
    waits_for: str = ""


def wake(tx: Tx, event: PersonAway) -> None:
    """Somebody is away or back: look again at all standups of the plan, since other people may be asked."""
    for row in (row for row in store.standups(tx, event.plan_id) if not row.gone):
        row.wake_at = tx.now
        tx.session.add(row)
    tx.session.flush()


def attend(tx: Tx, standup: Standup) -> None:
    """Put on record who is asked in every round that began, and set when to look again."""
    book = schedule.book_of(tx, standup.plan_id)
    part = book.standups.get(standup.key)
    if part is None or standup.gone:
        standup.wake_at = None
        tx.session.add(standup)
        _spare(tx, standup, None)
        return
    since = min(standup.seen_until, tx.now - part.window - schedule.LONGEST_WAIT)
    held = schedule.on_hold(tx, standup.plan_id)
    by_day: dict[date, list[Slot]] = defaultdict(list)
    for slot in schedule.slots(book, standup.key, (since + MOMENT, tx.now + MOMENT), held):
        if slot.at > standup.seen_until or slot.closes_at > tx.now:
            by_day[slot.day].append(slot)
    for day, asked in sorted(by_day.items()):
        keep(tx, standup.plan_id, standup.key, day, asked)
    _spare(tx, standup, book)
    standup.seen_until = tx.now
    whole = calendar.plan_window(book.document)
    standup.wake_at = schedule.next_at(book, standup.key, tx.now) if whole and tx.now < whole[1] else None
    tx.session.add(standup)
    tx.session.flush()


def _spare(tx: Tx, standup: Standup, book: Book | None) -> None:
    """Whom the plan no longer asks in an open round is reminded no more, and missed nothing."""
    waiting = store.waiting(tx, standup, (tx.now - LATELY).date())
    asked = set[tuple[str, date]]()
    if waiting and book:
        window = (min(row.at for row in waiting) - A_DAY, tx.now + A_DAY)
        asked = {(slot.person.key, slot.day) for slot in schedule.slots(book, standup.key, window)}
    spared = [row for row in waiting if (row.person, row.day) not in asked]
    for check_in in spared:
        models.become(check_in, State.EXCUSED, UNASKED)
        tx.session.add(check_in)
        note(tx, check_in, Verb.EXCUSED, why=UNASKED)
    show(tx, spared)


def keep(tx: Tx, plan_id: int, key: str, day: date, asked: Iterable[Slot]) -> None:
    """Put the check-ins of some people in one round on record."""
    one_round = store.put_round(tx, plan_id, key, day, schedule.book_of(tx, plan_id).standups[key].name)
    rows = {row.person: row for row in store.of_round(tx, one_round.number)}
    for slot in asked:
        row = rows.get(slot.person.key)
        if (_changed(tx, row, slot) if row else _new(tx, one_round, slot)).state == State.WAITING:
            _plan_digest(tx, one_round, slot.digest_at)
    tx.session.flush()


def submit(tx: Tx, who: Asker, key: str, day: date, report: Report) -> CheckIn:
    """Report in a round, or change the report. Raises Refused once the next round has begun."""
    check_in = _mine(tx, who, key, day)
    first = not check_in.answered
    said = "\n".join(f"{ask}: {text}" for ask, text in report.answers if text)
    models.answer(check_in, report.answers, report.waits_for, tx.now)
    tx.session.add(check_in)
    note(tx, check_in, Verb(check_in.state) if first else Verb.CHANGED, actor=who.person.key, said=said)
    show(tx, [check_in])
    _show(tx, who, check_in)
    return check_in


def skip(tx: Tx, who: Asker, key: str, day: date, reason: str) -> CheckIn:
    """Skip a round. Raises Refused without a reason, and for whoever has reported."""
    reason = m.needed(reason, "Say why: `/standup skip because ...`. The others see it.")
    check_in = _mine(tx, who, key, day)
    if check_in.answered:
        raise Refused("You have already reported. `/standup` changes your report.")
    if check_in.closes_at <= tx.now:
        raise Refused("This standup is closed, so you can't skip it. `/standup` still takes your report.")
    models.become(check_in, State.EXCUSED, reason)
    tx.session.add(check_in)
    note(tx, check_in, Verb.SKIPPED, actor=who.person.key, said=reason)
    show(tx, [check_in])
    return check_in


def current(tx: Tx, who: Asker, key: str, day: date) -> CheckIn | None:
    """Somebody's check-in of a day, if they have one. Raises Refused once the next round has begun."""
    schedule.refuse_gone(tx, who.directory.plan_id, key)
    found = store.check_in_on(tx, store.Place(who.directory.plan_id, key, who.person.key, day))
    return _not_over(*found) if found else None


def raise_line(tx: Tx, who: Asker, number: int, place: int, expected: int) -> Blocker:
    """Raise a line of a report as a blocker. Raises Refused where it is one already, and for an old button."""
    check_in = store.check_in(tx, number, lock=True)
    if check_in is None or check_in.plan_id != who.directory.plan_id or check_in.person != who.person.key:
        raise Refused("Only whoever reported it can raise that blocker. `/blocker` raises your own.")
    if known := check_in.raised.get(str(place)):
        raise Refused(f"That is already blocker {known}. `/blocker show {known}` shows who has it.")
    refuse_old(tx, who, check_in, "Your report", expected, "Use the buttons below your last report.", strict=True)
    line = in_the_way(check_in)[place]
    blocker = blockers.raise_blocker(
        tx, who, Raised(what=line, waits_for=_waits_for(who, check_in, line), blocks=_blocks(tx, who, line))
    )
    check_in.raised = {**check_in.raised, str(place): blocker.number}
    tx.session.add(check_in)
    note(tx, check_in, Verb.RAISED, actor=who.person.key, blocker=str(blocker.number))
    show(tx, [check_in])
    return blocker


def _plan_digest(tx: Tx, one_round: Round, at: datetime) -> None:
    if one_round.posted_at is None:
        one_round.digest_at = min(filter(None, (one_round.digest_at, at)))
        tx.session.add(one_round)


def note(tx: Tx, row: CheckIn, verb: Verb, *, actor: str = timeline.BOT, said: str | None = None, **facts: str) -> None:
    about = {"standup": row.standup, "person": row.person, "day": str(row.day), **facts}
    timeline.record(tx, row.plan_id, row.subject, verb, actor=actor, said=said, change=row.changes, **about)
    tx.publish(MeasuresMoved(row.plan_id))


def show(tx: Tx, rows: Sequence[CheckIn]) -> None:
    outbox.touch(tx, CHECK_IN, [row.number for row in rows])
    outbox.touch(tx, ROUND, {row.round_id for row in rows})


def _mine(tx: Tx, who: Asker, key: str, day: date) -> CheckIn:
    """Somebody's check-in, locked until the end of the transaction, made where it is early."""
    plan_id = who.directory.plan_id
    schedule.refuse_gone(tx, plan_id, key)
    place = store.Place(plan_id, key, who.person.key, day)
    found = store.check_in_on(tx, place, lock=True)
    if found is None:
        keep(tx, plan_id, key, day, [schedule.own_slot(tx, schedule.book_of(tx, plan_id), who, key, day)])
        found = store.check_in_on(tx, place, lock=True)
    if found is None:
        raise Refused(schedule.GONE)
    return _not_over(*found)


def _not_over(check_in: CheckIn, is_over: bool) -> CheckIn:  # noqa: FBT001
    if is_over:
        day = models.day_name(check_in.day)
        raise Refused(f"The standup of {day} is closed: the next one has begun. `/standup` opens that one.")
    return check_in


def _show(tx: Tx, who: Asker, check_in: CheckIn) -> None:
    """Show the report to its author, and in the thread of the digest once that is posted."""
    notices.prompt(tx, who.directory, check_in, who.person)
    one_round = store.round_of(tx, check_in.round_id, lock=True)
    if one_round is None:
        return
    if one_round.posted_at is not None:
        notices.answer(tx, who.directory, one_round, check_in)
    elif one_round.digest_at is None:
        _plan_digest(tx, one_round, max(check_in.closes_at, tx.now))
    tx.session.flush()


def _new(tx: Tx, one_round: Round, slot: Slot) -> CheckIn:
    check_in = fresh(
        CheckIn,
        plan_id=one_round.plan_id, standup=one_round.standup, person=slot.person.key, day=slot.day,
        round_id=one_round.number, at=slot.at, asked_at=slot.asked_at, closes_at=slot.closes_at,
        remind_at=slot.remind_at, why=slot.why,
    )  # fmt: skip
    if slot.why:
        check_in.state = State.EXCUSED
    elif slot.closes_at <= tx.now:
        check_in.state = State.MISSED
    models.look(check_in)
    check_in.id = tx.insert_row(check_in)
    if check_in.state != State.WAITING:
        note(tx, check_in, Verb(check_in.state), why=check_in.why or "nobody was there to ask", fair="no")
    return check_in


def _changed(tx: Tx, check_in: CheckIn, slot: Slot) -> CheckIn:
    """Somebody goes away, or is back or asked again, while the round is open."""
    if check_in.closes_at <= tx.now:
        return check_in
    if check_in.state == State.WAITING and slot.why == AWAY:
        models.become(check_in, State.EXCUSED, AWAY)
        note(tx, check_in, Verb.EXCUSED, why=AWAY)
        show(tx, [check_in])
    elif check_in.state == State.EXCUSED and check_in.why in (AWAY, UNASKED) and not slot.why:
        models.become(check_in, State.WAITING)
        note(tx, check_in, Verb.EXPECTED)
        show(tx, [check_in])
    tx.session.add(check_in)
    return check_in


def _waits_for(who: Asker, check_in: CheckIn, line: str) -> str | None:
    """Whom the line mentions, else whom the form named."""
    mentioned = [found for user in MENTION.findall(line) if (found := who.directory.by_slack(user))]
    return mentioned[0].key if mentioned else check_in.waits_for or None


def _blocks(tx: Tx, who: Asker, line: str) -> str | None:
    words = {word.strip(".,:;()`").lower() for word in m.unescape(line).split()}
    own = [task for task in tasks.seen(tx, who.directory.plan_id) if who.person.key in task.assignees]
    return next((task.called for task in own if task.key.lower() in words and not tasks.settled(task)), None)
