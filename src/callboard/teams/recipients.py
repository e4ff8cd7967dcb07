"""Whom a who-expression of the plan means at a given moment, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callboard.planfile.types import ON_CALL
from callboard.teams.directory import ONLOOKERS, Directory, Person

RELATIVE = ("lead", "leads", "member", "members", "all leads", "everyone", "assignees", "reporter", ON_CALL)
"""The who-expressions that are nobody's id."""
OF_A_TEAM = {
    "lead": "`all leads`", "leads": "`all leads`", "member": "`everyone`, or a team", "members": "`everyone`, or a team"
}  # fmt: skip
"""The words that mean somebody only where a team is concerned, and what means somebody anywhere."""
OF_A_TASK = {"assignees": "people, or a team", "reporter": "people, or a team"}
"""The words that mean somebody only where a task or a report is concerned, and what to write elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Concern:
    """What the words `lead`, `leads`, `member`, `members`, `assignees` and `reporter` refer to; by key."""

    team: str | None = None
    teams: tuple[str, ...] = ()
    reporter: str | None = None
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody to tell. `why` reads after "as": `lead of Backend`; `instead_of` is who is away, for a stand-in."""

    person: Person
    why: str
    instead_of: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Distinct people and channel addresses, in order; `missing` are away, and nobody stands in."""

    people: tuple[Recipient, ...] = ()
    channels: tuple[str, ...] = ()
    missing: tuple[Person, ...] = ()

    @property
    def nobody(self) -> bool:
        """Whether there is neither a person nor a channel to tell."""
        return not self.people and not self.channels


@dataclass(frozen=True)
class _Meant:
    person: Person
    why: str
    replaceable: bool


def who(directory: Directory, expressions: Iterable[str], concern: Concern, now: datetime) -> Recipients:
    """Everybody whom the expressions mean at `now`; for leads, roles and people named one by one, who stands in."""
    told: dict[str, Recipient] = {}
    channels: dict[str, None] = {}
    missing: dict[str, Person] = {}
    for expression in expressions:
        if expression.startswith("#"):
            channels[directory.address(expression)] = None
            continue
        for meant in _meant(directory, expression, concern, now):
            recipient = _present(directory, meant, now)
            if recipient is None:
                missing[meant.person.key] = meant.person
                continue
            known = told.get(recipient.person.key)
            if known is None or (known.instead_of and not recipient.instead_of):
                told[recipient.person.key] = recipient
    return Recipients(people=tuple(told.values()), channels=tuple(channels), missing=tuple(missing.values()))


def seats(
    directory: Directory, expressions: Iterable[str], concern: Concern, now: datetime | None = None
) -> tuple[Person, ...]:
    """The distinct people whom the expressions mean, there or away, in the order of the file; vacant seats too.

    Who is on call is known only at an instant, and is then whoever stands in; without one all take turns.
    """
    keys = set[str]()
    for expression in expressions:
        meant = () if expression.startswith("#") else _meant(directory, expression, concern, now)
        people = [each.person for each in meant]
        if now and is_on_call(expression):
            people = [directory.standing_in(person, now) or person for person in people]
        keys.update(person.key for person in people)
    return tuple(person for key, person in directory.people.items() if key in keys)


def is_on_call(expression: str) -> bool:
    """Whether it means whoever has a turn: `on_call`, or `on_call ops`."""
    return expression.partition(" ")[0] == ON_CALL


def _present(directory: Directory, meant: _Meant, now: datetime) -> Recipient | None:
    if meant.person.present(now):
        return Recipient(person=meant.person, why=meant.why)
    other = directory.standing_in(meant.person, now) if meant.replaceable else None
    return Recipient(person=other, why=meant.why, instead_of=meant.person) if other else None


def _meant(directory: Directory, expression: str, concern: Concern, now: datetime | None) -> Iterable[_Meant]:
    own = [team for team in (concern.team, *concern.teams) if team]
    if is_on_call(expression):
        return _on_call(directory, expression.partition(" ")[2] or next(iter(own), ""), now)
    if expression in RELATIVE:
        return _relative(directory, expression, concern, own)
    if expression in directory.teams:
        return [*_leads(directory, [expression]), *_members(directory, [expression])]
    if expression in directory.people:
        return _named(directory, [expression], "the one the plan names")
    role = directory.role_name(expression)
    return [_Meant(person, role, replaceable=True) for person in directory.with_role(expression)]


def _relative(directory: Directory, word: str, concern: Concern, own: Sequence[str]) -> list[_Meant]:
    match word:
        case "lead" | "leads":
            return _leads(directory, own[:1] if word == "lead" else own)
        case "member" | "members":
            return _members(directory, own[:1] if word == "member" else own)
        case "all leads":
            return _leads(directory, directory.teams)
        case "everyone":
            return _everyone(directory)
        case "assignees":
            return _named(directory, concern.assignees, "assignee") or _leads(directory, own[:1])
        case _:
            return _named(directory, [concern.reporter or ""], "reporter")


def _on_call(directory: Directory, team: str, now: datetime | None) -> list[_Meant]:
    """Whoever of a team has the turn, its leads where nobody has; of every team where none is concerned."""
    found: list[_Meant] = []
    for each in [team] if team in directory.teams else directory.on_call:
        turns, why = directory.on_call.get(each), f"on call for {directory.teams[each].name}"
        holders = () if turns is None else turns.everybody if now is None else (turns.holder(now) or "",)
        found += _named(directory, holders, why) or _leads(directory, [each])
    return found


def _everyone(directory: Directory) -> list[_Meant]:
    everyone = (*_leads(directory, directory.teams), *_members(directory, directory.teams))
    return [replace(each, replaceable=False) for each in everyone if not ONLOOKERS.intersection(each.person.roles)]


def _leads(directory: Directory, teams: Iterable[str]) -> list[_Meant]:
    return [
        _Meant(person, f"lead of {directory.teams[team].name}", replaceable=True)
        for team in teams for person in directory.leads_of(team)
    ]  # fmt: skip


def _members(directory: Directory, teams: Iterable[str]) -> list[_Meant]:
    return [
        _Meant(person, f"a member of {directory.teams[team].name}", replaceable=False)
        for team in teams for person in directory.members_of(team)
    ]  # fmt: skip


def _named(directory: Directory, keys: Iterable[str], why: str) -> list[_Meant]:
    return [_Meant(person, why, replaceable=True) for person in directory.named(keys)]
