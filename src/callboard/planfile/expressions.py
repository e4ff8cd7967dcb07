"""Every who-expression of a plan, found by its type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callboard.planfile.marks import marked
from callboard.planfile.sections import Document, Path
from callboard.planfile.types import WHO


@dataclass(frozen=True)
class Expression:
    """Words that mean people, and where they stand; `path` is that of the list."""

    path: Path
    words: tuple[str, ...]


def expressions(document: Document) -> Iterator[Expression]:
    """All of them in the sections that are valid."""
    for path, words in marked(document, WHO):
        if isinstance(words, tuple) and words:
            yield Expression(path, words)
