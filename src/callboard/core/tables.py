"""Tables that have a row for every member of an enumeration: what is missing is found when the program starts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

K = TypeVar("K", bound=StrEnum)
V = TypeVar("V")


def complete(kind: type[K], rows: Mapping[K, V]) -> Mapping[K, V]:
    """Return the rows. LookupError where a member of `kind` has none."""
    missing = [member.name for member in kind if member not in rows]
    if missing:
        sentence = f"a table has no row for {', '.join(missing)} of {kind.__qualname__}"
        raise LookupError(sentence)
    return rows
