"""A picture as JSON: always the same for the same picture. What was counted stands once, in `rows`."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
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
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), rows) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each, rows) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _named(row: Row, rows: dict[str, Any]) -> str:
    """The name of a row in `rows`; another of the same kind and key that stands otherwise has a number behind it."""
    plain = _plain(row, rows)
    name, number = f"{row.kind} {row.key}", 1
    while rows.setdefault(name, plain) != plain:
        number += 1
        name = f"{row.kind} {row.key} {number}"
    return name
