"""Steps in rows: spreadsheet exports, and the tables of documents, by what their columns mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from callboard.core.errors import Refused
from callboard.runbooks.plan.documents import moments, phrases
from callboard.runbooks.plan.documents.drafts import Draft, Said, Step
from callboard.runbooks.plan.documents.phrases import Names

Rows = Sequence[tuple[int, list[str]]]
COLUMNS = {
    "title": r"(?:(?:run-?book |deployment )?(?:steps?|tasks?|activit(?:y|ies)|actions?|items?|to-?dos?|what|work ?items?|milestones?)(?: ?(?:name|title|description|summary))?|title|name|summary|description of (?:task|step)|aufgabe|schritt|tätigkeit)",  # noqa: E501
    "number": r"#|no\.?|nr\.?|num(?:ber)?|id|seq(?:uence)?|order|(?:step|task) ?(?:#|no\.?|id|number|nr\.?)|wbs|ref",
    "owner": rf"(?:{phrases.OWNER})(?: ?(?:name|team|/ ?team|\(s\)))?|resources?(?: names?)?|person|primary|accountable|responsible (?:team|person|party)|verantwortlich|zuständig",  # noqa: E501
    "helpers": r"support(?:ing)?(?: teams?)?|helpers?|backup|secondary|assist(?:ing)?|consulted",
    "date": r"(?:start |planned |target |due )?(?:date|day)|datum|tag",
    "start": r"(?:planned |scheduled |target )?(?:start|begin)(?:s|ning)?(?: ?(?:time|date|at|date/time|datetime))?(?: ?\(.{1,20}\))?|time(?: ?\(.{1,20}\))?|when|at|t[+±-]|offset|clock|uhrzeit|zeit|beginn",  # noqa: E501
    "until": r"(?:planned |scheduled |target )?(?:end|finish|stop|due)(?: ?(?:time|date|at))?(?: ?\(.{1,20}\))?|ende",
    "takes": r"(?:est(?:imated|\.)? |planned |expected )?(?:duration|takes|length|effort|estimate|time needed|minutes|mins?|hours|hrs?|eta|dauer)(?: ?[(\[].{1,20}[)\]])?",  # noqa: E501
    "needs": r"depends(?: ?on)?|dependenc(?:y|ies)|predecessors?|blocked ?by|after|needs|requires|waits for|prerequisites?|abhängig(?: von)?",  # noqa: E501
    "status": r"status|state|done\??|complete(?:d)?\??|% ?complete|progress",
    "failure": r"roll-?back(?: steps?| plan| procedure)?|back-?out(?: plan)?|if (?:it )?fails?|on failure|contingency|fallback",  # noqa: E501
    "group": r"phase|stage|section|group|category|work ?stream|stream|track|area",
    "items": r"sub-?(?:task|step)s?|check(?:list|s)?|items? to check|verification|acceptance(?: criteria)?|criteria",
    "note": r"notes?|comments?|remarks?|details?|description|instructions?|how|links?|commands?|bemerkung(?:en)?|notizen|expected.*",  # noqa: E501
}
_COLUMNS = [(meaning, re.compile(words, re.IGNORECASE)) for meaning, words in COLUMNS.items()]
_TOTAL = re.compile(r"(?:sub-?|grand )?totals?:?|sum:?|summe:?", re.IGNORECASE)
_GONE = re.compile(r"cancel+ed|dropped|skip(?:ped)?|not needed|won'?t do|obsolete|n/?a", re.IGNORECASE)
WORTH = ("number", "owner", "date", "start", "takes", "needs", "status")
DEEPEST_HEAD = 20


def columns(head: Sequence[str]) -> dict[str, int]:
    """Which column has which meaning; the first of two that mean the same."""
    made: dict[str, int] = {}
    words = [" ".join(re.sub(r"[*_`\n]", " ", cell).split()).strip(" :?") for cell in head]
    for meaning, pattern in _COLUMNS:
        for place, word in enumerate(words):
            if word and place not in made.values() and pattern.fullmatch(word):
                made[meaning] = place
                break
    if "title" not in made and "note" in made and len(made) > 1:
        made["title"] = made.pop("note")
    return made


def fits(head: Sequence[str]) -> bool:
    """Whether the rows below such a head are steps."""
    known = columns(head)
    return "title" in known and any(word in known for word in WORTH)


def read(rows: Rows, draft: Draft, names: Names, *, context: Step | None = None) -> None:
    """Add the steps that rows say. Raises Refused where no row is a head that names a column of steps."""
    place = next((number for number, (_, row) in enumerate(rows[:DEEPEST_HEAD]) if fits(row)), None)
    if place is None:
        found = ", ".join(f"`{cell}`" for cell in (rows[0][1] if rows else []) if cell)[:200]
        raise Refused(
            f"No column has the steps: name one Step or Task, and others Owner, Start or Duration. The first row has {found}."  # noqa: E501
        )
    for line, row in rows[:place]:
        draft.tell(line, "left out", f"before the head of the table: {' '.join(filter(None, row))[:80]}")
    head, known = rows[place][1], columns(rows[place][1])
    unknown = [cell for number, cell in enumerate(head) if cell and number not in known.values()]
    said = ", ".join(f"{head[number]} is the {_MEANINGS.get(meaning, meaning)}" for meaning, number in known.items())
    draft.tell(rows[place][0], "columns", said + (f"; left out: {', '.join(unknown)}" if unknown else ""))
    body = rows[place + 1 :]
    _learn(body, known, names)
    first = day_first(
        [row[known[word]] for _, row in body for word in ("date", "start") if word in known and known[word] < len(row)]
    )
    _Table(head, known, draft, names, day_first=first, context=context).steps(body)


_MEANINGS = {
    "title": "step", "takes": "duration", "until": "end", "needs": "steps before it", "failure": "way back",
    "helpers": "support", "items": "checklist",
}  # fmt: skip


def _learn(body: Rows, known: dict[str, int], names: Names) -> None:
    for word in ("owner", "helpers"):
        for _, row in body:
            if word in known and known[word] < len(row):
                names.add(*(name for name in phrases.people(row[known[word]]) if name != "everyone"))


def day_first(cells: Sequence[str]) -> bool | None:
    """Whether 04/05/2026 is the fourth of May here, if another date of the column says so."""
    pairs = [(int(a), int(b)) for cell in cells for a, b in re.findall(r"\b(\d{1,2})/(\d{1,2})/\d{2,4}", cell)]
    if any(a > 12 for a, _ in pairs):  # noqa: PLR2004 - no month
        return True
    return False if any(b > 12 for _, b in pairs) else None  # noqa: PLR2004 - no month


class _Table:
    """One table on its way: what merged cells above say of the row below."""

    def __init__(
        self, head: Sequence[str], known: dict[str, int], draft: Draft, names: Names, *, day_first: bool | None,
        context: Step | None,
    ) -> None:  # fmt: skip
        self.head, self.known, self.draft, self.names, self.day_first = head, known, draft, names, day_first
        self.group = context.group if context else ""
        self.owners = list(context.owners) if context else []
        self.day = context.said.day if context and context.said else None
        self.last: Step | None = None

    def steps(self, body: Rows) -> None:
        for line, row in body:
            cells = {word: row[place] for word, place in self.known.items() if place < len(row) and row[place]}
            filled = [cell for cell in row if cell]
            if (
                len(filled) == 1
                and ("title" not in self.known or filled[0] in (row[0], cells.get("title")))
                and len(row) > 2  # noqa: PLR2004
            ):
                self.alone(line, filled[0], titled="title" in cells and cells["title"] == filled[0] != row[0])
            elif _TOTAL.fullmatch(cells.get("title") or filled[0]):
                self.draft.tell(line, "left out", "a total")
            elif [cell.lower() for cell in row] == [cell.lower() for cell in self.head]:
                self.draft.tell(line, "left out", "the head again")
            elif _GONE.fullmatch(cells.get("status", "")):
                self.draft.tell(line, "left out", f"{cells.get('title', '')} is {cells['status'].lower()}")
            elif "title" in cells:
                self.row(line, cells)
            else:
                self.below(line, cells)

    def alone(self, line: int, text: str, *, titled: bool) -> None:
        """A row with one cell: a step without owner and time, or the name of the rows below it."""
        said = moments.cell(text, day_first=self.day_first)
        if said and said.day and not said.clock:
            self.day = said.day
            self.draft.tell(line, "day", f"{text}, for the steps below")
        elif titled:
            self.row(line, {"title": text})
        else:
            self.group, self.owners = text[:80], []
            self.draft.tell(line, "group", text)

    def below(self, line: int, cells: dict[str, str]) -> None:
        """A row without a step goes on with the one above."""
        self.group = cells.get("group", self.group)
        if self.last is None:
            self.draft.tell(line, "left out", "no step is named")
            return
        for word in ("items", "note", "failure"):
            self.more(self.last, word, cells.get(word, ""))
        kept = any(word in cells for word in ("items", "note", "failure"))
        self.draft.tell(line, "note" if kept else "left out", f"of {self.last.title}" if kept else "no step is named")

    def row(self, line: int, cells: dict[str, str]) -> None:
        step = phrases.step(cells["title"].replace("\n", " "), line, self.names, day_first=self.day_first)
        step.number = cells.get("number", step.number)
        if cells.get("group"):
            self.group = cells["group"]
        step.group = self.group
        self.when(step, line, cells)
        if "takes" in cells:
            word = self.head[self.known["takes"]]
            unit = (
                "h" if re.search(r"hour|hrs?\b|\bh\b", word, re.IGNORECASE) else "d" if "day" in word.lower() else "m"
            )
            step.takes = moments.duration(cells["takes"], unit) or _of_excel(cells["takes"])
            if not step.takes:
                self.draft.tell(line, "not understood", f"`{cells['takes']}` is no duration")
        if "owner" in cells:
            self.owners = phrases.people(cells["owner"])
        step.owners = list(self.owners) or step.owners
        step.helpers = phrases.people(cells.get("helpers", ""))
        step.needs = [part for part in re.split(r"\s*[,;&\n]\s*", cells.get("needs", "")) if part.strip(" -–")]
        for word in ("items", "note", "failure"):
            self.more(step, word, cells.get(word, ""))
        self.last = step
        self.draft.steps.append(step)

    def more(self, step: Step, word: str, text: str) -> None:
        if text and word == "items":
            step.items += [part.strip(" -•*[]") for part in re.split(r"\n|;\s", text) if part.strip(" -•*[]")]
        elif text and not re.fullmatch(r"\W*(?:n/?a|none)?\W*", text, re.IGNORECASE):
            (step.notes if word == "note" else step.failure).append(text)

    def when(self, step: Step, line: int, cells: dict[str, str]) -> None:
        for word in ("date", "start"):
            if word in cells:
                said = moments.cell(cells[word], day_first=self.day_first)
                if said is None:
                    unclear = re.search(r"\d/\d", cells[word])
                    hint = ": which is the day? Write it as 2026-05-04" if unclear else ""
                    self.draft.tell(line, "not understood", f"`{cells[word]}` is no time{hint}")
                else:
                    self.day = said.day or self.day
                    step.said = phrases.joined(step.said, said)
        if self.day and step.said and not step.said.day:
            step.said = phrases.joined(step.said, Said(day=self.day))
        end = moments.cell(cells["until"], day_first=self.day_first) if "until" in cells else None
        if end and end.clock and step.said and step.said.clock and end.day in (None, step.said.day):
            step.said = Said(step.said.clock, end.clock, step.said.day, step.said.zone)


def _of_excel(text: str) -> tuple[timedelta, timedelta] | None:
    """A duration that a sheet keeps as a part of a day: `0.0208333`."""
    found = re.fullmatch(r"0?[.,]\d{3,}", text.strip())
    span = timedelta(minutes=round(float(text.replace(",", ".")) * 1440)) if found else None
    return (span, span) if span else None
