"""Whose turn it is, and what is over by itself. Whoever calls this has taken their turn with `store.take_turn`."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.branches import service as branches
from callboard.core import calendar, outbox, timeline
from callboard.core.db import Tx
from callboard.locks import models, notices, store
from callboard.locks.models import KEEPING, KIND, End, Lock, LockExpired, News, Rival, State, Verb
from callboard.locks.plan import rules
from callboard.locks.rights import Verdict
from callboard.locks.targets import Wish, clash
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.service import Directory


def end(tx: Tx, lock: Lock, how: End, by: str, why: str | None = None) -> None:
    """End a lock, and offer what is free now to those who wait longest."""
    models.end(lock, how, by, tx.now, why)
    notices.changed(tx, lock, how, actor=by, said=why)
    store.forget(tx, lock.number)
    neighbours = store.neighbours(tx, lock)
    outbox.touch(tx, KIND, [other.number for other in neighbours])
    waiting = [other for other in neighbours if other.state == State.WAITING]
    table = store.table(tx, lock.plan_id) if waiting else {}
    for other in waiting:
        _, wanted = table[other.number]
        ahead = (kept for number, (state, kept) in table.items() if state in KEEPING or number < other.number)
        if not any(clash(theirs, own) for kept in ahead for theirs in kept for own in wanted):
            table[other.number] = (State.OFFERED, wanted)
            models.offer(other, tx.now)
            notices.changed(tx, other, Verb.OFFERED)
            notices.tell(tx, teams.directory(tx, other.plan_id), other, other.holder, News.TURN)


def in_the_way(tx: Tx, asker: Asker, wish: Wish) -> tuple[list[Rival], list[Rival]]:
    """The asker's own locks on any of it, and those of others; who came after an own wish waits behind it."""
    rivals = store.rivals(tx, asker.directory.plan_id, wish.targets)
    own = [rival for rival in rivals if rival.lock.holder == asker.person.key]
    turn = min((rival.lock.number for rival in own if rival.lock.state not in (State.HELD, State.ASKED)), default=None)
    others = [
        rival for rival in rivals
        if rival.lock.holder != asker.person.key
        and (rival.lock.state in KEEPING or turn is None or rival.lock.number < turn)
    ]  # fmt: skip
    return own, others


def take(tx: Tx, asker: Asker, lock: Lock, verdict: Verdict) -> None:
    directory, lock.team = asker.directory, verdict.team
    own = [home for team in (verdict.team, *verdict.concerned) if team and (home := directory.home_channel(team))]
    channel = rules(tx, lock.plan_id).channel
    every = [directory.address(channel)] if channel else []
    lock.points = branches.heads(tx, lock.plan_id)
    lock.homes = list(dict.fromkeys([*(own or [directory.home_channel()]), *every]))
    if verdict.consents:
        models.ask(lock, verdict.consents, tx.now)
    else:
        models.hold(lock, tx.now)
    set_reminder(tx, directory, lock)
    verb = Verb.ASKED if lock.missing else Verb.ACQUIRED
    notices.changed(tx, lock, verb, actor=asker.person.key, said=lock.reason, until=lock.expires_at)
    notices.cards(tx, directory, lock)


def set_reminder(tx: Tx, directory: Directory, lock: Lock) -> None:
    """Ask its holder whether they still need it in the morning of their next working day."""
    person = directory.people.get(lock.holder)
    lock.remind_at = None
    if lock.state != State.HELD or person is None or lock.expires_at is None:
        return
    try:
        morning = calendar.next_occurrence(
            tx.now, person.working_hours.days, rules(tx, lock.plan_id).remind_at, person.zone,
            directory.calendar.holidays,
        )  # fmt: skip
    except ValueError:  # who never works is never reminded
        return
    lock.remind_at = morning if morning < lock.expires_at else None


def settle(tx: Tx, plan_id: int) -> None:
    """End what is over by now, even before its tick."""
    for lock in store.late(tx, plan_id):
        if lock.state != State.OVER:
            end(tx, lock, End.MISSED if lock.state == State.OFFERED else End.EXPIRED, timeline.BOT)
            if lock.ended_how == End.EXPIRED:
                tx.publish(LockExpired(lock))
            notices.tell(tx, teams.directory(tx, plan_id), lock, lock.holder, News.ENDED)


def come_due(tx: Tx, numbers: Sequence[int]) -> None:
    """Locks expire, offers end, and in the morning holders are asked.

    Two processes that find the same locks take turns; the later one finds them done.
    """
    for plan_id in sorted({lock.plan_id for lock in store.numbered(tx, numbers)}):
        store.take_turn(tx, plan_id)
        settle(tx, plan_id)
    for lock in store.numbered(tx, numbers):
        if lock.state == State.HELD and lock.remind_at and lock.remind_at <= tx.now:
            directory = teams.directory(tx, lock.plan_id)
            set_reminder(tx, directory, lock)
            notices.changed(tx, lock, Verb.REMINDED)
            notices.tell(tx, directory, lock, lock.holder, News.REMINDER)
