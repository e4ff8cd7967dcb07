"""What is different between two versions of a plan, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.planfile import merge
from callboard.planfile.frame import FRAME
from callboard.planfile.merge import Change
from callboard.planfile.sections import owned
from callboard.planfile.values import ABSENT, NAMED_BY, Keys, alike, find, matched, same

ONE = {
    "people": "person", "teams": "team", "channels": "channel", "roles": "role", "phases": "phase", "gates": "gate",
    "dates": "date", "links": "link", "measures": "measure", "repositories": "repository", "runbooks": "run-book",
    "rollbacks": "rollback", "emergencies": "emergency", "freezes": "freeze", "escalation": "policy", "tasks": "task",
    "zones": "zone", "standups": "standup", "checkpoints": "checkpoint", "cadences": "cadence", "meetings": "meeting",
    "risks": "risk", "alerts": "alert", "triggers": "trigger",
}  # fmt: skip
COUNTED = ("people", "teams", "phases", "tasks", "gates", "standups", "checkpoints", "runbooks", "risks")
SHORT = 60


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """A sentence for each difference; for a new plan, what is in it."""
    if before is None:
        return [f"a new plan: {after.get('name')}, with {_counts(after)}"]
    found = merge.changes(dict(before), dict(after))
    return [sentence for change in found for sentence in _sentences(before, after, change)]


def label(before: Mapping[str, Any], after: Mapping[str, Any], path: Keys) -> str:
    """What stands at a path, in words: `task ATOM-001: due`, `run-book go-live: steps Deploy within`."""
    words = list(_words(before, after, path))
    kind = ONE.get(path[0])
    head = f"{kind} {words[1]}" if kind and len(words) > 1 else words[0]
    rest = words[2:] if kind else words[1:]
    return f"{head}: {' '.join(rest)}" if rest else head


def shown(value: Any) -> str:
    """A value in a few words."""
    return "nothing" if value is ABSENT else _short(value)


def _sentences(before: Mapping[str, Any], after: Mapping[str, Any], change: Change) -> Iterator[str]:
    """One for what changed; of a list of items one for each, where that is not only their order."""
    old, new = change.before, change.after
    items = alike(old, new)
    if not items or set(items[0]) == set(items[1]):
        yield _sentence(before, after, change)
        return
    where = label(before, after, change.path)
    between = " " if ": " in where else ": "
    for i, j in matched(old, new):
        if i is None and j is not None:
            yield f"{where}{between}{_named(new[j])} is added"
        elif j is None and i is not None:
            yield f"{where}{between}{_named(old[i])} is removed"
        elif i is not None and j is not None and not same(old[i], new[j]):
            yield f"{where}{between}{_short(old[i])} -> {_short(new[j])}"


def _sentence(before: Mapping[str, Any], after: Mapping[str, Any], change: Change) -> str:
    old, new, path = change.before, change.after, change.path
    where = label(before, after, path)
    there = old if new is ABSENT else new
    entry = isinstance(there, Mapping) or (len(path) == 1 and path[0] not in owned(FRAME))
    if entry and (old is ABSENT or new is ABSENT):
        section = "section " if len(path) == 1 else ""
        name = f" ({there['name']})" if isinstance(there, Mapping) and _adds(there.get("name"), where) else ""
        return f"{section}{where}{name} is {'added' if old is ABSENT else 'removed'}"
    if (items := alike(old, new)) and set(items[0]) == set(items[1]) and all(map(same, *map(_by_key, items))):
        return f"{where}: in another order now, {_short([_named(item) for item in new])}"
    if ": " in where:
        return _change(where, old, new, " ")
    return _change(where, old, new, ": ")


def _by_key(items: Mapping[str, Any]) -> list[Any]:
    return [items[key] for key in sorted(items)]


def _adds(name: Any, where: str) -> bool:
    return bool(name) and not where.endswith(f" {name}")


def _words(before: Any, after: Any, path: Keys) -> Iterator[str]:
    for length, key in enumerate(path, 1):
        holder = find(after, path[: length - 1])
        holder = find(before, path[: length - 1]) if holder is ABSENT else holder
        item = find(after, path[:length])
        item = find(before, path[:length]) if item is ABSENT else item
        yield _named(item) if isinstance(holder, list) and item is not ABSENT else key


def _change(where: str, before: Any, after: Any, between: str) -> str:
    if before is ABSENT:
        return f"{where} is now {_short(after)}"
    if after is ABSENT:
        return f"{where} is no longer {_short(before)}"
    return f"{where}{between}{_short(before)} -> {_short(after)}"


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


def _counts(body: Mapping[str, Any]) -> str:
    found = [(len(body[key]), key) for key in COUNTED if isinstance(body.get(key), Mapping | list) and body[key]]
    words = [f"{n} {ONE[key] if n == 1 else key.replace('runbooks', 'run-books')}" for n, key in found]
    return ", ".join(words) or "nothing yet"
