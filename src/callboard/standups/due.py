"""What comes due with standups: rounds begin, people are asked, reminded and marked as missed, digests are posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import col

from callboard.core.db import Tx
from callboard.core.ticks import rows_due
from callboard.standups import models, notices, service, store
from callboard.standups.models import UNASKED, CheckIn, CheckInsMissed, Round, Standup, State, Verb
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person

IN_A_ROW = 2


def _attend(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        standup = store.standup(tx, number)
        if standup is not None and standup.wake_at is not None and standup.wake_at <= tx.now:
            service.attend(tx, standup)


def _ask(tx: Tx, numbers: Sequence[int]) -> None:
    due = [row for row in store.numbered(tx, numbers) if row.next_at is not None and row.next_at <= tx.now]
    missed: dict[int, list[CheckIn]] = defaultdict(list)
    for check_in in due:
        _go_on(tx, check_in)
        models.look(check_in)
        tx.session.add(check_in)
        if check_in.state == State.MISSED:
            missed[check_in.plan_id].append(check_in)
    tx.session.flush()
    service.show(tx, [check_in for check_in in due if check_in.state != State.WAITING])
    for plan_id, rows in missed.items():
        _tell_leads(tx, teams.directory(tx, plan_id), rows)
        if asked := [row for row in rows if models.was_asked(row)]:
            tx.publish(CheckInsMissed(plan_id, asked))


def _go_on(tx: Tx, check_in: CheckIn) -> None:
    """What is next for somebody in a round: they are asked or reminded, or it is over for them."""
    directory = teams.directory(tx, check_in.plan_id)
    person = directory.people.get(check_in.person)
    if person is None or person.vacant:
        models.become(check_in, State.EXCUSED, UNASKED)
        service.note(tx, check_in, Verb.EXCUSED, why=check_in.why)
    elif check_in.closes_at <= tx.now:
        models.become(check_in, State.MISSED)
        service.note(tx, check_in, Verb.MISSED, fair="yes" if models.was_asked(check_in) else "no")
    else:
        _tell(tx, directory, check_in, person)


def _tell(tx: Tx, directory: Directory, check_in: CheckIn, person: Person) -> None:
    """Ask, or remind; whoever is asked only now gets no reminder in the same breath."""
    if check_in.prompted_at is None:
        check_in.prompted_at = tx.now
        notices.prompt(tx, directory, check_in, person)
    elif person.quiet_until(tx.now) is None:
        notices.prompt(tx, directory, check_in, person, notices.REMINDER)
    if check_in.remind_at is not None and check_in.remind_at <= tx.now:
        check_in.reminded_at = tx.now


def _tell_leads(tx: Tx, directory: Directory, missed: Sequence[CheckIn]) -> None:
    """Tell leads who missed exactly two rounds in a row; all of them in one message."""
    theirs: dict[str, list[CheckIn]] = defaultdict(list)
    for check_in in missed:
        if _missed_in_a_row(tx, check_in) == IN_A_ROW:
            for lead in directory.leads_over(check_in.person, tx.now):
                theirs[lead.key].append(check_in)
    for key, rows in theirs.items():
        notices.silent(tx, directory, directory.people[key], rows)


def _missed_in_a_row(tx: Tx, last: CheckIn) -> int:
    """How many rounds up to this one somebody missed although they were asked."""
    rounds = 0
    for check_in in store.of_person(tx, last.plan_id, last.person, last.standup):
        unasked = check_in.state == State.MISSED and not models.was_asked(check_in)
        if check_in.day > last.day or check_in.state == State.EXCUSED or unasked:
            continue
        if check_in.state != State.MISSED:
            break
        rounds += 1
    return rounds if models.was_asked(last) else 0


def _digest(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        one_round = store.round_of(tx, number, lock=True)
        if one_round is None or one_round.posted_at is not None:
            continue
        directory = teams.directory(tx, one_round.plan_id)
        rows = store.of_round(tx, number)
        if any((row.prompted_at and row.why != UNASKED) or row.answered or row.state == State.WAITING for row in rows):
            notices.digest(tx, directory, one_round, [row for row in rows if row.answered])
            one_round.posted_at = tx.now
        else:
            one_round.digest_at = None
        tx.session.add(one_round)
    tx.session.flush()


standups = rows_due("standups", _attend, Standup.id, Standup.wake_at)
check_ins = rows_due("check-ins", _ask, CheckIn.id, CheckIn.next_at)
digests = rows_due("rounds", _digest, Round.id, Round.digest_at, col(Round.posted_at).is_(None))
