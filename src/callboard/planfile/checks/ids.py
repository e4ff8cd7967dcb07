"""Ids in one name space, and lists in which no two items have one key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from callboard.planfile.sections import Document, Path, Problem, called
from callboard.planfile.values import item_key

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def check(document: Document) -> Iterator[Problem]:
    """Refuse an id that is no id or is taken, and a second item of a list with the key of another."""
    first: dict[str, Path] = {}
    places: list[Path] = [(section.name, key) for section in document.with_ids for key in document.keys(section.name)]
    for path in sorted(places, key=document.line):
        key = str(path[-1])
        if not ID.fullmatch(key):
            yield document.error(path, "an id is made of letters, digits, dots and dashes: be-lead, O-1")
        if key in first:
            other = first[key]
            sentence = f"`{key}` is in {other[0]} too, in line {document.line(other)}: ids are unique, rename one"
            yield document.error(path, sentence)
        first.setdefault(key, path)
    for section, written in document.body.items():
        if isinstance(written, list):
            yield from _check_items(document, section, written)


def _check_items(document: Document, section: str, items: list[Any]) -> Iterator[Problem]:
    """Plain items may be the same: nothing refers to them, and their order tells them apart."""
    first: dict[str, int] = {}
    for number, item in enumerate(items):
        key = item_key(item)
        if isinstance(item, dict) and key not in first:
            first[key] = number
        elif isinstance(item, dict):
            line = document.line((section, first[key]))
            sentence = (
                f"two {section} have the key `{key}`, the first is in line {line}: "
                f"give this {called(document.sections, section) or 'item'} another name, or a `key:` of its own"
            )
            yield document.error((section, number), sentence)
