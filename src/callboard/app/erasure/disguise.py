"""What is put in the place of who somebody was and of what they typed, in any value that a table holds."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from callboard.app.erasure.person import MARK, Person

GONE = "(erased)"
LONG = 12
"""Characters of a text that is looked for wherever it may stand; a short one goes only where its author is named."""
AUTHORS, TYPED = ("actor", "by", "person", "author"), ("said", "text", "why", "reason", "note", "answer", "answers")
"""How a message names whose words it brings, and the words."""
ASKED = ("ask", "question", "status", "key")
"""What stays of an answer."""
WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True)
class Disguise:
    """`named` finds what says who somebody was, which `mark` stands for from now on.

    `long` are texts that they typed, by the longest word, by which they are looked for.
    """

    handles: set[str]
    named: re.Pattern[str]
    mark: str
    long: Mapping[str, list[str]]

    @classmethod
    def of(cls, person: Person) -> Self:
        """Make one that says nothing of them."""
        long: dict[str, list[str]] = {}
        for text in sorted(person.typed, key=len, reverse=True):
            if len(text) >= LONG and " " in text and (words := WORD.findall(text)):
                long.setdefault(max(words, key=len), []).append(text)
        return cls(person.handles, pattern(person), f"{MARK}{secrets.token_hex(4)}", long)

    def text(self, text: str, *, typed: bool = True) -> str:
        """A text without them."""
        for word in set(WORD.findall(text)) & self.long.keys() if typed else ():
            for said in self.long[word]:
                text = text.replace(said, GONE)
        return self.named.sub(lambda found: f"{self.mark}@example.invalid" if "@" in found[0] else self.mark, text)

    def value(self, value: Any, *, typed: bool = True) -> Any:
        """A value of JSON without them."""
        if isinstance(value, str):
            return self.text(value, typed=typed)
        if isinstance(value, list):
            return [self.value(each, typed=typed) for each in value]
        if isinstance(value, dict):
            theirs = typed and not self.handles.isdisjoint(
                name for each in AUTHORS if isinstance(name := value.get(each), str)
            )
            return {
                self.text(key, typed=typed): blank(each) if theirs and key in TYPED else self.value(each, typed=typed)
                for key, each in value.items()
            }
        return value


def pattern(person: Person) -> re.Pattern[str]:
    """What says who somebody was, as a word of its own."""
    each = "|".join(re.escape(mark) for mark in sorted(person.marks, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{each})(?!\w)")


def blank(value: Any) -> Any:
    """Words without what they said; what was asked stays."""
    if isinstance(value, str):
        return GONE if value else value
    if isinstance(value, list):
        return [blank(each) for each in value]
    if isinstance(value, dict):
        return {key: each if key in ASKED else blank(each) for key, each in value.items()}
    return value
