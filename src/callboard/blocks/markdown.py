"""Markdown: what people write stays what they wrote, and makes no heading, link, list or picture."""

from __future__ import annotations

import re
from typing import Any

SPECIAL = re.compile(r"[\\`*\[\]<>|~&]|(?<!\w)_|_(?!\w)|^(?:#{1,6}|[-+=]|\d{1,9}[.)])(?=\s|$)")
LINK = re.compile(r"(?i)\b(https?|ftp)(:)(?=//)|\b(www)(\.)(?=\w)")
TICKS = re.compile(r"`+")


class Code(str):
    """Text that is shown letter by letter, as paths are."""

    __slots__ = ()


def one_line(text: str) -> str:
    """A text without line breaks and control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def shown(value: Any) -> str:
    """A value as it stands in a Markdown file, in one line."""
    text = one_line(str(value))
    if isinstance(value, Code):
        fence = "`" * (max(map(len, TICKS.findall(text)), default=0) + 1)
        gap = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{fence}{gap}{text}{gap}{fence}" if text else ""
    return LINK.sub(_unlinked, SPECIAL.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    """A number at the beginning of a line needs its dot escaped; everything else its first letter."""
    text = found[0]
    return f"{text[:-1]}\\{text[-1]}" if text[0].isdigit() else f"\\{text}"


def _unlinked(found: re.Match[str]) -> str:
    return f"{found[1] or found[3]}\\{found[2] or found[4]}"
