"""Who may do what with a lock, and whether it still stands as they saw it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.locks import store
from callboard.locks.models import KEEPING, Lock, State
from callboard.locks.targets import Target
from callboard.teams.service import Asker, Directory
from callboard.zones import service as zones
from callboard.zones.service import Owned

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


@dataclass(frozen=True)
class Verdict:
    """For which team somebody locks, which teams are concerned, and whose consent it takes first."""

    team: str | None
    concerned: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()


def judge(tx: Tx, asker: Asker, targets: Iterable[Target]) -> Verdict:
    """Look whose all of it is. Raises Refused where it is somebody else's."""
    own = [team.key for team in asker.directory.teams_of(asker.person)]
    _refuse_watchers(asker, own)
    found = [(target, owned) for target in targets for owned in owned_by(tx, asker.directory.plan_id, target)]
    runs = asker.directory.has_role(asker.person, "coordinator")
    for target, owned in found:
        if owned.teams and not runs and not set(own).intersection(owned.teams):
            raise Refused(_foreign(asker, target, owned))
    concerned = tuple(dict.fromkeys(team for _, owned in found for team in owned.teams))
    team = next((team for team in own if team in concerned), next(iter(own), None))
    joint = [owned.teams for _, owned in found if len(owned.teams) > 1]
    consents = () if runs else tuple(dict.fromkeys(each for teams in joint for each in teams if each not in own))
    return Verdict(team, concerned, consents)


def owned_by(tx: Tx, plan_id: int, target: Target) -> list[Owned]:
    """Whose a target is, part by part; a thing is nobody's."""
    if target.kind == "thing":
        return []
    if target.kind == "file":
        return [zones.of(tx, plan_id, target.text)]
    return zones.within(tx, plan_id, target.pattern, target.section)


def whose(directory: Directory, owned: Owned) -> str:
    """Whose it is, with who leads: `Backend's (led by @lead)`."""
    if not owned.teams:
        return "nobody's: anybody may lock it"
    names = [b.escape(directory.teams[team].name if team in directory.teams else team) for team in owned.teams]
    leads = [directory.called(lead) for team in owned.teams for lead in directory.leads_of(team)]
    led = f" (led by {joined(leads)})" if leads else ""
    if owned.rule and owned.rule.zone.joint:
        return f"{joined(names)}'s jointly{led}"
    by_section = " by section" if owned.rule and owned.rule.zone.sections and len(names) > 1 else ""
    return f"{joined(names)}'s{by_section}{led}"


def _foreign(asker: Asker, target: Target, owned: Owned) -> str:
    example = owned.path.removeprefix("/")
    inside = (
        "" if target.text.removeprefix("/") == example or target.section else f", `{b.escape(example)}` for example,"
    )
    part = "part of it" if inside else "that"
    hint = ""
    if inside and target.kind == "path" and example.startswith(f"{target.text.removeprefix('/')}/"):
        hint = f" If you mean the file alone: `./{b.escape(target.text.removeprefix('/'))}`."
    said = f"`{b.escape(str(target))}` is not locked: {part}{inside} is {whose(asker.directory, owned)}"
    ask = "Ask them to lock it, or to hand you theirs."
    return f"{said}, by the zone `{b.escape(owned.pattern)}`. {ask}{hint}"


def _refuse_watchers(asker: Asker, own: Sequence[str]) -> None:
    roles = asker.person.roles
    if not own and "coordinator" not in roles:
        who = " and ".join(map(asker.directory.role_name, roles)) or "somebody without a team"
        raise Refused(f"You are in this plan as {b.escape(who)}: locks are for those who are in a team of it.")


def refuse_foreign(tx: Tx, asker: Asker, wanted: Iterable[Target]) -> None:
    directory, runs = asker.directory, asker.directory.has_role(asker.person, "coordinator")
    for target in wanted:
        for owned in owned_by(tx, directory.plan_id, target):
            led = any(directory.is_lead(asker.person, team) for team in owned.teams)
            if owned.teams and not led and not runs:
                theirs = whose(directory, owned)
                raise Refused(f"`{b.escape(str(target))}` is {theirs}: only who leads them may allow that.")
            if not owned.teams:
                raise Refused(f"`{b.escape(owned.path)}` is nobody's: anybody may change it, and leave takes nobody.")
