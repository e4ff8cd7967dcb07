"""The items for `each` of which there is a gate, and who owns which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.planfile import task_sets
from callboard.planfile.sections import several
from callboard.planfile.types import Part

EACH = "each"
ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
MOST_ITEMS = 500


def read_items(written: Any) -> tuple[str, ...]:
    """Read ids, and ranges of them: `KEP-1..KEP-9`."""
    found: list[str] = []
    for each in several(written):
        text = str(each).strip()
        found += task_sets.parse_range(text).ids(MOST_ITEMS) if ".." in text else [text]
    for text in found:
        if not ITEM.fullmatch(text):
            raise ValueError(f"`{text[:60]}` is no id of an item: write letters, digits, dots and dashes, KEP-1001")
    if twice := next((text for text, count in Counter(found).items() if count > 1), ""):
        raise ValueError(f"`{twice}` is there twice: write each item once")
    if len(found) > MOST_ITEMS:
        raise ValueError(f"these are {len(found)} items: a gate has {MOST_ITEMS} at most, so split it")
    return tuple(found)


ONE_OR_MORE = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
OWNERS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": ONE_OR_MORE}]}


def _owners(written: Any) -> Any:
    """Read who owns which item: `KEP-1: one`, `KEP-1..KEP-9: one`, `one: [KEP-1, KEP-3]`; a text alone owns all."""
    if not isinstance(written, Mapping):
        return {"*": written} if isinstance(written, str) else written
    owned: dict[Any, Any] = {}
    for key, value in written.items():
        items, owner = (read_items(value), key) if isinstance(value, list) else (_range(key), value)
        for item in items:
            if item in owned:
                raise ValueError(f"`{item}` has two owners, {owned[item]} and {owner}: write one")
            owned[item] = owner
    return owned


def _range(key: Any) -> tuple[Any, ...]:
    return read_items(key) if ".." in str(key) else (key,)


class EachPart(Part):
    """The items for each of which there is a gate: what they are called, their ids, and who owns which."""

    of: str = Field("", examples=["KEP"])
    items: Annotated[tuple[str, ...], BeforeValidator(read_items)] = Field(
        min_length=1, examples=["[KEP-1001, KEP-1287]"]
    )
    owner: Annotated[dict[str, str], BeforeValidator(_owners), WithJsonSchema(OWNERS)] = Field(default_factory=dict)
