"""What a section of the plan file is: the type of its values, what else must hold, and what becomes of it at apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Any, Generic, TypeVar, cast

from callboard.core.db import Tx
from callboard.core.registry import Key

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
    """A plan file: its plain values without x- keys, the line of each, and its sections once they have types.

    `lines` is keyed by path, `("people", "be-1", "roles", 0)`: for an entry of a mapping the line of its key, for an
    item of a list where it begins. `values` holds each valid section by name, of the type its `Section` declares.
    `sections` are those it may have, whether it does or not.
    """

    file: str
    source: str
    body: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Path, int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    sections: Sections = field(default=(), repr=False, compare=False)

    def of(self, section: Section[T]) -> T | None:
        """The typed values of a section; None where the file leaves it out, or it is not valid."""
        return cast("T | None", self.values.get(section.name))

    def keys(self, section: str) -> list[str]:
        """The keys of a mapping section as written, valid or not: what may be referred to."""
        written = self.body.get(section)
        return list(written) if isinstance(written, Mapping) else []

    def gone(self, after: Document, section: str) -> list[str]:
        """The keys of a mapping section that a later document has no more."""
        kept = set(after.keys(section))
        return [key for key in self.keys(section) if key not in kept]

    def ids(self, section: Section[Any]) -> list[str]:
        """What `needs` may name of a section: its keys, and the parts of its entries, `enhancement/KEP-1001`."""
        written = dict(entries(self.body.get(section.name)))
        parts = ((key, section.parts(written[key])) for key in self.keys(section.name) if key in written)
        return [*self.keys(section.name), *(f"{key}{PART}{part}" for key, own in parts for part in own)]

    @property
    def with_ids(self) -> list[Section[Any]]:
        """The sections whose ids share one name space."""
        return [section for section in self.sections if section.shared_ids]

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


@dataclass(frozen=True, kw_only=True, order=True)
class Happening:
    """Something that happens at a time: `at` and `until` in UTC, the zone it was written in, and who takes part, by id.

    `kind` is one word of the plan (`gate`, `standup`), `name` what people call it, `key` what tells it from others.
    What is `loose` may be done at any time until `until`. `occurrence` tells it from others of what comes again: its
    day in its zone, its number, or its instant where there are several a day; `part` from others of the same key: its
    beginning from its end. None of these changes when it is moved or renamed.
    """

    at: datetime
    kind: str
    name: str
    key: str = ""
    zone: str = ""
    who: tuple[str, ...] = ()
    until: datetime | None = None
    team: str = ""
    loose: bool = False
    occurrence: str = ""
    part: str = ""


class Waits(Enum):
    """What keeps an entry from going on until what it `needs` is there."""

    HELD = auto()
    """A hold for each thing it needs."""
    HELD_BY_PHASES = auto()
    """A hold for each phase; its capability knows how the other things stand."""
    UNHELD = auto()
    """Its capability alone."""


class Awaited(Enum):
    """By when an entry must be due for what needs it."""

    TO_BEGIN = auto()
    """Before that begins."""
    TO_BE_DONE = auto()
    """Before that is due: both may be worked on together."""


@dataclass(frozen=True)
class Need:
    """Something written in `needs` or `wants`: where, of whom, and the ids of what it names."""

    path: Path
    of: str
    written: Any
    ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """What stands for it where needs are followed: the id, or a mark for a whole set."""
        return self.written if self.ids == (self.written,) else f"{SET}{self.written}"


SET = "set of "
PART = "/"
"""Between an entry and one of its parts."""


def whole_of(key: str) -> str:
    """The entry whose part has this id; others are their own."""
    return key.partition(PART)[0]


def nothing(*_: Any) -> Any:
    """What a section says that leaves something open: nothing."""
    return ()


Dated = tuple[Path, Any, Any]
"""Where a moment is written below a section, what is called by which name then, and the moment as written."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Section(Generic[T]):
    """One top-level key of the plan file and what it means.

    `model` is any type pydantic can validate: `dict[str, PolicyPart]`, a `Part`. A section that is `spread` owns the
    top-level keys that are the fields of its model. A section with `grouped` is written as a list of mappings of
    entries, each with `for`: what all entries of the group have. It is read as one mapping; an entry that is a text
    alone means that key: `ATOM-003: Monitoring on`.

    Its nature: an entry is called `one`, several `many`, or else as the section is; of a `spread` section, `inner` says
    what an entry of each key is called. `shared_ids`: nothing else may have the id of an entry. `waits`: entries may
    have `needs` and `wants`. `awaited`: `needs` may name them. `counted`: what a new plan has of them is said. `asks`:
    people are asked at its times. `meets`: people must be there. `early`, `late`: its moments may be before or after
    the plan. `gives`: the keys in an entry, at any depth, that say who may do something. `led`: the keys of an entry
    that a team's leads may change live where it is their team's; none of them gives anybody a right.

    Its hooks: `check(document, value)` runs once every section has its type, on the entries that are valid, and
    `elsewhere(document)` on what other sections hold of it, also where the file leaves this one out.
    `apply(tx, plan_id, document)` runs in the one transaction of an apply, for every section in the order of the
    registry, also when the file leaves it out: it makes the rows what the document says. `happens(document, value,
    window)` yields what the section puts on the calendar between two instants, and `consequences(tx, plan_id, before,
    after)` says in sentences what a new version would do to what runs already. `dated(written)` yields what has a name
    and a moment, `starts(entry)` the moment at which an entry begins where no key says so, `asked(document)` what
    entries need without the word `needs`, `parts(entry)` the ids of its parts that can be waited for alone; all four
    see plain values, valid or not.
    """

    name: str
    model: type[T]
    required: bool = False
    spread: bool = False
    grouped: str = ""
    one: str = ""
    many: str = ""
    inner: Mapping[str, str] = field(default_factory=dict)
    shared_ids: bool = False
    waits: Waits | None = None
    awaited: Awaited | None = None
    counted: bool = False
    asks: bool = False
    meets: bool = False
    early: bool = False
    late: bool = False
    gives: tuple[str, ...] = ()
    led: tuple[str, ...] = ()
    check: Callable[[Document, T], Iterable[Problem]] = nothing
    elsewhere: Callable[[Document], Iterable[Problem]] = nothing
    apply: Callable[[Tx, int, Document], None] = nothing
    happens: Callable[[Document, T, Window], Iterable[Happening]] = nothing
    consequences: Callable[[Tx, int, Document, Document], Iterable[str]] = nothing
    dated: Callable[[Any], Iterable[Dated]] = nothing
    starts: Callable[[Mapping[str, Any]], str] | None = None
    asked: Callable[[Document], Iterable[Need]] = nothing
    parts: Callable[[Mapping[str, Any]], Iterable[str]] = nothing


Sections = Sequence[Section[Any]]
SECTIONS: Key[Sections] = Key("every section of the plan file", ())


def entries(written: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """The entries of a section, or of a list within one, that are mappings, each with its key or number."""
    pairs = written.items() if isinstance(written, Mapping) else enumerate(written) if isinstance(written, list) else ()
    yield from ((key, entry) for key, entry in pairs if isinstance(entry, Mapping))


def dated_by(word: str) -> Callable[[Any], Iterator[Dated]]:
    """Entries that are called by their `name`, or else their key, and say in one word when they are."""

    def dated(written: Any) -> Iterator[Dated]:
        for key, entry in entries(written):
            yield (key, word), entry.get("name", key), entry.get(word)

    return dated


def place(path: Path) -> str:
    """Write a path as people do: `people.be-1.roles[1]`, counting from 1."""
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def several(written: Any) -> Any:
    """One entry, or a list of them."""
    return written if isinstance(written, list | tuple) else (written,)


def owned(section: Section[Any]) -> list[str]:
    """The top-level keys of a section."""
    if not section.spread:
        return [section.name]
    return [field.alias or name for name, field in section.model.model_fields.items()]
