"""How a capability declares a slash command: its word, its verbs, and what each verb takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any, Protocol

from callboard.core.db import Tx
from callboard.slack.answers import Answer
from callboard.slack.requests import Request

Taken = tuple[Any, str]
_NUMBER = re.compile(r"#?(\d{1,9})(?=\s|$)")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>(?=\s|$)")
_SPAN = re.compile(r"(?=\d)(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?(?:(\d{1,6})s)?(?=\s|$)", re.IGNORECASE)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?=\s|$)")
_UNTIL = re.compile(r"(?:until|till|at)\s+", re.IGNORECASE)
_FOR = re.compile(r"(?:for|in)\s+", re.IGNORECASE)
_WORD = re.compile(r"\S+")


class Argument(Protocol):
    """One argument of a verb. One that is `optional` and left out has the value None."""

    @property
    def name(self) -> str: ...

    @property
    def optional(self) -> bool: ...

    @property
    def shape(self) -> str:
        """How usage shows it."""
        ...

    def take(self, text: str) -> Taken | None:
        """Read it from the beginning of `text`: its value and the rest; None when it doesn't fit."""
        ...


@dataclass(frozen=True)
class _Named:
    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        return self.name.upper()


class Number(_Named):
    """`12` or `#12`; gives an int."""

    def take(self, text: str) -> Taken | None:
        return _matched(_NUMBER, text, lambda found: int(found[1]))


class Person(_Named):
    """`@somebody`; gives the Slack user id."""

    @property
    def shape(self) -> str:
        return f"@{self.name}"

    def take(self, text: str) -> Taken | None:
        return _matched(_PERSON, text, lambda found: found[1])


class Span(_Named):
    """`30m`, `2h`, `1h30m`, `3d`, `90s`; gives a timedelta above zero."""

    @property
    def shape(self) -> str:
        return "30m"

    def take(self, text: str) -> Taken | None:
        """Read days, hours, minutes and seconds, in this order."""
        return _matched(_SPAN, text, _span)


class When(_Named):
    """`30m`, `for 2h` (gives a timedelta) or `until 17:00`, `17:00` (gives a time of day, in the asker's zone)."""

    @property
    def shape(self) -> str:
        return "30m|until 17:00"

    def take(self, text: str) -> Taken | None:
        clock = _matched(_TIME, _without(_UNTIL, text), lambda found: time(int(found[1]), int(found[2])))
        return clock or _matched(_SPAN, _without(_FOR, text), _span)


@dataclass(frozen=True)
class Choice:
    """One of `words`, in any case; gives the word as it is declared."""

    name: str
    words: Sequence[str]
    optional: bool = False

    @property
    def shape(self) -> str:
        return "|".join(self.words)

    def take(self, text: str) -> Taken | None:
        """Read one of the words; those of several parts too."""
        for word in sorted(self.words, key=len, reverse=True):
            after = text[len(word) :]
            if text[: len(word)].lower() == word.lower() and (not after or after[0].isspace()):
                return word, after
        return None


class Word(_Named):
    """Anything without a space; gives it as it is."""

    def take(self, text: str) -> Taken | None:
        return _matched(_WORD, text, lambda found: found[0])


class Text(_Named):
    """The rest of what was typed, lines and all; gives it without the space around it."""

    @property
    def shape(self) -> str:
        return f"{self.name.upper()}…"

    def take(self, text: str) -> Taken | None:
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


def _matched(pattern: re.Pattern[str], text: str, value: Callable[[re.Match[str]], Any]) -> Taken | None:
    found = pattern.match(text)
    taken = value(found) if found else None
    return None if found is None or taken is None else (taken, text[found.end() :])


def _span(found: re.Match[str]) -> timedelta | None:
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) or None


def _without(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return text[found.end() :] if found else text


Arguments = Mapping[str, Any]
Handler = Callable[[Tx, Request, Arguments], Answer]


@dataclass(frozen=True)
class Verb:
    """One thing a command can do. `help` is half a sentence without a full stop.

    `reads` promises that nothing changes: it then runs beside the writers. An argument left out has the value None.
    """

    name: str
    run: Handler
    help: str
    arguments: tuple[Argument, ...] = ()
    aliases: tuple[str, ...] = ()
    reads: bool = False

    @property
    def usage(self) -> str:
        """`snooze NUMBER 30m|until 17:00 [TEXT…]`."""
        shapes = (f"[{argument.shape}]" if argument.optional else argument.shape for argument in self.arguments)
        return " ".join((self.name, *shapes))


@dataclass(frozen=True)
class Command:
    """A slash command: its word without slash and prefix, and its verbs.

    `about` is half a sentence for Slack's menu. `otherwise` takes what is no verb (usually as one `Text`); `alone` runs
    when nothing was typed, help is shown without it. `examples` are shown in help, as they are typed after the word.
    """

    word: str
    about: str
    verbs: tuple[Verb, ...] = ()
    otherwise: Verb | None = None
    alone: Handler | None = None
    examples: tuple[str, ...] = ()
    alone_reads: bool = False

    def verb(self, word: str) -> Verb | None:
        wanted = word.lower()
        return next((verb for verb in self.verbs if wanted == verb.name or wanted in verb.aliases), None)

    def joined(self, other: Command) -> Command:
        """The same with the verbs that a higher capability adds or replaces."""
        verbs = {verb.name: verb for verb in (*self.verbs, *other.verbs)}
        by_itself = other if other.alone else self
        return replace(
            self, verbs=tuple(verbs.values()), examples=(*self.examples, *other.examples), alone=by_itself.alone,
            alone_reads=by_itself.alone_reads,
        )  # fmt: skip


def joined(commands: Iterable[Command]) -> list[Command]:
    """One command for each word: the first that declares it, and the verbs that others add."""
    found: dict[str, Command] = {}
    for command in commands:
        found[command.word] = found[command.word].joined(command) if command.word in found else command
    return list(found.values())
