"""Files that belong to teams by section: which sections a file has, which of them a change touches, whose each is.

A section is known by its names from the outside in: the headings above a line of Markdown, `("Backend", "Set-up")`, or
the key at the top of YAML, TOML, JSON and INI with the one below it, `("backend", "backend.port")`. A zone names
sections by patterns, `Backend*`, in which a slash is a character like any other. The first wins.
"""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from io import StringIO
from typing import Any

Stack = tuple[str, ...]
Sections = Mapping[Stack, Any]
HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]++(.*))?")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
LONGEST = 1_000_000
"""Bytes; of what is longer, nobody looks into it."""
GAP = re.compile(r"[^\S\n]{100}")
MOST_DOTS = 300
"""In a line of TOML, whose reader takes the square of a key's parts; so does that of INI of a gap in a line."""
SLASH = "\x03"
STANDS_FOR_ALL = "*"


def readable(path: str) -> bool:
    return _suffix(path) in READERS


def touched(path: str, before: bytes | None, after: bytes | None) -> frozenset[Stack] | None:
    """The sections in which two states of a file differ; None where that cannot be told, and so is all of it."""
    read = READERS.get(_suffix(path))
    if read is None or max(len(before or b""), len(after or b"")) > LONGEST:
        return None
    try:
        was, now = (read((one or b"").decode()) for one in (before, after))
        return frozenset(stack for stack in {*was, *now} if was.get(stack) != now.get(stack))
    except (ValueError, RecursionError, configparser.Error):
        return None


def markdown(text: str) -> Sections:
    """The lines under each heading, in their order; those before the first have no name."""
    found: dict[Stack, list[str]] = {}
    above: list[tuple[int, str]] = []
    fence = ""
    for line in text.splitlines():
        heading = None if fence else HEADING.fullmatch(line)
        if heading:
            level = len(heading[1])
            above = [(depth, name) for depth, name in above if depth < level] + [(level, _title(heading[2] or ""))]
        elif mark := FENCE.match(line):
            fence = ("" if mark[1].startswith(fence) else fence) if fence else mark[1]
        found.setdefault(tuple(name for _, name in above), []).append(line)
    return found


def _title(text: str) -> str:
    """The text of a heading, without the #s that may close it."""
    title = text.rstrip(" \t")
    bare = title.rstrip("#")
    return bare.rstrip(" \t") if bare.endswith((" ", "\t")) else title


def keys(value: Any) -> Sections:
    """The values under each key and the one below it."""
    found: dict[Stack, Any] = {}
    for key, inner in value.items() if isinstance(value, Mapping) else [("", value)]:
        if isinstance(inner, Mapping) and inner:
            found |= {(str(key), f"{key}.{name}"): each for name, each in inner.items()}
        else:
            found[(str(key),) if key != "" else ()] = inner
    return found


class _Ini(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def _ini(text: str) -> Sections:
    if GAP.search(text):
        raise ValueError(text[:1])
    parser = _Ini(strict=False, allow_no_value=True, default_section="\x00")
    parser.read_file(StringIO(text))
    return keys({name: dict(parser.items(name)) for name in parser.sections()})


def _toml(text: str) -> Sections:
    if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
        raise ValueError(text[:1])
    return keys(import_module("tomllib").loads(text))


def from_yaml(text: str) -> Any:
    """The one value that a text in YAML is. Raises yaml.YAMLError."""
    from callboard.zones.yaml_values import value

    return value(text)


def _suffix(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower()


READERS: Mapping[str, Callable[[str], Sections]] = {
    **dict.fromkeys(("md", "markdown"), markdown),
    **dict.fromkeys(("yml", "yaml"), lambda text: keys(from_yaml(text) or {})),
    "json": lambda text: keys(json.loads(text or "{}")),
    "toml": _toml,
    **dict.fromkeys(("ini", "cfg", "conf"), _ini),
}
