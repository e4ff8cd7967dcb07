"""The section `standups` of the plan file: its types, what must hold, and what becomes of it at apply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.db import Tx
from callboard.core.words import few
from callboard.planfile.calendar import check_window
from callboard.planfile.names import nearest
from callboard.planfile.paths import keyed
from callboard.planfile.sections import Degree, Document, Path, Problem, Section
from callboard.planfile.times import WEEKDAYS, show_span
from callboard.planfile.types import At, Many, Moment, Part, Span, Whom, shorthand
from callboard.plans import recurrence
from callboard.plans.recurrence import RecurringPart
from callboard.standups import store
from callboard.standups.models import Standup
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams

FEW = 3
OTHERS = "default"
"""Whose questions those are whose team has none of its own."""


def _minutes(written: Any) -> Any:
    text = str(written).strip()
    return f"{text}m" if text.isdecimal() and not isinstance(written, bool) else written


Minutes = Annotated[Span, BeforeValidator(_minutes), WithJsonSchema({"type": ["integer", "string"], "examples": [3]})]
"""A span; a number alone counts minutes."""


class QuestionPart(Part):
    """One question, and from when until when it is asked."""

    ask: str = Field(min_length=1, examples=["Did the gate pass?"])
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None


def _one_or_more(written: Any) -> Any:
    return [written] if isinstance(written, str) or (isinstance(written, Mapping) and "ask" in written) else written


Questions = Annotated[tuple[Annotated[QuestionPart, shorthand("ask")], ...], BeforeValidator(_one_or_more)]
"""One question or a list of questions."""


class StandupPart(RecurringPart):
    """A round that comes again and again: who is asked what, at what time."""

    name: str = Field(min_length=1, examples=["Daily"])
    key: str = ""
    at: At = Field(examples=['"09:00"'])
    clock: Literal["person", "plan"] = "plan"
    who: Whom = ("everyone",)
    window: Span = timedelta(hours=2)
    remind_after: Span | None = None
    channel: str = ""
    questions: Questions | dict[str, Questions] = ()
    minutes_each: Minutes | None = None
    order: Many = ()

    def asked(self, team: str) -> tuple[QuestionPart, ...]:
        if isinstance(self.questions, tuple):
            return self.questions
        return self.questions.get(team, self.questions.get(OTHERS, ()))

    @property
    def teams_asked(self) -> frozenset[str]:
        return frozenset(self.questions) - {OTHERS} if isinstance(self.questions, dict) else frozenset()


def _check(document: Document, standups: Iterable[StandupPart]) -> Iterator[Problem]:
    """Standups ask people who exist, on days they work, and close before they come again."""
    for number, part in enumerate(standups):
        at: Path = ("standups", number)
        yield from teams.check_who(document, (*at, "who"), part.who, alone=False)
        yield from teams.check_channel(document, (*at, "channel"), part.channel)
        yield from _check_times(document, at, part)
        yield from _check_teams(document, at, part)
        yield from _check_people(document, at, part)


def _check_times(document: Document, at: Path, part: StandupPart) -> Iterator[Problem]:
    yield from recurrence.check(document, at, part, part.at)
    yield from check_window(document, at, part.days, part.window, again=part.every)
    if not part.window:
        yield document.error((*at, "window"), "nobody can answer within nothing: write how long, such as 2h")
    if part.remind_after is not None and part.remind_after >= part.window:
        sentence = f"the reminder would come when it is closed: write less than the window, {show_span(part.window)}"
        yield document.error((*at, "remind_after"), sentence)
    zone = part.at.zone or part.timezone
    if zone and part.clock == "person":
        sentence = f"everybody's own clock and {zone.key} cannot both be meant: leave out `clock: person` or the zone"
        yield document.error((*at, "at" if part.at.zone else "timezone"), sentence)


def _check_teams(document: Document, at: Path, part: StandupPart) -> Iterator[Problem]:
    known = document.keys("teams")
    for key in part.questions if isinstance(part.questions, Mapping) else ():
        if key not in (*known, OTHERS):
            hint = nearest(document, key, [*known, OTHERS])
            yield document.error((*at, "questions", key), f"there is no team `{key}`; {hint}")
    for number, key in enumerate(part.order):
        if key not in known:
            yield document.error((*at, "order", number), f"there is no team `{key}`; {nearest(document, key, known)}")


def _check_people(document: Document, at: Path, part: StandupPart) -> Iterator[Problem]:
    directory = teams.drafted(document)
    wrong = (problem.degree is Degree.ERROR for problem in teams.check_who(document, at, part.who))
    if directory is None or any(wrong) or not teams.complete(document):
        return
    people = directory.asked(teams.meant(document, part.who))
    silent = [person.key for person in people if part.questions and not _asked(directory, part, person)]
    if silent:
        sentence = f"{few(silent, FEW)} would be asked nothing, being in no team that has questions here"
        yield document.warning((*at, "questions"), f"{sentence}: add `{OTHERS}: [...]` for everybody else")
    if not people and not set(directory.people) & set(part.who):
        sentence = "nobody is asked: name people, teams, `all leads` or `everyone`"
        yield document.warning((*at, "who"), sentence)
    if people and part.days is not None and not any(part.days & person.working_hours.days for person in people):
        days = ", ".join(WEEKDAYS[day].capitalize() for day in sorted(part.days))
        yield document.warning((*at, "days"), f"nobody who is asked works on {days}: they are asked on working days")
    if part.minutes_each is not None and part.minutes_each * len(people) > part.window:
        each, needed = show_span(part.minutes_each), show_span(part.minutes_each * len(people))
        sentence = f"{len(people)} people with {each} each need {needed}, and the window is {show_span(part.window)}"
        yield document.warning((*at, "minutes_each"), sentence)


def _asked(directory: Directory, part: StandupPart, person: Person) -> bool:
    """Whether somebody is ever asked anything, by their teams or with everybody else."""
    own = [team.key for team in directory.teams_of(person) if team.key in part.teams_asked] or [OTHERS]
    return any(part.asked(team) for team in own)


def _apply(tx: Tx, plan_id: int, document: Document) -> None:
    """A row for each standup; rounds from before it was in the plan are nobody's to answer."""
    rows = {row.key: row for row in store.standups(tx, plan_id)}
    for key in written(document, document.values.get("standups") or ()):
        row = rows.pop(key, None) or Standup(plan_id=plan_id, key=key, seen_until=tx.now)
        row.seen_until = tx.now if row.gone else row.seen_until
        row.gone, row.wake_at = False, tx.now
        tx.session.add(row)
    for row in rows.values():
        row.gone, row.wake_at = True, tx.now
        tx.session.add(row)
    tx.session.flush()


def written(document: Document, standups: Iterable[StandupPart]) -> dict[str, StandupPart]:
    return dict(zip(keyed(document.body.get("standups") or ()), standups, strict=False))


STANDUPS: Section[tuple[StandupPart, ...]] = Section(
    name="standups", one="standup", model=tuple[StandupPart, ...], check=_check, apply=_apply, counted=True, asks=True,
    meets=True,
)  # fmt: skip
"""Without its calendar: that is in `rounds`."""
