"""A state with the plan of then and the instant: what every part of a picture is made from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from callboard.board.picture.state import Columns, State
from callboard.core.calendar import DateRange
from callboard.planfile.sections import Document
from callboard.planfile.timetable import Timetable, instant_of, timetable
from callboard.planfile.types import Moment
from callboard.teams.directory import Directory
from callboard.teams.plan.directory import drafted
from callboard.teams.web import plain

T = TypeVar("T")
NOTHING: Columns = {}
"""How a thing stands of which nothing was said."""


class Made(NamedTuple):
    """What was made of a thing, of which columns, and when it begins to be late; None for what is settled."""

    thing: Any
    columns: Columns
    late_from: datetime | None
    late: bool


@dataclass(frozen=True)
class Scene:
    """What is known of a plan at an instant. `erased` are the entries whose text is gone by now.

    `made` is what other scenes of the same plan have made of things, by kind and key.
    """

    state: State
    document: Document
    directory: Directory
    at: datetime
    erased: Collection[int]
    made: dict[tuple[str, str], Made] = field(default_factory=dict)

    @cached_property
    def table(self) -> Timetable | None:
        return timetable(self.document)

    def rows(self, kind: str) -> list[tuple[int, Columns]]:
        """The things of a kind by number, oldest first."""
        return sorted((int(number), columns) for number, columns in self.state.things.get(kind, {}).items())

    def same(self, kind: str, key: str, columns: Columns, make: Callable[[], tuple[T, datetime | None]]) -> T:
        """What is made of a thing of the plan, made again only where it stands otherwise now, or has become late.

        `make` says from when on it is late, too.
        """
        known = self.made.get((kind, key))
        if known is None or known.columns is not columns or known.late is not self.is_past(known.late_from):
            thing, late_from = make()
            known = self.made[kind, key] = Made(thing, columns, late_from, self.is_past(late_from))
        made: T = known.thing
        return made

    def is_past(self, instant: datetime | None) -> bool:
        return instant is not None and instant <= self.at

    def placed(self, moment: Moment | None, *, opening: bool = False) -> datetime | None:
        return instant_of(self.table, moment, opening=opening)

    def text(self, written: list[Any] | None, most: int = 200) -> str:
        """What a person said, in plain text and on one line; nothing once it is erased."""
        if not written or written[0] in self.erased:
            return ""
        text = " ".join(plain(self.directory, written[1]).split())
        return text if len(text) <= most else f"{text[: most - 1]}…"

    def words(self, written: str) -> str:
        """What Callboard said for Slack, in plain text."""
        return plain(self.directory, written)

    def person(self, key: str | None) -> str:
        return self.directory.name(key or "")

    def people(self, keys: Iterable[str]) -> str:
        return ", ".join(self.person(key) for key in keys)

    def team(self, key: str | None) -> str:
        return self.directory.spoken_of(key or "")

    def name(self, key: str) -> str:
        """What something of the plan is called."""
        for section in ("phases", "gates", "tasks", "runbooks", "teams"):
            part = (self.document.values.get(section) or {}).get(key)
            if part is not None:
                return str(getattr(part, "name", "") or getattr(part, "title", "") or key)
        return key


def instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def directory(document: Document, state: State) -> Directory | None:
    """The people of the plan of then, with their absences as they were known then."""
    drawn = drafted(document)
    known = state.things.get("person", {})
    if drawn is None or not known:
        return drawn
    people = {
        key: replace(
            person, lost=known[key].get("lost", ""),
            away=(*(days for days in person.away if str(days) not in known[key].get("off", ())),
                  *map(_days, known[key].get("away", ()))),
        ) if key in known else person
        for key, person in drawn.people.items()
    }  # fmt: skip
    return replace(drawn, people=people)


def _days(written: str) -> DateRange:
    first, _, last = written.partition("..")
    return DateRange(date.fromisoformat(first), date.fromisoformat(last or first))
