"""Ways back in a document: a part with its steps, or several with a time for each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from callboard.runbooks.plan.documents import moments, phrases
from callboard.runbooks.plan.documents.drafts import Draft, Rollback
from callboard.runbooks.plan.documents.labels import TOLD, labelled
from callboard.runbooks.plan.documents.outline import Node
from callboard.runbooks.plan.documents.owners import Names, people
from callboard.runbooks.plan.documents.parts import NUMBERED

MOST_STEPS, LINE, NAME = 60, 500, 100


def read(node: Node, draft: Draft, names: Names) -> None:
    """Add the ways back that a part says."""
    several = [child for child in node.children if _limit(child.children)]
    if len(several) > 1:
        draft.tell(node.line, "part", node.text)
        for child in several:
            _add(child, child.children, draft, names)
    else:
        _add(node, list(node.walk())[1:], draft, names)


def _add(node: Node, lines: list[Node], draft: Draft, names: Names) -> None:
    steps = [line for line in lines if (line.entry or NUMBERED.match(line.text)) and not labelled(line.text)[0]]
    limit = _limit(lines)
    if not steps and not limit:
        return
    way = Rollback(node.line, phrases.step(node.text, 0, names).title[:NAME], limit, _owners(lines, steps, names))
    draft.tell(way.line, "rollback", way.name)
    for line in lines:
        kind, value, _ = labelled(line.text)
        if line in steps[:MOST_STEPS]:
            way.steps.append(line.text[:LINE])
            draft.tell(line.line, "its step", line.text[:NAME])
        elif kind in ("scope", "impact"):
            setattr(way, kind, value)
        if kind in ("scope", "impact", "owner", "takes", "said"):
            draft.tell(line.line, TOLD.get(kind, kind), value[:NAME])
    draft.rollbacks.append(way)


def _owners(lines: Iterable[Node], steps: Iterable[Node], names: Names) -> list[str]:
    """Who leads: whom a label names, else whom every step names."""
    for line in lines:
        kind, value, _ = labelled(line.text)
        if kind == "owner":
            return people(value)
    named = [phrases.step(line.text, 0, names).owners for line in steps]
    return named[0] if named and all(owners == named[0] for owners in named) else []


def _limit(lines: Iterable[Node]) -> timedelta | None:
    """How long the way back takes, where a line says it."""
    for line in lines:
        kind, value, _ = labelled(line.text)
        length = moments.duration(value) or moments.first_duration(value) if kind in ("takes", "said") else None
        if length:
            return length[1]
    return None
