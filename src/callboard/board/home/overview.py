"""A plan looked up once for all whose Homes are written together, and somebody who reads theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from callboard.blockers import service as blockers
from callboard.blockers import store as blocker_rows
from callboard.blockers.models import KIND as BLOCKER
from callboard.blockers.models import Blocker, State
from callboard.core.db import Tx
from callboard.escalation import service as escalation
from callboard.gates import rights as gate_rights
from callboard.gates import service as gates
from callboard.gates.assessment import Look
from callboard.tasks.dependencies import Scene
from callboard.tasks.models import Task, settled
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory
from callboard.teams.rights import looks_on

T = TypeVar("T")


@dataclass
class Overview:
    """Nothing of it is about one of them. Holds as long as its transaction changes nothing."""

    tx: Tx
    plan_id: int
    _answers: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def directory(self) -> Directory:
        return teams.directory(self.tx, self.plan_id)

    @cached_property
    def scene(self) -> Scene:
        return Scene(self.tx, self.plan_id)

    @cached_property
    def opened(self) -> Sequence[Blocker]:
        """The open blockers of the plan."""
        return blockers.open_ones(self.tx, self.plan_id)

    @cached_property
    def paged(self) -> Collection[tuple[int, str]]:
        """Who was ever paged for those of them that nobody has, with their numbers."""
        return blocker_rows.paged(self.tx, [each.number for each in self.opened if each.state == State.OPEN])

    @cached_property
    def tasks(self) -> Mapping[str, Sequence[Task]]:
        """Those that are not settled, by who has them."""
        found = defaultdict[str, list[Task]](list)
        for task in self.scene.tasks.values():
            for person in () if settled(task) else dict.fromkeys(task.assignees):
                found[person].append(task)
        return found

    @cached_property
    def free(self) -> Mapping[str, Sequence[str]]:
        """The ids of those that nobody has yet, by their team."""
        found = defaultdict[str, list[str]](list)
        for task in self.scene.tasks.values():
            if not task.assignees and not settled(task):
                found[task.team].append(task.key)
        return found

    @cached_property
    def gates(self) -> Mapping[str, Sequence[Look]]:
        """Those that are not settled, by whom they wait for."""
        self.scene.tasks  # noqa: B018 - read whole before gates ask for most of them
        found = defaultdict[str, list[Look]](list)
        for look in gates.open_looks(self.tx, self.plan_id):
            for person in gate_rights.waited_for(look):
                found[person].append(look)
        return found

    def read_climbs(self, some: Iterable[Blocker]) -> None:
        """Read at once how blockers climb and whom that told, each once however many it concerns."""
        known: set[int] = self._answers.setdefault(BLOCKER, set())
        if new := {blocker.number for blocker in some} - known:
            escalation.read_ahead(self.tx, BLOCKER, sorted(new))
            known |= new

    def once(self, ask: Callable[[Tx, int], T]) -> T:
        """What a question about the plan finds, asked once however many want to know."""
        return self.drawn(ask, lambda _: ask(self.tx, self.plan_id))

    def drawn(self, key: Any, draw: Callable[[Overview], T]) -> T:
        """What all see of it, made once."""
        if key not in self._answers:
            self._answers[key] = draw(self)
        found: T = self._answers[key]
        return found


@dataclass
class Reader:
    """Somebody in a plan, and what is looked up once for many questions; for many readers, where it is `shared`."""

    tx: Tx
    who: Asker
    shared: Overview | None = None
    overview: Overview = field(init=False)

    def __post_init__(self) -> None:
        self.overview = Overview(self.tx, self.plan_id) if self.shared is None else self.shared

    @property
    def plan_id(self) -> int:
        return self.who.directory.plan_id

    @property
    def me(self) -> str:
        return self.who.person.key

    @property
    def scene(self) -> Scene:
        return self.overview.scene

    @property
    def opened(self) -> Sequence[Blocker]:
        """The open blockers of the plan."""
        return self.overview.opened

    @property
    def looks_on(self) -> bool:
        """Whether they only follow the plan: no button is theirs."""
        return looks_on(self.who.directory, self.who.person)
