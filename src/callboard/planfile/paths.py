"""The plain values of a plan: the keys of items, whether two are the same, what stands at a path, and how to put it.

Items of lists go by their keys in a path, as those of mappings do; positions, as checks use them, are understood too.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
from itertools import count
from typing import Any

from callboard.planfile.sections import Document, Path

NAMED_BY = ("key", "id", "name", "title", "risk", "level", "ask", "tick")
Keys = tuple[str, ...]


class Absent(Enum):
    """Nothing stands there."""

    ABSENT = "nothing"


ABSENT = Absent.ABSENT


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything within plain values, with its place; what holds something comes before it."""
    yield path, value
    if isinstance(value, str):  # as most are
        return
    inside = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from walk(inner, (*path, step))


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """A text as a key: `First checkpoint` becomes `first-checkpoint`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or hashlib.sha256(text.encode()).hexdigest()[:8]


def unused(key: str, taken: Container[str]) -> str:
    """A key that nothing has yet: `deploy`, else `deploy-2`."""
    return next(own for number in count(1) if (own := key if number == 1 else f"{key[:54]}-{number}") not in taken)


def item_key(item: Any) -> str:
    """What an item of a list keeps when it is reworded: its `key` or `id`, else its name as a slug, else its text."""
    if isinstance(item, Mapping):
        named = next((item[word] for word in NAMED_BY if isinstance(item.get(word), str | int)), None)
        if named is not None:
            return str(named) if "key" in item or "id" in item else slug(str(named))
        return hashlib.sha256(json.dumps(item, sort_keys=True, default=str).encode()).hexdigest()[:8]
    return slug(str(item))


def keyed(items: Iterable[Any]) -> dict[str, Any]:
    """The items of a list by their keys; the second of two with one key is `key-2`."""
    by_key: dict[str, Any] = {}
    times = Counter[str]()
    for item in items:
        key = item_key(item)
        times[key] += 1
        own = key if times[key] == 1 else f"{key}-{times[key]}"
        while own in by_key:
            own += "-2"
        by_key[own] = item
    return by_key


def by_key(document: Document, section: str) -> dict[str, Any]:
    """The items of a section that is a list, as they were read, by their keys."""
    return dict(zip(keyed(document.body.get(section) or ()), document.values.get(section) or (), strict=False))


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same. The order of keys says nothing, that of items does; true is not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return len(one) == len(other) and all(key in other and same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def alike(*values: Any) -> list[dict[str, Any]] | None:
    """Several values as items by their keys, where all are lists, one holds mappings, and no key is there twice."""
    if not all(isinstance(value, list) for value in values):
        return None
    if not any(isinstance(item, dict) for value in values for item in value):
        return None
    by_key = [{item_key(item): item for item in value} for value in values]
    return by_key if list(map(len, by_key)) == list(map(len, values)) else None


def renamed(*items: Any) -> bool:
    """Whether items of one key are called so by different words: then they are different as a whole."""
    written = [item for item in items if isinstance(item, Mapping)]
    return any(not same(written[0].get(word), item.get(word)) for item in written[1:] for word in NAMED_BY)


def find(body: Any, path: Path) -> Any:
    """What stands at a path; ABSENT where nothing does."""
    for step in path:
        if isinstance(body, dict):
            body = body.get(str(step), body if step == 0 else ABSENT)  # one entry where a list may stand
        elif isinstance(body, list):
            place = _position(body, step)
            body = ABSENT if place is None else body[place]
        elif step == 0 and body is not ABSENT:  # so may a text
            continue
        else:
            return ABSENT
    return body


def key_path(body: Any, path: Path) -> Keys:
    """The path by keys alone, for one that counts items; as far as it leads."""
    keys: Keys = ()
    for step in path:
        if isinstance(body, list):
            place = _position(body, step)
            if place is None:
                return (*keys, str(step))
            keys = (*keys, list(keyed(body))[place])
        elif isinstance(body, dict):
            keys = (*keys, str(step))
        elif step != 0:
            return (*keys, str(step))
        body = find(body, (step,))
    return keys


def put(body: Any, path: Path, value: Any) -> Any:
    """The same body with a value at a path, new ones last. Raises KeyError where what should hold it is not there."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(body, dict):
        inner = put(body.get(str(step), ABSENT), rest, value)
        if inner is ABSENT:
            return {key: other for key, other in body.items() if key != str(step)}
        return {**body, str(step): inner}
    if isinstance(body, list):
        place = _position(body, step)
        inner = put(ABSENT if place is None else body[place], rest, value)
        items = [] if inner is ABSENT else [inner]
        return [*body, *items] if place is None else [*body[:place], *items, *body[place + 1 :]]
    if step == 0 and body is not ABSENT:
        return put(body, rest, value)
    raise KeyError(step)


def matched(before: list[Any], after: list[Any]) -> list[tuple[int | None, int | None]]:
    """Which item of a list became which; None for one that is gone or new. In the order of the new list."""
    old, new = ([f"{item_key(item)} {_name(item)}" for item in items] for items in (before, after))
    pairs: dict[int, int] = {}
    for _, start, end, first, last in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        both = zip(range(start, end), range(first, last), strict=False)
        pairs |= {j: i for i, j in both if old[i] == new[j] or not (_name(before[i]) or _name(after[j]))}
    gone = sorted(set(range(len(before))) - set(pairs.values()))
    return [*((pairs.get(j), j) for j in range(len(after))), *((i, None) for i in gone)]


def _name(item: Any) -> str:
    """By which word an item is called something, and what."""
    words = [f"{word}: {item[word]}" for word in NAMED_BY if word in item] if isinstance(item, dict) else []
    return words[0] if words else ""


def _position(body: list[Any], step: str | int) -> int | None:
    if isinstance(step, int):
        return step if 0 <= step < len(body) else None
    keys = list(keyed(body))
    return keys.index(step) if step in keys else None
