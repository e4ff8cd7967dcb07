"""Who may do what with a lock, and whether it still stands as they saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.locks import store
from callboard.locks.models import KEEPING, Lock, State
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

TO_LIST = "`/lock list` shows those that are held."


def known(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """The lock with this number, of the asker's plan, as they last saw it. Whoever changes it has taken their turn."""
    lock = store.find(tx, number)
    if lock is None or lock.plan_id != asker.directory.plan_id:
        raise Refused(f"There is no lock {number} in {b.escape(asker.directory.plan_name)}. {TO_LIST}")
    if expected is not None and expected != lock.changes:
        since = store.changes_since(tx, lock, expected)
        told = "; ".join(f"{asker.directory.called(one.actor)} {one.verb} it at {b.date(one.at)}" for one in since)
        told = told or "it has changed"
        raise Refused(f"That button is older than what happened to lock {number}: {told}. Nothing was changed now.")
    return lock


def changing(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """The same, to be changed, and not over."""
    store.take_turn(tx, asker.directory.plan_id)
    lock = known(tx, asker, number, expected)
    if lock.state == State.OVER or (lock.expires_at and lock.expires_at <= tx.now and lock.state in KEEPING):
        when = b.date(lock.ended_at or lock.expires_at or tx.now, "both")
        by = f" by {asker.directory.called(lock.ended_by)}" if lock.ended_by in asker.directory.people else ""
        how = lock.ended_how or "expired"
        raise Refused(f"Lock {number} is over: {how}{by}, {when}. {TO_LIST}")
    return lock


def mine(asker: Asker, lock: Lock, what: str) -> None:
    """Refuse whoever does not hold it."""
    if lock.holder == asker.person.key:
        return
    holder, number = asker.directory.called(lock.holder), lock.number
    who = f"to {what} is for them. {who_breaks(asker, lock)} may `/lock break {number} because ...`"
    raise Refused(f"Lock {number} is {holder}'s, since {b.date(lock.since, 'both')}, for {lock.reason}: {who}.")


def may_break(asker: Asker, lock: Lock) -> bool:
    """Whether the asker leads a team concerned, or coordinates."""
    directory = asker.directory
    teams = {lock.team, *(one["team"] for one in lock.consents)}
    leads = any(directory.is_lead(asker.person, team) for team in teams if team)
    return leads or directory.has_role(asker.person, "coordinator")


def who_breaks(asker: Asker, lock: Lock) -> str:
    """Who may break it, by name."""
    directory = asker.directory
    people = [*directory.leads_of(lock.team or ""), *directory.coordinators]
    return directory.one_of(people) or "the coordinator"
