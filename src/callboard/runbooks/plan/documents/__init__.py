"""Somebody's document, Markdown or a spreadsheet export, and the run-book that it is.

files: bytes of unknown encoding as text and rows
outline: a Markdown document as a tree with lines
parts: which parts of a document are the run-book
heads: what a document says before its steps
steps: what is a step, a group, an item or a note there
ways: ways back
sheets: steps in rows
phrases: what one line says of a step
labels: lines such as `Owner: Ops`
moments: times, days and durations as people write them
drafts: what is understood, and what becomes of each line
owners: whom a line names
schedule: when the steps are
section: the values of a plan file
text: their YAML
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

from callboard.core.errors import Refused
from callboard.core.words import capital
from callboard.planfile import notations
from callboard.planfile.sections import Document, Sections
from callboard.runbooks.plan.documents import drafts, files, heads, outline, parts, section, sheets, ways
from callboard.runbooks.plan.documents.drafts import Draft
from callboard.runbooks.plan.documents.owners import Crew, Names
from callboard.runbooks.plan.documents.parts import BACK
from callboard.runbooks.plan.documents.section import Imported
from callboard.runbooks.plan.documents.steps import Reader

MOST_STEPS, CHAPTER = 400, 2


def imported(
    content: bytes, file: str, sections: Sections, *, today: date, document: Document | None = None, name: str = "",
    part: str = "", day: date | None = None,
) -> Imported:  # fmt: skip
    """The run-book in a file, for the plan of `document`. Raises Refused where it has none."""
    crew = Crew(document)
    words, title = files.text(content), PurePath(file).stem.replace("_", " ").replace("-", " ")
    draft = Draft()
    if files.is_sheet(file, words):
        sheets.read(files.rows(words), draft, crew.names())
        none = "No row is a step: the column Step or Task is empty."
    else:
        _read(words, title, draft, crew.names(), part)
        none = (
            "No steps are in this document: I look for numbered lists, checkboxes, times, tables with a column Step or "
            "Task, and headings such as `Step 1`. With --part, name the heading above them."
        )
    if not draft.steps:
        raise Refused(none)
    if len(draft.steps) > MOST_STEPS:
        raise Refused(
            f"It has {len(draft.steps)} steps, and a run-book has at most {MOST_STEPS}: choose a --part of it."
        )
    return section.make(draft, crew, sections, name=name or draft.name or capital(title), today=today, day=day)


def _read(words: str, title: str, draft: Draft, names: Names, part: str) -> None:
    """Read a Markdown document into a draft."""
    document = parts.Document(words, title)
    heads.learn(document, names)
    chosen = document.chosen(part)
    taken, is_back = heads.read(document, draft, names), any(BACK.search(node.text) for node in chosen)
    reader = Reader(document, draft, names, back=is_back, taken=taken)
    for node in chosen:
        reader.enter(node)
    if len(chosen) == 1 and chosen[0] not in document.whole:
        draft.name = chosen[0].text
    back: Sequence[outline.Node] = [] if is_back else document.ways_back(part)
    for node in back:
        if node not in taken:
            ways.read(node, draft, names)
    draft.steps.sort(key=lambda step: step.line)
    draft.years, draft.others = document.years, document.other_lists([*chosen, *back])
    close = {line for node in (*chosen, *back) for line in range(node.line, node.end + 1)}
    for number, line in enumerate(words.split("\n"), 1) if document.day_first is None else ():
        if number in close and (doubt := notations.doubtful(line)):
            draft.tell(number, "not understood", doubt)
    chapters = {node.line: node.text for node in document.headings if node.level <= CHAPTER}
    drafts.tell_rest(words, draft, chapters, close)
