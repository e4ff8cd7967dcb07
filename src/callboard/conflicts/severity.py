"""How bad it is that two branches meet, and which branches are in another team's zone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from callboard.branches import service as branches
from callboard.branches.models import Branch, BranchesSeen, Meeting
from callboard.conflicts.models import Degree
from callboard.core.db import Tx
from callboard.locks import pushes, store
from callboard.tasks import service as tasks
from callboard.tasks.models import Task
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Directory
from callboard.zones import service as zones
from callboard.zones.owners import Rule, winner

MOST_FILES = 200


@dataclass(frozen=True)
class Found:
    """A conflict as a scan found it; `why` says what made its degree."""

    kind: str
    one: Branch
    other: Branch | None
    degree: Degree
    files: Sequence[str]
    why: Sequence[str] = ()
    hunks: Sequence[tuple[str, str, str]] = ()
    teams: Sequence[str] = ()
    source: Branch | None = None

    def key(self, repository: str) -> tuple[str, str, str, str]:
        """What makes it the same conflict in the next scan."""
        return repository, self.kind, self.one.name, self.other.name if self.other else ""


class Judge:
    """Judges one scan, by the plan as it stands."""

    def __init__(self, tx: Tx, seen: BranchesSeen) -> None:
        self._seen = seen
        self._directory: Directory = teams.directory(tx, seen.plan_id)
        self._rules: Sequence[Rule] = zones.standing(tx, seen.plan_id)
        self._chain = _Chain(tasks.tasks(tx, seen.plan_id), seen.repository)
        self._allowed = cache(partial(store.allowances, tx, seen.plan_id))

    def all(self) -> Iterator[Found]:
        """Every conflict, and every branch in another team's zone."""
        for meeting in self._seen.meetings:
            one, other = (self._seen.branches.get(name) for name in (meeting.one, meeting.other))
            if one and other:
                degree, why = self._degree(meeting, one, other)
                source = self._seen.branches.get(meeting.source)
                if source:
                    why.append(f"all that collides comes from {source.name}: fix it there, then merge it again")
                sides = tuple(dict.fromkeys(each.team for each in (one, other, source) if each and each.team))
                files = meeting.conflicts or meeting.both
                yield Found("merge", one, other, degree, files, why, meeting.hunks, sides, source)
        for branch in self._seen.branches.values():
            if not branch.protected and (found := self._violation(branch)):
                yield found

    def _degree(self, meeting: Meeting, one: Branch, other: Branch) -> tuple[Degree, list[str]]:
        """Critical: main is hit. Complex: a shared file, several files, or the file of a task that others need."""
        if not meeting.conflicts:
            return Degree.SIMPLE, ["git merges it by itself"]
        hit = next((branch.name for branch in (one, other) if branch.protected), "")
        if hit:
            return Degree.CRITICAL, [f"{hit} cannot be merged with it"]
        files = meeting.conflicts[:MOST_FILES]
        why = [f"{path} is {shared}" for path in files if (shared := self._shared(path))][:2]
        if len(meeting.conflicts) > 1:
            why.append(f"{len(meeting.conflicts)} files conflict")
        why += self._chain.of(files)[:2]
        return (Degree.COMPLEX, why) if why else (Degree.MEDIUM, ["git cannot merge it"])

    def _shared(self, path: str) -> str:
        rule = winner(self._rules, path)
        if rule is None or len(rule.zone.owners) <= 1:
            return ""
        names = " and ".join(map(self._directory.spoken_of, rule.zone.owners))
        return f"shared by section: {names}" if rule.zone.sections else f"joint: {names}"

    def _violation(self, branch: Branch) -> Found | None:
        """The files of a branch that belong to other teams; nothing where its own team is unknown."""
        if not branch.team:
            return None
        strays: dict[str, tuple[str, ...]] = {}
        for path, stacks in branches.touched(branch):
            for owned in zones.changed(self._rules, path, stacks):
                if owned.teams and branch.team not in owned.teams and not self._may(branch, path, stacks):
                    strays[owned.path if owned.path.startswith(f"{path}#") else path] = owned.teams
        if not strays:
            return None
        owners = tuple(dict.fromkeys(team for owning in strays.values() for team in owning))
        why = [
            f"{path} is {' and '.join(map(self._directory.spoken_of, owning))}'s"
            for path, owning in list(strays.items())[:3]
        ]
        return Found("zone", branch, None, Degree.VIOLATION, list(strays), why, (), (branch.team, *owners))

    def _may(self, branch: Branch, path: str, stacks: Collection[tuple[str, ...]] | None) -> bool:
        person = self._directory.people.get(branch.person)
        runs = bool(person and self._directory.has_role(person, COORDINATOR))
        return runs or pushes.covers(self._allowed(branch.person), branch.repository, path, stacks)


class _Chain:
    """Which tasks others wait for, by the files that they name."""

    def __init__(self, tasks: Sequence[Task], repository: str) -> None:
        self._needed: dict[str, list[str]] = {}
        for task in tasks:
            for need in task.needs:
                self._needed.setdefault(need, []).append(task.key)
        self._files = [
            (task.key, target) for task in tasks
            if task.key in self._needed and task.status != "completed"
            for target in pushes.of_task(task, repository)
        ]  # fmt: skip

    def of(self, files: Sequence[str]) -> list[str]:
        """The tasks with these files that others need, in words."""
        found = dict.fromkeys(key for key, target in self._files if any(map(target.pattern.matches, files)))
        return [f"{key} works on it, and {', '.join(self._needed[key][:3])} needs {key}" for key in found]
