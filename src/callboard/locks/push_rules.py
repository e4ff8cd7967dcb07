"""What a push may not change: files under somebody else's lock, and zones of other teams."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callboard.branches import identities
from callboard.core import outbox, timeline
from callboard.core.timeline import Subject
from callboard.locks import rights, service, store, targets
from callboard.locks.messages import news
from callboard.locks.models import KEEPING, KIND, Allowance, Lock
from callboard.locks.store import Rival
from callboard.locks.targets import Target, reaches
from callboard.teams import service as teams
from callboard.teams.service import Asker, Directory, Person
from callboard.zones import service as zones
from callboard.zones.plan import Rule
from callboard.zones.sections import Stack

if TYPE_CHECKING:
    from callboard.core.db import Tx


def covers(
    allowances: Iterable[Allowance], repository: str, path: str, stacks: Collection[tuple[str, ...]] | None
) -> bool:
    """Whether a change is allowed by any of them."""
    every = (targets.read(text, targets.Known((repository,))) for one in allowances for text in one.targets)
    return any(reaches(target, repository, path, stacks) and _whole(target, stacks) for target in every)


def _whole(target: Target, stacks: Collection[tuple[str, ...]] | None) -> bool:
    """Whether all sections that a change touches are within the target."""
    if not target.section:
        return True
    wanted = target.section.casefold()
    return stacks is not None and all(any(wanted == name.casefold() for name in stack) for stack in stacks)


FEW = 20


@dataclass(frozen=True)
class Touched:
    """A file that a push changes, and in which sections; `fresh` where nobody has judged this change before."""

    path: str
    kind: str
    sections: Collection[Stack] | None = None
    fresh: bool = True


@dataclass(frozen=True)
class Push:
    """Who brings which changes to which branch; `names` are what git and its server call them, the surest first."""

    repository: str
    branch: str
    names: Sequence[str]
    touched: Sequence[Touched]


@dataclass(frozen=True)
class Refusal:
    """Why one file may not be changed; `why` is `locked` or `zone`."""

    path: str
    kind: str
    why: str
    said: str
    lock: int = 0


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what may not be."""

    person: str
    team: str
    locks: int
    zones: int
    refused: Sequence[Refusal]


def judge(tx: Tx, plan_id: int, push: Push) -> Finding:
    """Look at every file. It changes nothing."""
    known = identities.of(tx, plan_id)
    person = known.person(*push.names)
    team = known.team(push.branch, person)
    locks = _held(tx, plan_id, push.repository)
    rules = zones.standing(tx, plan_id)
    judging = _Judging(tx, known.directory, push, person, team)
    refused = [refusal for one in push.touched for refusal in judging.one(one, locks, rules)]
    return Finding(person, team, len(locks), len(rules), refused)


def keep(tx: Tx, plan_id: int, push: Push, found: Finding) -> None:
    """Put on the timeline what was refused, and keep alive the locks of whoever works on what they have locked."""
    actor = found.person or timeline.BOT
    if not found.refused:
        if found.person:
            service.stir(tx, plan_id, found.person, push.repository, [one.path for one in push.touched[:FEW]])
        return
    facts: dict[str, Any] = {
        "repository": push.repository,
        "branch": push.branch,
        "team": found.team,
        "names": list(push.names[:1]),
    }
    for number in sorted({one.lock for one in found.refused if one.lock}):
        paths = [one.path for one in found.refused if one.lock == number][:FEW]
        timeline.record(tx, plan_id, Subject(KIND, number), "stopped a push", actor=actor, paths=paths, **facts)
        outbox.touch(tx, KIND, [number])
    strays = [one.path for one in found.refused if not one.lock]
    if strays:
        about = Subject("guard", plan_id)
        timeline.record(tx, plan_id, about, "stopped a push", actor=actor, paths=strays[:FEW], **facts)


class _Judging:
    def __init__(self, tx: Tx, directory: Directory, push: Push, person: str, team: str) -> None:
        self._tx, self._directory, self._push, self._person = tx, directory, push, person
        found = directory.people.get(person)
        own = [one.key for one in directory.teams_of(found)] if found else [team]
        self._own = set(filter(None, own))
        self._runs = bool(found and directory.has_role(found, "coordinator"))
        self._asker = Asker(directory, found or Person(key="", name="somebody"))
        self._allowed = store.allowances_of(tx, directory.plan_id, [person]) if person else []
        self._told: dict[int, str] = {}

    def one(
        self, touched: Touched, locks: Sequence[tuple[Lock, Sequence[Target]]], rules: Sequence[Rule]
    ) -> list[Refusal]:
        """Why a file may not be changed; nothing where it may."""
        place = self._push.repository, touched.path, touched.sections
        for lock, locked in locks:
            if lock.holder != self._person and any(reaches(one, *place) for one in locked):
                return [Refusal(touched.path, touched.kind, "locked", self._locked(lock, touched), lock.number)]
        if not touched.fresh or self._runs:
            return []
        for owned in zones.changed(rules, touched.path, touched.sections):
            if owned.teams and not self._own.intersection(owned.teams) and not covers(self._allowed, *place):
                whose = rights.whose(self._directory, owned)
                said = f"`{owned.path}` is {whose}, by the zone `{owned.pattern}`"
                return [Refusal(touched.path, touched.kind, "zone", self._plain(said))]
        return []

    def _locked(self, lock: Lock, touched: Touched) -> str:
        """Whose lock it is; it is worded once, however many files it holds."""
        if lock.number not in self._told:
            said = news.taken(self._tx, self._asker, [Rival(lock, "\x00")])
            self._told[lock.number] = self._plain(said)
        return self._told[lock.number].replace("\x00", touched.path)

    def _plain(self, said: str) -> str:
        zone = self._asker.person.zone if self._asker.person.key else self._directory.calendar.zone
        return news.in_git(self._directory, said, zone)


def _held(tx: Tx, plan_id: int, repository: str) -> list[tuple[Lock, Sequence[Target]]]:
    table = store.table(tx, plan_id)
    numbers = [number for number, (state, _) in table.items() if state in KEEPING]
    found = [(lock, table[lock.number][1]) for lock in store.numbered(tx, numbers) if lock.keeps(tx.now)]
    return [
        (lock, targets) for lock, targets in found
        if any(one.kind != "thing" and one.repository in ("", repository) for one in targets)
    ]  # fmt: skip


def who(tx: Tx, plan_id: int, person: str) -> str:
    """How somebody is called in plain words."""
    found = teams.directory(tx, plan_id).people.get(person)
    return found.name if found else "somebody whom the plan does not name"
