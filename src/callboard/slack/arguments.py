"""The kinds of words that a verb takes, each of which knows whether the text before it fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Protocol

Taken = tuple[Any, str]

_NUMBER = re.compile(r"#?(\d{1,9})(?=\s|$)")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>(?=\s|$)")
_SPAN = re.compile(r"(?=\d)(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?(?:(\d{1,6})s)?(?=\s|$)", re.IGNORECASE)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?=\s|$)")
_UNTIL = re.compile(r"(?:until|till|at)\s+", re.IGNORECASE)
_FOR = re.compile(r"(?:for|in)\s+", re.IGNORECASE)
_WORD = re.compile(r"\S+")


class Argument(Protocol):
    """One argument: its name, whether it may be left out, how its usage is written, and how it is read."""

    @property
    def name(self) -> str:
        """The key under which the verb finds its value."""
        ...

    @property
    def optional(self) -> bool:
        """Left out, its value is None."""
        ...

    @property
    def shape(self) -> str:
        """How usage shows it."""
        ...

    def take(self, text: str) -> Taken | None:
        """Read it from the beginning of `text`; return the value and what follows, None when it doesn't fit."""
        ...


@dataclass(frozen=True)
class Number:
    """`12` or `#12`; gives an int."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """Its name."""
        return self.name.upper()

    def take(self, text: str) -> Taken | None:
        """Read digits."""
        found = _NUMBER.match(text)
        return (int(found[1]), text[found.end() :]) if found else None


@dataclass(frozen=True)
class Person:
    """`@somebody`; gives the Slack user id."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """As it is typed."""
        return f"@{self.name}"

    def take(self, text: str) -> Taken | None:
        """Read a mention that Slack has resolved."""
        found = _PERSON.match(text)
        return (found[1], text[found.end() :]) if found else None


@dataclass(frozen=True)
class Span:
    """`30m`, `2h`, `1h30m`, `3d`, `90s`; gives a timedelta above zero."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """An example."""
        return "30m"

    def take(self, text: str) -> Taken | None:
        """Read days, hours, minutes and seconds, in this order."""
        found = _SPAN.match(text)
        if not found:
            return None
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return (span, text[found.end() :]) if span else None


@dataclass(frozen=True)
class When:
    """`30m`, `for 2h` (gives a timedelta) or `until 17:00`, `17:00` (gives a time of day, in the asker's zone)."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """Both ways."""
        return "30m|until 17:00"

    def take(self, text: str) -> Taken | None:
        """Read a span or a time of day."""
        found = _TIME.match(rest := _without(_UNTIL, text))
        if found:
            return time(int(found[1]), int(found[2])), rest[found.end() :]
        return Span(self.name).take(_without(_FOR, text))


@dataclass(frozen=True)
class Choice:
    """One of `words`, in any case; gives the word as it is declared."""

    name: str
    words: Sequence[str]
    optional: bool = False

    @property
    def shape(self) -> str:
        """All of them."""
        return "|".join(self.words)

    def take(self, text: str) -> Taken | None:
        """Read one of the words; those of several parts too."""
        for word in sorted(self.words, key=len, reverse=True):
            after = text[len(word) :]
            if text[: len(word)].lower() == word.lower() and (not after or after[0].isspace()):
                return word, after
        return None


@dataclass(frozen=True)
class Word:
    """Anything without a space; gives it as it is."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """Its name."""
        return self.name.upper()

    def take(self, text: str) -> Taken | None:
        """Read up to the next space."""
        found = _WORD.match(text)
        return (found[0], text[found.end() :]) if found else None


@dataclass(frozen=True)
class Text:
    """The rest of what was typed, lines and all; gives it without the space around it."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """Its name, open-ended."""
        return f"{self.name.upper()}…"

    def take(self, text: str) -> Taken | None:
        """Read everything."""
        return (text.strip(), "") if text.strip() else None


def read(arguments: Sequence[Argument], text: str) -> dict[str, Any] | None:
    """Read all of `text` as these arguments; None when it does not fit."""
    values: dict[str, Any] = {}
    for argument in arguments:
        taken = argument.take(text := text.lstrip())
        if taken is None and not argument.optional:
            return None
        values[argument.name], text = taken or (None, text)
    return None if text.strip() else values


def _without(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return text[found.end() :] if found else text
