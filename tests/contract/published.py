"""Slack's published rules: what it takes from an app, what it sends and answers, which methods and events there are.

The facts are the JSON files beside this module: what is in Slack's published types (@slack/types, @slack/web-api), its
manifest schema and its reference, as far as the tests need it (the methods are those that the sandbox answers). They
are written as shapes. A shape lists its keys, those that must be there with a `!`, and the kind of each: `text 75` is a
text of at most 75 characters, `Text 1..75` a text object with 1 to 75, `[Option] 10` a list of at most ten,
`{text}` an object with any keys, `=bullet|ordered` one of these words, `Button|Overflow` one of these shapes.
What an app sends (`blocks.json`, `manifest.json`) has no other keys than its shape; what comes (`incoming.json`) may.

Each `check_` returns a sentence for everything that Slack would object to.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLAIN: dict[str, type | tuple[type, ...]] = {
    "text": str, "address": str, "number": (int, float), "flag": bool, "object": dict, "null": type(None),
    "absent": (),
}  # fmt: skip
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
VIEWS = {"modal": "ModalView", "home": "HomeView"}
POSTS = ("chat.postMessage", "chat.postEphemeral", "chat.update")


def _facts(name: str) -> Any:
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text())


@dataclass(frozen=True)
class Shapes:
    """The shapes of one file; `open` ones may have keys that are not listed."""

    named: dict[str, Any]
    open: bool = False

    def faults(self, value: Any, kind: str, at: str) -> list[str]:
        if kind.startswith("="):
            return _word(value, kind[1:], at)
        if every := re.fullmatch(r"\{(.*)\}", kind):
            return self._object(value, dict.fromkeys(value, every[1]) if isinstance(value, dict) else {}, at)
        if items := re.fullmatch(r"\[(.*)\] ?([\d.]*)", kind):
            return self._list(value, items[1], items[2], at)
        word, _, length = kind.partition(" ")
        if "|" in word or isinstance(self.named.get(word), str):
            found = self._either(value, word, at)
        elif word in PLAIN:
            found = _plain(value, word, at)
        else:
            found = self._object(value, self.named[word], at)
        text = value.get("text") if isinstance(value, dict) else value
        return found + (_beyond(text, length, "characters", at) if length and isinstance(text, str) else [])

    def _list(self, value: Any, kind: str, length: str, at: str) -> list[str]:
        if not isinstance(value, list):
            return _not(value, "list", at)
        found = [fault for number, one in enumerate(value) for fault in self.faults(one, kind, f"{at}/{number}")]
        return _beyond(value, length, "items", at) + found

    def _object(self, value: Any, shape: dict[str, str], at: str) -> list[str]:
        if not isinstance(value, dict):
            return _not(value, "object", at)
        kinds = {key.removesuffix("!"): kind for key, kind in shape.items()}
        found = [f"{at}: {key[:-1]} is missing" for key in shape if key.endswith("!") and key[:-1] not in value]
        found += [f"{at}: {key} is unknown" for key in value if key not in kinds and not self.open]
        return found + [
            fault
            for key, kind in kinds.items()
            if key in value
            for fault in self.faults(value[key], kind, f"{at}/{key}")
        ]

    def _either(self, value: Any, kinds: str, at: str) -> list[str]:
        """What is wrong with the one of `kinds` that is meant: by its `type`, then by the fewest faults."""
        named = value.get("type") if isinstance(value, dict) else None
        meant = [kind for kind in self._leaves(kinds) if self._type(kind) in {None, f"={named}"}]
        found = [self.faults(value, kind, at) for kind in meant]
        return min(found, key=len, default=[f"{at}: {named or value!r:.60} may not stand here"])

    def _leaves(self, kinds: str) -> Iterator[str]:
        for kind in kinds.split("|"):
            below = self.named.get(kind)
            if isinstance(below, str) and not below.startswith("="):
                yield from self._leaves(below)
            else:
                yield below if isinstance(below, str) else kind

    def _type(self, kind: str) -> Any:
        shape = self.named.get(kind)
        return shape.get("type!") if isinstance(shape, dict) else None


def _word(value: Any, words: str, at: str) -> list[str]:
    allowed = [int(word) if word.isdigit() else word for word in words.split("|")]
    return [] if type(value) in {str, int} and value in allowed else [f"{at}: {value!r:.60} is none of {words}"]


def _plain(value: Any, kind: str, at: str) -> list[str]:
    if not isinstance(value, PLAIN[kind]) or (kind == "number" and isinstance(value, bool)):
        return _not(value, kind, at)
    stray = kind == "address" and not str(value).startswith(("http://", "https://"))
    return [f"{at}: {value!r:.60} is no address"] if stray else []


def _not(value: Any, kind: str, at: str) -> list[str]:
    return [f"{at}: {value!r:.60} where {kind} belongs"]


def _beyond(value: Collection[Any], length: str, what: str, at: str) -> list[str]:
    least, _, most = length.rpartition("..")
    if len(value) < int(least or 0):
        return [f"{at}: {len(value)} {what}, at least {least} needed"]
    return [f"{at}: {len(value)} {what}, {most} allowed"] if most and len(value) > int(most) else []


@dataclass(frozen=True)
class Method:
    """A method of the Web API; without a tier where Slack has a limit of its own for it."""

    arguments: tuple[str, ...]
    required: tuple[str, ...]
    scopes: tuple[str, ...]
    tier: int | None
    errors: tuple[str, ...]

    @classmethod
    def read(cls, arguments: str, scopes: str, tier: int | None, errors: str) -> Method:
        words = arguments.split()
        required = tuple(word[:-1] for word in words if word.endswith("!"))
        every = tuple(word.removesuffix("!") for word in words)
        return cls(every, required, tuple(scopes.split()), tier, tuple(errors.split()))


BLOCKS, MANIFEST = Shapes(_facts("blocks")), Shapes(_facts("manifest"))
INCOMING = Shapes(BLOCKS.named | _facts("incoming"), open=True)
METHODS = {name: Method.read(**facts) for name, facts in _facts("methods").items()}
# Events that Slack documents and the published list leaves out.
UNLISTED = frozenset({"channel_archive", "channel_unarchive", "group_archive", "group_unarchive"})
EVENTS = frozenset(_facts("events")) | UNLISTED


def check_blocks(blocks: Any, surface: str = "message") -> list[str]:
    """`surface`: message, modal or home."""
    return BLOCKS.faults(blocks, "[Block]", "blocks") or _together(blocks, surface)


def check_view(view: Any) -> list[str]:
    kind = view.get("type") if isinstance(view, dict) else None
    if not isinstance(kind, str) or kind not in VIEWS:
        return [f"view: there is no view {kind!r:.60}"]
    found = BLOCKS.faults(view, VIEWS[kind], "view")
    if found:
        return found
    blocks = view["blocks"]
    unsent = kind == "modal" and "submit" not in view and any(block["type"] == "input" for block in blocks)
    return _together(blocks, kind) + ["view: submit is missing, needed because there is an input"] * unsent


def _together(blocks: list[dict[str, Any]], surface: str) -> list[str]:
    """What is wrong with blocks that have their shapes, as the shapes can't say it."""
    found = _beyond(blocks, f"{MOST_BLOCKS[surface]}", f"blocks in a {surface}", "blocks")
    found += [f"blocks: block_id {one!r} twice" for one in _twice(block.get("block_id") for block in blocks)]
    for number, block in enumerate(blocks):
        if block["type"] == "alert" and surface != "modal":
            found.append(f"blocks/{number}: alert is allowed in modals only")
        elements = [*block.get("elements", ()), block.get("element", {}), block.get("accessory", {})]
        found += [
            f"blocks/{number}: action_id {one!r} twice"
            for one in _twice(element.get("action_id") for element in elements)
        ]
        found += [
            f"blocks/{number}: {element['type']} without options" for element in elements
            if element.get("options") == [] and not element.get("option_groups")
        ]  # fmt: skip
    return found


def _twice(words: Iterable[str | None]) -> list[str]:
    return [word for word, times in Counter(words).items() if word and times > 1]


def check_call(method: str, arguments: dict[str, Any]) -> list[str]:
    """Whether there is such a method, has the arguments that it needs and no others, and shows what Slack takes."""
    if method not in METHODS:
        return [f"there is no method {method}"]
    known = METHODS[method]
    found = [f"{method}: {name} is required" for name in known.required if arguments.get(name) in (None, "")]
    found += [f"{method}: unknown argument {name}" for name in arguments if name not in {*known.arguments, "token"}]
    if arguments.get("blocks"):
        found += check_blocks(_read(arguments["blocks"]))
        if method in POSTS and not arguments.get("text"):
            found.append(f"{method}: blocks without a text fallback, which notifications and screen readers show")
    if method.startswith("views.") and arguments.get("view"):
        found += check_view(_read(arguments["view"]))
    return found


def _read(value: Any) -> Any:
    """Blocks and views, which may be sent as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def check_incoming(kind: str, payload: dict[str, Any]) -> list[str]:
    """What Slack sends or answers; `kind` is the name of a shape in `incoming.json`."""
    return INCOMING.faults(payload, kind, kind)


def missing_scopes(methods: Iterable[str], granted: Collection[str]) -> list[str]:
    """The methods that cannot work at all; which of several scopes is needed depends on the kinds of conversations."""
    return [
        f"{name} needs one of {', '.join(METHODS[name].scopes)}" for name in methods
        if METHODS[name].scopes and not set(METHODS[name].scopes) & set(granted)
    ]  # fmt: skip


def check_manifest(manifest: dict[str, Any]) -> list[str]:
    """A manifest of the second major version."""
    found = MANIFEST.faults(manifest, "Manifest", "manifest")
    if found:
        return found
    events = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])
    commands = manifest.get("features", {}).get("slash_commands", [])
    scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])
    found += [f"there is no event {name}" for name in events if name not in EVENTS]
    found += [f"event {name} twice" for name in _twice(events)]
    found += ["slash commands need the scope `commands`"] if commands and "commands" not in scopes else []
    for one in commands:
        found += [] if one["command"].startswith("/") else [f"{one['command']}: a command begins with /"]
        found += [] if one.get("should_escape") else [f"{one['command']}: should_escape, or no mention can be resolved"]
    return found
