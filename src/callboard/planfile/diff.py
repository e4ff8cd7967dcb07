"""What is different between two versions of a plan: place by place, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from callboard.core.words import counted
from callboard.planfile.header import HEADER
from callboard.planfile.names import called
from callboard.planfile.paths import ABSENT, NAMED_BY, Keys, alike, find, item_key, matched, put, renamed, same
from callboard.planfile.sections import Sections, owned

SHORT = 60
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """What stands at a path before and after; ABSENT for nothing."""

    path: Keys
    before: Any
    after: Any


def changes(before: Any, after: Any, path: Keys = ()) -> Iterator[Change]:
    """The smallest places that are different; a list whose items are in another order is one."""
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = before, after
    elif same(before, after):
        return
    elif (items := alike(before, after)) and only_grown(*items) and not reworded(*items):
        old, new = items
    else:
        yield Change(path, before, after)
        return
    for key in {**new, **old}:
        yield from changes(old.get(key, ABSENT), new.get(key, ABSENT), (*path, key))


def reworded(*sides: Body) -> bool:
    """Whether an item is called otherwise on one of the sides."""
    return any(renamed(*(side[key] for side in sides if key in side)) for key in {k for side in sides for k in side})


def only_grown(before: Body, after: Body) -> bool:
    """Whether the keys that were there before come first, in the same order."""
    left = [key for key in before if key in after]
    return list(after)[: len(left)] == left


def applied(body: Body, made: Iterable[Change]) -> dict[str, Any]:
    """The body with changes made to it."""
    return reduce(lambda result, change: put(result, change.path, change.after), made, dict(body))


def in_words(before: Body | None, after: Body, sections: Sections) -> list[str]:
    """A sentence for each difference; for a new plan, what is in it."""
    if before is None:
        counts = [(s, len(after[s.name])) for s in sections if s.counted and after.get(s.name)]
        holds = ", ".join(counted(count, s.one, s.many or s.name) for s, count in counts) or "nothing yet"
        return [f"a new plan: {after.get('name')}, with {holds}"]
    words = _Words(before, after, sections)
    return [sentence for change in changes(dict(before), dict(after)) for sentence in words.sentences(change)]


def label(body: Body, sections: Sections, path: Keys) -> str:
    """What stands at a path, in words: `task ATOM-001: due`, `run-book go-live: steps Deploy within`."""
    return _Words(body, body, sections).label(path)


def shown(value: Any) -> str:
    """A value in a few words."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, list):
        text = ", ".join(map(shown, value)) or "nothing"
    elif isinstance(value, Mapping):
        text = ", ".join(f"{key} {shown(each)}" for key, each in value.items()) or "nothing"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


@dataclass(frozen=True)
class _Words:
    """Two versions of a plan, and the words for what is different."""

    before: Body
    after: Body
    sections: Sections

    def label(self, path: Keys) -> str:
        words = [self._word(path[: length + 1]) for length in range(len(path))]
        kind = called(self.sections, path[0])
        head = f"{kind} {words[1]}" if kind and len(words) > 1 else words[0]
        rest = words[2:] if kind else words[1:]
        return f"{head}: {' '.join(rest)}" if rest else head

    def _word(self, path: Keys) -> str:
        """A step of a path: the key, or what an item of a list is called."""
        holder, item = self._at(path[:-1]), self._at(path)
        return _named(item) if isinstance(holder, list) and item is not ABSENT else path[-1]

    def _at(self, path: Keys) -> Any:
        now = find(self.after, path)
        return find(self.before, path) if now is ABSENT else now

    def sentences(self, change: Change) -> Iterator[str]:
        """One for what changed; of a list of items one for each, where that is not only their order."""
        old, new = change.before, change.after
        items, where = alike(old, new), self.label(change.path)
        if not items or list(items[0]) == list(items[1]):
            yield self._sentence(change, where)
            return
        where += " " if ": " in where else ": "
        pairs, (was, now) = matched(old, new), items
        moved = [key for i, j in pairs if i is None and j is not None and (key := item_key(new[j])) in was]
        for i, j in pairs:
            key = item_key(old[i] if j is None else new[j])
            if key in was and key in now:
                inner = changes(was[key], now[key], (*change.path, key)) if j is not None else ()
                yield from (sentence for each in inner for sentence in self.sentences(each))
            elif i is None or j is None:
                yield f"{where}{_named(old[i] if j is None else new[j])} is {_fate(ABSENT if i is None else old[i])}"
            else:
                yield f"{where}{shown(old[i])} -> {shown(new[j])}"
        if moved:
            yield self._order(change)

    def _order(self, change: Change) -> str:
        return f"{self.label(change.path)}: in another order now, {shown([_named(item) for item in change.after])}"

    def _sentence(self, change: Change, where: str) -> str:
        old, new, path = change.before, change.after, change.path
        entry = old if new is ABSENT else new
        whole = isinstance(entry, Mapping) or (len(path) == 1 and path[0] not in owned(HEADER))
        whole = whole or isinstance(self._at(path[:-1]), list)
        if whole and ABSENT in (old, new):
            title = entry.get("name") if isinstance(entry, Mapping) else ""
            name = f" ({title})" if title and not where.endswith(f" {title}") else ""
            return f"{'section ' if len(path) == 1 else ''}{where}{name} is {_fate(old)}"
        if old is ABSENT:
            return f"{where} is now {shown(new)}"
        if new is ABSENT:
            return f"{where} is no longer {shown(old)}"
        return f"{where}{' ' if ': ' in where else ': '}{shown(old)} -> {shown(new)}"


def _fate(before: Any) -> str:
    return "added" if before is ABSENT else "removed"


def _named(item: Any) -> str:
    names = [item[word] for word in NAMED_BY if item.get(word)] if isinstance(item, Mapping) else []
    return shown(names[0] if names else item)
