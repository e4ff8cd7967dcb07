"""Whether one thing is said to be at two times: a decision that is a gate at noon and a meeting at two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from callboard.core.calendar import Wall
from callboard.core.moments import Timetable, Unknown
from callboard.core.sections import Document, Path, Problem, slug
from callboard.plans.frame import timetable
from callboard.plans.order import parsed

PASSING = frozenset({"a", "the", "or", "and", "final", "decision"})
"""Words that do not make a name another one: a `Go/no-go decision` is `Go or no-go`."""


class Named(NamedTuple):
    """What is called something, where that is written, and when it is."""

    path: Path
    name: str
    wall: Wall


def check(document: Document) -> Iterator[Problem]:
    """Warn where gates, checkpoints, meetings or steps of run-books have one name and several times."""
    table = timetable(document)
    first: dict[frozenset[str], Named] = {}
    for one in sorted(_named(document, table), key=lambda one: document.line(one.path)) if table else ():
        words = frozenset(slug(one.name).split("-"))
        words = words - PASSING or words
        other = first.setdefault(words, one)
        if table and other.wall.instant(table.calendar) != one.wall.instant(table.calendar):
            sentence = (
                f"`{one.name}` is at {one.wall} here, and `{other.name}` in line {document.line(other.path)} is at "
                f"{other.wall}: if they are one thing, which is right?"
            )
            yield document.warning(one.path, sentence)


def _named(document: Document, table: Timetable) -> Iterator[Named]:
    for path, name, at in _written(document):
        moment = parsed(str(at or ""))
        try:
            if moment and isinstance(name, str) and name:
                yield Named(path, name, table.wall(moment))
        except Unknown:
            continue


def _written(document: Document) -> Iterator[tuple[Path, Any, Any]]:
    """Where something is, what it is called, and when it is, as written."""
    for key, gate in _entries(document.body.get("gates")):
        yield ("gates", key, "due"), gate.get("name", key), gate.get("due")
    for section in ("checkpoints", "meetings"):
        for number, item in _entries(document.body.get(section)):
            yield (section, number, "at"), item.get("name"), item.get("at")
    for key, runbook in _entries(document.body.get("runbooks")):
        for number, step in _entries(runbook.get("steps")):
            at = f"{runbook.get('day')} {step.get('at')}"
            yield ("runbooks", key, "steps", number, "at"), step.get("title"), at


def _entries(written: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    pairs = written.items() if isinstance(written, Mapping) else enumerate(written) if isinstance(written, list) else ()
    yield from ((key, entry) for key, entry in pairs if isinstance(entry, Mapping))
