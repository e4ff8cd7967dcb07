"""The directory that a plan file makes, and whom its words mean in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from callboard.core.calendar import Calendar, DateRange
from callboard.core.errors import did_you_mean, near
from callboard.core.words import joined
from callboard.planfile.calendar import over_at
from callboard.planfile.header import CHANNEL_ID, HEADER, HeaderPart, channel_name, channel_names
from callboard.planfile.names import name_of, nearest
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.types import ON_CALL
from callboard.teams import recipients
from callboard.teams.directory import GIVEN_ROLES, Channel, Directory, Person, Team
from callboard.teams.plan.people import PEOPLE, ROLES, TEAMS, PersonPart, RolePart, TeamPart, owners, role_keys
from callboard.teams.plan.turns import rotations
from callboard.teams.recipients import OF_A_TASK, OF_A_TEAM, RELATIVE

SEVERAL = 3
OF_A_SUBJECT = ("assignees", "reporter")
DRAFTED = "_drafted"


def make_directory(
    header: HeaderPart, people: Mapping[str, Person], teams: Mapping[str, TeamPart], roles: Mapping[str, RolePart],
    channels: Mapping[str, str], *, plan_id: int = 0, workspace: str = "", body: Mapping[str, Any],
) -> Directory:  # fmt: skip
    """Join the parts. `channels` is the Slack id of each channel name, empty while it is not known.

    `body` holds the plain values of the plan, of which areas are read.
    """
    names = GIVEN_ROLES | {key: part.name for key, part in roles.items()}
    return Directory(
        plan_id=plan_id, plan_key=header.key, plan_name=header.name, workspace=workspace, timezone=header.timezone.key,
        calendar=header.calendar, people=people, roles=names,
        teams={
            key: Team(key=key, name=part.name, about=part.about, leads=part.lead, members=part.members,
                      channel=part.channel, part_of=part.part_of)
            for key, part in teams.items()
        },
        channels=tuple(_channels(header.channels, channels)), ends_at=over_at(header), areas=owners(body),
    )  # fmt: skip


def make_person(
    key: str, part: PersonPart, calendar: Calendar, *, slack_id: str | None = None,
    away: Iterable[DateRange] | None = None,
) -> Person:  # fmt: skip
    """Somebody, with the plan's zone and hours where they have none of their own."""
    return Person(
        key=key, name=part.name, slack_id=part.slack if slack_id is None else slack_id, email=part.email,
        timezone=(part.timezone or calendar.zone).key, roles=part.roles, deputies=part.deputies,
        fallback=part.fallback, phone=part.phone, quiet=part.quiet, around_the_clock=part.around_the_clock,
        working_hours=part.working_hours.read() if part.working_hours else calendar.working, vacant=part.vacant,
        mediums={weight: (ways.night, ways.day) for weight, ways in part.mediums.items()},
        away=part.away if away is None else tuple(away), title=part.title, responds_within=part.responds_within,
    )  # fmt: skip


def _channels(keyed: Mapping[str, str], ids: Mapping[str, str]) -> Iterable[Channel]:
    for key, written in keyed.items():
        if CHANNEL_ID.fullmatch(written):
            yield Channel(key=key, name="", slack_id=written)
        else:
            name = channel_name(written)
            yield Channel(key=key, name=name, slack_id=ids.get(name, ""))
    named = {channel_name(written) for written in keyed.values()}
    for name, slack_id in ids.items():
        if name not in named:
            yield Channel(key="", name=name, slack_id=slack_id)


def drafted(document: Document) -> Directory | None:
    """The directory that this document makes, kept with it: checks ask often. None while the plan is not valid."""
    header = document.of(HEADER)
    if DRAFTED not in vars(document) and header:
        people = {key: make_person(key, part, header.calendar) for key, part in (document.of(PEOPLE) or {}).items()}
        names = dict.fromkeys(channel_names(document.body), "")
        teams, roles = document.of(TEAMS) or {}, document.of(ROLES) or {}
        made = make_directory(header, people, teams, roles, names, body=document.body)
        vars(document)[DRAFTED] = taking_turns(made, document)
    directory: Directory | None = vars(document).get(DRAFTED)
    return directory


def taking_turns(directory: Directory, document: Document) -> Directory:
    """The same directory with the turns of its teams; a draft may name teams that are not valid."""
    turns = {team: rotation for team, rotation in rotations(document).items() if team in directory.teams}
    return replace(directory, on_call=turns)


def seen_by(document: Document, directory: Directory) -> Document:
    """The same document with other people: those of a plan that runs, with their absences and links of today."""
    copy = replace(document)
    vars(copy)[DRAFTED] = directory
    return copy


def meant(
    document: Document, expressions: Iterable[str], team: str = "", at: datetime | None = None
) -> tuple[str, ...]:
    """The ids of the people whom expressions mean, in the order of the file; `lead` and `member` are of `team`.

    Without an instant whoever takes turns on call is meant, not only whoever has one.
    """
    directory = drafted(document)
    if directory is None:
        return ()
    known = [expression for expression in expressions if expression not in OF_A_SUBJECT]
    seats = recipients.seats(directory, known, recipients.Concern(team=team or None), at)
    return tuple(person.key for person in seats if not person.vacant)


def complete(document: Document) -> bool:
    """Whether head, people, their roles and teams are valid, with whomever teams name: who is meant can be told."""
    people, teams = document.of(PEOPLE) or {}, document.of(TEAMS) or {}
    named = {key for team in teams.values() for key in (*team.lead, *team.members)}
    every = len(document.keys(PEOPLE.name)) == len(people) and len(document.keys(TEAMS.name)) == len(teams)
    roles = {role for person in people.values() for role in person.roles}
    return every and named <= people.keys() and roles <= {*role_keys(document)} and document.of(HEADER) is not None


def check_who(
    document: Document, path: Path, expressions: Iterable[str], concern: Iterable[str] = (), *, alone: bool = True,
) -> Iterator[Problem]:  # fmt: skip
    """Refuse who-expressions that name nobody there is, and warn of those that mean nobody here.

    `path` is that of the list. `concern` are the relative words that mean somebody where this is read: `lead`,
    `assignees`. The list is not `alone` where whoever asks says themselves that it means nobody.
    """
    written = tuple(expressions)
    wrong = [problem for number, word in enumerate(written) for problem in _check_word(document, (*path, number), word)]
    yield from wrong
    idle = {word: instead for word, instead in (OF_A_TEAM | OF_A_TASK).items() if word not in concern}
    for number, word in enumerate(written):
        if word in idle:
            what = "team" if word in OF_A_TEAM else "task"
            sentence = f"`{word}` is nobody here, where no {what} is concerned: write {idle[word]}"
            yield document.warning((*path, number), sentence)
    if alone and written and not wrong and complete(document):
        yield from _check_roles_held(document, path, written)


def _check_roles_held(document: Document, path: Path, words: tuple[str, ...]) -> Iterator[Problem]:
    """Warn where all that is named are roles that nobody has; a vacant seat is listed with its person."""
    directory = drafted(document)
    if directory and all(word in directory.roles and not directory.with_role(word) for word in words):
        sentence = f"nobody has the role `{words[0]}`: write `roles: [{words[0]}]` for a person, or name somebody else"
        yield document.warning(path, sentence)


def _check_word(document: Document, path: Path, word: str) -> Iterator[Problem]:
    channels = document.keys("channels")
    if word.startswith("#"):
        name = word.removeprefix("#")
        if not channel_name(word):
            yield document.error(path, f'`{word}` is no channel: write "#name", in small letters')
        elif name not in channels and (hint := did_you_mean(name, channels)).startswith("did you mean"):
            yield document.warning(path, f"`{word}` is no channel of this plan; {hint.replace('`', '`#', 1)}")
    elif recipients.is_on_call(word):
        yield from _check_on_call(document, path, word.removeprefix(ON_CALL).strip())
    elif word not in (known := _words(document)):
        yield document.error(path, f"nobody is called `{word}`; {_meant_instead(document, word, known)}")


def _words(document: Document) -> list[str]:
    """All that may stand where people are named, without channels."""
    return [*document.keys("people"), *document.keys("teams"), *role_keys(document), *RELATIVE]


def _meant_instead(document: Document, word: str, known: list[str]) -> str:
    """What somebody probably meant: the id of what is called so, a channel, or the nearest word."""
    channels = [*document.keys("channels"), *channel_names(document.body)]
    called = word.lower() in {name_of(document, key).lower() for key in known}
    alike = [] if called else near(word.lower(), [*known, *channels])[:SEVERAL]
    if not set(alike) <= set(known):
        offered = (f"`{each}`" if each in known else f'the channel "#{each}"' for each in dict.fromkeys(alike))
        return f"did you mean {joined(offered, word='or')}?"
    return nearest(document, word, known)


def _check_on_call(document: Document, path: Path, team: str) -> Iterator[Problem]:
    """Whoever is on call takes turns: those of a team that is named, or of the team that something concerns."""
    turns = document.keys(ON_CALL)
    if team and team not in document.keys("teams"):
        yield document.error(path, f"there is no team `{team}`; {did_you_mean(team, document.keys('teams'))}")
    elif team and team not in turns:
        yield document.error(
            path, f"nobody of `{team}` takes turns: write its rotation under `on_call:`{_written(team)}"
        )
    elif not turns:
        yield document.error(path, f"nobody takes turns in this plan: write who does under `on_call:`{_written('ops')}")


def _written(team: str) -> str:
    return f", `{team}: {{rotation: [one, two], every: 1w, from: 2026-03-30 09:00}}`"


def check_channel(document: Document, path: Path, channel: str) -> Iterator[Problem]:
    """Refuse a channel that is neither a key of `channels`, nor a name with #, nor an id."""
    keys = document.keys("channels")
    if channel.startswith("#"):
        yield from check_who(document, path, (channel,))
    elif channel and channel not in keys and not CHANNEL_ID.fullmatch(channel):
        small = channel_name(channel.lower().replace(" ", "-")) or "name"
        slack = f'"#{small}" for one of Slack\'s'
        yield document.error(
            path, f"no channel of this plan has the key `{channel}`; write {slack}, else {did_you_mean(channel, keys)}"
        )
