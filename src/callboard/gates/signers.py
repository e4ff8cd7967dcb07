"""Who can sign what: the people whom a sign-off means, without those it excludes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from callboard.gates.criteria import Criterion, TasksPart, walk
from callboard.gates.quorum import Ask
from callboard.gates.signatures import ALL, LeadSignOff, SignOff, expressions
from callboard.planfile import task_sets
from callboard.planfile.sections import Document
from callboard.tasks.plan.sections import TASKS
from callboard.tasks.plan.types import TaskPart
from callboard.teams import recipients
from callboard.teams.directory import OBSERVER, Directory, Person

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
    found = _seats(directory, expressions(part), about, _team(part)) - excluded(directory, part, about)
    return tuple(p for key, p in directory.people.items() if key in found and OBSERVER not in p.roles)


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
        found = recipients.seats(directory, words - {ASSIGNEES, REPORTER}, concern)
        kept[words, concern] = frozenset(person.key for person in found)
    doing = about.people if ASSIGNEES in words else ()
    return kept[words, concern].union(doing, about.reporters if REPORTER in words else ())
