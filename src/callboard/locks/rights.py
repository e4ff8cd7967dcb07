"""Who may do what with a lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.locks import store
from callboard.locks.models import KEEPING, Lock, Rival, State
from callboard.locks.targets import Target
from callboard.planfile import ends
from callboard.plans import holds
from callboard.teams import hindrances
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Asker
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import works_for
from callboard.teams.service import Directory
from callboard.zones import service as zones
from callboard.zones.service import Owned

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=30)
TO_LIST = "`/lock list` shows what is locked."


class Taken(Refused):
    """Somebody holds it, or waits for it longer: `rivals` are their locks, the oldest first."""

    def __init__(self, sentence: str, rivals: Sequence[Rival]) -> None:
        super().__init__(sentence)
        self.rivals = tuple(rivals)


def known(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """The lock with this number, as the asker last saw it. Whoever changes it has taken their turn."""
    lock = store.find(tx, number)
    if lock is None or lock.plan_id != asker.directory.plan_id:
        other = teams.elsewhere(tx, asker.directory, lock, f"Lock {number}", f"/lock {{}} show {number}")
        raise Refused(f"There is no lock {number} in {m.escape(asker.directory.plan_name)}.{other} {TO_LIST}")
    refuse_old(tx, asker, lock, f"Lock {number}", expected, f"`/lock show {number}` shows it as it is now.")
    return lock


def changing(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """The lock to be changed: Refused when it is over."""
    store.take_turn(tx, asker.directory.plan_id)
    return live(tx, asker, number, expected)


def live(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """The same, for whoever only looks."""
    lock = known(tx, asker, number, expected)
    if lock.state == State.OVER or (lock.expires_at and lock.expires_at <= tx.now and lock.state in KEEPING):
        when = m.date(lock.ended_at or lock.expires_at or tx.now, "both")
        by = f" by {asker.directory.called(lock.ended_by)}" if lock.ended_by in asker.directory.people else ""
        raise Refused(f"Lock {number} is over: {lock.ended_how or 'expired'}{by}, {when}. {TO_LIST}")
    return lock


def refuse_frozen(tx: Tx, plan_id: int) -> None:
    """Refuse everybody while no lock is given, with who can change that."""
    if reason := holds.frozen(tx, plan_id, holds.EVERY_LOCK):
        raise Refused(f"No lock is given now. {reason}")


def refuse_others(tx: Tx, asker: Asker, lock: Lock, what: str) -> None:
    if lock.holder != asker.person.key:
        directory, since = asker.directory, m.date(lock.since, "both")
        raise Refused(
            f"Only {directory.called(lock.holder)} can {what} lock {lock.number}: theirs since {since}{_for(lock)}. "
            f"{gone(directory, lock, tx.now)}{way_out(directory, lock, tx.now)}"
        )


def refuse_twice(own: Sequence[Rival], *, wait: bool) -> None:
    for rival in own:
        lock, number, example = rival.lock, rival.lock.number, f"{m.code(rival.example)}"
        if lock.state == State.HELD:
            until = f" until {m.date(lock.expires_at, 'both')}" if lock.expires_at else ""
            sentence = f"You hold {example} already: lock {number}{_for(lock)}{until}."
            hint = f"Keep it longer: `/lock renew {number}`. Give it back: `/lock release {number}`."
            raise Taken(f"{sentence} {hint}", [rival])
        if lock.state == State.ASKED:
            hint = f"Withdraw the question: `/lock release {number}`."
            raise Taken(f"You have asked for {example} already: lock {number}. {hint}", [rival])
        if wait:
            raise Refused(f"You wait for {example} already: lock {number}. I'll tell you when it is your turn.")


def refuse_not_held(lock: Lock, what: str) -> None:
    if lock.state != State.HELD:
        raise Refused(f"You can't {what} lock {lock.number}: nobody holds it yet.")


def refuse_span(tx: Tx, until: datetime) -> None:
    if until <= tx.now:
        raise Refused(f"{m.date(until, 'both')} is past. {ends.HOW}")
    if until < tx.now + SHORTEST:
        raise Refused("A lock lasts a minute at least. Name a later end.")
    if until > tx.now + LONGEST:
        raise Refused("A lock holds for 30 days at most: name an earlier end, and renew it then.")


def may_break(asker: Asker, lock: Lock, now: datetime) -> bool:
    """Whether the asker leads a team that it concerns, or coordinates; or stands in for somebody who does."""
    directory, teams = asker.directory, {lock.team, *(consent["team"] for consent in lock.consents)}
    people = [*(lead for team in teams if team for lead in directory.leads_of(team)), *directory.coordinators]
    return asker.person in (*people, *directory.acting(people, now))


def who_breaks(directory: Directory, lock: Lock, now: datetime) -> str:
    """Who can take it from its holder now."""
    people = directory.acting([*directory.leads_of(lock.team or ""), *directory.coordinators], now)
    return directory.one_of(person for person in people if person.key != lock.holder) or "the coordinator"


def way_out(directory: Directory, lock: Lock, now: datetime) -> str:
    """Who can break it, and what they type."""
    return f"{who_breaks(directory, lock, now)} can break it: `/lock break {lock.number} because ...`"


def gone(directory: Directory, lock: Lock, now: datetime) -> str:
    """Why its holder gives nothing back by themselves, as a sentence with a space behind; empty while they can."""
    person, name = directory.people.get(lock.holder), m.escape(directory.name(lock.holder))
    if person is None:
        return f"{name} has left the plan. "
    if person.lost:
        return f"{name} {hindrances.of_account(person.lost)}. "
    days = person.absence(now)
    return f"{name} is away ({days}). " if days else ""


def refuse_breaking(tx: Tx, asker: Asker, lock: Lock) -> None:
    if lock.holder == asker.person.key:
        raise Refused(f"Lock {lock.number} is yours. Release it: `/lock release {lock.number}`.")
    if not may_break(asker, lock, tx.now):
        directory = asker.directory
        raise Refused(
            f"Only {who_breaks(directory, lock, tx.now)} can break lock {lock.number}: "
            f"{directory.called(lock.holder)}'s since {m.date(lock.since, 'both')}{_for(lock)}. "
            f"{gone(directory, lock, tx.now)}Ask them, or wait in line: `/lock wait {lock.number}`."
        )


def refuse_handing(tx: Tx, asker: Asker, lock: Lock) -> None:
    if lock.holder != asker.person.key and not may_break(asker, lock, tx.now):
        directory = asker.directory
        may = f"{directory.called(lock.holder)}, who has it, and {who_breaks(directory, lock, tx.now)}"
        raise Refused(f"Only {may} can hand over lock {lock.number}. {gone(directory, lock, tx.now)}".rstrip())


def agreeing_team(asker: Asker, lock: Lock) -> str:
    """The team for which the asker may agree or decline. Raises Refused."""
    if lock.state != State.ASKED:
        raise Refused(f"Lock {lock.number} needs no agreement.")
    own = works_for(asker)
    team = next((team for team in lock.missing if team in own), None)
    if team is None or asker.person.key == lock.holder:
        names = team_names(asker.directory, lock.missing)
        raise Refused(f"Only somebody of {names} can agree to lock {lock.number}, or decline.")
    return team


@dataclass(frozen=True)
class Verdict:
    """For which team somebody locks, which teams are concerned, and which must agree first."""

    team: str | None
    concerned: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()


def judge(tx: Tx, asker: Asker, targets: Iterable[Target], *, called: str = "") -> Verdict:
    """Whose the targets are. Raises Refused where any is another team's. `called` is for when others read that."""
    own = works_for(asker)
    runs = _runs(asker)
    if not own and not runs:
        roles = m.escape(joined(map(asker.directory.role_name, asker.person.roles)) or "in no team")
        who = f"{called} is" if called else "You are"
        raise Refused(f"Only members of a team can lock. {who} {roles} in this plan.")
    parts = [(target, owned) for target in targets for owned in owned_by(tx, asker.directory.plan_id, target)]
    for target, owned in parts:
        if owned.teams and not runs and not set(own).intersection(owned.teams):
            raise Refused(_foreign(asker, target, owned, called))
    concerned = tuple(dict.fromkeys(team for _, owned in parts for team in owned.teams))
    team = next((team for team in own if team in concerned), next(iter(own), None))
    joint = (team for _, owned in parts if len(owned.teams) > 1 for team in owned.teams if team not in own)
    return Verdict(team, concerned, () if runs else tuple(dict.fromkeys(joint)))


def who_locks(tx: Tx, asker: Asker, target: Target) -> str:
    """Who can lock what nobody has locked, as a sentence."""
    try:
        verdict = judge(tx, asker, [target])
    except Refused:
        owners = [team for owned in owned_by(tx, asker.directory.plan_id, target) for team in owned.teams]
        return f"Only {team_names(asker.directory, owners) or 'members of a team'} can lock it."
    first = f" {team_names(asker.directory, verdict.consents)} must agree then." if verdict.consents else ""
    return f"You can lock it.{first}"


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
        reason = owned.rule.zone.nobody if owned.rule else ""
        return f"nobody's: {m.escape(reason) or 'no zone has it'}"
    names = team_names(directory, owned.teams)
    leads = [directory.called(lead) for team in owned.teams for lead in directory.leads_of(team)]
    led = f" (led by {joined(leads)})" if leads else ""
    if owned.rule and owned.rule.zone.joint:
        return f"{names}'s jointly{led}"
    by_section = " by section" if owned.rule and owned.rule.zone.sections and len(owned.teams) > 1 else ""
    return f"{names}'s{by_section}{led}"


def team_names(directory: Directory, teams: Iterable[str]) -> str:
    return m.escape(joined(map(directory.spoken_of, teams)))


def refuse_foreign(tx: Tx, asker: Asker, targets: Sequence[Target]) -> None:
    """Refuse whoever does not lead the team of each target: only they allow others to change it."""
    for target in targets:
        for owned in owned_by(tx, asker.directory.plan_id, target):
            if not owned.teams:
                raise Refused(f"{m.code(owned.path)} is nobody's: anybody can change it already.")
            if not _runs(asker) and not any(asker.directory.is_lead(asker.person, team) for team in owned.teams):
                leads = [lead for team in owned.teams for lead in asker.directory.leads_of(team)]
                may = asker.directory.one_of([*leads, *asker.directory.coordinators]) or "a coordinator"
                theirs = team_names(asker.directory, owned.teams)
                raise Refused(f"Only {may} can allow that: {m.code(str(target))} is {theirs}'s.")


def _for(lock: Lock) -> str:
    return f", for {lock.reason}" if lock.reason else ""


def _foreign(asker: Asker, target: Target, owned: Owned, called: str) -> str:
    example, text = owned.path.removeprefix("/"), target.text.removeprefix("/")
    is_part = text != example and not target.section
    part = f"part of it, {m.code(example)} for example," if is_part else "that"
    is_folder = is_part and target.kind == "path" and example.startswith(f"{text}/")
    hint = f" If you mean the file alone: `./{m.escape(text)}`." if is_folder else ""
    todo = "Choose one of them." if called else f"Ask them to lock it, or to hand you their lock.{hint}"
    return (
        f"{called or 'You'} can't lock {m.code(str(target))}: {part} is {whose(asker.directory, owned)}, by the zone "
        f"{m.code(owned.pattern)}. {todo}"
    )


def _runs(asker: Asker) -> bool:
    return asker.directory.has_role(asker.person, COORDINATOR)
