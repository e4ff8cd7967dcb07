"""Which parts of a document are its run-book, by what their headings speak of and by what is in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from callboard.core.errors import Refused
from callboard.planfile import notations
from callboard.runbooks.plan.documents import moments, outline, sheets
from callboard.runbooks.plan.documents.outline import Node

RUN = re.compile(
    r"deploy|releas|roll-?out|launch|go-?live|cut-?over|migrat|run-?book|play-?book|maintenance|upgrade|fail-?over|"
    r"implementation plan|switch-?over|installation|publish|shut-?down|start-?up",
    re.IGNORECASE,
)
LIST = re.compile(r"procedure|sequence|\bsteps?\b|checklist|to-?do", re.IGNORECASE)
NOT = re.compile(
    r"overview|background|\bscope\b|contacts?\b|escalat|metrics?\b|\bkpi|criteria|references?\b|\blinks?\b|"
    r"related|glossary|agenda|questions?\b|\brisks?\b|lessons|\broles?\b|responsib|\bfaq|troubleshoot|appendix|history|"
    r"change-?log|contents\b|known issues|conclusion|progress|objective|deliverable|goals?\b|assumption|"
    r"principle|standards?\b|"
    r"structure|example|template|happening|glance|\bstatus|environments?\b|impact|recognition|reviewers?\b|"
    r"metadata|information|"
    r"participants|dependenc|inputs?\b|outputs?\b|modifications|requirements|protocols?\b|introduction|"
    r"pre-?requisit|purpose|^monitoring$",
    re.IGNORECASE,
)
"""What no step is under."""
ELSEWHERE = re.compile(
    r"stand-?up|meeting|communicat|\bgates?\b|checkpoint|approv|sign-?off|tracking|reviews? checklist|emergency|"
    r"triggers?\b|monitoring|success|\btasks\b|blockers?\b|onboarding",
    re.IGNORECASE,
)
"""What is no run-book by itself, and may be a part of one."""
BACK = re.compile(r"\b(?:roll(?:ing)?[- ]?backs?|back-?out|revert plan|recovery plan)\b", re.IGNORECASE)
NUMBERED = re.compile(r"(?:step|task|stage) ?#?\d|\d{1,2}(?:\.\d{1,2})?[.)] ", re.IGNORECASE)
_NUMBER = re.compile(r"(?:step )?\d{1,2}[.)] ", re.IGNORECASE)


class Document:
    """A document as a tree; `title` is what its file is called."""

    def __init__(self, words: str, title: str) -> None:
        self.root = outline.grow(words)
        self.headings = [node for node in self.root.walk() if node.kind == "heading" and node is not self.root]
        self.top = next((node for node in self.root.children if node.kind == "heading" and node.level == 1), self.root)
        self.whole = (self.root, self.top)
        texts = [node.text for node in self.root.walk()]
        self.day_first = notations.day_first(texts)
        self.years = _years(texts)
        spoken = f"{title}\n{'' if self.top is self.root else self.top.text}"
        self.of_title = bool(RUN.search(spoken) or LIST.search(spoken))

    def above(self, node: Node) -> list[Node]:
        """The headings above a node, the nearest first, without the title of the document."""
        return [each for each in node.above if each not in self.whole]

    def chosen(self, part: str) -> list[Node]:
        """The parts that are the run-book. Raises Refused where no heading has the words of `part`."""
        if part:
            return self._named(part)
        every = [node for node in (self.root, *self.headings) if node in self.whole or not self.avoided(node)]
        return self._timed_parts(every) or self._listed_parts(every) or self.ways_back("")

    def _named(self, part: str) -> list[Node]:
        found = [node for node in self.headings if part.lower() in node.text.lower()]
        if not found:
            known = "; ".join(node.text for node in self.headings if node.level <= outline.PSEUDO // 2)[:400]
            raise Refused(f"No heading has `{part}` in it. The headings are: {known}")
        return topmost(found)

    def _timed_parts(self, every: list[Node]) -> list[Node]:
        """Parts with times; before others those under a heading that speaks of a deployment, and those beside."""
        timed = [node for node in every if len(self.timed(node)) > 1]
        spoken = [node for node in timed if node is not self.root and self._speaks(node)]
        if spoken:
            beside = [node.parent for node in spoken]
            return topmost(node for node in timed if node.parent in beside)
        return [self.top] if self.of_title and len({node.parent for node in timed}) == 1 else topmost(timed)

    def _listed_parts(self, every: list[Node]) -> list[Node]:
        """Parts with lists: the whole of a document that is a run-book, else what is under such headings, else any."""
        if self.of_title:
            return [self.root if self.top is self.root or self.lists(self.root) else self.top]
        for words in (RUN, LIST):
            found = [node for node in every if node not in self.whole and words.search(node.text) and self.holds(node)]
            if found:
                return topmost(found)
        return topmost(node for node in every if self.lists(node) > 1 or any(map(is_table, node.children)))

    def ways_back(self, part: str) -> list[Node]:
        """The parts about the way back; with `part`, those below such a heading before others."""
        found = [node for node in self.headings if BACK.search(node.text)]
        below = [node for node in found if part and any(part.lower() in each.text.lower() for each in node.above)]
        return topmost(below or found)

    def other_lists(self, chosen: Iterable[Node]) -> list[str]:
        """The headings of other parts that have lists, for whoever wants another one; the likelier ones first."""
        within = {each for node in chosen for each in node.walk()}
        found = [node.text for node in self.headings if node not in within and len(node.entries) > 1]
        likely = re.compile("|".join(words.pattern for words in (RUN, LIST, BACK)) + "|emergency", re.IGNORECASE)
        return sorted(dict.fromkeys(found), key=lambda text: not likely.search(text))

    def said(self, node: Node) -> bool:
        """Whether a line begins with a time."""
        number = _NUMBER.match(node.text)
        said = moments.leading(node.text[number.end() :] if number else node.text, day_first=self.day_first)[0]
        return bool(said and (said.clock or said.offset is not None or said.after is not None))

    def timed(self, node: Node) -> list[Node]:
        """What begins with a time directly in a part."""
        return [each for each in node.children if each.kind not in ("code", "table") and self.said(each)]

    def avoided(self, node: Node) -> bool:
        """Whether a heading, or one above it, speaks of something that is no run-book."""
        return any(
            BACK.search(each.text) or speaks_of(NOT, each) or speaks_of(ELSEWHERE, each)
            for each in (node, *self.above(node))
        )

    def _speaks(self, node: Node) -> bool:
        return any(RUN.search(each.text) or LIST.search(each.text) for each in (node, *self.above(node)))

    def lists(self, node: Node) -> int:
        """How many numbered or ticked items are directly in a part; plain ones count where there are no headings."""
        return sum(each.kind != "bullet" or len(self.headings) <= 1 for each in node.entries)

    def holds(self, node: Node) -> bool:
        """Whether a part has a list, a table of steps or numbered headings."""
        below = [child for child in node.children if child.kind == "heading" and not speaks_of(NOT, child)]
        numbered = sum(bool(NUMBERED.match(child.text)) for child in below)
        return numbered > 1 or bool(node.entries) or any(map(is_table, node.children)) or any(map(self.holds, below))


def is_table(node: Node) -> bool:
    """Whether the rows of a table are steps."""
    return node.kind == "table" and bool(node.rows) and sheets.fits(node.rows[0][1])


def speaks_of(words: re.Pattern[str], node: Node) -> bool:
    """Whether a heading is about that: the words come last, as in `Deployment status`, but for what is in brackets."""
    text = node.text.partition("(")[0] or node.text
    last = [found.start() for found in words.finditer(text)][-1:]
    return bool(last) and last[0] >= max((found.start() for found in RUN.finditer(text)), default=-1)


def topmost(nodes: Iterable[Node]) -> list[Node]:
    """Nodes without those that are within another of them, each once, in the order of the document."""
    found = set(nodes)
    return sorted((node for node in found if not found.intersection(node.above)), key=lambda node: node.line)


def _years(texts: Iterable[str]) -> list[int]:
    """The years that a document names with a day, the most frequent first."""
    days = [notations.day(found[0]) for text in texts for found in notations.DAY.finditer(text)]
    return [
        year for year, _ in Counter(day.year for day in days if day and day.year != notations.NO_YEAR).most_common()
    ]
