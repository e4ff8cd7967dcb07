"""Somebody's document, Markdown or a spreadsheet export, and the run-book that it is.

files: bytes of unknown encoding as text and rows
outline: a Markdown document as a tree with lines
moments: times, days and durations as people write them
phrases: what one line says of a step
parts: which parts of a document are the run-book
sheets: steps in rows
drafts: what is understood, and what becomes of each line
owners: whom the words of a document mean
section: the values of a plan file
text: their YAML
"""

from __future__ import annotations

from datetime import date
from pathlib import PurePath

from callboard.planfile.sections import Document, Sections
from callboard.runbooks.plan.documents import files, parts, section, sheets
from callboard.runbooks.plan.documents.drafts import Draft
from callboard.runbooks.plan.documents.owners import Crew
from callboard.runbooks.plan.documents.section import Imported


def imported(
    content: bytes, file: str, sections: Sections, *, today: date, document: Document | None = None, name: str = "",
    part: str = "", day: date | None = None,
) -> Imported:  # fmt: skip
    """The run-book in a file, for the plan of `document`. Raises Refused where it has none."""
    crew = Crew(document)
    words, title = files.text(content), PurePath(file).stem.replace("_", " ").replace("-", " ")
    draft = Draft()
    names = crew.names()
    if files.is_sheet(file, words):
        sheets.read(files.rows(words), draft, names)
        parts.bounded(draft)
    else:
        draft = parts.read(words, title, names, part)
    draft.name = name or draft.name or title[:1].upper() + title[1:]
    return section.make(draft, crew, sections, name=draft.name, today=today, day=day)
