"""Tasks and gates in rows: spreadsheet exports, and the tables of documents, by what their columns mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from callboard.core.errors import Refused
from callboard.imports.drafts import GATE, Item, Sheet, keyed
from callboard.planfile import notations
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
        "start": r"(?:planned |scheduled |target )?(?:start|begin)(?:s|ning)?(?: ?(?:date|day|on|at))?",
        "number": r"(?:issue |work ?item )?key",
        "needs": r"(?:is )?blocked by(?: \(dependencies\))?|inward issue link \(blocks\)",
        "group": r"section/column|list(?: name)?",
        "ended": r"completed (?:at|on)|(?:completion|resolved|closed) (?:date|at)|due complete",
        "gone": r"archived(?: (?:at|on))?",
        "resolution": r"resolution",
        "owner": r"members",
        "takes": r"original estimate|time estimated text",
        "level": r"outline level",
    }.items()
]
_TITLE = re.compile(
    r"gates?|milestones?|deliverables?|issues?|subject|(?:card|issue|story|feature) (?:name|title)", re.IGNORECASE
)
_GONE = re.compile(
    r"cancel+ed|dropped|won'?t (?:do|fix)|obsolete|duplicate|declined|abandoned|cannot reproduce", re.IGNORECASE
)
_EMPTY = re.compile(r"null|none|nan|undefined|\[\]|\{\}", re.IGNORECASE)
_NO = re.compile(r"false|no|0|", re.IGNORECASE)
_BEFORE = re.compile(r"(?P<id>\d{1,6})(?P<how>FS|SS|FF|SF)?(?P<lag> ?[+-] ?\d{1,6}(?:\.\d{1,3})? ?[a-z%]{1,10}\??)?")
"""What goes before in MS Project: `3`, `3FS+1 day`, `4SS`."""
_LANE = re.compile(r"done|completed?|in progress|doing|wip|blocked|on hold|to[- ]?do|backlog", re.IGNORECASE)
"""Lists of a board that say how what is in them stands."""
_UNIT = re.compile(r"(hour|hrs?\b|\bh\b)|(day|\bd\b)|(week|\bw\b)|(min)|(sec|^original estimate$)", re.IGNORECASE)
_JIRA_DAY = re.compile(r"(?P<day>\d{1,2})/(?P<month>[A-Z][a-z]{2})/(?:20)?(?P<year>\d{2})(?=\s|$)")
_MIDNIGHT = re.compile(r" (?:12:00(?::00)? ?AM|00:00:00)\Z", re.IGNORECASE)
UNITS = "hdwms"
"""Jira counts its original estimates in seconds, and does not say so."""
DEEPEST_HEAD = 20
MEANINGS = {
    **dict.fromkeys(("due", "until", "date"), "the due date"), "title": "the task", "takes": "the estimate",
    "number": "the id", "needs": "what it waits for", "items": "the criteria", "helpers": "the owner",
    "group": "the part", "failure": "the note", "ended": "when it was completed",
    "gone": "what is left out", "level": "how deep it is",
}  # fmt: skip


def columns(head: Sequence[str]) -> dict[str, int]:
    """Which column has which meaning; the first of two that mean the same."""
    made: dict[str, int] = {}
    plain = [" ".join(cell.replace("_", " ").split()).strip(" *`:?") for cell in head]
    for meaning, pattern in _OWN:
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
    place = next((at for at, (_, row) in enumerate(rows[:DEEPEST_HEAD]) if fits(row)), None)
    if place is None:
        line, cells = rows[0] if rows else (1, [])
        found = ", ".join(f"`{cell}`" for cell in cells if cell)[:200]
        sentence = "no column has the tasks: name one Task, and others Owner, Due or Status"
        raise Refused(f"Line {line}: {sentence}. The first row has {found}.")
    table = _Table(rows[place][1], sheet, rows)
    table.tell_columns(rows[place][0])
    ends = [line - 1 for line, _ in rows[1:]] + [max(last, rows[-1][0])]
    part = group
    for at, ((line, row), end) in enumerate(zip(rows, ends, strict=True)):
        following = rows[at + 1][1] if at + 1 < len(rows) else []
        if at != place and table.is_part(row, following):
            part = table.cells(row).get("title") or next(filter(None, row))
            sheet.tell(line, "part", part, end)
        elif at < place:
            sheet.tell(line, "left out", f"before the head of the table: {' '.join(filter(None, row))[:80]}")
        elif row != table.head:
            part = group if table.level(row) == 1 else part
            table.row(line, max(line, end), row, part)
        elif at > place:
            sheet.tell(line, "left out", "the head of the table again", end)


def fits(head: Sequence[str]) -> bool:
    """Whether the rows below such a head are tasks."""
    known = columns(head)
    return len(known) > 1 and "title" in known


def _day(due: str) -> str:
    """A day as Jira writes it, `04/Dec/26`, or ClickUp, in milliseconds; without the midnight behind a day alone."""
    if re.fullmatch(r"1\d{9}(?:\d{3})?", due):
        return f"{datetime.fromtimestamp(int(due[:10]), UTC):%Y-%m-%d}"
    return _JIRA_DAY.sub(r"\g<day> \g<month> 20\g<year>", _MIDNIGHT.sub("", due))


class _Table:
    """One table: its head, what its columns mean, and whether its days come before its months."""

    def __init__(self, head: Sequence[str], sheet: Sheet, rows: Rows) -> None:
        self.head, self.known, self.sheet = head, columns(head), sheet
        dates = [self.cells(row).get(word, "") for _, row in rows for word in ("due", "date", "until", "start")]
        self.day_first = notations.day_first(dates)
        found = _UNIT.search(head[self.known["takes"]]) if "takes" in self.known else None
        self.unit = UNITS[found.lastindex - 1] if found and found.lastindex else ""
        self.repeats = [row for _, row in rows].count(list(head)) > 1

    def is_part(self, row: Sequence[str], following: Sequence[str]) -> bool:
        """Whether a row names what those below belong to: before the head again, or above those of a deeper level."""
        alone = len(list(filter(None, row))) == 1
        again = self.repeats and alone and list(following) == list(self.head)
        return again or 0 < self.level(row) < self.level(following)

    def level(self, row: Sequence[str]) -> int:
        """How deep a row is in the outline of MS Project; 0 where nothing says."""
        said = self.cells(row).get("level", "")
        return int(said) if re.fullmatch(r"[1-9]\d?", said) else 0

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """What a row says, by the meaning of the columns."""
        return {word: cell for word, cell in sheets.read_row(self.known, row).items() if not _EMPTY.fullmatch(cell)}

    def others(self, row: Sequence[str]) -> list[str]:
        """The cells of all other columns."""
        return [
            f"{self.head[at]}: {cell}" if at < len(self.head) and self.head[at] else cell
            for at, cell in enumerate(row) if cell and at not in self.known.values() and not _EMPTY.fullmatch(cell)
        ]  # fmt: skip

    def tell_columns(self, line: int) -> None:
        words = (f"{self.head[at]} is {MEANINGS.get(meaning, f'the {meaning}')}" for meaning, at in self.known.items())
        self.sheet.tell(line, "columns", ", ".join(words))
        if lost := [f"`{cell}`" for at, cell in enumerate(self.head) if cell and at not in self.known.values()]:
            self.sheet.tell(line, "not taken", f"the columns {', '.join(lost)}: they are in the notes")

    def row(self, line: int, last: int, row: Sequence[str], group: str) -> None:
        """One row, which is an item unless it names none or is cancelled."""
        cells = self.cells(row)
        title = cells.get("title", "")
        gone = any(_GONE.fullmatch(cells.get(word, "")) for word in ("status", "resolution"))
        if not title or gone or not _NO.fullmatch(cells.get("gone", "")):
            self.sheet.tell(line, "left out", " ".join(filter(None, row))[:100], last)
            return
        item = Item(line, title, last, cells.get("number", ""), team=cells.get("team", ""))
        item.group = cells.get("group", group)
        keyed(item)
        said = (cells.get("kind", ""), title)
        item.gate = any(map(GATE.search, said)) or bool(GATE.fullmatch(self.head[self.known["title"]].strip()))
        item.owners = people(cells.get("owner", "")) + people(cells.get("helpers", ""))
        self.needs(item, cells.get("needs", ""))
        item.criteria += sheets.items(cells)
        self.details(item, cells)
        item.notes += self.others(row)
        self.sheet.items.append(item)

    def needs(self, item: Item, text: str) -> None:
        """What it waits for; how MS Project links them is told where it is not that one follows the other."""
        for word in labels.others(text):
            found = _BEFORE.fullmatch(word)
            item.needs.append(found["id"] if found else word)
            if found and (found["how"] not in (None, "FS") or found["lag"]):
                self.sheet.tell(item.line, "not taken", f"`{word}`: it waits until {found['id']} is done")

    def details(self, item: Item, cells: dict[str, str]) -> None:
        """How it stands, how much it matters, when it is due, how long it takes, and what else is said."""
        ended = cells.get("ended", "")
        is_over = not nobody(ended) and not _NO.fullmatch(ended)
        said = cells.get("status", "") or cells.get("percent", "") or ("completed" if is_over else "")
        self.sheet.status(item, said or (item.group if _LANE.fullmatch(item.group) else ""))
        self.sheet.priority(item, cells.get("priority", ""))
        due = next((cells[word] for word in ("due", "until", "date") if word in cells), "")
        if not nobody(due):
            self.sheet.due(item, moments.cell(_day(due), day_first=self.day_first), due)
        length = cells.get("takes", "")
        if not nobody(length) and not moments.NOTHING.fullmatch(length):
            self.sheet.estimate(item, length, self.unit)
        for word in ("note", "failure", "start", "kind"):
            text = cells.get(word, "")
            if not nobody(text) and not (word == "kind" and item.gate):
                item.notes.append(text if word == "note" else f"{self.head[self.known[word]]}: {text}")
