"""The sections `roles`, `people` and `teams` of the plan file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.core.errors import did_you_mean
from callboard.planfile.frame import FRAME, channel_name, channel_names
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.teams import enrolment, making, who
from callboard.teams.directory import Directory
from callboard.teams.parts import COORDINATOR, GIVEN_ROLES, RELATIVE, PersonPart, Role, RolePart, TeamPart

if TYPE_CHECKING:
    from callboard.core.db import Tx

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
FROM_TEAMS = ("lead", "member")
OF_A_SUBJECT = ("assignees", "reporter")
DRAFTED = "_drafted"


def drafted(document: Document) -> Directory | None:
    """The directory as this document would make it, nobody looked up; None while the plan as a whole is not valid.

    It is kept with the document, as a cached property would be: checks ask for it hundreds of times.
    """
    if DRAFTED not in vars(document):
        vars(document)[DRAFTED] = _draft(document)
    found: Directory | None = vars(document)[DRAFTED]
    return found


def seen_by(document: Document, directory: Directory) -> Document:
    """The same document with other people: those of a plan that runs, with their absences and links of today."""
    seen = replace(document)
    vars(seen)[DRAFTED] = directory
    return seen


def meant(document: Document, expressions: Iterable[str], team: str = "") -> tuple[str, ...]:
    """The ids of the people whom expressions mean in a document, in the order of the file, there or away.

    `lead`, `leads` and `member` are those of `team`. Vacant seats are left out; `assignees` and `reporter` are nobody.
    """
    directory = drafted(document)
    if directory is None:
        return ()
    known = [expression for expression in expressions if expression not in OF_A_SUBJECT]
    seats = who.seats(directory, known, who.Concern(team=team or None))
    return tuple(person.key for person in seats if not person.vacant)


def complete(document: Document) -> bool:
    """Whether all people and teams that are written are valid, so that who is meant by something can be told."""
    typed = {section.name: document.of(section) or {} for section in (PEOPLE, TEAMS)}
    return all(len(document.keys(name)) == len(found) for name, found in typed.items())


def _draft(document: Document) -> Directory | None:
    frame = document.of(FRAME)
    if frame is None:
        return None
    people = {key: making.person(key, part, frame.calendar) for key, part in (document.of(PEOPLE) or {}).items()}
    names = dict.fromkeys(channel_names(document.body), "")
    return making.make(frame, people, document.of(TEAMS) or {}, document.of(ROLES) or {}, names)


def check_who(document: Document, path: Path, expressions: Iterable[str]) -> Iterator[Problem]:
    """Refuse who-expressions that name nobody there is. `path` is that of the list."""
    channels = document.keys("channels")
    known = [*document.keys("people"), *document.keys("teams"), *_roles(document), *RELATIVE]
    for number, expression in enumerate(expressions):
        if expression.startswith("#"):
            name = expression.removeprefix("#")
            if not channel_name(expression):
                yield document.error((*path, number), f'`{expression}` is no channel: write "#name", in small letters')
            elif name not in channels and len(_near(name, channels)) == 1:
                yield document.warning(
                    (*path, number),
                    f"`{expression}` is no channel of this plan; did you mean `#{_near(name, channels)[0]}`?",
                )
        elif expression not in known:
            yield document.error((*path, number), f"nobody is called `{expression}`; {did_you_mean(expression, known)}")


def _check_roles(document: Document, roles: Mapping[str, RolePart]) -> Iterable[Problem]:
    own = [key for key in roles if key not in GIVEN_ROLES]
    yield from _check_keys(document, "roles", own)
    for key in own:
        if not KEY.fullmatch(key):
            yield document.error(("roles", key), "a role is made of letters, digits, dots and dashes: gate-keeper")
        for other in ("people", "teams"):
            if key in document.keys(other):
                line = document.line((other, key))
                yield document.error(
                    ("roles", key), f"`{key}` is in {other} too, in line {line}: a role has its own name, rename it"
                )


def _check_people(document: Document, people: Mapping[str, PersonPart]) -> Iterable[Problem]:
    yield from _check_keys(document, "people", people)
    ids, roles = document.keys("people"), _roles(document)
    for key, part in people.items():
        at: Path = ("people", key)
        for number, role in enumerate(part.roles):
            if role in FROM_TEAMS:
                yield document.error((*at, "roles", number), f"who is {role} follows from `teams`: leave it out here")
            elif role not in roles:
                known = [name for name in roles if name not in FROM_TEAMS]
                yield document.error((*at, "roles", number), f"there is no role `{role}`; {did_you_mean(role, known)}")
        for number, deputy in enumerate(part.deputies):
            if deputy == key:
                yield document.error((*at, "deputies", number), "nobody is their own deputy: name somebody else")
            elif deputy not in ids:
                yield document.error(
                    (*at, "deputies", number), f"there is no person `{deputy}`; {did_you_mean(deputy, ids)}"
                )
        yield from _check_reach(document, at, part)
    yield from _check_twice(document, people, "slack")
    yield from _check_twice(document, people, "email")
    if not any(COORDINATOR in part.roles for part in people.values()):
        yield document.warning(
            ("people",),
            "nobody coordinates this plan: write `roles: [coordinator]` for whoever can change what others cannot",
        )


def _check_teams(document: Document, teams: Mapping[str, TeamPart]) -> Iterable[Problem]:
    yield from _check_keys(document, "teams", teams)
    ids = document.keys("people")
    for key, part in teams.items():
        for role, names in (("lead", part.lead), ("members", part.members)):
            for number, name in enumerate(names):
                if name not in ids:
                    yield document.error(
                        ("teams", key, role, number), f"there is no person `{name}`; {did_you_mean(name, ids)}"
                    )
    placed = set(_placed(document))
    for key, person in (document.of(PEOPLE) or {}).items():
        if key not in placed and not person.roles:
            sentence = "this person is in no team and has no role: name them in a team's `members`, or write `roles:`"
            yield document.warning(("people", key), sentence)


def _placed(document: Document) -> Iterator[str]:
    """Everybody whom a team names, also one that is not valid yet."""
    for team in document.body["teams"].values():
        for key in ("lead", "members") if isinstance(team, Mapping) else ():
            named = team.get(key)
            yield from map(str, named if isinstance(named, list) else [named])


def _check_reach(document: Document, at: Path, part: PersonPart) -> Iterator[Problem]:
    if part.vacant:
        yield document.vacant(at, f"the seat {part.name} is vacant: write `slack:` or `email:` when somebody takes it")
    elif not part.slack and not part.email:
        yield document.warning(at, "nothing says who this is in Slack: write `slack: U0123ABCD` or `email:`")
    for number, address in enumerate(part.fallback):
        if not address.startswith("env:") and "://" not in address:
            yield document.error(
                (*at, "fallback", number),
                f"`{address}` is no address: write env:NAME of a variable that holds an Apprise URL",
            )


def _check_twice(document: Document, people: Mapping[str, PersonPart], field: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, part in people.items():
        value = str(getattr(part, field)).lower()
        if value and value in seen:
            yield document.error(("people", key, field), f"{seen[value]} has the same one: two people cannot share it")
        seen.setdefault(value, key)


def _check_keys(document: Document, section: str, keys: Iterable[str]) -> Iterator[Problem]:
    for key in keys:
        if key in RELATIVE:
            yield document.error(
                (section, key), f"`{key}` has a meaning of its own where people are named: choose another id"
            )


def _roles(document: Document) -> list[str]:
    return list(dict.fromkeys([*GIVEN_ROLES, *document.keys("roles")]))


def _near(word: str, known: Iterable[str]) -> list[str]:
    said = did_you_mean(word, known)
    return re.findall(r"did you mean `(.+)`\?", said)


def _apply_roles(tx: Tx, plan_id: int, document: Document) -> None:
    enrolment.roles(tx, plan_id, document.of(ROLES) or {})


def _apply_people(tx: Tx, plan_id: int, document: Document) -> None:
    enrolment.people(tx, plan_id, document, document.of(PEOPLE) or {})


def _apply_teams(tx: Tx, plan_id: int, document: Document) -> None:
    enrolment.teams(tx, plan_id, document, document.of(TEAMS) or {})


ROLES: Section[Mapping[str, RolePart]] = Section(
    name="roles", model=dict[str, Role], check=_check_roles, apply=_apply_roles
)
PEOPLE: Section[Mapping[str, PersonPart]] = Section(
    name="people", model=dict[str, PersonPart], required=True, check=_check_people, apply=_apply_people
)
TEAMS: Section[Mapping[str, TeamPart]] = Section(
    name="teams", model=dict[str, TeamPart], required=True, check=_check_teams, apply=_apply_teams
)
