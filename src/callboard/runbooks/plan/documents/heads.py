"""What a document says before its steps: of whom it speaks, and what is said of the whole run-book."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile

from callboard.planfile import notations
from callboard.runbooks.plan.documents import moments, phrases
from callboard.runbooks.plan.documents.drafts import Draft
from callboard.runbooks.plan.documents.labels import TOLD, labelled
from callboard.runbooks.plan.documents.outline import Node
from callboard.runbooks.plan.documents.owners import Names, people
from callboard.runbooks.plan.documents.parts import Document

_TEAM = re.compile(r"\b([A-Z][\w-]{1,20}) Team\b")
_CHANNEL = re.compile(r"#[\w-]+")
_LABEL = re.compile(r"[\w ]{1,30}:")
LINE, SHOWN, SHORT = 500, 100, 20


def read(document: Document, draft: Draft, names: Names) -> set[Node]:
    """Take the title and the lines below it into a draft; which of them are taken."""
    top = document.top
    if top is not document.root:
        draft.name = phrases.step(top.text, 0, names).title
        draft.tell(top.line, "name", draft.name)
    taken: set[Node] = set()
    for whole in dict.fromkeys(document.whole):
        for node in takewhile(lambda node: node.kind == "paragraph" and not document.said(node), whole.children):
            if kind := _line(node, draft, document):
                taken.add(node)
                draft.tell(node.line, TOLD.get(kind, kind), node.text[:SHOWN])
    return taken


def _line(node: Node, draft: Draft, document: Document) -> str:
    """Take a line below the title; what it is about, empty where it is not taken."""
    kind, value, _ = labelled(node.text)
    day, channel = notations.day(value, day_first=document.day_first), _CHANNEL.search(value)
    if kind == "owner" and not draft.owners:
        draft.owners = people(value)
    elif kind == "said" and day and not draft.day:
        draft.day = day
    elif kind == "channel" and channel:
        draft.channel = channel[0]
    elif kind == "name" and not draft.name:
        draft.name = value
    elif not draft.about and (kind == "about" or (len(node.text) > SHORT and not _LABEL.match(node.text))):
        kind, draft.about = "about", (value or node.text)[:LINE]
    else:
        return ""
    return kind


def learn(document: Document, names: Names) -> None:
    """Add the teams and people of whom the document speaks as such."""
    for node in document.root.walk():
        kind, value, _ = labelled(node.text) if node.kind in ("paragraph", "bullet") else ("", "", "")
        names.add(*(people(value) if kind in ("owner", "helpers") else ()), *phrases.leads(node.text))
        said, rest = moments.leading(node.text) if node.kind != "heading" else (None, "")
        names.add(
            *(_TEAM.findall(node.text) if node.kind == "heading" else ()), *(phrases.subjects([rest]) if said else ())
        )
        texts = [child.text for child in node.entries]
        names.add(*(word for word, times in Counter(phrases.subjects(texts)).items() if times > 1 and " " not in word))
        behind = phrases.behind(texts)
        if len(behind) > len(set(behind)) or len(behind) * 2 > len(texts) > 1:
            names.add(*behind)
