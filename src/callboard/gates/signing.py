"""What must hold for sign-offs: that whom they ask for is there, and that all of them can be given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from callboard.core.errors import did_you_mean
from callboard.core.words import few
from callboard.gates.quorum import Ask, shortage
from callboard.gates.signatures import (
    AnybodySignOff,
    LeadSignOff,
    PersonSignOff,
    QuorumSignOff,
    RoleSignOff,
    SignOff,
    shown,
)
from callboard.gates.signers import Work, ask, signers
from callboard.planfile.sections import Document, Path, Problem
from callboard.teams.directory import GIVEN_ROLES, OBSERVER, Directory, Person
from callboard.teams.plan import sections as teams
from callboard.teams.plan.directory import check_who, drafted

FEW = 6


@dataclass(frozen=True)
class Seats:
    """Who can give a sign-off: all seats, and those that are filled."""

    at: Path
    part: SignOff
    people: tuple[Person, ...]
    directory: Directory

    @cached_property
    def ask(self) -> Ask:
        """What is asked of all who can sign."""
        return ask(self.directory, self.part, self.people)

    @property
    def filled(self) -> Ask:
        """The same, of those who are there."""
        there = {person.key for person in self.people if not person.vacant}
        return replace(self.ask, people={key: own for key, own in self.ask.people.items() if key in there})


def check(document: Document, at: Path, parts: Sequence[SignOff], about: Work) -> Iterator[Problem]:
    """Sign-offs ask for whom there is, and nobody has to sign twice."""
    good: list[tuple[Path, SignOff]] = []
    for number, part in enumerate(parts):
        here: Path = (*at, number)
        wrong = list(_check_words(document, here, part))
        yield from wrong
        if not wrong:
            good.append((here, part))
    directory = drafted(document)
    if directory and _whole(document):
        yield from _check_quorum(document, directory, good, about)


def _whole(document: Document) -> bool:
    """Whether everybody of the plan could be read; else who is missing here has been said there."""
    names = (teams.PEOPLE.name, teams.TEAMS.name)
    return all(len(document.values.get(name) or ()) == len(document.keys(name)) for name in names)


def _check_words(document: Document, at: Path, part: SignOff) -> Iterator[Problem]:
    yield from check_who(document, (*at, "not"), part.not_)
    if isinstance(part, QuorumSignOff):
        yield from check_who(document, (*at, "of"), part.of)
    elif isinstance(part, AnybodySignOff):
        yield from check_who(document, (*at, "who"), part.who)
    elif isinstance(part, LeadSignOff):
        yield from _check_word(document, (*at, "lead_of"), "team", part.lead_of, document.keys("teams"))
    elif isinstance(part, RoleSignOff):
        roles = [*GIVEN_ROLES, *document.keys("roles")]
        yield from _check_word(document, (*at, "role"), "role", part.role, roles)
    elif isinstance(part, PersonSignOff):
        yield from _check_word(document, (*at, "person"), "person", part.person, document.keys("people"))
    if part.fresh == timedelta():
        yield document.error((*at, "fresh"), "a signature that is old at once counts for nothing: write 24h")


def _check_word(document: Document, at: Path, kind: str, word: str, known: Sequence[str]) -> Iterator[Problem]:
    if word not in known:
        yield document.error(at, f"there is no {kind} `{word}`; {did_you_mean(word, known)}")


def _check_quorum(
    document: Document, directory: Directory, parts: Sequence[tuple[Path, SignOff]], about: Work
) -> Iterator[Problem]:
    """Every sign-off can be given by itself; then all of them together."""
    seats = [Seats(at, part, signers(directory, part, about), directory) for at, part in parts]
    lacking = [one for one in seats if shortage([one.ask])]
    for one in lacking:
        yield document.error(one.at, _too_few(one))
    able = [one for one in seats if one not in lacking]
    short = shortage([one.ask for one in able])
    if short:
        these = [able[number] for number in short.asks]
        yield document.error(these[-1].at, _together(document, these, short.people))
    else:
        yield from _check_vacant(document, able)


def _check_vacant(document: Document, able: Sequence[Seats]) -> Iterator[Problem]:
    """Seats without which not everything can be signed."""
    if not any(person.vacant for one in able for person in one.people):
        return
    waiting = [one for one in able if shortage([one.filled])]
    if not waiting and shortage([one.filled for one in able]):
        waiting = list(able)
    for one in waiting:
        for person in one.people:
            if person.vacant:
                sentence = f"the seat {person.name} is vacant and holds a go: nobody else can sign as {shown(one.part)}"
                yield document.vacant(one.at, sentence)


def _too_few(one: Seats) -> str:
    part, able = one.part, one.ask.people
    if not able and part.not_:
        return "nobody may sign this: whoever could is excluded by `not`"
    if not able and isinstance(part, RoleSignOff) and part.role != OBSERVER:
        return f"nobody has the role {part.role}: write `roles: [{part.role}]` for a person, or ask for somebody else"
    if not able:
        return f"nobody can sign this as {shown(part)}: ask for somebody who is in the plan, and no observer"
    how = " of different teams" if one.ask.by_team else ""
    return (
        f"{one.ask.count} signatures{how} are asked for, and only {few(able, FEW)} can sign, each once: "
        "ask for fewer, or for more people"
    )


def _together(document: Document, these: Sequence[Seats], people: Sequence[str]) -> str:
    count = sum(one.ask.count for one in these)
    lines = [document.line(one.at) for one in these]
    where = f"in line {lines[0]}" if len(set(lines)) == 1 else f"in lines {', '.join(map(str, dict.fromkeys(lines)))}"
    return (
        f"the sign-offs {where} ask for {count} signatures together, and only {few(people, FEW)} can give them: "
        "nobody signs twice or in two roles, so ask for somebody else"
    )
