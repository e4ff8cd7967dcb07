"""What a section of the plan file is: the type of its values, what else must hold, and what becomes of it at apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

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


Sections = Sequence[Section[Any]]


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
