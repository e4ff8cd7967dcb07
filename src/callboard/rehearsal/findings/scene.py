"""What every family of findings looks at: the plan, its people from now on, and what happened in a rehearsal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

from callboard.core.calendar import Calendar, DateRange
from callboard.core.words import joined
from callboard.gates.plan.items import gates_of
from callboard.gates.plan.types import GatePart
from callboard.planfile import needs
from callboard.planfile.header import HEADER
from callboard.planfile.sections import Document, Happening, Path, Window
from callboard.planfile.times import Moment
from callboard.planfile.timetable import Timetable, instant_of
from callboard.planfile.types import ON_CALL
from callboard.rehearsal.findings.report import Finding, Kind
from callboard.rehearsal.transcript import Line
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import COMPLETED, TaskPart
from callboard.teams import recipients
from callboard.teams.directory import Directory, Person
from callboard.teams.plan.people import PEOPLE, PersonPart
from callboard.teams.recipients import Concern, Recipients

A_LOOK, FURTHEST = timedelta(days=14), timedelta(days=400)
MOST_HAPPENINGS, MOST_CUTS, FEW = 20_000, 400, 3
A_DAY, A_MINUTE, A_SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
OF_A_TEAM = frozenset({"lead", "leads", "member", "assignees", ON_CALL})


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in which the same people are there."""

    at: datetime
    until: datetime


@dataclass
class Scene:
    """A plan without errors from an instant on; `passed` are the gates that have passed by then.

    `lines` are those of a rehearsal with these `options`.
    """

    document: Document
    table: Timetable
    directory: Directory
    window: Window
    lines: Sequence[Line] = ()
    passed: frozenset[str] = frozenset()
    options: str = ""
    _calendars: dict[str, Calendar] = field(default_factory=dict)

    def fault(self, path: Path, what: str, why: str, instead: str, at: datetime | None = None) -> Finding:
        """What will go wrong."""
        return Finding(Kind.FAULT, self.document.line(path), what, why, instead, at)

    def risk(self, path: Path, what: str, why: str, instead: str, at: datetime | None = None) -> Finding:
        """What may go wrong."""
        return Finding(Kind.RISK, self.document.line(path), what, why, instead, at)

    def played(self, path: Path, what: str, why: str, instead: str, at: datetime) -> Finding:
        """What went wrong in a rehearsal, and may again; up to the end of that minute it can be seen once more."""
        until = (at + A_MINUTE).astimezone(self.directory.calendar.zone)
        replay = f'{self.options} --until "{until:%Y-%m-%d %H:%M}"'.strip()
        return Finding(Kind.RISK, self.document.line(path), what, why, instead, at, replay)

    def note(self, path: Path, what: str, why: str, instead: str, at: datetime | None = None) -> Finding:
        """What somebody may want to know."""
        return Finding(Kind.NOTE, self.document.line(path), what, why, instead, at)

    @property
    def begin(self) -> datetime:
        """From when on is looked: the plan's beginning, or now."""
        return self.window[0]

    @property
    def end(self) -> datetime:
        """The end of the plan."""
        return self.window[1]

    @property
    def first(self) -> datetime:
        """The first moment of the plan, also where that is over."""
        return begun(self.document) or self.begin

    @property
    def lasts(self) -> timedelta:
        """How long the whole plan is."""
        return self.end - self.first

    @cached_property
    def gates(self) -> Mapping[str, GatePart]:
        """The gates that have not passed."""
        return {key: part for key, part in gates_of(self.document).items() if key not in self.passed}

    @cached_property
    def tasks(self) -> Mapping[str, TaskPart]:
        """The tasks that are not completed."""
        return {key: part for key, part in (self.document.of(TASKS) or {}).items() if part.status != COMPLETED}

    @cached_property
    def people(self) -> Mapping[str, PersonPart]:
        """The people as the plan file has them."""
        return self.document.of(PEOPLE) or {}

    @cached_property
    def happenings(self) -> list[Happening]:
        """What is still to happen, as far as is sensible."""
        found: list[Happening] = []
        start, last = self.begin, min(self.end, self.begin + FURTHEST)
        while start < last and len(found) < MOST_HAPPENINGS:
            until = min(start + A_LOOK, last)
            for section in self.document.sections:
                if section.name in self.document.values:
                    found += section.happens(self.document, self.document.values[section.name], (start, until))
            start = until
        return sorted(found, key=lambda one: (one.at, one.kind, one.name, one.zone, one.key))

    def of_kind(self, *kinds: str) -> list[Happening]:
        """What is still to happen of some kinds."""
        return [one for one in self.happenings if one.kind in kinds]

    def awaited(self, key: str) -> list[str]:
        """The ids of what a phase, team, task, gate or run-book needs, each once."""
        return list(self._needs.get(key, ()))

    @cached_property
    def _needs(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for need in needs.written(self.document):
            found.setdefault(need.of, {}).update(dict.fromkeys(key for key in need.ids if key != need.of))
        return found

    def instant(self, moment: Moment | None, *, opening: bool = False) -> datetime | None:
        """When a moment of the plan is; None where nobody can tell."""
        return instant_of(self.table, moment, opening=opening)

    def due(self, key: str) -> datetime | None:
        """When a gate or a task is due."""
        part = gates_of(self.document).get(key) or (self.document.of(TASKS) or {}).get(key)
        return self.instant(part.due) if part else None

    def is_ahead(self, at: datetime | None) -> bool:
        """Whether an instant is known and not over yet."""
        return at is not None and at >= self.begin

    @cached_property
    def stretches(self) -> list[Stretch]:
        """From now to the end of the plan, cut wherever somebody goes, comes back or takes a turn on call."""
        cuts = {self.begin}
        for person in self.directory.people.values():
            for days in person.away:
                cuts.update(self._midnights(person, days))
        for turns in self.directory.on_call.values():
            cuts.update(self._hand_overs(turns))
        within = sorted(cut for cut in cuts if self.begin <= cut < self.end)[:MOST_CUTS]
        return [Stretch(at, until) for at, until in zip(within, [*within[1:], self.end], strict=True) if at < until]

    @staticmethod
    def _midnights(person: Person, days: DateRange) -> list[datetime]:
        return [
            datetime.combine(day, time(), person.zone).astimezone(UTC) for day in (days.first, days.last + A_DAY)
            if A_DAY < day - day.min < day.max - day.min - A_DAY
        ]  # fmt: skip

    def _hand_overs(self, turns: object) -> Iterator[datetime]:
        held: Callable[[Window], Iterable[Stretch]] | None = getattr(turns, "held", None)
        for number, turn in enumerate(held((self.begin, self.end)) if held else ()):
            if number >= MOST_CUTS:
                return
            yield turn.at

    def who(self, words: Iterable[str], at: datetime, team: str = "") -> Recipients:
        """Whom words mean at an instant, where they concern a team; whoever stands in for those who are away."""
        known = [word for word in words if word != "reporter"]
        return recipients.who(self.directory, known, Concern(team=team or None, teams=(team,) if team else ()), at)

    def reached(self, words: Iterable[str], at: datetime, team: str = "") -> bool:
        """Whether somebody whom words mean is there, or stands in while they are away; not for a vacant seat."""
        return any(not (each.instead_of and each.instead_of.vacant) for each in self.who(words, at, team).people)

    def seats(
        self, words: Iterable[str], team: str = "", at: datetime | None = None, *, vacant: bool = False
    ) -> tuple[Person, ...]:
        """The people whom words mean, there or away, without vacant seats unless these are asked for."""
        known = [word for word in words if word != "reporter"]
        found = recipients.seats(self.directory, known, Concern(team=team or None, teams=(team,) if team else ()), at)
        return tuple(person for person in found if vacant or not person.vacant)

    def is_ever_there(self, person: Person) -> bool:
        """Whether somebody is there at any time of the plan, from its first moment on."""
        return any(person.present(at) for at in (self.first, *(each.at for each in self.stretches)))

    def concerned(self, words: Iterable[str]) -> list[str]:
        """The teams for which words mean somebody else each time; one nameless where they always mean the same."""
        return list(self.directory.teams) if OF_A_TEAM.intersection(words) else [""]

    def calendar(self, person: str) -> Calendar:
        """When somebody works, without their absences and holidays."""
        if person not in self._calendars:
            self._calendars[person] = self.directory.working(self.directory.people[person])
        return self._calendars[person]

    def works(self, person: Person, at: datetime) -> bool:
        """Whether somebody is at work at an instant, also when that just ends; around the clock, always."""
        if not person.present(at):
            return False
        calendar = self.calendar(person.key)
        return person.around_the_clock or calendar.open_at(at) or calendar.open_at(at - A_SECOND)

    def shown(self, at: datetime) -> str:
        """An instant as people of the plan read it: `Fri 14 Nov, 17:00`."""
        local = at.astimezone(self.table.calendar.zone)
        return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"

    def name(self, person: str) -> str:
        """What somebody is called."""
        found = self.directory.people.get(person)
        return found.name if found else person

    def names(self, people: Iterable[Person]) -> str:
        """What several are called: `Ann, Ben and 3 more`; nobody where there are none."""
        return joined([person.name for person in people], FEW) or "nobody"

    def team(self, key: str) -> str:
        """What a team is called."""
        return self.directory.teams[key].name if key in self.directory.teams else key

    def key(self, key: str) -> str:
        """A task by its id and title, a gate by its name."""
        gate, task = gates_of(self.document).get(key), (self.document.of(TASKS) or {}).get(key)
        return gate.name if gate else f"{key} ({task.title})" if task else key


def begun(document: Document) -> datetime | None:
    """The first moment of a plan."""
    header = document.of(HEADER)
    return header.from_.instant(header.calendar, opening=True) if header else None
