"""Texts that are longer than Slack shows: where they are, and after how many characters they are cut."""

from __future__ import annotations

from collections.abc import Iterator

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.planfile.paths import walk
from callboard.planfile.sections import Document, Path, Problem

LONG = b.HEADER
"""No text of fewer characters is spoken of: names that a narrow button cuts are still understood."""
HEADINGS, MENUS, LABELS = (b.HEADER, "a heading"), (b.BUTTON, "a menu"), (forms.LABEL, "a form")
PARAGRAPHS = (m.TEXT, "a message")
PLACES = {
    **dict.fromkeys(("name", "title", "level"), HEADINGS),
    **dict.fromkeys(("categories", "checklist", "criteria", "tick", "severities"), MENUS),
    **dict.fromkeys(("questions", "question", "ask", "form"), LABELS),
}


def check(document: Document) -> Iterator[Problem]:
    """Warn of each text whose end nobody would read in Slack."""
    for path, value in walk(document.body):
        for text in value if path and path[-1] == "severities" and isinstance(value, dict) else (value,):
            limit, where = _limit(path)
            if isinstance(text, str) and len(text) >= LONG and len(text) > limit:
                sentence = f"this has {len(text)} characters, and {where} in Slack shows {limit}: write less"
                yield document.warning(path, sentence)


def _limit(path: Path) -> tuple[int, str]:
    """How much Slack shows of the text at a path, and in what."""
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    holder = next((step for step in reversed(path[:-1]) if step in PLACES), "")
    return PLACES.get(key) or (PLACES.get(str(holder)) if holder in ("questions", "severities") else None) or PARAGRAPHS
