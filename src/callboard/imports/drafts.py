"""Tasks and gates as a file has them, and the words by which people write their status and priority."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from callboard.planfile import notations
from callboard.runbooks.plan.documents import moments
from callboard.runbooks.plan.documents.drafts import Draft, Said, Spans

GATE = re.compile(
    r"\b(?:gates?|sign[- ]?offs?|milestones?|go[ /-]*no[- ]?go|(?:exit|acceptance|entry) criteria)\b", re.IGNORECASE
)
DECISION = re.compile(r"\bgo[ /-]*no[- ]?go\b", re.IGNORECASE)
KEY = re.compile(
    r"(?P<key>[A-Za-z]{1,15}-?\d{1,6}(?:\.\d{1,3})?|[A-Z][A-Z0-9]{1,15}(?:-[A-Z0-9]{1,15}){1,4})(?: ?[:.)] | [-–—] |$)"
)
_STATUS = {
    "completed": r"done|completed?|closed|finished|resolved|merged|shipped|yes|x|100 ?%|✓|✔|✅|☑",
    "in progress": r"in[ -_]?progress|doing|started|wip|ongoing|active|working on it"
    r"|(?:in |code |ready for )?(?:review|test(?:ing)?|qa|development)|[1-9]\d? ?%|🚧|⏳|🔄|🟡",
    "blocked": r"blocked|on hold|waiting|stuck|⛔|🚫|🛑|🔴",
    "not started": r"not (?:yet )?started|to[- ]?do|open|planned|backlog|new|pending|ready|no|0 ?%|-|–|☐"
    r"|selected for development|❌",
}
_PRIORITY = {
    "critical": r"critical|blocker|highest|urgent|must(?:[ -]have)?|p0|prio ?0|1",
    "high": r"high|major|should(?:[ -]have)?|p1|prio ?1|2",
    "medium": r"medium|normal|moderate|could(?:[ -]have)?|p2|prio ?2|3",
    "low": r"low|lowest|minor|trivial|nice[ -]to[ -]have|p[345]|prio ?[345]|[45]",
}


SIGNS = "✅✔✓☑🚧⏳🔄🟡🟢⛔🚫🛑🔴❌ "
"""What stands before a status where a word says it, too."""


@dataclass
class Item:
    """A task or a gate; `needs` are ids or titles of others, `group` is the heading or part that it is under."""

    line: int
    title: str
    last: int = 0
    key: str = ""
    gate: bool = False
    owners: list[str] = field(default_factory=list)
    team: str = ""
    due: Said | None = None
    status: str = ""
    percent: int | None = None
    priority: str = ""
    estimate: Spans | None = None
    needs: list[str] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    group: str = ""


@dataclass
class Sheet(Draft):
    """All items of a file, and what became of its lines."""

    items: list[Item] = field(default_factory=list)

    def status(self, item: Item, text: str) -> None:
        """Take a status as people write it."""
        words = text.strip().strip("[]").lower()
        bare = words.partition(" (")[0].lstrip(SIGNS) or words.strip()
        item.status = _meant(_STATUS, bare.replace("\ufe0f", ""))
        if (found := re.fullmatch(r"(\d{1,2}) ?%", words)) and found[1] != "0":
            item.percent = int(found[1])
        if words and not item.status:
            self.unclear(item, "Status", text, "no status: not started taken")

    def priority(self, item: Item, text: str) -> None:
        """Take a priority as people write it."""
        item.priority = _meant(_PRIORITY, text.strip(" *").lower())
        if text.strip().lower() not in ("", "no priority") and not item.priority:
            self.unclear(item, "Priority", text, "no priority")

    def due(self, item: Item, said: Said | None, text: str) -> None:
        """Take a due moment that has a day."""
        if said and said.day:
            item.due = said
        else:
            self.unclear(item, "Due", text, notations.two_days(text) or "no day: write it as 2026-05-04")

    def estimate(self, item: Item, text: str, unit: str = "") -> None:
        """Take how long it takes; a number alone is of `unit`, and means nothing where there is none."""
        item.estimate = moments.duration(text, unit or "h") if unit or any(map(str.isalpha, text)) else None
        if not item.estimate:
            self.unclear(item, "Estimate", text, "no duration: write it as 4h or 2d")

    def unclear(self, item: Item, word: str, text: str, why: str) -> None:
        """Keep in the note what is not understood, and tell of it."""
        item.notes.append(f"{word}: {text}")
        self.tell(item.line, "not understood", f"`{text}` is {why}")


def _meant(words: dict[str, str], text: str) -> str:
    return next((word for word, pattern in words.items() if re.fullmatch(pattern, text, re.IGNORECASE)), "")


def keyed(item: Item) -> None:
    """Take the id with which a title begins: `OPS-3: Back up`."""
    found = KEY.match(item.title)
    if found and not item.key and item.title[found.end() :].strip():
        item.key, item.title = found["key"], item.title[found.end() :].strip()
