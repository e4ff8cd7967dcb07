"""How people call what an id of a plan stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callboard import blocks as b
from callboard.planfile.sections import Document


def named(document: Document, key: str) -> str:
    """A task by its title, a gate by its name, with the id beside it: ``Schema (`A-1`)``, in Slack's markup."""
    name = _name(document, key, _with_ids(document), ("title", "name"))
    return f"{b.escape(name)} (`{key}`)" if name else f"`{key}`"


def name_of(document: Document, key: str) -> str:
    """The name alone of a team, person, role, phase or area, without markup; its id where it has none."""
    return _name(document, key, [*_with_ids(document), "roles", "areas"], ("name",)) or key


def _with_ids(document: Document) -> list[str]:
    return [section.name for section in document.with_ids]


def _name(document: Document, key: str, sections: Iterable[str], words: Iterable[str]) -> str:
    for section in sections:
        items = document.body.get(section)
        part = items.get(key) if isinstance(items, Mapping) else None
        names = [part.get(word) for word in words] if isinstance(part, Mapping) else [part]
        if any(names):
            return str(next(filter(None, names)))
    return ""
