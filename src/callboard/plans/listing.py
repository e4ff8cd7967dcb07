"""The tasks of a document, found by id, range, pattern, and what they have; made once per document."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from callboard.core.sections import Document
from callboard.plans import kinds, ranges

FILTERS = ("phase", "team", "area", "kind", "priority")
KEPT = "_listing"
NOTHING: frozenset[int] = frozenset()


class Listing:
    """Finds tasks by their positions in the file. Whatever the file holds, it can be made."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.entries = dict(_entries(body.get("tasks")))
        self.ids = list(self.entries)
        self.kinds: dict[str, str] = {}
        self._by: dict[str, dict[str, set[int]]] = {key: defaultdict(set) for key in FILTERS}
        self._numbered: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
        self._positions = {key: position for position, key in enumerate(self.ids)}
        self._found: dict[str, frozenset[int]] = {}
        by_prefix = kinds.prefixes(body)
        for position, (key, task) in enumerate(self.entries.items()):
            self.kinds[key] = kinds.kind(key, task, by_prefix)
            for word, value in self._has(key, task):
                if value:
                    self._by[word][value].add(position)
            if numbered := ranges.split(key):
                prefix, digits = numbered
                insort(self._numbered[prefix], (int(digits), digits, position))

    def named(self, text: str) -> frozenset[int]:
        """The tasks that an id, a range or a pattern names."""
        if text not in self._found:
            self._found[text] = frozenset(self._named(text))
        return self._found[text]

    def filtered(self, wanted: Mapping[str, tuple[str, ...]]) -> frozenset[int]:
        """The tasks that have all of what is wanted; of several words for one key, any."""
        if not wanted or not set(wanted) <= set(FILTERS):
            return NOTHING
        return frozenset.intersection(*(self._having(key, words) for key, words in wanted.items()))

    def teams(self, key: str) -> list[str]:
        """The teams that work on a task, the leading one first."""
        task = self.entries.get(key, {})
        supporting = task.get("support_teams", [])
        named = [
            task.get("lead_team") or task.get("team"),
            *(supporting if isinstance(supporting, list) else [supporting]),
        ]
        return list(dict.fromkeys(str(team) for team in named if team))

    def _having(self, key: str, words: tuple[str, ...]) -> frozenset[int]:
        return NOTHING.union(*(self._by[key].get(word, NOTHING) for word in words))

    def _has(self, key: str, task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What a task can be filtered by; of several teams, the leading one."""
        yield "kind", self.kinds[key]
        for word in ("phase", "area", "priority"):
            yield word, str(task.get(word, ""))
        yield "team", next(iter(self.teams(key)), "")

    def _named(self, text: str) -> Iterator[int]:
        if text in self._positions:
            yield self._positions[text]
        elif ".." in text:
            yield from self._between(text)
        elif "*" in text or "?" in text:
            yield from (position for key, position in self._positions.items() if fnmatchcase(key, text))

    def _between(self, text: str) -> Iterator[int]:
        try:
            wanted = ranges.parse(text)
        except ValueError:
            return
        numbered = self._numbered.get(wanted.prefix, [])
        first, last = bisect_left(numbered, (wanted.first,)), bisect_left(numbered, (wanted.last + 1,))
        yield from (position for _, digits, position in numbered[first:last] if wanted.spells(digits))


def of(document: Document) -> Listing:
    """The listing of a document, kept with it, as a cached property would be: checks ask for it hundreds of times."""
    if KEPT not in vars(document):
        vars(document)[KEPT] = Listing(document.body)
    found: Listing = vars(document)[KEPT]
    return found


def _entries(written: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, task in written.items() if isinstance(written, Mapping) else ():
        yield str(key), task if isinstance(task, Mapping) else {}
