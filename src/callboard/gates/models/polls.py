"""Polls: one for each attempt at a decision that was opened; pure steps from voice to voice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered

POLL, CONDITION = "poll", "poll:"
"""What subjects are called, and how the key of a criterion begins that is the condition of a GO."""
AWAY = timedelta(minutes=2)
"""Whose time was over for longer than this when it was noticed could not answer, and is asked again."""


class Stand(StrEnum):
    """How one voice of a poll stands."""

    WAITING = "waiting"
    ASKED = "asked"
    GO = "go"
    NO_GO = "no-go"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody answers: GO, perhaps on a `condition` that `owner` ticks, or NO-GO and why.

    `content` is the hash of the evidence that they vouch for; `seat` is whose answer it is.
    """

    go: bool
    by: str
    seat: str
    at: str
    why: str = ""
    condition: str = ""
    owner: str = ""
    content: str = ""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """One role of a poll: whether it was asked, until when it can answer, what it answered.

    It was asked `asks` times, the last time again because of `why`. `early` was answered before its turn and is not
    read yet. `signature` is the row that binds its GO to the evidence.
    """

    role: str
    stand: Stand = Stand.WAITING
    asks: int = 0
    asked_at: str = ""
    until: str = ""
    people: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    answer: Answer | None = None
    signature: int = 0
    early: Answer | None = None

    @property
    def until_at(self) -> datetime | None:
        return datetime.fromisoformat(self.until) if self.until else None


@dataclass(frozen=True)
class Condition:
    """What somebody's GO depends on, as a criterion of the gate: its key, and who ticks it."""

    key: str
    text: str
    owner: str
    voice: int


class Poll(Numbered, table=True):
    """A poll with the terms that it began with. `answer_within` and `fresh` are in seconds.

    Its running question wakes the gate, whose `wake_at` is indexed. `stopped` says what keeps it from going on.
    """

    __tablename__ = "polls"
    __table_args__ = (UniqueConstraint("gate_id", "attempt"),)

    subjects = POLL
    plan_id: int
    gate_id: int
    attempt: int
    opened_at: datetime = Field(sa_type=Instant)
    answer_within: int
    fresh: int | None = None
    voices: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    stopped: list[str] = Field(default=[], sa_type=JSON)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str = ""
    why: list[str] = Field(default=[], sa_type=JSON)

    @property
    def roles(self) -> list[Voice]:
        """Every voice, in the order in which they are asked."""
        return [_voice(written) for written in self.voices]

    @property
    def turn(self) -> int | None:
        """The number of the voice that is asked, else of the next; None where every one has answered."""
        stands = [voice.stand for voice in self.roles]
        return next((stands.index(stand) for stand in (Stand.ASKED, Stand.WAITING) if stand in stands), None)

    @property
    def conditions(self) -> list[Condition]:
        return [
            Condition(f"{CONDITION}{number}.{voice.asks}", voice.answer.condition, voice.answer.owner, number)
            for number, voice in enumerate(self.roles, 1)
            if voice.stand == Stand.GO and voice.answer and voice.answer.condition
        ]  # fmt: skip

    @property
    def until_at(self) -> datetime | None:
        """When the time of whoever is asked is over."""
        return next((voice.until_at for voice in self.roles if voice.stand == Stand.ASKED), None)


@dataclass(frozen=True)
class Terms:
    """Whom a poll asks in which order, how long each has, and how long a GO counts."""

    order: tuple[str, ...] = field(default=())
    answer_within: timedelta = timedelta(minutes=10)
    fresh: timedelta | None = None


def digest(answer: Answer) -> str:
    """What vouches for an answer that nobody is to read yet."""
    return hashlib.sha256(repr(answer).encode()).hexdigest()[:16]


def _voice(written: Mapping[str, Any]) -> Voice:
    answers = {word: Answer(**written[word]) for word in ("answer", "early") if written[word]}
    lists = {word: tuple(written[word]) for word in ("people", "why")}
    return Voice(**{**written, **answers, **lists, "stand": Stand(written["stand"])})


def _change(poll: Poll, number: int, **changes: Any) -> Voice:
    voice = replace(poll.roles[number], **changes)
    poll.voices = [asdict(voice) if n == number else other for n, other in enumerate(poll.voices)]
    return voice


def begin(plan_id: int, gate_id: int, attempt: int, terms: Terms, now: datetime) -> Poll:
    """A poll that opens now; nobody is asked yet."""
    return Poll(
        plan_id=plan_id, gate_id=gate_id, attempt=attempt, opened_at=now,
        answer_within=int(terms.answer_within.total_seconds()),
        fresh=int(terms.fresh.total_seconds()) if terms.fresh else None,
        voices=[asdict(Voice(role=role)) for role in terms.order],
    )  # fmt: skip


def ask(poll: Poll, number: int, people: tuple[str, ...], now: datetime) -> Voice:
    """It is the turn of a voice: these people can answer, from now until its time is over."""
    until, asks = now + timedelta(seconds=poll.answer_within), poll.roles[number].asks + 1
    poll.stopped = []
    return _change(
        poll, number, stand=Stand.ASKED, asks=asks, asked_at=now.isoformat(), until=until.isoformat(), people=people,
        answer=None, signature=0,
    )  # fmt: skip


def ask_more(poll: Poll, number: int, people: Iterable[str]) -> Voice:
    """These people can answer too, in the time that is left."""
    return _change(poll, number, people=(*poll.roles[number].people, *people))


def hear(poll: Poll, number: int, answer: Answer, signature: int) -> Voice:
    """A voice has answered, in its turn."""
    stand = Stand.GO if answer.go else Stand.NO_GO
    asks = max(poll.roles[number].asks, 1)
    return _change(poll, number, stand=stand, asks=asks, answer=answer, signature=signature, early=None, until="")


def keep(poll: Poll, number: int, answer: Answer | None) -> Voice:
    """A voice answers before its turn, or takes that back."""
    return _change(poll, number, early=answer)


def silence(poll: Poll, number: int) -> Voice:
    """The time of a voice is over, and nobody has answered."""
    return _change(poll, number, stand=Stand.SILENT)


def reopen(poll: Poll, number: int, why: list[str]) -> Voice:
    """A voice is to be asked again, because of this."""
    return _change(poll, number, stand=Stand.WAITING, why=tuple(why), answer=None, signature=0, until="", early=None)


def stop(poll: Poll, why: list[str]) -> None:
    """Nobody is asked while this is so; whoever was asked is asked anew once it is over."""
    poll.stopped = why
    for number, voice in enumerate(poll.roles):
        if voice.stand == Stand.ASKED:
            _change(poll, number, stand=Stand.WAITING, until="")


def end(poll: Poll, outcome: str, why: list[str], now: datetime) -> None:
    """It is decided; what was answered early and never read is forgotten."""
    poll.ended_at, poll.outcome, poll.why, poll.stopped = now, outcome, why, []
    for number, voice in enumerate(poll.roles):
        if voice.early:
            _change(poll, number, early=None)
