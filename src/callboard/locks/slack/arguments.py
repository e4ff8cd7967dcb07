"""What the verbs of `/lock` take behind them: a person to whom, and locks by their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callboard.slack.asked_plan import Find
from callboard.slack.grammar import Person, Taken
from callboard.slack.number_lists import read_each

ALL = re.compile(r"(?:(?:all|everything|mine)(?:\s+(?:of|my|mine|the|these|them|locks))*)(?=\s|$)", re.IGNORECASE)


class To(Person):
    """`to @somebody` or `@somebody`; gives the Slack user id."""

    @property
    def shape(self) -> str:
        return f"to @{self.name}"

    @property
    def example(self) -> str:
        return "to @somebody"


@dataclass(frozen=True)
class Which:
    """`7`, `7 8`, `#7, 8 and 9`, and with `own` also `all` or `mine`; gives the numbers, none of them for all."""

    name: str
    own: bool = False
    optional: bool = False
    find: Find | None = None

    @property
    def shape(self) -> str:
        return f"{self.name.upper()}…{'|all' if self.own else ''}"

    def take(self, text: str) -> Taken | None:
        listed = ALL.match(text) if self.own else None
        if listed:
            return (), text[listed.end() :]
        found = read_each(text)
        return (tuple(found[0]), found[1]) if found else None

    @property
    def noun(self) -> str:
        return "a number, or `all`" if self.own else "a number"

    @property
    def example(self) -> str:
        return "7"

    def wrong(self, word: str) -> str:
        return f"{word} is no number."
