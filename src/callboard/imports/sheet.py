"""Tasks and gates in rows: spreadsheet exports, and the tables of documents, by what their columns mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callboard.core.errors import Refused
from callboard.imports.drafts import GATE, Item, Sheet, keyed
from callboard.runbooks.plan.documents import labels, moments, sheets
from callboard.runbooks.plan.documents.owners import nobody, people

Rows = Sequence[tuple[int, list[str]]]
_OWN = [
    (meaning, re.compile(words, re.IGNORECASE))
    for meaning, words in {
        "team": r"(?:lead |owning |responsible )?(?:teams?|squad|group|department)",
        "due": r"(?:due|deadline|target|end|finish)(?: ?(?:date|day|by|time))?|by when|until",
        "priority": r"priority|prio|severity|importance|moscow",
        "kind": r"type|kind|issue ?type|tracker",
        "percent": r"%(?: ?(?:done|complete))?|percent(?: complete)?|progress",
        "note": r"link|url",
    }.items()
]
_TITLE = re.compile(r"gates?|milestones?|deliverables?|issues?|subject", re.IGNORECASE)
_GONE = re.compile(r"cancel+ed|dropped|won'?t do|obsolete|duplicate", re.IGNORECASE)
_UNIT = re.compile(r"(hour|hrs?\b|\bh\b)|(day|\bd\b)|(week|\bw\b)|(min)", re.IGNORECASE)
UNITS = "hdwm"
DEEPEST_HEAD = 20


def columns(head: Sequence[str]) -> dict[str, int]:
    """Which column has which meaning; the first of two that mean the same."""
    made: dict[str, int] = {}
    plain = [" ".join(cell.split()).strip(" *_`:?") for cell in head]
    for meaning, pattern in _OWN[:-1]:
        found = next((at for at, cell in enumerate(plain) if at not in made.values() and pattern.fullmatch(cell)), None)
        if found is not None:
            made[meaning] = found
    rest = sheets.columns(["" if at in made.values() else cell for at, cell in enumerate(plain)])
    made |= {meaning: at for meaning, at in rest.items() if meaning not in made}
    if "title" not in made:
        found = next((at for at, cell in enumerate(plain) if _TITLE.fullmatch(cell)), None)
        made |= {"title": found} if found is not None else {}
    return made


def read(rows: Rows, sheet: Sheet, *, group: str = "", last: int = 0) -> None:
    """Add what the rows say. Raises Refused where no row is a head that names a column of tasks."""
    place = next((at for at, (_, row) in enumerate(rows[:DEEPEST_HEAD]) if len(known := columns(row)) > 1 and "title" in known), None)
    if place is None:
        line, cells = rows[0] if rows else (1, [])
        found = ", ".join(f"`{cell}`" for cell in cells if cell)[:200]
        sentence = "no column has the tasks: name one Task, and others Owner, Due or Status"
        raise Refused(f"Line {line}: {sentence}. The first row has {found}.")
    head, known = rows[place][1], columns(rows[place][1])
    for line, row in rows[:place]:
        sheet.tell(line, "left out", f"before the head of the table: {' '.join(filter(None, row))[:80]}")
    sheet.tell(rows[place][0], "columns", ", ".join(f"{head[at]} is the {meaning}" for meaning, at in known.items()))
    lost = [cell for at, cell in enumerate(head) if cell and at not in known.values()]
    texts = [row[known[word]] for _, row in rows for word in ("due", "date", "until") if word in known and known[word] < len(row)]
    day_first = moments.day_first(texts)
    ends = [line - 1 for line, _ in rows[1:]] + [max(last, rows[-1][0])]
    for (line, row), end in list(zip(rows, ends, strict=True))[place + 1 :]:
        cells = {word: row[at] for word, at in known.items() if at < len(row) and row[at]}
        item = _item(line, max(line, end), cells, sheet, head, known, day_first=day_first)
        if item is None:
            sheet.tell(line, "left out", " ".join(filter(None, row))[:100], max(line, end))
            continue
        item.group = cells.get("group", group)
        for at, cell in enumerate(row):
            if cell and at not in known.values():
                item.notes.append(f"{head[at]}: {cell}" if at < len(head) and head[at] else cell)
    if lost:
        sheet.tell(rows[place][0], "not taken", f"the columns {', '.join(f'`{cell}`' for cell in lost)}: they are in the notes")


def _item(
    line: int, last: int, cells: dict[str, str], sheet: Sheet, head: Sequence[str], known: dict[str, int], *, day_first: bool | None
) -> Item | None:  # fmt: skip
    title = cells.get("title", "")
    if not title or _GONE.fullmatch(cells.get("status", "")):
        return None
    item = Item(line, title, last, cells.get("number", ""), team=cells.get("team", ""))
    keyed(item)
    item.gate = bool(GATE.search(cells.get("kind", "")) or GATE.search(title) or GATE.fullmatch(head[known["title"]].strip()))
    item.owners = people(cells.get("owner", ""))
    item.owners += people(cells.get("helpers", ""))
    item.needs = labels.others(cells.get("needs", ""))
    item.criteria = [part.strip(" -•*[]") for part in cells.get("items", "").replace("; ", "\n").split("\n") if part.strip(" -•*[]")]
    sheet.status(item, cells.get("status", "") or cells.get("percent", ""))
    sheet.priority(item, cells.get("priority", ""))
    _times(item, cells, sheet, head, known, day_first=day_first)
    for word in ("note", "failure", "start", "kind"):
        text = cells.get(word, "")
        if not nobody(text) and not (word == "kind" and item.gate):
            item.notes.append(text if word == "note" else f"{head[known[word]]}: {text}")
    sheet.items.append(item)
    return item


def _times(
    item: Item, cells: dict[str, str], sheet: Sheet, head: Sequence[str], known: dict[str, int], *, day_first: bool | None
) -> None:  # fmt: skip
    written = next((cells[word] for word in ("due", "until", "date") if word in cells), "")
    if written and not nobody(written):
        item.due = moments.cell(written, day_first=day_first)
        if not item.due or not item.due.day:
            item.due = None
            sheet.unclear(item, "Due", written, "no day: write it as 2026-05-04")
    if not nobody(length := cells.get("takes", "")):
        of_head = _UNIT.search(head[known["takes"]])
        unit = UNITS[of_head.lastindex - 1] if of_head and of_head.lastindex else ""
        item.estimate = moments.duration(length, unit or "h") if unit or any(map(str.isalpha, length)) else None
        if not item.estimate:
            sheet.unclear(item, "Estimate", length, "no duration: write it as 4h or 2d")
