"""Lines in as many paragraphs as a message or form holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from callboard.core import blocks as b

LONGEST = 2800


def paragraphs(lines: Iterable[str], most: int, rest: str = "") -> Iterator[dict[str, Any]]:
    """The lines in up to `most` paragraphs; what is over is counted, and `rest` says where it is."""
    left = [b.clip(line, LONGEST) for line in lines]
    for _ in range(most):
        taken = _fitting(left)
        if not taken:
            return
        yield b.section("\n".join(left[:taken]))
        left = left[taken:]
    if left:
        yield b.context(f"and {len(left)} lines more{rest}")


def _fitting(lines: list[str]) -> int:
    size = 0
    for count, line in enumerate(lines):
        size += len(line) + 1
        if size > LONGEST + 1:
            return count
    return len(lines)
