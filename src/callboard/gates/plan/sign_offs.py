"""Who can sign what, and whether all sign-offs of a gate can be given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from callboard.core.errors import did_you_mean
from callboard.core.words import few
from callboard.gates.plan import types
from callboard.gates.plan.types import ALL, Criterion, LeadSignOff, RoleSignOff, SignOff, TasksPart, walk
from callboard.gates.quorum import Ask, shortage
from callboard.planfile import task_sets
from callboard.planfile.sections import Document, Path, Problem
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import TaskPart
from callboard.teams import plan as teams
from callboard.teams import recipients
from callboard.teams.directory import GIVEN_ROLES, OBSERVER, Directory, Person
from callboard.teams.plan.directory import check_who, drafted


def shown(part: SignOff, called: Callable[[str], str] = str) -> str:
    """How a sign-off is spoken of; `called` says how teams, roles and people are, who go by their ids without."""
    if isinstance(part, LeadSignOff):
        return f"the lead of {called(part.lead_of)}"
    return ", ".join(map(called, expressions(part)))


def expressions(part: SignOff) -> tuple[str, ...]:
    """Who is asked, as who-expressions; the lead of a team is `lead`, for that team."""
    match part:
        case LeadSignOff():
            return ("lead",)
        case RoleSignOff():
            return (part.role,)
        case types.PersonSignOff():
            return (part.person,)
        case types.QuorumSignOff():
            return part.of
        case types.AnybodySignOff():
            return part.who


FEW = 6
KEPT = "_seats"
"""Where a document keeps whom expressions mean in it: many gates ask for the same."""
ASSIGNEES, REPORTER = "assignees", "reporter"
OF_TEAMS = frozenset({"lead", "leads", "member"})


@dataclass(frozen=True)
class Work:
    """The tasks that the criteria of a gate are about, whose teams are concerned, and who does them.

    `doers` did the work besides those whom the plan names, `reporters` reported what the gate looks at.
    """

    document: Document
    criteria: tuple[Criterion, ...] = ()
    doers: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the tasks of all criteria."""
        written = [each for _, one in walk(self.criteria) if isinstance(one, TasksPart) for each in one.tasks]
        return task_sets.members(self.document, written)

    @cached_property
    def tasks(self) -> list[TaskPart]:
        """The tasks of all criteria."""
        tasks = self.document.of(TASKS) or {}
        return [tasks[key] for key in self.ids if key in tasks]

    @cached_property
    def teams(self) -> tuple[str, ...]:
        """The teams that work on these."""
        return tuple(dict.fromkeys(team for part in self.tasks for team in part.teams))

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Who does them."""
        return tuple(dict.fromkeys((*(person for part in self.tasks for person in part.people), *self.doers)))


def signers(directory: Directory, part: SignOff, about: Work) -> tuple[Person, ...]:
    """Whose signature counts, there or away, vacant seats too; observers only look on."""
    keys = _seats(directory, expressions(part), about, _team(part)) - excluded(directory, part, about)
    return tuple(p for key, p in directory.people.items() if key in keys and OBSERVER not in p.roles)


def excluded(directory: Directory, part: SignOff, about: Work) -> frozenset[str]:
    """Who may not give a sign-off, not even for somebody else."""
    return _seats(directory, part.not_, about, _team(part))


def _team(part: SignOff) -> str | None:
    return part.lead_of if isinstance(part, LeadSignOff) else None


def ask(directory: Directory, part: SignOff, people: Iterable[Person]) -> Ask:
    """How many of these people must sign; `all` of nobody is somebody."""
    by_team = part.distinct == "teams"
    able = {person.key: [team.key for team in directory.teams_of(person)] for person in people}
    different = len({team for own in able.values() for team in own}) if by_team else len(able)
    return Ask(max(different, 1) if part.count == ALL else int(part.count), able, by_team)


def _seats(directory: Directory, written: Iterable[str], about: Work, team: str | None) -> frozenset[str]:
    """The people meant; `assignees` are those who are named by the tasks, and not a lead for them."""
    words = frozenset(written)
    concern = recipients.Concern(team=team, teams=about.teams if words & OF_TEAMS and not team else ())
    kept: dict[object, frozenset[str]] = vars(about.document).setdefault(KEPT, {})
    if (words, concern) not in kept:
        people = recipients.seats(directory, words - {ASSIGNEES, REPORTER}, concern)
        kept[words, concern] = frozenset(person.key for person in people)
    doing = about.people if ASSIGNEES in words else ()
    return kept[words, concern].union(doing, about.reporters if REPORTER in words else ())


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
        there = {person.key: self.ask.people[person.key] for person in self.people if not person.vacant}
        return replace(self.ask, people=there)


def check(document: Document, at: Path, parts: Sequence[SignOff], about: Work) -> Iterator[Problem]:
    """Sign-offs ask people of the plan, and nobody has to sign twice."""
    right: list[tuple[Path, SignOff]] = []
    for number, part in enumerate(parts):
        here: Path = (*at, number)
        wrong = list(_check_words(document, here, part))
        yield from wrong
        right += [] if wrong else [(here, part)]
    directory = drafted(document)
    names = (teams.PEOPLE.name, teams.TEAMS.name)
    # Where not everybody of the plan could be read, the sections of people and teams say so.
    if directory and all(len(document.values.get(name) or ()) == len(document.keys(name)) for name in names):
        seats = [Seats(here, part, signers(directory, part, about), directory) for here, part in right]
        yield from _check_quorum(document, seats)


def _check_words(document: Document, at: Path, part: SignOff) -> Iterator[Problem]:
    yield from check_who(document, (*at, "not"), part.not_)
    match part:
        case types.QuorumSignOff():
            yield from check_who(document, (*at, "of"), part.of)
        case types.AnybodySignOff():
            yield from check_who(document, (*at, "who"), part.who)
        case LeadSignOff():
            yield from _check_word(document, (*at, "lead_of"), "team", part.lead_of, document.keys("teams"))
        case RoleSignOff():
            roles = [*GIVEN_ROLES, *document.keys("roles")]
            yield from _check_word(document, (*at, "role"), "role", part.role, roles)
        case types.PersonSignOff():
            yield from _check_word(document, (*at, "person"), "person", part.person, document.keys("people"))
    if part.fresh == timedelta():
        yield document.error((*at, "fresh"), "a signature that is old at once never counts: write 24h")


def _check_word(document: Document, at: Path, kind: str, word: str, known: Sequence[str]) -> Iterator[Problem]:
    if word not in known:
        yield document.error(at, f"there is no {kind} `{word}`; {did_you_mean(word, known)}")


def _check_quorum(document: Document, seats: Sequence[Seats]) -> Iterator[Problem]:
    """Every sign-off can be given by itself; then all of them together."""
    lacking = [one for one in seats if shortage([one.ask])]
    able = [one for one in seats if one not in lacking]
    for one in lacking:
        yield document.error(one.at, _too_few(one))
    short = shortage([one.ask for one in able])
    if short:
        these = [able[number] for number in short.asks]
        yield document.error(these[-1].at, _together(document, these, short.people))
    elif any(person.vacant for one in able for person in one.people):
        yield from _check_vacant(document, able)


def _check_vacant(document: Document, able: Sequence[Seats]) -> Iterator[Problem]:
    """Seats without which not everything can be signed."""
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
        return "nobody can sign this: `not` excludes everybody who could"
    if not able and isinstance(part, RoleSignOff) and part.role != OBSERVER:
        return f"nobody has the role {part.role}: write `roles: [{part.role}]` for a person, or ask somebody else"
    if not able:
        return f"nobody can sign this as {shown(part)}: ask somebody who is in the plan, and not an observer"
    how = " of different teams" if one.ask.by_team else ""
    return (
        f"this needs {one.ask.count} signatures{how}, and only {few(able, FEW)} can sign: ask for fewer, or more people"
    )


def _together(document: Document, these: Sequence[Seats], people: Sequence[str]) -> str:
    count = sum(one.ask.count for one in these)
    lines = list(dict.fromkeys(str(document.line(one.at)) for one in these))
    where = f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"
    return (
        f"the sign-offs in {where} need {count} signatures together, and only {few(people, FEW)} can give them: "
        "nobody signs twice or in two roles, so ask somebody else"
    )
