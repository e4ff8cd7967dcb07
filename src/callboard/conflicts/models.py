"""Conflicts: their rows, degrees, states and pure transitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered

KIND = "conflict"
WAVE = "wave"


class Degree(StrEnum):
    """How bad it is, in rising order. A violation is one branch in a zone; the others are two branches."""

    SIMPLE = "simple"
    VIOLATION = "violation"
    MEDIUM = "medium"
    COMPLEX = "complex"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 is the least bad."""
        return list(Degree).index(self)


class State(StrEnum):
    """How it stands. Open: nobody has answered. Answered: somebody talks or rebases. Accepted: fine as it is."""

    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    OVER = "over"


class Answer(StrEnum):
    TALK = "talk"
    REBASE = "rebase"
    MERGE = "merge"
    DECIDED = "decided"


class Verb(StrEnum):
    """What happens to a conflict, as its timeline says it."""

    FOUND = "found"
    CHANGED = "changed"
    JOINED = "joined by more"
    WORSE = "got worse"
    TALK = "answered: talk"
    REBASE = "answered: rebase"
    ASKED = "leads asked to merge"
    MERGE = "answered: git merges it"
    MERGED = "merged by git"
    NOT_MERGED = "not merged by git"
    DECIDED = "decided"
    ACCEPTED = "accepted"
    REOPENED = "reopened"
    USEFUL = "found useful"
    USELESS = "found not useful"
    LATE = "not resolved in time"
    NOT_VALIDATED = "not validated in time"
    GONE = "gone"


GRAVE = (Degree.COMPLEX, Degree.CRITICAL)
"""What a coordinator decides."""
GOING = (State.OPEN, State.ANSWERED)
STANDING = (*GOING, State.ACCEPTED)


class Conflict(Numbered, table=True):
    """Two branches that meet, or one branch in another team's zone: then `other` is empty.

    `kind` is `merge`, `zone` or `wave`: what one push made collide, told as one. Each of its `parts` has its number in
    `wave` and no clocks. A `quiet` conflict was there before anybody pushed: it is listed, not told. `why` says in
    words what made the degree, `people` are those of both sides, `verdicts` says who found it useful:
    {person: yes or no}. The clocks begin at `pushed_at`.
    """

    __tablename__ = "conflicts"
    __table_args__ = (
        Index("conflicts_plan", "plan_id", "id"),
        partial_index("conflicts_standing", "ended_at IS NULL", "plan_id", "id"),
        Index("conflicts_next", "next_at"),
    )

    subjects = KIND
    plan_id: int
    repository: str
    one: str
    other: str
    kind: str
    degree: str
    state: str = State.OPEN
    why: list[str] = Field(default=[], sa_type=JSON)
    files: list[str] = Field(default=[], sa_type=JSON)
    hunks: list[list[str]] = Field(default=[], sa_type=JSON)
    teams: list[str] = Field(default=[], sa_type=JSON)
    people: list[str] = Field(default=[], sa_type=JSON)
    verdicts: dict[str, bool] = Field(default={}, sa_type=JSON)
    pushed_at: datetime = Field(sa_type=Instant)
    found_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: str | None = None
    resolve_at: datetime | None = Field(default=None, sa_type=Instant)
    validate_at: datetime | None = Field(default=None, sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_how: str | None = None
    ended_by: str | None = None
    ended_why: str | None = None
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    changes: int = 0
    wave: int | None = Field(default=None, sa_type=BigId, index=True)
    parts: int = 0
    quiet: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same conflict in the next scan."""
        return self.repository, self.kind, self.one, self.other

    @property
    def useful(self) -> bool | None:
        """Whether it was worth telling: as most judge, else True when somebody acted on it; None where unknown."""
        if self.verdicts:
            return sum(self.verdicts.values()) * 2 >= len(self.verdicts)
        return True if self.answered_at else None


def emergency_key(number: int) -> str:
    """What the emergency is declared with that a conflict becomes."""
    return f"{KIND}:{number}"


@dataclass(frozen=True)
class ConflictFound:
    """The event that branches collide, newly or worse than before, with what the plan names for its degree."""

    conflict: Conflict
    emergency: str
    rollback: str
    policy: str = ""


@dataclass(frozen=True)
class ConflictTurned:
    """The event that somebody answers, accepts or reopens a conflict, or that it is gone: its `verb` says which."""

    conflict: Conflict
    verb: Verb
    by: str


def answer(conflict: Conflict, how: Answer, person: str, now: datetime) -> None:
    conflict.state, conflict.ended_how = State.ANSWERED, how
    conflict.answered_at, conflict.answered_by = conflict.answered_at or now, person
    conflict.changes += 1


def decide(conflict: Conflict, person: str, text: str, now: datetime) -> None:
    """Somebody who may has decided what becomes of it; a later decision takes the place of the one before."""
    answer(conflict, Answer.DECIDED, person, now)
    conflict.decision, conflict.decided_by, conflict.decided_at = text, person, conflict.decided_at or now


def unanswer(conflict: Conflict) -> None:
    """What was to be done did not work: it is as open as before."""
    conflict.state, conflict.ended_how = State.OPEN, None
    conflict.answered_at = conflict.answered_by = None
    conflict.changes += 1


def accept(conflict: Conflict, person: str, why: str, now: datetime, how: Verb = Verb.ACCEPTED) -> None:
    conflict.state, conflict.ended_how, conflict.ended_by, conflict.ended_why = State.ACCEPTED, how, person, why
    conflict.answered_at, conflict.answered_by = conflict.answered_at or now, conflict.answered_by or person
    conflict.next_at = None
    conflict.changes += 1


def open_again(conflict: Conflict) -> None:
    conflict.ended_by = conflict.ended_why = None
    conflict.decision = conflict.decided_by = conflict.decided_at = None
    unanswer(conflict)


def end(conflict: Conflict, now: datetime) -> None:
    conflict.state, conflict.ended_how, conflict.ended_at, conflict.next_at = State.OVER, Verb.GONE, now, None
    conflict.changes += 1


Cause = tuple[str, str]
"""The branch whose push made conflicts, and which of them are told together: zone, simple, or merge."""


def caused(conflicts: Iterable[Conflict], moved: Collection[str]) -> dict[Cause, list[Conflict]]:
    """What each push made collide. A pair of which both were pushed is of the one that did more."""
    pairs = [(conflict, {conflict.one, conflict.other}.intersection(moved)) for conflict in conflicts]
    count = Counter(name for _, names in pairs for name in names)
    found: dict[Cause, list[Conflict]] = defaultdict(list)
    for conflict, names in pairs:
        together = Degree.SIMPLE if conflict.degree == Degree.SIMPLE else conflict.kind
        found[max(names, key=lambda name: (count[name], name)), together].append(conflict)
    return found


def cause_of(wave: Conflict) -> Cause:
    return wave.one, Degree.SIMPLE if wave.degree == Degree.SIMPLE else "merge"


def gather(wave: Conflict, parts: Sequence[Conflict]) -> None:
    """Tell these with a wave: it has their files, teams and people, and the degree of the worst."""
    for part in parts:
        part.wave, part.quiet = wave.number, False
        part.resolve_at = part.validate_at = part.next_at = None
    wave.parts, wave.why = len(parts), list(dict.fromkeys(why for part in parts for why in part.why))[:1]
    wave.degree = max((wave.degree, *(part.degree for part in parts)), key=lambda degree: Degree(degree).rank)
    for word in ("files", "teams", "people"):
        setattr(wave, word, list(dict.fromkeys(each for part in parts for each in getattr(part, word))))


def set_next(conflict: Conflict, now: datetime) -> None:
    """Note when its next clock runs out."""
    coming = [at for at in (conflict.resolve_at, conflict.validate_at) if at and at > now]
    conflict.next_at = min(coming, default=None) if conflict.state in GOING else None
