"""Which gate waits for which, also by what lies between them; and what a decision asks for without saying so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from callboard.core.calendar import Calendar, Wall
from callboard.core.words import is_are, it_them, joined, waits_wait
from callboard.gates.plan.items import gates_of, group_of
from callboard.planfile import needs
from callboard.planfile.calendar import A_DAY
from callboard.planfile.sections import Document, Problem
from callboard.planfile.timetable import Timetable, instant_of, timetable

KEPT, ATTEMPTS = "_order_of_gates", 5
LONGEST_REST = 30
"""How many days in a row without work are looked over for the next attempt."""
Graph = Mapping[str, Iterable[str]]


def reached(graph: Graph, start: str) -> set[str]:
    """Everything that can be reached from a place, without the place itself unless it goes in a circle."""
    found: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.get(name, ()))
    return found


@dataclass
class Order:
    """The gates of a plan: what each waits for by the `graph`, when each is `due`, and which are decisions.

    A decision also waits for every other gate that is due by then and does not wait for the decision itself.
    """

    graph: Graph
    due: Mapping[str, datetime] = field(default_factory=dict)
    decisions: frozenset[str] = frozenset()
    gates: tuple[str, ...] = ()

    @cached_property
    def before(self) -> dict[str, tuple[str, ...]]:
        """What each decision asks for without saying so. No gate thereby waits for itself, however they are due."""
        waiters: dict[str, set[str]] = defaultdict(set)
        for name, others in self.graph.items():
            for other in others:
                waiters[other].add(name)
        implied: dict[str, tuple[str, ...]] = {}
        for decision in sorted(self.decisions & self.due.keys(), key=lambda key: (self.due[key], key)):
            late = {decision, *reached(waiters, decision)}
            ordinary = (key for key in self.gates if key not in self.decisions and key in self.due)
            implied[decision] = tuple(
                key for key in ordinary if key not in late and self.due[key] <= self.due[decision]
            )
            for key in implied[decision]:
                waiters[key].add(decision)
        return implied

    @cached_property
    def _whole(self) -> Graph:
        whole: dict[str, list[str]] = {name: list(others) for name, others in self.graph.items()}
        for decision, others in self.before.items():
            whole[decision] = [*whole.get(decision, ()), *others]
        return whole

    def awaited(self, key: str) -> frozenset[str]:
        """Every gate that a gate waits for, directly or through gates, tasks, phases and teams."""
        known: dict[str, frozenset[str]] = vars(self).setdefault("_awaited", {})
        name = group_of(key)
        if name not in known:
            known[name] = frozenset(reached(self._whole, name) & set(self.gates))
        return known[name]

    def waiting(self, key: str) -> list[str]:
        """The gates that wait for a gate, in the order of the plan."""
        return [other for other in self.gates if group_of(key) in self.awaited(other)]


@dataclass(frozen=True)
class Attempt:
    """The next attempt of a decision: its moved dates, when it is due, and what waits for it and would be due before.

    What is `overtaken` keeps its distance from the decision: that is when it is due then.
    """

    dates: Mapping[str, datetime]
    due: datetime
    overtaken: Mapping[str, datetime]


def on_a_working_day(calendar: Calendar, due: datetime, later: timedelta) -> timedelta:
    """How much later to try again: so many days after a working day is the next working day, if nobody works then."""
    day = due.astimezone(calendar.zone).date()
    if later % A_DAY or not calendar.works_on(day):
        return later
    days = (later + rest * A_DAY for rest in range(LONGEST_REST))
    return next((each for each in days if calendar.works_on((due + each).astimezone(calendar.zone).date())), later)


def next_attempt(document: Document, key: str, later: timedelta) -> Attempt | None:
    """What a NO-GO moves that is tried again so much later; None where the decision is not due at all."""
    table, part, order = timetable(document), gates_of(document)[key], order_of(document)
    if table is None or key not in order.due or part.if_no_go is None:
        return None
    dates = {name: at + later for name in part.if_no_go.shift if (at := instant_of(table, table.dates.get(name)))}
    then = replace(table, dates={**table.dates, **{name: _wall(table, at) for name, at in dates.items()}})
    due = max(order.due[key] + later, instant_of(then, part.due) or order.due[key])
    overtaken = {}
    for other in order.waiting(key):
        at = instant_of(then, gates_of(document)[other].due)
        if at and at <= due and order.due[other] > order.due[key]:
            overtaken[other] = order.due[other] + (due - order.due[key])
    return Attempt(dates, due, overtaken)


def _wall(table: Timetable, at: datetime) -> Wall:
    local = at.astimezone(table.calendar.zone)
    return Wall(local.date(), local.time().replace(tzinfo=None))


def check_attempts(document: Document) -> Iterator[Problem]:
    """Warn where a NO-GO would be due after what waits for the decision, at its first attempt or a later one."""
    for key, part in gates_of(document).items():
        no_go, told = part.if_no_go if part.decision else None, set[str]()
        again = no_go.again if no_go else None
        for number in range(1, min(ATTEMPTS + 1, no_go.most)) if no_go and again else ():
            attempt = next_attempt(document, key, _later(document, key, again * number)) if again else None
            late = [other for other in attempt.overtaken if other not in told] if attempt else []
            told.update(late)
            if late:
                after = "a NO-GO" if number == 1 else f"{number} NO-GOs"
                names = joined(f"`{other}`" for other in late)
                sentence = (
                    f"after {after} this is decided later than {names} {is_are(late)} due, "
                    f"and {names} {waits_wait(late)} for it: a NO-GO moves {it_them(late)} too; "
                    "to say when yourself, reckon `due` from a date that shifts"
                )
                yield document.warning(("gates", key, "if_no_go"), sentence)


def _later(document: Document, key: str, span: timedelta) -> timedelta:
    table, due = timetable(document), order_of(document).due.get(key)
    return on_a_working_day(table.calendar, due, span) if table and due else span


def order_of(document: Document) -> Order:
    """The order of the gates of a document, found once."""
    kept: Order | None = vars(document).get(KEPT)
    return kept or vars(document).setdefault(KEPT, _found(document))


def _found(document: Document) -> Order:
    parts = document.values.get("gates") or {}
    table = timetable(document)
    dues = {key: at for key, part in parts.items() if (at := instant_of(table, part.due))}
    decisions = frozenset(key for key, part in parts.items() if part.decision)
    return Order(needs.graph(document), dues, decisions, tuple(parts))
