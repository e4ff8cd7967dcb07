"""Steps in rows: spreadsheet exports, and the tables of documents, by what their columns mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from callboard.core.errors import Refused
from callboard.planfile import notations
from callboard.runbooks.plan.documents import labels, moments, phrases
from callboard.runbooks.plan.documents.drafts import Draft, Said, Spans, Step
from callboard.runbooks.plan.documents.owners import EVERYONE, Names, nobody, people

Rows = Sequence[tuple[int, list[str]]]
COLUMNS = {
    "title": r"(?:(?:run-?book |deployment )?(?:steps?|tasks?|activit(?:y|ies)|actions?|items?|to-?dos?|what|"
    r"work ?items?|milestones?)(?: ?(?:name|title|description|summary))?|title|name|summary|"
    r"description of (?:task|step)|"
    r"aufgabe|schritt|tätigkeit)",
    "number": r"#|no\.?|nr\.?|num(?:ber)?|id|seq(?:uence)?|order|(?:step|task) ?(?:#|no\.?|id|number|nr\.?)|wbs|ref",
    "owner": rf"(?:{labels.OWNER})(?: ?(?:name|team|/ ?team|\(s\)))?|resources?(?: names?)?|person|primary|accountable|"
    r"responsible (?:team|person|party)|verantwortlich|zuständig",
    "helpers": r"support(?:ing)?(?: teams?)?|helpers?|backup|secondary|assist(?:ing)?|consulted",
    "date": r"(?:start |planned |target |due )?(?:date|day)|datum|tag",
    "start": r"(?:planned |scheduled |target )?(?:start|begin)(?:s|ning)?(?: ?(?:time|date|at|date/time|datetime))?"
    r"(?: ?\(.{1,20}\))?|time(?: ?\(.{1,20}\))?|when|at|t[+±-]|offset|clock|uhrzeit|zeit|beginn",
    "until": r"(?:planned |scheduled |target )?(?:end|finish|stop|due)(?: ?(?:time|date|at))?(?: ?\(.{1,20}\))?|ende",
    "takes": r"(?:est(?:imated|\.)? |planned |expected )?(?:duration|takes|length|effort|estimate|time needed|minutes|"
    r"mins?|hours|hrs?|eta|dauer)(?: ?[(\[].{1,20}[)\]])?",
    "needs": r"depends(?: ?on)?|dependenc(?:y|ies)|predecessors?|blocked ?by|after|needs|requires|waits for|"
    r"prerequisites?|abhängig(?: von)?",
    "status": r"status|state|done\??|complete(?:d)?\??|% ?complete|progress",
    "failure": r"roll-?back(?: steps?| plan| procedure)?|back-?out(?: plan)?|if (?:it )?fails?|on failure|"
    r"contingency|fallback",
    "group": r"phase|stage|section|group|category|work ?stream|stream|track|area",
    "items": r"sub-?(?:task|step)s?|check(?:list|s)?|items? to check|verification|acceptance(?: criteria)?|criteria",
    "note": r"notes?|comments?|remarks?|details?|description|instructions?|how|links?|commands?|bemerkung(?:en)?|"
    r"notizen|expected.{0,40}",
}
_COLUMNS = [(meaning, re.compile(words, re.IGNORECASE)) for meaning, words in COLUMNS.items()]
_MEANINGS = {
    "title": "step", "takes": "duration", "until": "end", "needs": "steps before it", "failure": "way back",
    "helpers": "support", "items": "checklist",
}  # fmt: skip
_TOTAL = re.compile(r"(?:sub-?|grand )?totals?:?|sum:?|summe:?", re.IGNORECASE)
_GONE = re.compile(r"cancel+ed|dropped|skip(?:ped)?|not needed|won'?t do|obsolete|n/?a", re.IGNORECASE)
_HOURS = re.compile(r"hour|hrs?\b|\bh\b", re.IGNORECASE)
_PART_OF_DAY = re.compile(r"0?[.,]\d{3,12}")
_LISTED = ("items", "note", "failure")
WORTH = ("number", "owner", "date", "start", "takes", "needs", "status")
DEEPEST_HEAD, NARROW = 20, 2


def columns(head: Sequence[str]) -> dict[str, int]:
    """Which column has which meaning; the first of two that mean the same."""
    made: dict[str, int] = {}
    words = [" ".join(re.sub(r"[*_`\n]", " ", cell).split()).strip(" :?") for cell in head]
    for meaning, pattern in _COLUMNS:
        fitting = (place for place, word in enumerate(words) if place not in made.values() and pattern.fullmatch(word))
        if (place := next(fitting, None)) is not None:
            made[meaning] = place
    if "title" not in made and "note" in made and len(made) > 1:
        made["title"] = made.pop("note")
    return made


def read_row(known: Mapping[str, int], row: Sequence[str]) -> dict[str, str]:
    """What a row says, by the meaning of the columns."""
    return {word: row[place] for word, place in known.items() if place < len(row) and row[place]}


def items(cells: Mapping[str, str]) -> Iterator[str]:
    """The checklist of a row."""
    return filter(None, (part.strip(" -•*[]") for part in cells.get("items", "").replace("; ", "\n").split("\n")))


def fits(head: Sequence[str]) -> bool:
    """Whether the rows below such a head are steps."""
    known = columns(head)
    return "title" in known and any(word in known for word in WORTH)


def read(rows: Rows, draft: Draft, names: Names, *, context: Step | None = None) -> None:
    """Add the steps that rows say. Raises Refused where no row is a head that names a column of steps."""
    place = next((number for number, (_, row) in enumerate(rows[:DEEPEST_HEAD]) if fits(row)), None)
    if place is None:
        found = ", ".join(f"`{cell}`" for cell in (rows[0][1] if rows else []) if cell)[:200]
        sentence = "No column has the steps: name one Step or Task, and others Owner, Start or Duration"
        raise Refused(f"{sentence}. The first row has {found}.")
    for line, row in rows[:place]:
        draft.tell(line, "left out", f"before the head of the table: {' '.join(filter(None, row))[:80]}")
    table = _Table(rows[place][1], rows[place + 1 :], draft, names, context or Step(0, ""))
    table.tell_columns(rows[place][0])
    table.learn()
    for line, row in table.body:
        table.row(line, row)


class _Table:
    """One table on its way: what merged cells above say of the row below."""

    def __init__(self, head: Sequence[str], body: Rows, draft: Draft, names: Names, context: Step) -> None:
        self.head, self.known, self.body, self.draft, self.names = head, columns(head), body, draft, names
        self.day_first = notations.day_first(
            [read_row(self.known, row).get(word, "") for _, row in body for word in ("date", "start")]
        )
        self.group, self.owners = context.group, list(context.owners)
        self.day = context.said.day if context.said else None
        self.last: Step | None = None

    def tell_columns(self, line: int) -> None:
        words = (
            f"{self.head[place]} is the {_MEANINGS.get(meaning, meaning)}" for meaning, place in self.known.items()
        )
        self.draft.tell(line, "columns", ", ".join(words))
        for place, cell in enumerate(self.head):
            if cell and place not in self.known.values():
                self.draft.tell(line, "not taken", f"the column `{cell}`: a step has no such thing")

    def learn(self) -> None:
        for _, row in self.body:
            cells = read_row(self.known, row)
            found = [name for word in ("owner", "helpers") for name in people(cells.get(word, ""))]
            self.names.add(*(name for name in found if name != EVERYONE))

    def row(self, line: int, row: list[str]) -> None:
        cells, filled = read_row(self.known, row), [cell for cell in row if cell]
        title = cells.get("title", "")
        if len(filled) == 1 and filled[0] in (row[0], title) and len(row) > NARROW:
            self.alone(line, filled[0], titled=title == filled[0] != row[0])
        elif _TOTAL.fullmatch(title or filled[0]):
            self.draft.tell(line, "left out", "a total")
        elif [cell.lower() for cell in row] == [cell.lower() for cell in self.head]:
            self.draft.tell(line, "left out", "the head again")
        elif _GONE.fullmatch(cells.get("status", "")):
            self.draft.tell(line, "left out", f"{title} is {cells['status'].lower()}")
        elif title:
            self.step(line, cells)
        else:
            self.below(line, cells)

    def alone(self, line: int, text: str, *, titled: bool) -> None:
        """A row with one cell: a step without owner and time, or the name of the rows below it."""
        said = moments.cell(text, day_first=self.day_first)
        if said and said.day and not said.clock:
            self.day = said.day
            self.draft.tell(line, "day", f"{text}, for the steps below")
        elif titled:
            self.step(line, {"title": text})
        else:
            self.group, self.owners = text[:80], []
            self.draft.tell(line, "group", text)

    def below(self, line: int, cells: dict[str, str]) -> None:
        """A row without a step goes on with the one above."""
        self.group = cells.get("group", self.group)
        if self.last is None or not any(word in cells for word in _LISTED):
            self.draft.tell(line, "left out", f"no step is named: {' '.join(cells.values())[:80]}")
            return
        self.more(self.last, cells)
        self.draft.tell(line, "note", f"of {self.last.title}")

    def step(self, line: int, cells: dict[str, str]) -> None:
        step = phrases.step(cells["title"], line, self.names, day_first=self.day_first)
        step.number = cells.get("number", step.number)
        step.group = self.group = cells.get("group", self.group)
        self.when(step, cells)
        self.takes(step, cells.get("takes", ""))
        if "owner" in cells:
            self.owners = people(cells["owner"])
        step.owners = list(self.owners) or step.owners
        step.helpers = people(cells.get("helpers", ""))
        step.needs = labels.others(cells.get("needs", ""))
        self.more(step, cells)
        self.last = step
        self.draft.steps.append(step)

    def more(self, step: Step, cells: dict[str, str]) -> None:
        """The checklist, the note and the way back."""
        step.items += items(cells)
        step.notes += [text for text in [cells.get("note", "")] if not nobody(text)]
        step.failure += [text for text in [cells.get("failure", "")] if not nobody(text)]

    def takes(self, step: Step, text: str) -> None:
        if not text or moments.NOTHING.fullmatch(text):
            return
        word = self.head[self.known["takes"]]
        unit = "h" if _HOURS.search(word) else "d" if "day" in word.lower() else "m"
        length = _of_sheet(text) or moments.duration(text, unit)
        step.takes = length or step.takes
        if not length:
            self.draft.tell(step.line, "not understood", f"`{text}` is no duration")

    def when(self, step: Step, cells: dict[str, str]) -> None:
        for word in ("date", "start"):
            self.moment(step, cells.get(word, ""))
        if self.day and step.said and not step.said.day:
            step.said = labels.joined(step.said, Said(day=self.day))
        end = moments.cell(cells["until"], day_first=self.day_first) if "until" in cells else None
        if end and end.clock and step.said and step.said.clock and end.day in (None, step.said.day):
            step.said = replace(step.said, until=end.clock)

    def moment(self, step: Step, text: str) -> None:
        said = moments.cell(text, day_first=self.day_first) if text else None
        if said:
            self.day = said.day or self.day
            step.said = labels.joined(step.said, said)
        elif text:
            self.draft.tell(step.line, "not understood", notations.doubtful(text) or f"`{text}` is no time")
        if said and not said.day and (doubt := notations.doubtful(text)):
            self.draft.tell(step.line, "not understood", doubt)


def _of_sheet(text: str) -> Spans | None:
    """A duration that a spreadsheet keeps as a part of a day: `0.0208333`."""
    words = text.strip()
    span = timedelta(minutes=round(float(words.replace(",", ".")) * 1440)) if _PART_OF_DAY.fullmatch(words) else None
    return (span, span) if span else None
