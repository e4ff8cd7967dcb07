"""What is different between two versions of a plan, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.words import counted
from callboard.planfile import merge
from callboard.planfile.frame import FRAME
from callboard.planfile.merge import Change
from callboard.planfile.sections import Sections, called, owned
from callboard.planfile.values import ABSENT, NAMED_BY, Keys, alike, find, matched, same

SHORT = 60


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any], sections: Sections) -> list[str]:
    """A sentence for each difference; for a new plan, what is in it."""
    if before is None:
        return [f"a new plan: {after.get('name')}, with {_counts(after, sections)}"]
    words = _Words(before, after, sections)
    return [sentence for change in merge.changes(dict(before), dict(after)) for sentence in words.sentences(change)]


def label(body: Mapping[str, Any], sections: Sections, path: Keys) -> str:
    """What stands at a path, in words: `task ATOM-001: due`, `run-book go-live: steps Deploy within`."""
    return _Words(body, body, sections).label(path)


def shown(value: Any) -> str:
    """A value in a few words."""
    return "nothing" if value is ABSENT else _short(value)


@dataclass(frozen=True)
class _Words:
    """Two versions of a plan, and the words for what is different."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
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
        items = alike(old, new)
        if not items or set(items[0]) == set(items[1]):
            yield self._sentence(change)
            return
        where = self.label(change.path)
        between = " " if ": " in where else ": "
        for i, j in matched(old, new):
            if i is None and j is not None:
                yield f"{where}{between}{_named(new[j])} is added"
            elif j is None and i is not None:
                yield f"{where}{between}{_named(old[i])} is removed"
            elif i is not None and j is not None and not same(old[i], new[j]):
                yield f"{where}{between}{_short(old[i])} -> {_short(new[j])}"

    def _sentence(self, change: Change) -> str:
        old, new, path = change.before, change.after, change.path
        where, entry = self.label(path), old if new is ABSENT else new
        whole = isinstance(entry, Mapping) or (len(path) == 1 and path[0] not in owned(FRAME))
        if whole and (old is ABSENT or new is ABSENT):
            section = "section " if len(path) == 1 else ""
            name = f" ({entry['name']})" if isinstance(entry, Mapping) and _adds(entry.get("name"), where) else ""
            return f"{section}{where}{name} is {'added' if old is ABSENT else 'removed'}"
        if (items := alike(old, new)) and set(items[0]) == set(items[1]) and same(*items):
            return f"{where}: in another order now, {_short([_named(item) for item in new])}"
        if old is ABSENT:
            return f"{where} is now {_short(new)}"
        if new is ABSENT:
            return f"{where} is no longer {_short(old)}"
        return f"{where}{' ' if ': ' in where else ': '}{_short(old)} -> {_short(new)}"


def _adds(name: Any, where: str) -> bool:
    return bool(name) and not where.endswith(f" {name}")


def _named(item: Any) -> str:
    for key in NAMED_BY if isinstance(item, Mapping) else ():
        if item.get(key):
            return _short(item[key])
    return _short(item)


def _short(value: Any) -> str:
    if isinstance(value, list):
        text = ", ".join(_short(each) for each in value) or "nothing"
    elif isinstance(value, Mapping):
        text = ", ".join(f"{key} {_short(each)}" for key, each in value.items()) or "nothing"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _counts(body: Mapping[str, Any], sections: Sections) -> str:
    found = [(section, len(body[section.name])) for section in sections if section.counted and body.get(section.name)]
    return ", ".join(counted(count, s.one, s.many or s.name) for s, count in found) or "nothing yet"
