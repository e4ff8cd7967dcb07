"""What a template left to be written: TODO, <name>, {{ title }}."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callboard.planfile.paths import walk
from callboard.planfile.sections import Document, Problem

WORDS = frozenset({"name", "title", "goal", "about", "note", "risk", "mitigation", "question", "ask", "tick", "link"})
"""The keys of texts that may say anything; elsewhere a placeholder is an error by itself."""
LEFT = re.compile(
    r"todo|tbd|tba|fixme|xx+|\?+|\.{3}|lorem ipsum.{0,200}|<[^<>]{1,60}>|\{\{.{0,60}\}\}|\$\{?\w{1,60}\}?",
    re.IGNORECASE,
)


def check(document: Document) -> Iterator[Problem]:
    """Warn of texts that are still to be written."""
    for path, written in walk(document.body):
        if isinstance(written, str) and path and path[-1] in WORDS and LEFT.fullmatch(written.strip()):
            yield document.warning(path, f"`{written.strip()}` is still to be written: say what it is")
