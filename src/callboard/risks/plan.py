"""The section `risks` of the plan file: its types, checks and calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    Tag,
    model_validator,
)

from callboard.cadences.plan import rhythm
from callboard.core.calendar import Calendar
from callboard.core.db import Tx
from callboard.gates.plan.forms import Form, Forms
from callboard.gates.plan.measures import AmountText, check_watched
from callboard.gates.plan.names import check_named
from callboard.planfile.calendar import plan_window
from callboard.planfile.paths import keyed, slug
from callboard.planfile.sections import Document, Happening, Path, Problem, Section, Window, several
from callboard.planfile.times import days_in
from callboard.planfile.types import Delay, Many, Part, Percent, Span, Whom
from callboard.risks import store
from callboard.risks.models import Risk
from callboard.teams.plan import directory as teams
from callboard.teams.plan.people import check_ids
from callboard.teams.recipients import is_on_call

ONE_DAY = timedelta(days=1)
SHORTEST = timedelta(minutes=30)
FORMS = Forms("an indicator", "watch", {
    "in_progress": "InProgressPart", "late_tasks": "LateTasksPart", "blocked": "BlockedPart",
    "reopened": "ReopenedPart", "missed_rounds": "MissedRoundsPart", "stuck": "StuckPart",
    "forecast": "ForecastPart", "measure": "MeasuredPart", "share": "TimeSharePart",
    "ask": "AskPart", "watch": "WatchPart",
})  # fmt: skip


def _count(written: Any) -> Any:
    plain = isinstance(written, int) and not isinstance(written, bool)
    return {"more_than": written} if plain else written


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("that is too often: write 30m or more, such as 1w")
    if span > ONE_DAY and span % ONE_DAY:
        raise ValueError("more than a day is counted in whole days: write 2d, or 1w")
    return span


class CountPart(Part):
    """More tasks than so many, of some people or teams, or of all."""

    more_than: int = Field(ge=0, examples=[5])
    of: Whom = ()


Count = Annotated[CountPart, BeforeValidator(_count, json_schema_input_type=int | CountPart)]


class AgePart(Part):
    """For longer than so long, of some people or teams, or of all."""

    for_: Delay = Field(alias="for", examples=["3d"])
    of: Whom = ()
    _days: timedelta = PrivateAttr(timedelta())
    """What of it is written in days or weeks."""

    @model_validator(mode="wrap")
    @classmethod
    def _noted(cls, written: Any, read: ModelWrapValidatorHandler[AgePart]) -> AgePart:
        made = read(written)
        if isinstance(written, Mapping):
            made._days = days_in(written.get("for"))  # noqa: SLF001 - its own
        return made

    def work(self, calendar: Calendar) -> timedelta:
        """The same in working time."""
        return self.for_ - self._days + calendar.in_days(self._days)


class LatePart(Part):
    """A gate or a phase that is forecast so much later than it is due."""

    gate: str = ""
    phase: str = ""
    later_than: Delay = timedelta()


class SharePart(Part):
    """More than so much of the working time of some people: in meetings, and in tasks of an area."""

    of: Whom = Field(min_length=1)
    more_than: Percent = Field(examples=["20%"])
    meetings: Many = Field((), examples=["[Weekly planning]"])
    area: str = ""


class InProgressPart(Form):
    """Tasks in progress at once."""

    in_progress: Count


class LateTasksPart(Form):
    """Tasks that are past their time."""

    late_tasks: Count


class BlockedPart(Form):
    """Tasks that are blocked."""

    blocked: Count


class ReopenedPart(Form):
    """Tasks that had to be done again."""

    reopened: Count


class MissedRoundsPart(Form):
    """Standups of the last seven days that somebody who was asked did not answer."""

    missed_rounds: Count


class StuckPart(Form):
    """Tasks without any news."""

    stuck: AgePart


class ForecastPart(Form):
    """A forecast, from the pace of the work, that is too late."""

    forecast: LatePart


class MeasuredPart(Form):
    """A measure out of bounds: those written here, else its own."""

    measure: str
    above: AmountText | None = None
    below: AmountText | None = None


class TimeSharePart(Form):
    """What part of people's working time of the last seven days went into something, such as planning."""

    share: SharePart


class AskPart(Form):
    """A question that people are asked regularly."""

    ask: Whom = Field(min_length=1)
    question: str = Field("", examples=["Too much on your plate?"])
    every: Annotated[Span, AfterValidator(_often)] = timedelta(weeks=1)


class WatchPart(Form):
    """A sign for which the owner watches."""

    watch: str = Field(min_length=1)


Indicator = Annotated[
    Annotated[InProgressPart, Tag("InProgressPart")]
    | Annotated[LateTasksPart, Tag("LateTasksPart")]
    | Annotated[BlockedPart, Tag("BlockedPart")]
    | Annotated[ReopenedPart, Tag("ReopenedPart")]
    | Annotated[MissedRoundsPart, Tag("MissedRoundsPart")]
    | Annotated[StuckPart, Tag("StuckPart")]
    | Annotated[ForecastPart, Tag("ForecastPart")]
    | Annotated[MeasuredPart, Tag("MeasuredPart")]
    | Annotated[TimeSharePart, Tag("TimeSharePart")]
    | Annotated[AskPart, Tag("AskPart")]
    | Annotated[WatchPart, Tag("WatchPart")],
    Discriminator(FORMS.tag),
    BeforeValidator(FORMS.read),
]
"""One indicator; a text alone is a sign the owner watches for."""


Indicators = Annotated[
    tuple[Indicator, ...], BeforeValidator(several, json_schema_input_type=Indicator | tuple[Indicator, ...])
]
"""One indicator or a list of them."""


def _level(written: Any) -> Any:
    return written.strip().lower() if isinstance(written, str) else written


Level = Annotated[Literal["low", "medium", "high"], BeforeValidator(_level)]
"""How likely or how bad something is."""


class RiskPart(Part):
    """What may go wrong: how likely and how bad it is, who watches it, what is done about it."""

    risk: str = Field(min_length=1, examples=["One person overloaded"])
    key: str = ""
    about: str = ""
    probability: Level = Field(examples=["medium"])
    impact: Level = Field(examples=["high"])
    owner: Whom = ()
    mitigation: Many = ()
    actions: Many = ()
    indicators: Indicators = ()


def check(document: Document, risks: Sequence[RiskPart]) -> Iterator[Problem]:
    """Somebody watches each risk, and the plan has what its indicators are about."""
    for number, part in enumerate(risks):
        at: Path = ("risks", number)
        yield from teams.check_who(document, (*at, "owner"), part.owner)
        if not part.owner:
            yield document.warning(at, "nobody watches this risk: write `owner:`")
        for position, indicator in enumerate(part.indicators):
            yield from _check_indicator(document, (*at, "indicators", position), indicator)


def _check_indicator(document: Document, at: Path, part: Indicator) -> Iterator[Problem]:
    match part:
        case AskPart():
            yield from _check_asked(document, at, part)
        case MeasuredPart():
            yield from check_named(document, at, part, "measure")
            yield from check_watched(document, at, part.measure, part.above, part.below)
        case ForecastPart(forecast=forecast):
            if bool(forecast.gate) == bool(forecast.phase):
                yield document.error(at, "one thing is forecast at a time: write `gate:` or `phase:`")
            yield from check_named(document, (*at, "forecast"), forecast, "gate", "phase")
        case TimeSharePart(share=share):
            yield from _check_share(document, (*at, "share"), share)
        case InProgressPart() | LateTasksPart() | BlockedPart() | ReopenedPart() | MissedRoundsPart() | StuckPart():
            word = next(word for word in type(part).model_fields if word != "key")
            yield from teams.check_who(document, (*at, word, "of"), getattr(part, word).of)


def _check_share(document: Document, at: Path, share: SharePart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "of"), share.of)
    if not share.meetings and not share.area:
        yield document.error(at, "a share of what? Write `meetings: [Weekly planning]`, `area: API`, or both")
    meetings = keyed(document.body.get("meetings") or ())
    named = (name if name in meetings else slug(name) for name in share.meetings)
    yield from check_ids(document, (*at, "meetings"), named, "meeting", meetings)
    yield from check_ids(document, (*at, "area"), filter(None, (share.area,)), "area", document.keys("areas"))


def _check_asked(document: Document, at: Path, part: AskPart) -> Iterator[Problem]:
    wrong = list(teams.check_who(document, (*at, "ask"), part.ask, alone=False))
    yield from wrong
    if not part.question:
        yield document.error(at, "which question? Write `question: Too much on your plate?`")
    if not wrong and teams.complete(document) and not teams.meant(document, part.ask):
        yield document.warning((*at, "ask"), "nobody is asked: name people, teams or `everyone`")


def happens(document: Document, risks: Iterable[RiskPart], window: Window) -> Iterator[Happening]:
    """Each question when those whom it asks begin to work, from the first day of the plan on."""
    for key, part in zip(keyed(document.body.get("risks") or ()), risks, strict=False):
        for number, indicator in enumerate(part.indicators, 1):
            if isinstance(indicator, AskPart):
                name = indicator.question or part.risk
                for (at, zone), who in asked(document, indicator, window).items():
                    yield Happening(
                        at=at,
                        kind="risk",
                        name=name,
                        key=f"{key}.{number}",
                        zone=zone,
                        who=tuple(who),
                        occurrence=str(at.astimezone(ZoneInfo(zone)).date()),
                        part=zone,
                    )


def asked(document: Document, part: AskPart, window: Window) -> dict[tuple[datetime, str], list[str]]:
    """Whom a question is asked within a stretch of time: by the moment and the zone in which they begin to work."""
    directory, stretch = teams.drafted(document), plan_window(document)
    found: dict[tuple[datetime, str], list[str]] = {}
    if directory is None or stretch is None:
        return found
    calendars: dict[Calendar, list[str]] = {}
    for person in directory.named(teams.meant(document, part.ask)):
        calendars.setdefault(directory.working(person), []).append(person.key)
    for calendar, people in calendars.items():
        for at in rhythm(calendar, part.every, stretch, window):
            meant = teams.meant(document, part.ask, at=at) if any(map(is_on_call, part.ask)) else people
            found.setdefault((at, calendar.zone.key), []).extend(person for person in people if person in meant)
    return found


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """A row for each risk; one that has left the plan keeps its row, and comes back to it."""
    rows = {row.key: row for row in store.every_risk(tx, plan_id)}
    written = keyed(document.body.get("risks") or ())
    tx.session.add_all(Risk(plan_id=plan_id, key=key) for key in written if key not in rows)
    for key, row in rows.items():
        row.gone = key not in written
        tx.session.add(row)
    tx.session.flush()


RISKS: Section[tuple[RiskPart, ...]] = Section(
    name="risks", one="risk", model=tuple[RiskPart, ...], check=check, apply=apply, happens=happens, counted=True
)
