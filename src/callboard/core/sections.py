"""What a section of the plan file is: the type of its values, what else must hold, and what becomes of it at apply."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from callboard.core.calendar import (
    DateRange,
    Hours,
    Wall,
    WorkingHours,
    parse_dates,
    parse_days,
    parse_hours,
    parse_span,
    parse_time,
    parse_wall,
    parse_zone,
)
from callboard.core.moments import Moment as AnyMoment
from callboard.core.moments import parse_moment

if TYPE_CHECKING:
    from callboard.core.db import Tx

T = TypeVar("T")
Path = tuple[str | int, ...]
Window = tuple[datetime, datetime]
"""Two instants in UTC; the first is inside, the second is not."""


class Degree(StrEnum):
    """How much a problem matters: an error refuses the plan, a warning is shown, a vacant seat is listed."""

    ERROR = "error"
    WARNING = "warning"
    VACANT = "vacant"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a plan file: its line, from 1, a sentence that says what to write, and its path."""

    line: int
    sentence: str
    degree: Degree = Degree.ERROR
    path: Path = field(default=(), compare=False)

    def at(self, file: str) -> str:
        """Write it as editors and terminals know it: `file:line: sentence`."""
        degree = "" if self.degree is Degree.ERROR else f"{self.degree}: "
        return f"{file}:{self.line}: {degree}{self.sentence}"


@dataclass(frozen=True)
class Document:
    """A plan file that was read: its plain values without x- keys, the line of each, and its sections once typed.

    `lines` is keyed by path, `("people", "be-1", "roles", 0)`: for an entry of a mapping the line of its key, for an
    item of a list where it begins. `values` holds each valid section by name, of the type its `Section` declares.
    """

    file: str
    source: str
    body: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Path, int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def of(self, section: Section[T]) -> T | None:
        """The typed values of a section; None where the file leaves it out, or it is not valid."""
        return cast("T | None", self.values.get(section.name))

    def keys(self, section: str) -> list[str]:
        """The keys of a mapping section as written, valid or not: what may be referred to."""
        written = self.body.get(section)
        return list(written) if isinstance(written, Mapping) else []

    def line(self, path: Path) -> int:
        """The line of `path`, or of what is nearest above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, path: Path, sentence: str) -> Problem:
        """Refuse the plan for what stands at `path`."""
        return self._problem(path, sentence, Degree.ERROR)

    def warning(self, path: Path, sentence: str) -> Problem:
        """Show that something at `path` is probably not meant."""
        return self._problem(path, sentence, Degree.WARNING)

    def vacant(self, path: Path, sentence: str) -> Problem:
        """List a seat that is not filled yet."""
        return self._problem(path, sentence, Degree.VACANT)

    def _problem(self, path: Path, sentence: str, degree: Degree) -> Problem:
        while path and isinstance(path[-1], int) and path not in self.lines:
            path = path[:-1]
        return Problem(self.line(path), f"{place(path)}: {sentence}" if path else sentence, degree, path)


def nothing_to_check(_document: Document, _value: Any) -> Iterable[Problem]:
    """Say that a valid type is all that is asked."""
    return ()


def nothing_happens(_document: Document, _value: Any, _window: Window) -> Iterable[Happening]:
    """Say that nothing of the section has a time of its own."""
    return ()


def no_consequences(_tx: Tx, _plan_id: int, _before: Document, _after: Document) -> Iterable[str]:
    """Say that a new version of the section touches nothing that runs."""
    return ()


def nothing_to_apply(_tx: Tx, _plan_id: int, _document: Document) -> None:
    """Leave the section to the version that is kept."""


@dataclass(frozen=True, kw_only=True, order=True)
class Happening:
    """Something that happens at a time: `at` and `until` in UTC, the zone it was written in, and who takes part, by id.

    `kind` is one word of the plan (`gate`, `standup`), `name` what people call it, `key` what tells it from others.
    """

    at: datetime
    kind: str
    name: str
    key: str = ""
    zone: str = ""
    who: tuple[str, ...] = ()
    until: datetime | None = None
    team: str = ""


@dataclass(frozen=True, kw_only=True)
class Section(Generic[T]):
    """One top-level key of the plan file and what it means.

    `model` is any type pydantic can validate: `dict[str, PolicyPart]`, a `Part`. A section that is `spread` owns the
    top-level keys that are the fields of its model. `check(document, value)` runs once every section has been typed,
    on the entries that are valid. `apply(tx, plan_id, document)` runs in the one transaction of an apply, for every
    section in the order of the registry, also when the file leaves it out: it makes the rows what the document says.
    `happens(document, value, window)` yields what the section puts on the calendar between two instants, and
    `consequences(tx, plan_id, before, after)` says in sentences what a new version would do to what runs already.

    A section with `grouped` is written as a list of mappings of entries, each with `for`: what all entries of the group
    have. It is read as one mapping; an entry that is a text alone means that key: `ATOM-003: Monitoring on`.
    """

    name: str
    model: type[T]
    required: bool = False
    spread: bool = False
    grouped: str = ""
    check: Callable[[Document, T], Iterable[Problem]] = nothing_to_check
    apply: Callable[[Tx, int, Document], None] = nothing_to_apply
    happens: Callable[[Document, T, Window], Iterable[Happening]] = nothing_happens
    consequences: Callable[[Tx, int, Document, Document], Iterable[str]] = no_consequences


class Part(BaseModel):
    """A mapping of the plan file. Unknown keys are refused; numbers may stand where text is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


@dataclass(frozen=True)
class Shorthand:
    """Reads plain text as a mapping that has only `key`."""

    key: str

    def __call__(self, written: Any) -> Any:
        return {self.key: written} if isinstance(written, str) else written


def shorthand(key: str) -> BeforeValidator:
    """Accept plain text for a mapping that has only `key`: `coordinator: Managing engineer`."""
    return BeforeValidator(Shorthand(key))


def place(path: Path) -> str:
    """Write a path as people do: `people.be-1.roles[1]`, counting from 1."""
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


NAMED_BY = ("key", "name", "title", "risk", "level", "ask", "tick")


def slug(text: str) -> str:
    """A text as a key: `First checkpoint` becomes `first-checkpoint`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or hashlib.sha256(text.encode()).hexdigest()[:8]


def item_key(item: Any) -> str:
    """What an item of a list keeps when it is reworded: its `key`, else its name as a slug, else what it says."""
    if isinstance(item, Mapping):
        named = next((item[word] for word in NAMED_BY if isinstance(item.get(word), str | int)), None)
        if named is not None:
            return str(named) if "key" in item else slug(str(named))
        return hashlib.sha256(json.dumps(item, sort_keys=True, default=str).encode()).hexdigest()[:8]
    return slug(str(item))


def keyed(items: Iterable[Any]) -> dict[str, Any]:
    """The items of a list by their keys; the second of two with one key is `key-2`."""
    found: dict[str, Any] = {}
    times: dict[str, int] = {}
    for item in items:
        key = item_key(item)
        times[key] = times.get(key, 0) + 1
        own = key if times[key] == 1 else f"{key}-{times[key]}"
        while own in found:
            own += "-2"
        found[own] = item
    return found


MOST_COMPARED = 3_000


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """End a sentence about an unknown word: the nearest known one, or all of them where they are few."""
    words = list(itertools.islice(known, MOST_COMPARED))
    lower = {w.lower(): w for w in words}
    near = difflib.get_close_matches(word.lower()[:60], lower, 1)
    if near:
        return f"did you mean `{lower[near[0]]}`?"
    few = 12
    return (
        f"write one of {', '.join(f'`{w}`' for w in words[:few])}{', ...' if len(words) > few else ''}"
        if words
        else "there are none yet"
    )


def _one_or_more(written: Any) -> Any:
    return (written,) if isinstance(written, str | int | float) else written


def _text(parse: Callable[[str], Any], example: str) -> Callable[[Any], Any]:
    def read(written: Any) -> Any:
        if isinstance(written, str):
            return parse(written)
        if isinstance(written, bool | int | float | list | dict):
            raise ValueError(f"`{written}` is not what is meant here: write it like {example}")  # noqa: TRY004 - for pydantic
        return written

    return read


def _days(written: Any) -> Any:
    if isinstance(written, Sequence) and not isinstance(written, str):
        return parse_days(",".join(str(day) for day in written))
    return written if isinstance(written, frozenset) else parse_days(str(written))


def _written(parse: Callable[[str], Any], *examples: str) -> tuple[BeforeValidator, WithJsonSchema]:
    """What stands behind a type that is written as text: how it is read, and how editors are told of it."""
    return BeforeValidator(_text(parse, examples[0])), WithJsonSchema({"type": "string", "examples": list(examples)})


def several(written: Any) -> Any:
    """One entry, or a list of them."""
    return written if isinstance(written, list | tuple) else (written,)


def percent(written: Any) -> Any:
    """Read `75%`, or a number from 0 to 100."""
    text = str(written).strip().removesuffix("%")
    if isinstance(written, bool) or not text.replace(".", "", 1).isdigit() or float(text) > HUNDRED:
        raise ValueError(f"`{written}` is no percentage: write one from 0% to 100%")
    return float(text)


HUNDRED = 100
Many = Annotated[tuple[str, ...], BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...])]
"""One text or a list of texts; who-expressions are this."""
Span = Annotated[timedelta, *_written(parse_span, "15m", "4h", "3d", "1h30m")]
"""A duration: 90s, 15m, 4h, 3d, 1h30m."""
Weekdays = Annotated[
    frozenset[int],
    BeforeValidator(_days),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}], "examples": ["mon-fri"]}
    ),
]
"""mon, mon-fri, [mon, thu]; Monday is 0."""
DayHours = Annotated[Hours, *_written(parse_hours, "08:00-18:00")]
"""A stretch of the day, 08:00-18:00."""
Clock = Annotated[time, *_written(parse_time, "09:00")]
"""A time of day, 09:00."""
Dates = Annotated[DateRange, *_written(parse_dates, "2026-03-30..2026-03-31", "2026-03-30")]
"""A day or a range of days, a..b."""
Fixed = Annotated[Wall, *_written(parse_wall, "2026-03-25 08:00", "2026-03-25")]
"""A day and time as written, 2026-03-25 08:00; a day alone; either with a zone behind it."""
Moment = Annotated[AnyMoment, *_written(parse_moment, "2026-03-25 08:00", "target - 5d 17:00", "w2 fri 17:00")]
"""A moment in any form: fixed, reckoned from one of the plan's dates, or on a weekday of one of its weeks."""
Zone = Annotated[ZoneInfo, *_written(parse_zone, "Europe/Berlin")]
"""An IANA time zone."""
Percent = Annotated[
    float, BeforeValidator(percent), WithJsonSchema({"type": ["string", "number"], "examples": ["75%"]})
]
"""A percentage from 0 to 100, 75%."""


class HoursPart(Part):
    """On which days and when work is done."""

    days: Weekdays = WorkingHours().days
    hours: DayHours = WorkingHours().hours

    def read(self) -> WorkingHours:
        """Turn it into what the calendar reckons with."""
        return WorkingHours(self.days, self.hours)
