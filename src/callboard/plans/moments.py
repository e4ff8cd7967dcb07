"""Every moment that a plan names, wherever it stands in the typed sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel

from callboard.core.calendar import Wall
from callboard.core.moments import InWeek, Moment, Relative
from callboard.core.sections import Document, Path, Section

LEAVES = frozenset({str, int, float, bool, timedelta, frozenset, type(None)})
"""What holds no moment; most of a plan."""


def moments(document: Document, sections: Iterable[Section[Any]]) -> Iterator[tuple[Path, Moment]]:
    """Each moment with its path as in the body, in the order of the sections."""
    for section in sections:
        if section.name in document.values:
            yield from _within(document.values[section.name], () if section.spread else (section.name,))


def _within(value: Any, path: Path) -> Iterator[tuple[Path, Moment]]:
    if isinstance(value, Wall | Relative | InWeek):
        yield path, value
    elif isinstance(value, BaseModel):
        fields = vars(value)
        for name, key in _as_written(type(value)).items():
            inner = fields[name]
            if inner and type(inner) not in LEAVES:
                yield from _within(inner, (*path, key))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _within(inner, (*path, key))
    elif isinstance(value, tuple | list):
        for number, inner in enumerate(value):
            if type(inner) not in LEAVES:
                yield from _within(inner, (*path, number))


@cache
def _as_written(part: type[BaseModel]) -> dict[str, str]:
    """The keys of a part in the file by the names of its fields."""
    return {name: field.alias or name for name, field in part.model_fields.items()}
