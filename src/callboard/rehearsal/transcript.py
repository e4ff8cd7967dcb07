"""What happened in a rehearsal, as people did it and read it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

MARGIN, SAME = " " * 7, "  |  "
FORM, BOTH = "form", 2
"""A row and its buttons, or a head and its row."""
CLOCK = "%H:%M"
TOLD = {"edited": ", changed", "answered": ", answered"}


@dataclass(frozen=True)
class Line:
    """One thing that somebody did, or that Callboard told somebody."""

    at: datetime
    """In UTC."""
    who: str
    """Key of the person who acts; empty for Callboard."""
    to: str
    """Where it is read: `@olga` (a direct message), `#release`, `mail:...`, `home:@olga`."""
    did: str
    """typed, clicked, submitted, answered, posted or edited."""
    text: str
    """As it is read."""
    kind: str = ""
    """The kind of the notice, for what Callboard posts."""
    page: bool = False
    """Whether somebody is called."""


def as_text(lines: Sequence[Line], zone: ZoneInfo, *, brief: bool = False) -> str:
    """As a person reads it: the day, the time, who did what, or where something stands and what it says.

    A `brief` one says once what several people do or read in the same words at once, and of what comes again in one
    place only what is new.
    """
    written = _briefly(lines) if brief else ((line.at, [head(line), *rows]) for line, rows in _shown(lines))
    return "\n".join(_dated(written, zone)) + "\n"


def as_json(lines: Sequence[Line]) -> str:
    values = [{**asdict(line), "at": line.at.isoformat()} for line in lines]
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def _dated(written: Iterable[tuple[datetime, Sequence[str]]], zone: ZoneInfo) -> Iterator[str]:
    day = ""
    for at, (first, *more) in written:
        local = at.astimezone(zone)
        if day != (day := f"{local:%A, %d %B %Y}"):
            yield from ("", day, "")
        yield f"{local:{CLOCK}}  {first}"
        yield from (f"{MARGIN}{row}" for row in more)


def _shown(lines: Iterable[Line], *, brief: bool = False) -> Iterator[tuple[Line, Sequence[str]]]:
    """Each line with the rows of it that are shown: of a changed message what is new.

    Briefly also of one of a kind that stands there already; and a form only once.
    """
    stood: dict[tuple[str, str], str] = {}
    for line in lines:
        first = line.text.partition("\n")[0]
        message, kind = (line.to, first), (line.to, line.kind or first)
        before = stood.get(message, "") if line.did == "edited" else ""
        if brief and not line.page:
            before = before or stood.get(message if line.kind == FORM else kind, "")
        rows = () if line.who else changed(before, line.text)
        yield line, rows[:1] if before and line.kind == FORM else rows
        stood[message] = stood[kind] = line.text


@dataclass
class Scene:
    """What somebody does, with all that follows from it, or a message by itself; `people` do or read the same."""

    shown: list[tuple[Line, Sequence[str]]]
    people: list[str]

    @property
    def alone(self) -> bool:
        """Whether nobody else reads any of it."""
        return all(line.to == f"@{self.people[0]}" for line, _ in self.shown)

    def goes_on(self, line: Line) -> bool:
        first = self.shown[0][0]
        return bool(first.who) and not line.who and line.at == first.at

    def like(self, other: Scene) -> bool:
        return self.alone and other.alone and self._words == other._words

    @property
    def _words(self) -> list[tuple[object, ...]]:
        return [
            (f"{line.at:%F %R}", bool(line.who), line.did, line.page, line.who and line.text, *rows)
            for line, rows in self.shown
        ]  # fmt: skip


def _briefly(lines: Iterable[Line]) -> Iterator[tuple[datetime, Sequence[str]]]:
    scenes: list[Scene] = []
    for scene in _scenes(lines):
        if scenes and scenes[-1].like(scene) and scene.people[0] not in scenes[-1].people:
            scenes[-1].people += scene.people
        else:
            scenes.append(scene)
    yield from _in_one(entry for scene in scenes for entry in _entries(scene))


def _entries(scene: Scene) -> Iterator[tuple[datetime, Sequence[str]]]:
    told: list[tuple[Line, Sequence[str], list[str]]] = []
    for line, rows in scene.shown:
        people = scene.people if scene.alone else [line.who or line.to.removeprefix("@")]
        last, last_rows, readers = told[-1] if told else (None, (), [])
        if last and _alike(last, line) and rows == last_rows and not set(readers).intersection(people):
            readers += people
        else:
            told.append((line, rows, list(people)))
    for line, rows, people in told:
        first, short = _brief_head(line, people), len(rows) == 1 or (len(rows) == BOTH and rows[1].startswith("["))
        yield line.at, [first, "  ".join(rows)] if short else [first, *rows]


def _alike(one: Line, other: Line) -> bool:
    """Whether two people are told something in the same way."""
    return (
        not one.who
        and all(line.to.startswith("@") for line in (one, other))
        and (one.did, one.page, other.who) == (other.did, other.page, "")
    )


def _in_one(entries: Iterable[tuple[datetime, Sequence[str]]]) -> Iterator[tuple[datetime, Sequence[str]]]:
    """A message of one row is on the line of its head, and with it those that the same channel gets right after it."""
    for (_, head, short), group in groupby(
        entries, lambda entry: (f"{entry[0]:%F %R}", entry[1][0], len(entry[1]) == BOTH)
    ):
        said = list(group)
        if short and head.startswith("#"):
            said = [(said[0][0], [head, SAME.join(rows[1] for _, rows in said)])]
        yield from ((at, [": ".join(rows)] if short else rows) for at, rows in said)


def _scenes(lines: Iterable[Line]) -> Iterator[Scene]:
    scene: Scene | None = None
    for line, rows in _shown(lines, brief=True):
        if scene is not None and scene.goes_on(line):
            scene.shown.append((line, rows))
            continue
        if scene is not None:
            yield scene
        scene = Scene([(line, rows)], [line.who or line.to.removeprefix("@")])
    if scene is not None:
        yield scene


def _brief_head(line: Line, people: Sequence[str]) -> str:
    if line.who:
        own = line.to == f"@{line.who}"
        return f"{', '.join(people)} {line.did}: {line.text}" if own else head(line)
    places = [f"@{each}" for each in people] if line.to.startswith("@") else [line.to]
    return f"{'PAGE ' if line.page else ''}{', '.join(places)}{TOLD.get(line.did, '')}"


def head(line: Line) -> str:
    """Who did what where; for what Callboard says, where it is read."""
    if line.who:
        return f"{line.who} {line.did} in {line.to}: {line.text}"
    return f"{'PAGE ' if line.page else ''}{line.to}{TOLD.get(line.did, '')}"


def changed(before: str, after: str) -> list[str]:
    """The rows of a message that were not there before, below its first; all where it is new."""
    rows = after.splitlines()
    if not before:
        return rows
    kinds = difflib.ndiff(before.splitlines(), rows)
    new = [row[2:] for row in kinds if row.startswith("+ ")]
    return [*rows[:1], *(row for row in new if row != rows[0])] if new else rows[:1]
