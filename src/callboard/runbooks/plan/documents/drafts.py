"""What is understood of somebody's document: the steps of a run-book, the ways back, and what becomes of each line."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

Spans = tuple[timedelta, timedelta]
"""How long something takes, at least and at most."""


@dataclass(frozen=True)
class Said:
    """When something is, as a document says it. `after` counts from the step before, `offset` from the T of T+30m."""

    clock: time | None = None
    until: time | None = None
    day: date | None = None
    """Of the year 1 where the document names none."""
    zone: str = ""
    after: timedelta | None = None
    offset: timedelta | None = None


@dataclass
class Step:
    """A step as a document says it; `needs` are the numbers or titles of others, `number` is its own."""

    line: int
    title: str
    said: Said | None = None
    takes: Spans | None = None
    owners: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    meanwhile: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failure: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    number: str = ""
    group: str = ""


@dataclass
class Rollback:
    """A way back as a document says it."""

    line: int
    name: str
    within: timedelta | None = None
    owners: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    scope: str = ""
    impact: str = ""


@dataclass(frozen=True)
class Verdict:
    """What became of lines of the document. `kind` is a word such as step, item or left out."""

    line: int
    last: int
    kind: str
    words: str

    @property
    def lines(self) -> str:
        """`7`, or `7-9`."""
        return f"{self.line}-{self.last}" if self.last > self.line else str(self.line)


@dataclass
class Draft:
    """A run-book as a document says it."""

    name: str = ""
    about: str = ""
    day: date | None = None
    owners: list[str] = field(default_factory=list)
    channel: str = ""
    years: list[int] = field(default_factory=list)
    """The years that the document names with a day, the most frequent first."""
    steps: list[Step] = field(default_factory=list)
    rollbacks: list[Rollback] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Headings of lists that are not taken."""

    def tell(self, line: int, kind: str, words: str, last: int = 0) -> None:
        """Remember what became of a line, or of lines up to `last`."""
        self.verdicts.append(Verdict(line, max(line, last), kind, words))


def tell_rest(words: str, draft: Draft, chapters: Mapping[int, str], close: Container[int]) -> None:
    """Tell of each line that nothing became of: one by one in the parts that are read, else by chapter."""
    told = {line for each in draft.verdicts for line in range(each.line, each.last + 1)}
    told.update(step.line for step in draft.steps)
    chapter, run = "before the first heading", list[int]()
    for number, line in enumerate([*words.split("\n"), ""], 1):
        bare = line.strip()
        if run and (number in told or number in close or number in chapters or number > words.count("\n") + 1):
            draft.tell(run[0], "left out", chapter, run[-1])
            run = []
        chapter = f"under {chapters[number]}"[:100] if number in chapters else chapter
        if number in told or not bare.strip("-=*_`~| :") or bare.startswith("```"):
            continue
        if number in close:
            draft.tell(number, "left out", bare.replace("**", "").lstrip("#> ")[:100])
        else:
            run.append(number)
