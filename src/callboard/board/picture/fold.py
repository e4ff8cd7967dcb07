"""How an entry of the timeline changes a state, by the kind of its subject."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from callboard.board.picture.state import State
from callboard.core.timeline import STANDS

MOST = 40
"""How many of the latest entries are kept."""


class Entry(NamedTuple):
    """An entry as it is read for a fold: plain, and quick to make. `at` is an instant as text."""

    id: int
    at: str
    kind: str
    number: int
    verb: str
    actor: str
    facts: dict[str, Any]
    said: str | None


BLOCKERS = {
    "raised": "open", "acknowledged": "acknowledged", "gave back": "open", "handed on": "open", "resolved": "resolved",
    "withdrawn": "withdrawn", "reopened": "open",
}  # fmt: skip
"""What a blocker is after a verb, where its entry does not say how it stands."""


def fold(state: State, entry: Entry) -> None:
    """Let a state be as it is after an entry."""
    state.revision = entry.id
    if learn := LEARN.get(entry.kind):
        learn(state, entry)
        if entry.verb != STANDS and entry.kind not in SILENT:
            of = entry.facts.get("people") or filter(None, (entry.facts.get("person"),))
            what = (entry.kind, entry.number, entry.verb, entry.actor, _text(entry))
            state.latest.append([entry.id, entry.at, *what, *of])
            del state.latest[:-MOST]


def _text(entry: Entry) -> list[Any] | None:
    return [entry.id, entry.said] if entry.said is not None else None


def _put(state: State, entry: Entry, /, **columns: Any) -> None:
    """What an entry says of how its subject stands, and more."""
    rows, key = state.of(entry.kind), str(entry.number)
    rows[key] = {**rows.get(key, {}), **columns, **entry.facts.get(STANDS, {})}


def _drop(state: State, entry: Entry) -> None:
    state.of(entry.kind).pop(str(entry.number), None)


def _plan(state: State, entry: Entry) -> None:
    edits, version = entry.facts.get("edits"), entry.facts.get("version", state.version)
    if edits is None and version == state.version:
        return
    state.mark, state.version = entry.id, version
    edits = edits or {"gone": [], "put": []}
    for path in edits["gone"]:
        state.edits.pop(json.dumps(path), None)
    for path, removed, value in edits["put"]:
        state.edits.pop(json.dumps(path), None)
        state.edits[json.dumps(path)] = [removed, value]


def _task(state: State, entry: Entry) -> None:
    said = {"key": entry.facts.get("task"), "status": entry.facts.get("status")}
    _put(state, entry, **{column: value for column, value in said.items() if value})


def _blocker(state: State, entry: Entry) -> None:
    columns: dict[str, Any] = {"state": BLOCKERS[entry.verb]} if entry.verb in BLOCKERS else {}
    if entry.verb == "raised":
        columns |= {"what": _text(entry), "reporter": entry.actor, "opened": entry.at}
        columns |= {name: entry.facts.get(name) for name in ("severity", "team")}
    _put(state, entry, **columns)


def _gate(state: State, entry: Entry) -> None:
    _put(state, entry)


def _lock(state: State, entry: Entry) -> None:
    facts = entry.facts
    if "state" not in facts:  # somebody pushed to it
        return
    if facts["state"] == "over":
        _drop(state, entry)
        return
    reason = {"reason": _text(entry)} if entry.verb in ("acquired", "asked", "waited") and entry.said else {}
    known = state.of("lock").get(str(entry.number), {})
    since = known.get("since") if facts["state"] == known.get("state") else entry.at
    more = {name: facts[name] for name in ("state", "holder", "targets", "behind", "until") if name in facts}
    _put(state, entry, since=since, **reason, **more)


def _conflict(state: State, entry: Entry) -> None:
    stands = entry.facts.get(STANDS, {})
    if stands.get("state") == "over":
        _drop(state, entry)
        return
    more = {name: entry.facts[name] for name in ("degree", "one", "other", "files") if name in entry.facts}
    known = state.of("conflict").get(str(entry.number), {})
    _put(state, entry, since=known.get("since", entry.at), **more)


def _emergency(state: State, entry: Entry) -> None:
    if entry.verb == "declared":
        _put(state, entry, what=_text(entry), level=entry.facts["level"], declared=entry.at, state="open")
    elif entry.verb in ("ended", "withdrew"):
        _put(state, entry, state="ended")
    elif str(entry.number) in state.of("emergency"):
        level = {"level": entry.facts["level"]} if "level" in entry.facts else {}
        _put(state, entry, **level)


def _run(state: State, entry: Entry) -> None:
    stands = dict(entry.facts.get(STANDS, {}))
    known = state.of("run").get(str(entry.number), {})
    if not known and "new" not in stands:
        return
    steps = {} if stands.pop("new", False) else known.get("steps", {})
    stands["steps"] = {**steps, **stands.get("steps", {})}
    state.of("run")[str(entry.number)] = {**known, **stands}


def _hold(state: State, entry: Entry) -> None:
    if entry.verb == "lifted":
        _drop(state, entry)
    else:
        _put(state, entry, target=entry.facts["target"], by=entry.facts["by"])


def _person(state: State, entry: Entry) -> None:
    """Absences and lost accounts, by the id that the person has in the plan; `off` are absences that ended early."""
    key, verb = str(entry.facts.get("person", "")), entry.verb
    rows = state.of("person")
    known = rows.get(key, {})
    away, off = known.get("away", []), known.get("off", [])
    if verb == "away":
        days = entry.facts["days"]
        rows[key] = {**known, "away": [*away, days], "off": [each for each in off if each != days]}
    elif verb == "back":
        back = entry.facts["days"].split(", ")
        rows[key] = {**known, "away": [days for days in away if days not in back], "off": [*off, *back]}
    elif verb in ("lost their Slack account", "is in Slack again"):
        rows[key] = {**known, "lost": entry.facts.get("reason", "")}


def _check_in(state: State, entry: Entry) -> None:
    """Of each person's check-ins to a standup the last one. Messages about one, dropped or folded, are no news."""
    facts = entry.facts
    if "standup" not in facts:
        return
    state.of("check-in")[f"{facts['standup']} {facts['person']}"] = {
        "standup": facts["standup"], "person": facts["person"], "day": facts["day"], "verb": entry.verb,
    }  # fmt: skip


def _nothing(_state: State, _entry: Entry) -> None:
    """It is among the latest entries, and changes nothing."""


LEARN: dict[str, Callable[[State, Entry], None]] = {
    "plan": _plan, "task": _task, "blocker": _blocker, "gate": _gate, "lock": _lock, "conflict": _conflict,
    "emergency": _emergency, "run": _run, "hold": _hold, "person": _person, "check-in": _check_in, "step": _nothing,
}  # fmt: skip
SILENT = frozenset({"hold", "check-in"})
"""Kinds of which there are so many entries that nothing else would be among the latest."""
