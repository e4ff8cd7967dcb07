"""The sections `roles`, `people` and `teams` of the plan file: types, checks, what is kept of them at apply."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from callboard.core.db import Tx
from callboard.core.errors import did_you_mean
from callboard.planfile.check import ID
from callboard.planfile.header import ChannelRef
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Path, Problem, Section, Waits, entries, several
from callboard.planfile.types import Dates, DayHours, HoursPart, Many, Part, Span, Zone, is_own_variable, shorthand
from callboard.teams import store
from callboard.teams.directory import COORDINATOR, GIVEN_ROLES
from callboard.teams.models import Absence, AccountChanged, PersonRow, RoleRow, Source, TeamRow
from callboard.teams.recipients import RELATIVE
from callboard.teams.store import Row

WEIGHTS = ("critical", "high", "complex", "medium", "simple")
"""How much a page can matter in every plan, as conflicts and emergencies have it; blockers have their severities."""
ADDRESS = re.compile(r"[^@\s:;,<>]+@[^@\s:;,<>]+")
FROM_TEAMS = ("lead", "member")


class RolePart(Part):
    """A role of the plan's own, or how a given one is called here."""

    name: str
    brief: Many = ()


class WaysPart(Part):
    """By what somebody is paged beside Slack, in their night or outside of it."""

    night: Many = ()
    day: Many = ()


def _always(written: Any) -> Any:
    """`[phone]` is `{night: [phone], day: [phone]}`."""
    return {"night": written, "day": written} if isinstance(written, str | list | tuple) else written


class PersonPart(Part):
    """A person, or a seat that somebody will fill."""

    name: str = Field(examples=["Backend lead"])
    slack: str = Field("", pattern=r"^([UW][A-Z0-9]{2,20})?$", examples=["U0123ABCD"])
    email: str = Field("", pattern=r"^([^@\s]+@[^@\s]+)?$", examples=["someone@example.com"])
    timezone: Zone | None = None
    working_hours: HoursPart | None = None
    quiet: DayHours | None = None
    around_the_clock: bool = False
    responds_within: Span | None = None
    away: tuple[Dates, ...] = ()
    roles: Many = ()
    deputies: Many = ()
    fallback: Many = ()
    phone: str = ""
    mediums: dict[str, Annotated[WaysPart, BeforeValidator(_always)]] = Field(
        default_factory=dict, examples=[{"critical": {"night": ["phone"]}}]
    )
    vacant: bool = False
    title: str = ""
    focus: str = ""
    capacity: str = Field("", pattern=r"^(\d{1,3}%)?$", examples=["80%"])
    critical_path: bool = False
    github: str = ""
    git: Many = ()
    brief: Many = ()


class TeamPart(Part):
    """A team: who leads it, who works in it, where it is reached."""

    name: str = Field(examples=["Backend"])
    about: str = ""
    lead: Many = Field(min_length=1, examples=["be-lead"])
    members: Many = ()
    part_of: str = ""
    channel: ChannelRef = ""
    branches: Many = ()
    needs: Many = ()
    wants: Many = ()
    brief: Many = ()


def _apply_roles(tx: Tx, plan_id: int, document: Document) -> None:
    parts = document.of(ROLES) or {}
    _keep(tx, plan_id, RoleRow, {key: (p.name, {"name": p.name}) for key, p in parts.items()})


def _apply_teams(tx: Tx, plan_id: int, document: Document) -> None:
    parts, written = document.of(TEAMS) or {}, document.body.get("teams") or {}
    _keep(tx, plan_id, TeamRow, {key: (part.name, written[key]) for key, part in parts.items()})


def _apply_people(tx: Tx, plan_id: int, document: Document) -> None:
    """Keep the people, the Slack ids that were looked up, and the absences that were noted since."""
    parts, written = document.of(PEOPLE) or {}, document.body.get("people") or {}
    rows = store.every(tx, PersonRow, plan_id)
    before = {row.key: (row.email, row.slack_id, str(row.written.get("slack", ""))) for row in rows}
    people = _keep(tx, plan_id, PersonRow, {key: (part.name, written[key]) for key, part in parts.items()})
    taken = {part.slack for part in parts.values() if part.slack}
    for key, part in parts.items():
        email, slack_id, was_written = before.get(key, ("", "", ""))
        looked_up = slack_id if not was_written and email == part.email and slack_id not in taken else ""
        people[key].email, people[key].slack_id = part.email, part.slack or looked_up
        if people[key].lost and people[key].slack_id != slack_id:
            people[key].lost = ""
            tx.publish(AccountChanged(plan_id, key, people[key].id or 0, ""))
    tx.session.flush()
    _apply_absences(tx, plan_id, parts)


def _keep(tx: Tx, plan_id: int, kind: type[Row], items: Mapping[str, tuple[str, Any]]) -> dict[str, Row]:
    """Store what the plan names, each with its name and what is written; the others are `gone`."""
    rows = {row.key: row for row in store.every(tx, kind, plan_id)}
    for key, row in rows.items():
        row.gone = key not in items
    for position, (key, (name, written)) in enumerate(items.items()):
        row = rows.setdefault(key, kind(plan_id=plan_id, key=key, name=name))
        row.sqlmodel_update({"name": name, "position": position, "written": dict(written)})
    tx.session.add_all(rows.values())
    return rows


def _apply_absences(tx: Tx, plan_id: int, parts: Mapping[str, PersonPart]) -> None:
    wanted = {(key, days.first, days.last) for key, part in parts.items() for days in part.away}
    for absence in store.written_absences(tx, plan_id):
        days = (absence.person, absence.first_day, absence.last_day)
        if days not in wanted:
            tx.session.delete(absence)
        else:
            wanted.remove(days)
    for person, first, last in sorted(wanted):
        tx.session.add(Absence(plan_id=plan_id, person=person, first_day=first, last_day=last, source=Source.PLAN))
    tx.session.flush()


def owners(body: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Who owns each area, from the plain values of a plan."""
    return {str(key): tuple(map(str, several(area.get("owner") or ()))) for key, area in entries(body.get("areas"))}


def role_keys(document: Document) -> list[str]:
    return list(dict.fromkeys([*GIVEN_ROLES, *document.keys("roles")]))


def _check_roles(document: Document, roles: Mapping[str, RolePart]) -> Iterable[Problem]:
    own = [key for key in roles if key not in GIVEN_ROLES]
    yield from _check_keys(document, "roles", own)
    for key in own:
        if not ID.fullmatch(key):
            yield document.error(("roles", key), "a role is made of letters, digits, dots and dashes: gate-keeper")
        for other in ("people", "teams"):
            if key in document.keys(other):
                where = f"`{key}` is in {other} too, in line {document.line((other, key))}"
                yield document.error(("roles", key), f"{where}: a role has its own name, rename it")


def _check_people(document: Document, people: Mapping[str, PersonPart]) -> Iterable[Problem]:
    yield from _check_keys(document, "people", people)
    ids, roles = document.keys("people"), role_keys(document)
    for key, part in people.items():
        at: Path = ("people", key)
        for number, role in enumerate(part.roles):
            if role in FROM_TEAMS:
                yield document.error((*at, "roles", number), f"who is {role} follows from `teams`: leave it out here")
            elif role not in roles:
                hint = did_you_mean(role, [name for name in roles if name not in FROM_TEAMS])
                yield document.error((*at, "roles", number), f"there is no role `{role}`; {hint}")
        if key in part.deputies:
            path = (*at, "deputies", part.deputies.index(key))
            yield document.error(path, "nobody is their own deputy: name somebody else")
        yield from check_ids(document, (*at, "deputies"), part.deputies, "person", ids)
        yield from _check_reach(document, at, part)
        yield from _check_mediums(document, at, part)
    for field in ("slack", "email"):
        yield from _check_twice(document, people, field)
    yield from _check_names(document, people)
    if len(people) == len(ids) and not any(COORDINATOR in part.roles for part in people.values()):
        sentence = "nobody coordinates this plan: write `roles: [coordinator]` for whoever can change what others can't"
        yield document.warning(("people",), sentence)


def _words(written: Any) -> Iterator[str]:
    """Every text and key in what is written, at any depth."""
    if isinstance(written, Mapping):
        yield from map(str, written)
    if isinstance(written, Mapping | list):
        for each in written.values() if isinstance(written, Mapping) else written:
            yield from _words(each)
    elif isinstance(written, str):
        yield written


def _check_teams(document: Document, teams: Mapping[str, TeamPart]) -> Iterable[Problem]:
    yield from _check_keys(document, "teams", teams)
    ids = document.keys("people")
    for key, part in teams.items():
        yield from check_ids(document, ("teams", key, "lead"), part.lead, "person", ids)
        yield from check_ids(document, ("teams", key, "members"), part.members, "person", ids)
    written = [team for team in document.body["teams"].values() if isinstance(team, Mapping)]
    placed = {str(key) for team in written for word in ("lead", "members") for key in several(team.get(word))}
    people = document.of(PEOPLE) or {}
    placed |= {deputy for person in people.values() for deputy in person.deputies}
    placed |= set(_words([written for section, written in document.body.items() if section != PEOPLE.name]))
    wrong = any(key not in ids for part in teams.values() for key in (*part.lead, *part.members))
    for key, person in people.items() if not wrong else ():
        if key not in placed and not person.roles:
            sentence = "this person is in no team, has no role, and is named nowhere: name them in a team's `members`"
            yield document.warning(("people", key), f"{sentence}, or write `roles:`")


def check_ids(
    document: Document, path: Path, ids: Iterable[str], what: str, known: Collection[str]
) -> Iterator[Problem]:
    """Refuse ids that nothing in the plan has. `path` is that of the list."""
    for number, key in enumerate(ids):
        if key not in known:
            yield document.error((*path, number), f"there is no {what} `{key}`; {nearest(document, key, known)}")


def _check_reach(document: Document, at: Path, part: PersonPart) -> Iterator[Problem]:
    if part.vacant:
        yield document.vacant(at, f"the seat {part.name} is vacant: write `slack:` or `email:` when somebody takes it")
    elif not part.slack and not part.email:
        yield document.warning(at, "nothing says who this is in Slack: write `slack: U0123ABCD` or `email:`")
    if part.email and not ADDRESS.fullmatch(part.email):
        bare = part.email.rpartition(":")[2].strip("<>,;")
        meant = bare if ADDRESS.fullmatch(bare) else "someone@example.com"
        yield document.error((*at, "email"), f"`{part.email}` is no address: write `{meant}`")
    if part.phone and not part.phone.startswith("env:") and not any(map(str.isdecimal, part.phone)):
        sentence = f"`{part.phone}` is no number: write +49 170 1234567, or env:NAME of a variable that holds it"
        yield document.error((*at, "phone"), sentence)
    for number, address in enumerate(part.fallback):
        if address.startswith("env:") and is_own_variable(address.removeprefix("env:")):
            yield document.error((*at, "fallback", number), f"`{address}` is Callboard's own: choose another variable")
        elif not address.startswith("env:") and "://" not in address:
            sentence = f"`{address}` is no address: write env:NAME of a variable that holds an Apprise URL"
            yield document.error((*at, "fallback", number), sentence)
        elif "@" in address.partition("://")[2]:
            sentence = "this address holds a password, and whoever reads the plan reads it: write env:NAME instead"
            yield document.warning((*at, "fallback", number), sentence)


def _check_mediums(document: Document, at: Path, part: PersonPart) -> Iterator[Problem]:
    """Every weight is one that something in the plan can have, every way is one that the person has."""
    blockers = document.body.get("blockers")
    own = blockers.get("severities") if isinstance(blockers, Mapping) else None
    known = list(dict.fromkeys([*WEIGHTS, *(map(str, own) if isinstance(own, Mapping) else ())]))
    has = {"phone": part.phone, "mail": part.email, "fallback": part.fallback}
    for weight, ways in part.mediums.items():
        path = (*at, "mediums", weight)
        if weight not in known:
            yield document.error(path, f"nothing in this plan is `{weight}`; {did_you_mean(weight, known)}")
        for word in dict.fromkeys((*ways.night, *ways.day)):
            if word not in has:
                yield document.error(path, f"`{word}` is no way to page somebody; {did_you_mean(word, has)}")
            elif not has[word]:
                key = "email" if word == "mail" else word
                yield document.error(path, f"{part.name} has no {word}: write `{key}:` too, or leave this out")


def _check_names(document: Document, people: Mapping[str, PersonPart]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for key, part in people.items():
        other = owners.setdefault(part.name, key)
        if part.name and other != key:
            sentence = f"{other} has the same name: nobody could tell who signed, so add something to one of them"
            yield document.warning(("people", key), sentence)


def _check_twice(document: Document, people: Mapping[str, PersonPart], field: str) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for key, part in people.items():
        value = str(getattr(part, field)).lower()
        if value and value in owners:
            sentence = f"{owners[value]} has the same one: two people can't share it"
            yield document.error(("people", key, field), sentence)
        owners.setdefault(value, key)


def _check_keys(document: Document, section: str, keys: Iterable[str]) -> Iterator[Problem]:
    for key in keys:
        if key in RELATIVE:
            sentence = f"`{key}` has a meaning of its own where people are named: choose another id"
            yield document.error((section, key), sentence)


ROLES: Section[Mapping[str, RolePart]] = Section(
    name="roles", one="role", model=dict[str, Annotated[RolePart, shorthand("name")]], check=_check_roles,
    apply=_apply_roles,
)  # fmt: skip
PEOPLE: Section[Mapping[str, PersonPart]] = Section(
    name="people", one="person", model=dict[str, PersonPart], required=True, check=_check_people, apply=_apply_people,
    shared_ids=True, counted=True,
    gives=("roles", "slack", "email", "deputies", "fallback", "phone", "mediums", "vacant", "git", "github", "away"),
    led=("name", "title", "timezone", "working_hours", "quiet", "around_the_clock", "responds_within", "focus",
         "capacity", "brief"),
)  # fmt: skip
TEAMS: Section[Mapping[str, TeamPart]] = Section(
    name="teams", one="team", model=dict[str, TeamPart], required=True, check=_check_teams, apply=_apply_teams,
    shared_ids=True, waits=Waits.HELD, counted=True, gives=("lead", "members", "branches"),
    led=("name", "about", "wants", "brief"),
)  # fmt: skip
