"""What messages show of conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callboard.conflicts import service, telling
from callboard.conflicts.models import GOING, Conflict, Degree
from callboard.core import blocks as b
from callboard.core.words import lasted
from callboard.escalation import service as escalation
from callboard.locks.around import shown as plain
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

FEW = 6


@dataclass(frozen=True, kw_only=True)
class ConflictView:
    """A conflict as its card shows it; people and teams as they are called, names of git escaped."""

    number: int
    changes: int
    degree: str
    state: str
    kind: str
    repository: str
    sides: tuple[tuple[str, str, str], ...]
    """Branch, person and team of each."""
    files: tuple[str, ...]
    more_files: int
    hunks: tuple[tuple[str, str, str], ...]
    why: tuple[str, ...]
    resolve: str
    found_at: datetime
    found_after: timedelta
    clocks: Mapping[str, tuple[datetime, bool | None]]
    """When each is to be done, and whether it was in time; None while it may be."""
    answered_by: str
    how: str
    ended_at: datetime | None
    ended_by: str
    ended_why: str
    lasted: str
    thumbs: tuple[int, int]
    next_level: str
    next_at: datetime | None


def card(tx: Tx, conflict: Conflict) -> ConflictView:
    """A conflict as it stands now."""
    people = telling.directory(tx, conflict)
    ladder = escalation.ladder(tx, conflict.subject)
    climbing = ladder is not None and ladder.state == "climbing" and conflict.state in GOING
    useful = sum(conflict.verdicts.values())
    return ConflictView(
        number=conflict.number, changes=conflict.changes, degree=conflict.degree, state=conflict.state,
        kind=conflict.kind, repository=plain(conflict.repository), sides=_sides(people, conflict),
        files=tuple(map(plain, conflict.files[:FEW])), more_files=max(len(conflict.files) - FEW, 0),
        hunks=tuple((plain(path), one, other) for path, one, other in conflict.hunks),
        why=tuple(map(plain, conflict.why)), resolve=b.escape(telling.part(tx, conflict).resolve),
        found_at=conflict.found_at, found_after=conflict.found_at - conflict.pushed_at, clocks=_clocks(tx, conflict),
        answered_by=called(people, conflict.answered_by), how=conflict.ended_how or "", ended_at=conflict.ended_at,
        ended_by=called(people, conflict.ended_by), ended_why=conflict.ended_why or "",
        lasted=lasted((conflict.ended_at or tx.now) - conflict.found_at),
        thumbs=(useful, len(conflict.verdicts) - useful),
        next_level=b.escape(ladder.next_level or "") if climbing and ladder else "",
        next_at=ladder.next_at if climbing and ladder else None,
    )  # fmt: skip


def matrix(directory: Directory, conflicts: Sequence[Conflict]) -> str:
    """How many there are between every two teams, as a table of plain text; empty where there are none."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in conflicts:
        for team in one.teams[1:] or one.teams[:1]:
            pairs[tuple(sorted((one.teams[0], team)))] += 1  # type: ignore[index]
    teams = [key for key in directory.teams if any(key in pair for pair in pairs)]
    if not teams:
        return ""
    names = [directory.teams[key].name[:12] for key in teams]
    width = max(map(len, names))
    rows = [" " * width + "  " + "  ".join(f"{name:>{max(len(name), 3)}}" for name in names)]
    for key, name in zip(teams, names, strict=True):
        cells = (
            f"{pairs[tuple(sorted((key, other)))] or '·':>{max(len(label), 3)}}"  # type: ignore[index]
            for other, label in zip(teams, names, strict=True)
        )
        rows.append(f"{name:<{width}}  {'  '.join(cells)}")
    return "\n".join(rows)


def called(directory: Directory, key: str | None) -> str:
    """How people call somebody; whom the plan does not name is called as git does."""
    person = directory.people.get(key or "")
    return directory.called(person) if person else plain(key or "")


def _sides(directory: Directory, conflict: Conflict) -> tuple[tuple[str, str, str], ...]:
    found = []
    for place, branch in enumerate(filter(None, (conflict.one, conflict.other))):
        person = conflict.people[place] if place < len(conflict.people) else ""
        own = directory.people.get(person)
        keys = [team.key for team in directory.teams_of(own)] if own else []
        key = next((team for team in conflict.teams if team in keys), conflict.teams[place : place + 1] or "")
        team = directory.teams.get(key if isinstance(key, str) else key[0])
        found.append((plain(branch), called(directory, person), b.escape(team.name) if team else ""))
    return tuple(found)


def _clocks(tx: Tx, conflict: Conflict) -> dict[str, tuple[datetime, bool | None]]:
    if conflict.degree == Degree.SIMPLE:
        return {}
    spans = service.clocks(tx, conflict.plan_id)
    ended = conflict.ended_at
    respond = conflict.pushed_at + spans["respond"]
    return {
        "answered": (respond, _in_time(tx, conflict.answered_at or ended, respond)),
        "resolved": (conflict.resolve_at or tx.now, _in_time(tx, ended, conflict.resolve_at or tx.now)),
        "validated": (conflict.validate_at or tx.now, _in_time(tx, ended, conflict.validate_at or tx.now)),
    }


def _in_time(tx: Tx, done: datetime | None, by: datetime) -> bool | None:
    if done is not None:
        return done <= by
    return None if tx.now < by else False
