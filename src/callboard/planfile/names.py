"""How people call what an id stands for, and what they meant by a word that is none."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from callboard.blocks import markup as m
from callboard.core.errors import did_you_mean
from callboard.planfile.sections import PART, Document, Sections

KNOWN_BY = {"email": "address", "slack": "Slack id", "github": "name at GitHub", "title": "title"}
"""By what people name somebody or something that has an id."""


def called(sections: Sections, key: str) -> str:
    """What an entry below a top-level key is called: `task`, `run-book`; empty where that has no word."""
    return next((s.one if s.name == key else s.inner[key] for s in sections if key == s.name or key in s.inner), "")


def named(document: Document, key: str) -> str:
    """A task by its title, a gate by its name, with the id beside it: ``Schema (`A-1`)``, in Slack's markup."""
    name = _name(document, key, [section.name for section in document.with_ids], ("title", "name"))
    return f"{m.escape(name)} (`{key}`)" if name else f"`{key}`"


def name_of(document: Document, key: str) -> str:
    """The name alone of a team, person, role, phase or area, without markup; its id where it has none."""
    return _name(document, key, [*(section.name for section in document.with_ids), "roles", "areas"], ("name",)) or key


def nearest(document: Document, word: str, known: Iterable[str]) -> str:
    """End a sentence about an unknown id: the id of what is called so, what has this id, or else the nearest one.

    `Gate 1` is what `Gate 1: Omega` is called too.
    """
    keys, wanted = list(known), word.strip().lower()
    if (parts := [part.strip() for part in word.split(",")])[1:] and set(parts) <= set(keys):
        return f"several are a list: write [{', '.join(parts)}]"
    titles = {key: name_of(document, key).lower() for key in keys if key != word}
    if named := next((key for key, title in titles.items() if wanted in (title, title.partition(":")[0].strip())), ""):
        return f"did you mean `{named}`, whose name this is?"
    for key, (part, what) in itertools.product(keys, KNOWN_BY.items()):
        if wanted == _name(document, key, [section.name for section in document.with_ids], (part,)).lower():
            return f"did you mean `{key}`, whose {what} this is?"
    other = next((section.one for section in document.with_ids if word in document.keys(section.name)), "")
    return f"{f'{word} is a {other}; ' if other else ''}{did_you_mean(word, keys)}"


def _name(document: Document, key: str, sections: Sequence[str], words: Iterable[str]) -> str:
    for section in sections:
        items = document.body.get(section)
        part = items.get(key) if isinstance(items, Mapping) else None
        names = [part.get(word) for word in words] if isinstance(part, Mapping) else [part]
        if any(names):
            return str(next(filter(None, names)))
    whole, _, part_of_it = key.partition(PART)
    name = _name(document, whole, sections, words) if part_of_it else ""
    return f"{name}: {part_of_it}" if name else ""
