"""Amounts that say something else than they seem to: no time at all for never, and 0.5 for a half."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from callboard.planfile.marks import marked
from callboard.planfile.paths import find
from callboard.planfile.sections import Document, Problem
from callboard.planfile.types import LASTING, PERCENTAGE

FRACTION = re.compile(r"0?\.\d+")


def check(document: Document) -> Iterator[Problem]:
    """Refuse durations of nothing, but where nothing is at once, and warn of percentages that look like fractions."""
    for path, span in marked(document, LASTING):
        if span == timedelta():
            sentence = f"`{path[-1]}` of no time would mean never, or without end"
            yield document.error(path, f"{sentence}: write more, such as 15m, or leave it out")
    for path, _ in marked(document, PERCENTAGE):
        if sentence := fraction(find(document.body, path)):
            yield document.warning(path, sentence)


def fraction(written: Any) -> str:
    """What to write instead of a percentage, or two, that looks like a fraction; empty for any other."""
    for text in map(str.strip, str(written).split("-")):
        if FRACTION.fullmatch(text) and float(text):
            share = f"{float(text) * 100:g}%"
            return f"`{text}` is {float(text):g}% here: write {share} if you mean that, else {float(text):g}%"
    return ""
