"""Writes plain values as YAML the way a person would, so that reading gives the same values again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from callboard.planfile.yaml_reader import NULLS, plain

PLAIN = re.compile(r"[A-Za-z0-9/_][A-Za-z0-9 _./+()@=~'-]*(?::[A-Za-z0-9/_.+-][A-Za-z0-9 _./+()@=~'-]*)*")
"""Text that means itself in any place; a colon within it has no blank behind."""
WORD = re.compile(r"[A-Za-z0-9_](?:[\w ./-]*[\w/-])?", re.ASCII)
OTHERWISE = re.compile(r"\d+(?::\d+)+|yes|no|on|off|y|n", re.IGNORECASE)
"""Text that other readers of YAML take for numbers and truths."""
UNSAFE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\uffef\U00010000-\U0010ffff]")
LONG = 100


def flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key(word)}: {flow(inner)}' for word, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


def scalar(value: Any, *, quoted: bool = False) -> str:
    """A text, number or truth; in quotes where it would mean something else, or where that is wanted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if not quoted and PLAIN.fullmatch(value) and value == value.strip() and _is_text(value):
        return value
    return _quoted(value)


def key(word: str) -> str:
    """A key; what would be read as another, or as more, is in quotes."""
    return word if WORD.fullmatch(word) else _quoted(word)


def block(value: Any, indent: int = 0) -> str:
    """A section, or all of a plan, with each entry in a line of its own where that is not too long."""
    return "\n".join(_rows(value, " " * indent))


def _rows(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for word, inner in value.items():
            yield from _below(f"{indent}{key(word)}:", inner, indent)
    else:
        for item in value:
            yield f"{indent}- {flow(item)}"


def _below(head: str, value: Any, indent: str) -> Iterator[str]:
    line = f"{head} {flow(value)}"
    nested = isinstance(value, Mapping | list) and value
    if nested and (len(line) > LONG or (not indent and _holds_more(value))):
        yield head
        yield from _rows(value, f"{indent}  ")
    else:
        yield line


def _holds_more(value: Any) -> bool:
    """Whether these are entries rather than words."""
    inner = value.values() if isinstance(value, Mapping) else value
    return any(isinstance(each, Mapping | list) for each in inner)


def _is_text(value: str) -> bool:
    return value not in NULLS and isinstance(plain(value), str) and not OTHERWISE.fullmatch(value)


def _quoted(text: str) -> str:
    """In double quotes; line ends and whatever no eye can see are escaped."""
    return UNSAFE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
