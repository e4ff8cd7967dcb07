"""The poll of a decision: whom it asks in which order, when it opens, and whether all of that is possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from callboard.core.words import few
from callboard.gates import quorum
from callboard.gates.models.polls import Terms
from callboard.gates.quorum import SignOffPart, Work, shortage
from callboard.planfile.names import nearest
from callboard.planfile.paths import ABSENT, find
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.times import show_span
from callboard.planfile.timetable import placed, timetable
from callboard.planfile.types import Many, Moment, Part, Span
from callboard.teams.directory import GIVEN_ROLES, OBSERVER, Directory
from callboard.teams.plan import directory as teams
from callboard.teams.plan.people import FROM_TEAMS

FEW = 6


class PollPart(Part):
    """A poll by role: it opens, each in the order is asked after the other, and has so long to answer."""

    opens: Moment = Field(examples=["target - 30m"])
    order: Many = Field(min_length=1, examples=["[ops, backend, stakeholder]"])
    answer_within: Span = timedelta(minutes=10)
    fresh: Span | None = None

    @property
    def terms(self) -> Terms:
        return Terms(self.order, self.answer_within, self.fresh)


class PolledSignOff(SignOffPart):
    """One voice of a poll: of a team its lead answers, of a role one of its people."""

    asks = "voice"
    voice: str
    kind: Literal["team", "who"] = "who"

    @property
    def expressions(self) -> tuple[str, ...]:
        return ("lead",) if self.kind == "team" else (self.voice,)

    @property
    def team(self) -> str | None:
        return self.voice if self.kind == "team" else None

    def shown(self, called: Callable[[str], str] = str) -> str:
        return called(self.voice)


def voices(directory: Directory, order: Iterable[str], fresh: timedelta | None) -> tuple[PolledSignOff, ...]:
    """What a poll asks of each, as sign-offs of one person."""
    return tuple(
        PolledSignOff(voice=voice, kind="team" if voice in directory.teams else "who", fresh=fresh) for voice in order
    )


def opens(document: Document, part: PollPart) -> tuple[datetime, str] | None:
    """When a poll opens, and the zone in which that is written."""
    return placed(timetable(document), part.opens)


def check_poll(
    document: Document, at: Path, part: PollPart, due: datetime | None, *, decision: bool
) -> Iterator[Problem]:
    """A poll is of a decision, opens before that is due, and asks different people, each of whom is there."""
    if not decision:
        yield document.error(at, "only a decision is polled: write `decision: true`, or `sign_off` instead of this")
    yield from _check_times(document, at, part, due)
    known = [*document.keys("teams"), *GIVEN_ROLES, *document.keys("roles"), *document.keys("people")]
    wrong = False
    for number, voice in enumerate(part.order):
        if voice not in known or voice in FROM_TEAMS or voice == OBSERVER:
            wrong = True
            hint = "write a team, a role or a person" if voice in known else nearest(document, voice, known)
            yield document.error((*at, "order", number), f"nobody answers as `{voice}`: {hint}")
        elif voice in part.order[:number]:
            wrong = True
            yield document.error((*at, "order", number), f"`{voice}` is asked twice: write it once")
    directory = teams.drafted(document)
    if directory and not wrong:
        yield from _check_people(document, at, part, directory)


def _check_times(document: Document, at: Path, part: PollPart, due: datetime | None) -> Iterator[Problem]:
    for word in ("answer_within", "fresh"):
        if getattr(part, word) == timedelta():
            yield document.error((*at, word), "nobody can answer in no time: write 10m")
    opened = opens(document, part)
    if find(document.body, (*at[:-1], "due")) is ABSENT:
        yield document.error(at, "a poll is for a decision at a time: write `due` for this gate")
    elif due is None:
        return  # what is written is said to be no moment
    elif opened and opened[0] >= due:
        yield document.error((*at, "opens"), "this is when the decision is due, or later: write an earlier moment")
    elif opened and (over := opened[0] + len(part.order) * part.answer_within - due) > timedelta():
        sentence = f"if everybody takes their time, the decision falls {show_span(over)} after it is due: open earlier"
        yield document.warning((*at, "opens"), sentence)


def _check_people(document: Document, at: Path, part: PollPart, directory: Directory) -> Iterator[Problem]:
    asks = [quorum.ask(directory, voice, Work(document)) for voice in voices(directory, part.order, part.fresh)]
    for number, (people, _) in enumerate(asks):
        here: Path = (*at, "order", number)
        if not people:
            yield document.error(
                here, f"nobody can answer for `{part.order[number]}`: it has no lead, or nobody has the role"
            )
        elif all(person.vacant for person in people):
            seats = few([person.name for person in people], FEW)
            yield document.vacant(here, f"the seat {seats} is vacant and holds a go: nobody answers the poll there")
    short = shortage([asked for people, asked in asks if people])
    if short:
        names = few([directory.people[key].name for key in short.people], FEW)
        sentence = f"nobody answers for two: only {names} can, and the poll asks more often. Name somebody else"
        yield document.error((*at, "order"), sentence)
