"""Checks of sign-offs: whether those who are asked can sign, and enough of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from callboard.core.words import few, is_are, joined
from callboard.gates import quorum
from callboard.gates.plan import types
from callboard.gates.plan.names import KINDS, check_named
from callboard.gates.plan.types import SignOff
from callboard.gates.quorum import Ask, Work, shortage
from callboard.planfile.sections import Document, Path, Problem
from callboard.teams.directory import OBSERVER, Directory, Person
from callboard.teams.plan import directory as teams
from callboard.teams.plan.people import FROM_TEAMS
from callboard.teams.recipients import OF_A_TASK, OF_A_TEAM, RELATIVE

FEW = 6
QUORUM = re.compile(r"(\d+|all) (?:out )?of (.+)", re.IGNORECASE)
"""A quorum as people write it: `2 of 3`."""


@dataclass(frozen=True)
class Seats:
    """A sign-off, where it is written, who can give it, vacant seats too, and what is asked of them."""

    at: Path
    part: SignOff
    people: tuple[Person, ...]
    ask: Ask

    @property
    def filled(self) -> Ask:
        """What is asked of those who are there."""
        there = {person.key: self.ask.people[person.key] for person in self.people if not person.vacant}
        return replace(self.ask, people=there)


def check_sign_offs(document: Document, at: Path, parts: Sequence[SignOff], about: Work) -> Iterator[Problem]:
    """Sign-offs ask people of the plan, and nobody has to sign twice."""
    right: list[tuple[Path, SignOff]] = []
    for number, part in enumerate(parts):
        here: Path = (*at, number)
        wrong = list(_check_words(document, here, part))
        yield from wrong
        right += [] if wrong else [(here, part)]
    directory = teams.drafted(document)
    # Where not everybody of the plan could be read, the sections of people and teams say so.
    if directory and teams.complete(document):
        seats = [Seats(here, part, *quorum.ask(directory, part, about)) for here, part in right]
        yield from _check_quorum(document, directory, seats)
        for seat in seats if not about.teams else ():
            if seat.ask.people and not seat.part.team and seat.part.asks not in KINDS:
                yield from teams.check_who(document, (*seat.at, seat.part.asks), seat.part.expressions, concern(about))


def _check_words(document: Document, at: Path, part: SignOff) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "not"), part.not_, RELATIVE, alone=False)
    said = QUORUM.fullmatch(part.expressions[0]) if len(part.expressions) == 1 else None
    if said:
        whom = "all leads" if said[2].isdecimal() else said[2].strip("[]() ")
        yield document.error(at, f"`{said[0]}` is nobody: write {{count: {said[1].lower()}, of: [{whom}]}}")
    elif part.asks in KINDS:
        yield from check_named(document, at, part, part.asks)
    else:
        yield from teams.check_who(document, (*at, part.asks), part.expressions, RELATIVE, alone=False)
    if part.fresh == timedelta():
        yield document.error((*at, "fresh"), "a signature that is old at once never counts: write 24h")


def _check_quorum(document: Document, directory: Directory, seats: Sequence[Seats]) -> Iterator[Problem]:
    """Every sign-off can be given by itself; then all of them together."""
    lacking = [seat for seat in seats if shortage([seat.ask])]
    able = [seat for seat in seats if seat not in lacking]
    for seat in lacking:
        yield document.error(seat.at, _too_few(seat, directory))
    short = shortage([seat.ask for seat in able])
    if short:
        these = [able[number] for number in short.asks]
        yield document.error(these[-1].at, _together(these, short.people))
    elif any(person.vacant for seat in able for person in seat.people):
        yield from _check_vacant(document, able)


def _check_vacant(document: Document, able: Sequence[Seats]) -> Iterator[Problem]:
    """Seats without which not everything can be signed."""
    waiting = [seat for seat in able if shortage([seat.filled])]
    if not waiting and shortage([seat.filled for seat in able]):
        waiting = list(able)
    for seat in waiting:
        for person in seat.people:
            if person.vacant:
                sentence = (
                    f"the seat {person.name} is vacant and holds a go: nobody else can sign as {seat.part.shown()}"
                )
                yield document.vacant(seat.at, sentence)


def _too_few(seat: Seats, directory: Directory) -> str:
    part, able = seat.part, seat.ask.people
    if not able and part.not_:
        return "nobody can sign this: `not` excludes everybody who could"
    if not able:
        return _nobody(part, directory)
    needed = f"{seat.ask.count} signatures{' of different teams' if seat.ask.by_team else ''}"
    return f"this needs {needed}, and only {few(able, FEW)} can sign: ask for fewer, or more people"


def _nobody(part: SignOff, directory: Directory) -> str:
    """Why nobody can sign, and what to write instead."""
    if isinstance(part, types.RoleSignOff) and part.role in FROM_TEAMS:
        return f"`{part.role}` is no role that somebody has: write `lead_of: TEAM`, or `of: [all leads]`"
    if isinstance(part, types.RoleSignOff) and (watching := directory.with_role(part.role)):
        who, what = few([person.name for person in watching], FEW), "an observer" if len(watching) == 1 else "observers"
        return f"{who} {is_are(watching)} {what}, who can't sign: take `observer` out of `roles`, or ask somebody else"
    if isinstance(part, types.RoleSignOff) and part.role != OBSERVER:
        return f"nobody has the role {part.role}: write `roles: [{part.role}]` for a person, or ask somebody else"
    for words, what in ((OF_A_TEAM, "no task names a team"), (OF_A_TASK, "no task is looked at")):
        if idle := next((word for word in part.expressions if word in words), ""):
            return f"nobody can sign this: `{idle}` is nobody here, where {what}; write {words[idle]}"
    return f"nobody can sign this as {part.shown()}: ask somebody who is in the plan, and not an observer"


def _together(these: Sequence[Seats], people: Sequence[str]) -> str:
    count = sum(seat.ask.count for seat in these)
    asked = joined(dict.fromkeys(seat.part.shown() for seat in these))
    return (
        f"{asked}: {count} signatures are needed together, and only {few(people, FEW)} can give them: "
        "nobody signs twice or in two roles, so ask somebody else"
    )


def concern(about: Work) -> tuple[str, ...]:
    """The relative words that mean somebody at a gate: those of the teams and people whose tasks it looks at."""
    return (*(OF_A_TEAM if about.teams else ()), *OF_A_TASK)
