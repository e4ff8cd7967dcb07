"""What is different between two versions of a plan, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.plans.checking import owned
from callboard.plans.frame import FRAME

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
    return [sentence for key in _keys(before, after) for sentence in _section(key, before.get(key), after.get(key))]


def _section(key: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if key in owned(FRAME) and not isinstance(before or after, Mapping):
        yield _change(key, before, after)
    elif before is None or after is None:
        yield f"section {key} is {'added' if before is None else 'removed'}"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in _keys(before, after):
            yield from _entry(f"{ONE.get(key, key)} {name}", before.get(name), after.get(name))
    else:
        yield from _list(ONE.get(key, key), before, after)


def _entry(label: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if before is None or after is None:
        there = before if after is None else after
        name = f" ({there['name']})" if isinstance(there, Mapping) and there.get("name") else ""
        yield f"{label}{name} is {'added' if before is None else 'removed'}"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in _keys(before, after):
            if before.get(key) != after.get(key):
                yield f"{label}: {_change(key, before.get(key), after.get(key))}"
    else:
        yield _change(label, before, after)


def _list(label: str, before: Any, after: Any) -> Iterator[str]:
    if not isinstance(before, list) or not isinstance(after, list):
        yield _change(label, before, after)
        return
    for item in before:
        if item not in after:
            yield f"{label} {_named(item)} is removed or changed"
    for item in after:
        if item not in before:
            yield f"{label} {_named(item)} is added or changed"


def _change(label: str, before: Any, after: Any) -> str:
    if before is None:
        return f"{label} is now {_short(after)}"
    if after is None:
        return f"{label} is no longer {_short(before)}"
    return f"{label}: {_short(before)} -> {_short(after)}"


def _named(item: Any) -> str:
    for key in ("key", "name", "risk") if isinstance(item, Mapping) else ():
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


def _keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*after, *before]))
