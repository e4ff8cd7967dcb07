"""What comes due with standups: rounds begin, people are asked, reminded and put down as missed, digests are posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlmodel import col

from callboard.core import outbox
from callboard.core.ticks import rows_due
from callboard.standups import models, notices, presence, schedule, service, store
from callboard.standups.models import CheckIn, Round, Standup, State
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

IN_A_ROW = 2


def _attend(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        found = store.standup(tx, number)
        if found is not None and found.wake_at is not None and found.wake_at <= tx.now:
            service.attend(tx, found)


def _ask(tx: Tx, numbers: Sequence[int]) -> None:
    over: list[CheckIn] = []
    missed: dict[int, list[CheckIn]] = defaultdict(list)
    for one in store.numbered(tx, numbers):
        if one.next_at is None or one.next_at > tx.now:
            continue
        directory = teams.directory(tx, one.plan_id)
        person = directory.people.get(one.person)
        if person is None or person.vacant:
            models.excuse(one, "not in the plan any more")
            service.note(tx, one, "excused", why=one.why)
            over.append(one)
        elif one.closes_at <= tx.now:
            models.miss(one)
            service.note(tx, one, "missed")
            over.append(one)
            missed[one.plan_id].append(one)
        else:
            _tell(tx, directory, one, person)
        models.look(one)
        tx.session.add(one)
    tx.session.flush()
    service.show(tx, over)
    for plan_id, ones in missed.items():
        _tell_leads(tx, teams.directory(tx, plan_id), ones)


def _tell(tx: Tx, directory: Directory, one: CheckIn, person: Person) -> None:
    """Ask, or ask once more; who was asked only just now is not reminded in the same breath."""
    if one.prompted_at is None:
        one.prompted_at = tx.now
        outbox.enqueue(tx, [notices.prompt(directory, one, person)])
    elif person.quiet_until(tx.now) is None:
        outbox.enqueue(tx, [notices.reminder(directory, one, person)])
    if one.remind_at is not None and one.remind_at <= tx.now:
        one.reminded_at = tx.now


def _tell_leads(tx: Tx, directory: Directory, missed: Sequence[CheckIn]) -> None:
    """Who leads somebody hears once that they were silent twice in a row; all of them in one message."""
    theirs: dict[str, list[CheckIn]] = defaultdict(list)
    for one in missed:
        if _silent_rounds(tx, one) == IN_A_ROW:
            for lead in presence.who_leads(tx, directory, one.person):
                theirs[lead.key].append(one)
    people = directory.people
    outbox.enqueue(tx, [notices.silent(tx, directory, people[key], ones) for key, ones in theirs.items()])


def _silent_rounds(tx: Tx, one: CheckIn) -> int:
    """In how many rounds in a row, up to this one, somebody was asked and said nothing."""
    rounds = 0
    for before in store.of_person(tx, one.plan_id, one.person, one.standup):
        if before.day > one.day or before.state == State.EXCUSED:
            continue
        if before.state == State.MISSED and not models.was_asked(before):
            continue
        if before.state != State.MISSED:
            break
        rounds += 1
    return rounds if models.was_asked(one) else 0


def _digest(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        one_round = store.round_of(tx, number, lock=True)
        if one_round is None or one_round.posted_at is not None:
            continue
        directory = teams.directory(tx, one_round.plan_id)
        ones = store.of_round(tx, number)
        if any(one.prompted_at or one.answered or one.state == State.WAITING for one in ones):
            said = [notices.answer(tx, directory, one_round, one) for one in ones if one.answered]
            if schedule.digest_channel(tx, directory, one_round):
                outbox.enqueue(tx, [notices.digest(tx, directory, one_round), *said])
            one_round.posted_at = tx.now
        else:
            one_round.digest_at = None
        tx.session.add(one_round)
    tx.session.flush()


standups = rows_due("standups", _attend, Standup.id, Standup.wake_at)
check_ins = rows_due("check-ins", _ask, CheckIn.id, CheckIn.next_at)
digests = rows_due("rounds", _digest, Round.id, Round.digest_at, col(Round.posted_at).is_(None))
