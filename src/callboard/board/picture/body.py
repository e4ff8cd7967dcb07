"""A picture as JSON: always the same for the same picture. What was counted stands once, in `rows`."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any

from callboard.board.picture.counts import Count, Row
from callboard.board.picture.parts import Picture


def body(picture: Picture) -> dict[str, Any]:
    """A count is its `number` and the names of its rows, as `rows` has them."""
    rows: dict[str, Any] = {}
    drawn = _plain(picture, rows)
    return {**drawn, "rows": rows}


def canonical(picture: Picture) -> bytes:
    return json.dumps(body(picture), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: Any, rows: dict[str, Any]) -> Any:
    if isinstance(value, Count):
        return {"number": value.number, "rows": [_named(row, rows) for row in value.rows]}
    if names := _names(type(value)):  # type: ignore[arg-type]  # mypy takes no class for hashable
        return {name: _plain(getattr(value, name), rows) for name in names}
    if isinstance(value, tuple):
        return [_plain(each, rows) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The names of what a dataclass holds; none of anything else."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _named(row: Row, rows: dict[str, Any]) -> str:
    """The name of a row in `rows`; another of the same kind and key that stands otherwise has a number behind it."""
    plain = _plain(row, rows)
    name, number = f"{row.kind} {row.key}", 1
    while rows.setdefault(name, plain) != plain:
        number += 1
        name = f"{row.kind} {row.key} {number}"
    return name
