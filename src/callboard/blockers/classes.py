"""Classes of blockers: as what a blocker is proposed, how the votes on that stand, and what counts for which gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callboard.blockers import store
from callboard.blockers.models import Blocker, ClassState
from callboard.blockers.plan import ClassPart, classes
from callboard.core.db import Tx
from callboard.planfile.names import named
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.service import Concern


@dataclass(frozen=True)
class Tally:
    """The votes on a proposal: how many must accept, who may vote, and who of them accepted or rejected."""

    count: int
    able: tuple[Person, ...]
    yes: tuple[Person, ...] = ()
    no: tuple[Person, ...] = ()
    deputies: Mapping[str, Person] = field(default_factory=dict)
    """Who votes for somebody who is away and has not voted, each with whom they vote for."""

    @property
    def missing(self) -> int:
        return max(self.count - len(self.yes), 0)

    @property
    def accepted(self) -> bool:
        return not self.missing

    @property
    def rejected(self) -> bool:
        """Whether so many rejected it that the others are too few."""
        return len(self.able) - len(self.no) < self.count

    @property
    def undecided(self) -> tuple[Person, ...]:
        voted = {person.key for person in (*self.yes, *self.no)}
        return tuple(person for person in self.able if person.key not in voted)

    @property
    def so_far(self) -> str:
        """`1 of 3`."""
        return f"{len(self.yes)} of {self.count}"


def tally(tx: Tx, directory: Directory, blocker: Blocker, part: ClassPart) -> Tally:
    """How the votes on a blocker stand; those of people who may not vote any more do not count. Nobody votes twice."""
    own = (blocker.team,) if blocker.team else ()
    concern = Concern(team=blocker.team, teams=own, reporter=blocker.reporter)
    able = tuple(person for person in recipients.seats(directory, part.accept.of, concern, tx.now) if not person.vacant)
    votes = {vote["by"]: vote["yes"] for vote in blocker.votes or ()}
    yes, no = (tuple(p for p in able if votes.get(p.key) is verdict) for verdict in (True, False))
    busy = {*(person.key for person in able), *(vote.get("deputy") for vote in blocker.votes or ())}
    away = [person for person in able if person.key not in votes and not person.present(tx.now)]
    acting = [(other.key, person) for person in reversed(away) for other in directory.named(person.deputies)]
    deputies = {key: person for key, person in acting if key not in busy}
    return Tally(part.accept.count, able, yes, no, deputies)


@dataclass(frozen=True)
class Classed:
    """A blocker with the class it was proposed for; without `votes` where the plan has no such class any more."""

    blocker: Blocker
    directory: Directory
    gate: str
    votes: Tally | None

    @property
    def voted_on(self) -> bool:
        """Whether votes are still taken."""
        return self.blocker.is_open and self.votes is not None and self.blocker.class_state == ClassState.PROPOSED

    @property
    def badge(self) -> str:
        """What stands beside it in a list."""
        name, votes = self.blocker.class_name or "", self.votes
        if votes is None or self.blocker.class_state == ClassState.REJECTED:
            return ""
        return name if self.blocker.class_state == ClassState.ACCEPTED else f"proposed as {name} ({votes.so_far})"

    @property
    def sentence(self) -> str:
        """How it stands, and what is next."""
        blocker, name, votes = self.blocker, self.blocker.class_name, self.votes
        if votes is None:
            return f"Blocker {blocker.number} was proposed as {name}. The plan no longer has this class."
        if blocker.class_state == ClassState.ACCEPTED:
            counts = f" {self.gate} can't pass until it is resolved." if blocker.is_open else ""
            return f"Blocker {blocker.number} is a {name}.{counts}"
        if blocker.class_state == ClassState.REJECTED:
            return f"Blocker {blocker.number} is not a {name}: {len(votes.no)} of {len(votes.able)} rejected it."
        waiting = self.directory.one_of(votes.undecided)
        more = f" {votes.missing} more must accept it: {waiting}." if waiting else ""
        return f"Blocker {blocker.number} is proposed as {name}: {votes.so_far} accepted.{more}"


def read(tx: Tx, blocker: Blocker) -> Classed | None:
    """How it stands with the class of a blocker; None where it was proposed for none."""
    if blocker.class_name is None:
        return None
    part, directory = classes(tx, blocker.plan_id).get(blocker.class_name), teams.directory(tx, blocker.plan_id)
    gate = named(teams.document(tx, blocker.plan_id), part.gate) if part else ""
    return Classed(blocker, directory, gate, tally(tx, directory, blocker, part) if part else None)


@dataclass(frozen=True)
class Counted:
    """The open blockers of a class by their numbers: those that count for its gate, and those still voted on."""

    name: str
    accepted: tuple[int, ...]
    proposed: tuple[int, ...]


def counted(tx: Tx, plan_id: int, gate: str) -> tuple[Counted, ...]:
    """What counts for a gate, class by class."""
    names = [name for name, part in classes(tx, plan_id).items() if part.gate == gate]
    rows = store.counted(tx, plan_id) if names else ()

    def numbers(name: str, state: ClassState) -> tuple[int, ...]:
        return tuple(sorted(row.number for row in rows if (row.class_name, row.class_state) == (name, state)))

    return tuple(
        Counted(name, numbers(name, ClassState.ACCEPTED), numbers(name, ClassState.PROPOSED)) for name in names
    )
