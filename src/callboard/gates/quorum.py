"""Who must sign, who has, and whether all of it can be signed when nobody signs twice: a flow from asks to people."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice, pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.words import joined
from callboard.planfile.sections import Document
from callboard.planfile.types import Moment, Part, Span, Whom
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import TaskPart
from callboard.teams import recipients
from callboard.teams.directory import OBSERVER, Directory, Person

Node = tuple[str, object, object]
GIVEN: Node = ("given", None, None)
KEPT = "_seats"
"""Where a document keeps whom expressions mean in it: many gates ask for the same."""
ALL, ASSIGNEES, REPORTER = "all", "assignees", "reporter"
EVERY = {"all leads": "", "everyone": "", "leads": "all ", "members": "all ", ASSIGNEES: "all "}
"""How all of those meant are spoken of, before the word for them; `all of ` before anything else."""
FEW = 2
"""Of more people, any of whom can do it, only those who lead are reminded."""
OF_TEAMS = frozenset({"lead", "leads", "member", "members"})


def _count(written: Any) -> Any:
    if written == ALL or (isinstance(written, int) and not isinstance(written, bool) and written > 0):
        return written
    raise ValueError(f"`{written}` is not a number of signatures: write 1 or more, or `all`")


Count = Annotated[
    int | Literal["all"],
    BeforeValidator(_count),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": ALL}]}),
]


class SignOffPart(Part):
    """What every sign-off may say: when it is due, how old it may be, how many sign, and who must not.

    Its key `asks` says who is asked.
    """

    asks: ClassVar[str]
    key: str = ""
    due: Moment | None = None
    fresh: Span | None = None
    not_: Whom = Field((), alias="not")
    count: Count = 1
    distinct: Literal["people", "teams"] = "people"

    @property
    def expressions(self) -> tuple[str, ...]:
        """Who is asked, as who-expressions."""
        written: str | tuple[str, ...] = getattr(self, self.asks)
        return (written,) if isinstance(written, str) else written

    @property
    def team(self) -> str | None:
        """The team that `lead` refers to."""
        return None

    def shown(self, called: Callable[[str], str] = str) -> str:
        """How it is spoken of; `called` says how teams, roles and people are, who go by their ids without."""
        return ", ".join(map(called, self.expressions))

    def stale(self, at: datetime, now: datetime) -> bool:
        """Whether a signature of that time is too old for it."""
        return self.fresh is not None and at + self.fresh <= now


@dataclass(frozen=True)
class Work:
    """The tasks with these ids that a gate is about, whose teams are concerned, and who does them.

    `doers` did the work besides those whom the plan names, `reporters` reported what the gate looks at. Who is on call
    counts `at` an instant; without one, whoever takes turns.
    """

    document: Document
    ids: Sequence[str] = ()
    doers: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()
    at: datetime | None = None

    @cached_property
    def tasks(self) -> list[TaskPart]:
        tasks = self.document.of(TASKS) or {}
        return [tasks[key] for key in self.ids if key in tasks]

    @cached_property
    def teams(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(team for part in self.tasks for team in part.teams))

    @cached_property
    def people(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(person for part in self.tasks for person in part.people), *self.doers)))


def tickers(directory: Directory, by: Iterable[str], about: Work) -> list[Person]:
    """Whom to remind of a criterion that is ticked by hand: whoever may tick it, of more than a few who lead."""
    concern = recipients.Concern(teams=about.teams, assignees=about.people)
    people = [person for person in recipients.seats(directory, by, concern, about.at) if not person.vacant]
    return people if len(people) <= FEW else [person for person in people if directory.is_lead(person)]


def signers(directory: Directory, part: SignOffPart, about: Work) -> tuple[Person, ...]:
    """Whose signature counts, there or away, vacant seats too; observers only look on."""
    keys = _seats(directory, part, part.expressions, about) - excluded(directory, part, about)
    return tuple(p for key, p in directory.people.items() if key in keys and OBSERVER not in p.roles)


def excluded(directory: Directory, part: SignOffPart, about: Work) -> frozenset[str]:
    """Who may not give a sign-off, not even for somebody else."""
    return _seats(directory, part, part.not_, about)


def _seats(directory: Directory, part: SignOffPart, written: Iterable[str], about: Work) -> frozenset[str]:
    """The people meant; `assignees` are those who are named by the tasks, and not a lead for them."""
    words, team = frozenset(written), part.team
    concern = recipients.Concern(team=team, teams=about.teams if words & OF_TEAMS and not team else ())
    kept: dict[object, frozenset[str]] = vars(about.document).setdefault(KEPT, {})
    at = about.at if any(map(recipients.is_on_call, words)) else None
    if (words, concern, at) not in kept:
        people = recipients.seats(directory, words - {ASSIGNEES, REPORTER}, concern, at)
        kept[words, concern, at] = frozenset(person.key for person in people)
    doing = about.people if ASSIGNEES in words else ()
    return kept[words, concern, at].union(doing, about.reporters if REPORTER in words else ())


@dataclass(frozen=True)
class Given:
    """A signature that counts: for whose seat, by whom, and when."""

    seat: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Slot:
    """One sign-off that is asked for: of whom, how many, who gave it, and whether that is enough."""

    part: SignOffPart
    says: str
    count: int
    people: tuple[Person, ...]
    given: tuple[Given, ...]
    met: bool = False

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who can still give it; nobody where it is met."""
        seats = {given.seat for given in self.given}
        return () if self.met else tuple(person for person in self.people if person.key not in seats)

    def awaited(self, directory: Directory) -> str:
        """How to speak of whoever is missing: `@Ann and @Ben` where it takes them all, else `@Ann or @Ben`."""
        takes_all = self.part.count == ALL or len(self.given) + len(self.missing) <= self.count
        return joined(map(directory.called, self.missing), word="and" if takes_all else "or")

    def stranded(self, directory: Directory) -> tuple[Person, ...]:
        """Whose accounts take nothing and who have no deputy, where without them it can't be given; else nobody."""
        gone = tuple(
            person for person in self.missing
            if person.lost and all(deputy.lost or deputy.vacant for deputy in directory.named(person.deputies))
        )  # fmt: skip
        return gone if len(self.missing) - len(gone) < self.count - len(self.given) else ()

    def seat(self, directory: Directory) -> str:
        """As what each of them signs."""
        return self.part.shown(directory.spoken_of) if self.part.count == ALL else self.says


@dataclass(frozen=True)
class Tally:
    """All sign-offs of a gate together. `met` where every one is, by people who each sign once."""

    slots: tuple[Slot, ...]
    met: bool

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who can still sign something that is not met."""
        return tuple(dict.fromkeys(person for slot in self.slots for person in slot.missing))

    def of(self, person: str) -> list[Slot]:
        """The sign-offs that somebody's seat can give."""
        return [slot for slot in self.slots if any(other.key == person for other in slot.people)]


def tally(
    directory: Directory, parts: Iterable[SignOffPart], about: Work, given: Sequence[Given], now: datetime
) -> Tally:
    """Count what was signed against what is asked for."""
    asks, slots = [], []
    for part in parts:
        people, asked = ask(directory, part, about)
        barred = excluded(directory, part, about)
        had = [each.seat for each in given if _had_the_turn(directory, part, about, each)]
        asked = replace(asked, people={**{seat: [] for seat in had}, **asked.people}) if had else asked
        able = [each for each in given if each.seat in asked.people and each.by not in barred]
        fresh = tuple(each for each in able if not part.stale(each.at, now))
        seats = {each.seat for each in fresh}
        asks.append(replace(asked, people={key: own for key, own in asked.people.items() if key in seats}))
        slots.append(Slot(part, _says(directory, part, asked), asked.count, people, fresh))
    met = met_together(asks)
    return Tally(tuple(replace(slot, met=number in met) for number, slot in enumerate(slots)), len(met) == len(slots))


def _had_the_turn(directory: Directory, part: SignOffPart, about: Work, given: Given) -> bool:
    """Whether somebody was on call when they signed: that counts when others are."""
    if not any(map(recipients.is_on_call, part.expressions)):
        return False
    return any(person.key == given.seat for person in signers(directory, part, replace(about, at=given.at)))


def _says(directory: Directory, part: SignOffPart, asked: Ask) -> str:
    every = "every " if part.asks == "role" else EVERY.get(part.expressions[0], "all of ")
    how_many = every if part.count == ALL else f"{asked.count} of " if asked.count > 1 else ""
    teams = ", of different teams" if asked.by_team and asked.count > 1 else ""
    return f"{how_many}{part.shown(directory.spoken_of)}{teams}"


@dataclass(frozen=True)
class Ask:
    """So many signatures by some of these people; with `by_team`, each for another team of the person who signs."""

    count: int
    people: Mapping[str, Sequence[str]]
    by_team: bool = False


def ask(directory: Directory, part: SignOffPart, about: Work) -> tuple[tuple[Person, ...], Ask]:
    """Who can give a sign-off, and how many of them must; `all` of nobody is somebody."""
    people, by_team = signers(directory, part, about), part.distinct == "teams"
    able = {person.key: [team.key for team in directory.teams_of(person)] for person in people}
    different = len({team for own in able.values() for team in own}) if by_team else len(able)
    return people, Ask(max(different, 1) if part.count == ALL else int(part.count), able, by_team)


@dataclass(frozen=True)
class Short:
    """Asks, by their numbers, that together need more signatures than these people can give."""

    asks: tuple[int, ...]
    people: tuple[str, ...]


def shortage(asks: Sequence[Ask]) -> Short | None:
    """The first asks that cannot all be met; None where every one can, by people who each sign once."""
    if _easy(asks):
        return None
    flow = _Flow(asks)
    for number, ask in enumerate(asks):
        for _ in range(ask.count):
            tried = flow.push(("ask", number, None))
            if tried is not None:
                short = tuple(sorted(int(str(node[1])) for node in tried if node[0] == "ask"))
                everybody = dict.fromkeys(person for k in short for person in asks[k].people)
                return Short(short, tuple(person for person in everybody if ("person", person, None) in tried))
    return None


def met_together(asks: Sequence[Ask]) -> set[int]:
    """The numbers of the asks that are met, taken in order: one signature serves one ask."""
    met: list[int] = []
    for number in range(len(asks)):
        if shortage([asks[each] for each in (*met, number)]) is None:
            met.append(number)
    return set(met)


def _easy(asks: Sequence[Ask]) -> bool:
    """Whether everybody simply signs where they come first, which most plans allow."""
    signed: set[str] = set()
    for ask in sorted(asks, key=lambda ask: len(ask.people)):
        free = {person: teams for person, teams in ask.people.items() if person not in signed}
        if ask.by_team:
            by_team = {team: person for person, teams in free.items() for team in teams[:1]}
            free = dict.fromkeys(by_team.values(), ())
        if len(free) < ask.count:
            return False
        signed.update(islice(free, ask.count))
    return True


class _Flow:
    """Room for one signature at a time along each line, and back where one was given."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        self.room: dict[Node, dict[Node, int]] = defaultdict(dict)
        for number, ask in enumerate(asks):
            for line in _lines(number, ask):
                for giver, taker in pairwise(line):
                    self.room[giver][taker] = 1
                    self.room[taker].setdefault(giver, 0)

    def push(self, start: Node) -> set[Node] | None:
        """Give one more signature; where that is not possible, all that was tried."""
        came: dict[Node, Node] = {start: start}
        queue = deque([start])
        while queue and GIVEN not in came:
            node = queue.popleft()
            for next_, room in self.room[node].items():
                if room and next_ not in came:
                    came[next_] = node
                    queue.append(next_)
        if GIVEN not in came:
            return set(came)
        taker = GIVEN
        while taker != start:
            giver = came[taker]
            self.room[giver][taker] -= 1
            self.room[taker][giver] += 1
            taker = giver
        return None


def _lines(number: int, ask: Ask) -> Iterator[tuple[Node, ...]]:
    """The ways by which an ask reaches the people who can sign."""
    start: Node = ("ask", number, None)
    for person, teams in ask.people.items():
        signer: Node = ("person", person, None)
        for team in teams if ask.by_team else ():
            yield start, ("team", number, team), signer, GIVEN
        if not ask.by_team:
            yield start, signer, GIVEN
