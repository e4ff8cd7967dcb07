"""JSON or YAML as plain values that know their lines, and remember what nobody asked of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from callboard.core.errors import Refused
from callboard.planfile import yaml_tree
from callboard.planfile.yaml_reader import plain
from callboard.runbooks.plan.documents import files

_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_LOOK = "read it with a JSON or YAML checker, and mend that line"
_TERRAFORM = re.compile(r"^(?:resource|data|module|provider|variable|terraform|locals)\b[^:{\n]{0,200}\{", re.MULTILINE)
SHOWN = 100


@dataclass(eq=False)
class Entry:
    """A mapping of the file, from line to line; `asked` are the keys that somebody read."""

    line: int
    last: int
    inner: dict[str, Any] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    at: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The first and the last line of each key with its value."""

    def get(self, *names: str) -> Any:
        """The value of the first of these keys that is there; all of them count as read."""
        self.asked.update(names)
        return next((self.inner[name] for name in names if name in self.inner), None)

    def text(self, *names: str) -> str:
        """A value as text; empty where it is none."""
        value = self.get(*names)
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

    def number(self, *names: str) -> float | None:
        """A value as a number; None where it is none, or below 0."""
        try:
            value = float(self.text(*names))
        except ValueError:
            return None
        return value if 0 <= value < 1e9 else None  # noqa: PLR2004 - in minutes that is two thousand years

    def entries(self, *names: str) -> list[Entry]:
        """The mappings of a list, or the one that stands there alone."""
        value = self.get(*names)
        every = value if isinstance(value, list) else [value]
        return [each for each in every if isinstance(each, Entry)]

    def texts(self, *names: str) -> list[str]:
        """The texts of a list, or the one that stands there alone."""
        value = self.get(*names)
        every = value if isinstance(value, list) else [value]
        return [str(each) for each in every if isinstance(each, str | int) and not isinstance(each, bool)]

    @property
    def read(self) -> bool:
        """Whether anybody asked it, or what is within, for anything."""
        return any(each.asked for each in walk(self))


def read(content: bytes) -> Any:
    """The values of a file. Raises Refused with the line of what cannot be read."""
    from yaml import MarkedYAMLError, YAMLError

    words = _PAIR.sub(_one, files.text(content, lines=files.LARGEST, longest=files.LARGEST))
    if _TERRAFORM.search(words):
        raise Refused("This is Terraform's own language: give me the JSON of it that `terraform show -json` prints.")
    try:
        root = yaml_tree.grow(words)
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        where = f"Line {mark.line + 1}: " if mark else ""
        raise Refused(
            f"{where}this is neither JSON nor YAML: {wrong.problem or 'it ends too early'}; {_LOOK}."
        ) from None
    except YAMLError:
        raise Refused(f"This is neither JSON nor YAML; {_LOOK}.") from None
    except yaml_tree.TooMuch as wrong:
        raise Refused(f"It is too much: {str(wrong).partition(':')[0]}.") from None
    return _value(root)


def _one(found: re.Match[str]) -> str:
    """Half a character and the other half, as JSON writes what is beyond 16 bits."""
    return bytes.fromhex(found[1] + found[2]).decode("utf-16-be")


def _value(node: Any) -> Any:
    match node:
        case yaml_tree.Scalar():
            return node.text if node.quoted else None if node.text in ("", "~", "null") else plain(node.text)
        case yaml_tree.Sequence():
            return [_value(each) for each in node.inner]
        case yaml_tree.Mapping():
            made = Entry(node.start.line + 1, _last(node))
            for key, value in node.pairs:
                word = key.text if isinstance(key, yaml_tree.Scalar) else "?"
                made.inner[word], made.at[word] = _value(value), (key.start.line + 1, _last(value))
            return made
        case yaml_tree.Alias():
            raise Refused(f"Line {node.start.line + 1}: write the value out instead of `*name`.")
    return None


def _last(node: yaml_tree.Node) -> int:
    """The last line of a value; a block of YAML ends where the next one begins."""
    open_end = (isinstance(node, yaml_tree.Branch) and not node.flow) or (
        isinstance(node, yaml_tree.Scalar) and node.quoted in ("|", ">")
    )
    return int(max(node.start.line, node.end.line - open_end)) + 1


def _shown(value: Any) -> str:
    if isinstance(value, Entry):
        return "{" + ", ".join(f"{key}: {_shown(inner)}" for key, inner in list(value.inner.items())[:8]) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value[:8]))}]"
    return json.dumps(value) if value is None or isinstance(value, bool) else " ".join(str(value).split())


def unasked(entry: Entry) -> Iterator[tuple[int, int, str]]:
    """What nobody read, `summary: Ops`, each with its first and its last line."""
    for key, value in entry.inner.items():
        within = [each for each in _direct(value) if each.read]
        if key not in entry.asked and not within:
            yield *entry.at[key], f"{key}: {_shown(value)}"[:SHOWN]
        for each in within:
            yield from unasked(each)


def _direct(value: Any) -> Iterator[Entry]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, list):
            yield from _direct(each)
        elif isinstance(each, Entry):
            yield each


def walk(value: Any) -> Iterator[Entry]:
    """Every mapping of a file, what holds others before those."""
    if isinstance(value, Entry):
        yield value
    for inner in value.inner.values() if isinstance(value, Entry) else value if isinstance(value, list) else ():
        yield from walk(inner)
