"""Whom a who-expression of the plan means at a given moment, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from callboard.teams.directory import Directory, Person
from callboard.teams.parts import ONLOOKERS


@dataclass(frozen=True, kw_only=True)
class Concern:
    """What the words `lead`, `leads`, `member`, `assignees` and `reporter` refer to; people and teams by key."""

    team: str | None = None
    teams: tuple[str, ...] = ()
    reporter: str | None = None
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody to tell. `why` reads after "as": `lead of Backend`; `instead_of` is who is away, where somebody stands in."""

    person: Person
    why: str
    instead_of: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Distinct people and channel addresses, in the order of the expressions; `missing` are away, and nobody stands in."""

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
    """Everybody whom the expressions mean at `now`.

    Leads, holders of roles, assignees and people named one by one are stood in for while they are away; of those who are
    meant as part of a team, the present are told.
    """
    told: dict[str, Recipient] = {}
    channels: dict[str, None] = {}
    missing: dict[str, Person] = {}
    for expression in expressions:
        if expression.startswith("#"):
            channels[directory.address(expression)] = None
            continue
        for meant in _meant(directory, expression, concern):
            found = _present(directory, meant, now)
            if found is None:
                missing[meant.person.key] = meant.person
            elif found.person.key not in told or (told[found.person.key].instead_of and not found.instead_of):
                told[found.person.key] = found
    return Recipients(people=tuple(told.values()), channels=tuple(channels), missing=tuple(missing.values()))


def _present(directory: Directory, meant: _Meant, now: datetime) -> Recipient | None:
    if meant.person.present(now):
        return Recipient(person=meant.person, why=meant.why)
    other = directory.standing_in(meant.person, now) if meant.replaceable else None
    return Recipient(person=other, why=meant.why, instead_of=meant.person) if other else None


def _meant(directory: Directory, expression: str, concern: Concern) -> Iterator[_Meant]:
    own = [team for team in (concern.team, *concern.teams) if team]
    if expression in ("lead", "leads"):
        yield from _leads(directory, own[:1] if expression == "lead" else own)
    elif expression == "member":
        yield from _members(directory, own[:1])
    elif expression == "all leads":
        yield from _leads(directory, directory.teams)
    elif expression == "everyone":
        for meant in (*_leads(directory, directory.teams, False), *_members(directory, directory.teams)):
            if not ONLOOKERS.intersection(meant.person.roles):
                yield meant
    elif expression == "assignees":
        yield from _named(directory, concern.assignees, "assignee") if concern.assignees else _leads(directory, own[:1])
    elif expression == "reporter":
        yield from _named(directory, [concern.reporter] if concern.reporter else [], "reporter")
    elif expression in directory.teams:
        yield from _leads(directory, [expression])
        yield from _members(directory, [expression])
    elif expression in directory.people:
        yield from _named(directory, [expression], "the one the plan names")
    else:
        for person in directory.with_role(expression):
            yield _Meant(person, directory.role_name(expression), replaceable=True)


def _leads(directory: Directory, teams: Iterable[str], replaceable: bool = True) -> Iterator[_Meant]:  # noqa: FBT001, FBT002
    for team in teams:
        for person in directory.leads_of(team):
            yield _Meant(person, f"lead of {directory.teams[team].name}", replaceable)


def _members(directory: Directory, teams: Iterable[str]) -> Iterator[_Meant]:
    for team in teams:
        for person in directory.members_of(team):
            yield _Meant(person, f"member of {directory.teams[team].name}", replaceable=False)


def _named(directory: Directory, keys: Iterable[str], why: str) -> Iterator[_Meant]:
    for person in directory.named(keys):
        yield _Meant(person, why, replaceable=True)
