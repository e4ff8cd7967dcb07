"""How a capability declares a slash command: its word, its verbs, and what each verb takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from callboard.core.db import Tx
from callboard.core.errors import near
from callboard.slack.answers import Answer
from callboard.slack.arguments import (
    Argument,
    Choice,
    Explained,
    Name,
    Number,
    Numbers,
    Person,
    Said,
    Span,
    Taken,
    Text,
    When,
    Word,
    misfit,
    read,
    shapes,
)
from callboard.slack.requests import Request

__all__ = [
    "Argument", "Choice", "Explained", "Name", "Number", "Numbers", "Person", "Said", "Span", "Taken", "Text", "When",
    "Word", "misfit", "read",
]  # fmt: skip

Arguments = Mapping[str, Any]
Handler = Callable[[Tx, Request, Arguments], Answer]


@dataclass(frozen=True)
class Verb:
    """One thing a command can do. `help` is half a sentence without a full stop.

    `reads` promises that nothing changes: it then runs beside the writers. An argument left out has the value None.
    `together` words what was done for several `Numbers`, with places for `{numbers}` and, to type them again, `{list}`.
    """

    name: str
    run: Handler
    help: str
    arguments: tuple[Argument, ...] = ()
    aliases: tuple[str, ...] = ()
    reads: bool = False
    together: str = ""

    @property
    def usage(self) -> str:
        """`snooze NUMBER 30m|until 17:00 [TEXT…]`."""
        return " ".join((self.name, *shapes(self.arguments)))


@dataclass(frozen=True)
class Question:
    """What free text does (`raise it and page @somebody`), the button that does it, and what may have been meant."""

    does: str
    button: str
    meant: tuple[str, ...] = ()


Ask = Callable[[Tx, Request, str, str | None], Question | None]
Which = Callable[[Tx, Request, str], Sequence[str]]


@dataclass(frozen=True)
class Command:
    """A slash command: its word without slash and prefix, and its verbs.

    `about` is half a sentence for Slack's menu. `otherwise` takes what is no verb (usually as one `Text`); `alone` runs
    when nothing was typed, help is shown without it. `examples` are shown in help, as they are typed after the word.

    Where free text does what cannot be unseen, such as a page, `ask(tx, request, text, verb)` says what it would do:
    always for text that looks like a verb (`verb` is its name, empty where it is mistyped), else for what may be none.
    """

    word: str
    about: str
    verbs: tuple[Verb, ...] = ()
    otherwise: Verb | None = None
    alone: Handler | None = None
    examples: tuple[str, ...] = ()
    alone_reads: bool = False
    ask: Ask | None = None
    sentences: bool = True
    """Whether free text may begin with a word that is a verb too."""
    called: Callable[[Tx, int], str | None] | None = None
    """How a row is typed after the word and a verb, by the row's id: what people write under it is about it."""
    topic: str = ""
    """Of which kind such a row is, where that is not the word."""
    news: str | None = "note"
    """The verb that takes what is new about such a row; empty where that is typed after the word alone."""
    waits: Callable[[Tx, int], bool] | None = None
    """Whether people are paged for such a row: who writes `on it` in its thread is asked whether they take it."""
    phrases: tuple[tuple[re.Pattern[str], str], ...] = ()
    """Whole sentences that people write to the bot, and for each what is typed after the word."""
    which: Which | None = None
    """What may stand behind a verb that was typed alone, `(tx, request, verb)`, likeliest first."""

    def verb(self, word: str) -> Verb | None:
        return next(iter(self.named(word)), None)

    def named(self, word: str) -> list[Verb]:
        """The verbs that have this name, or this other name."""
        wanted = word.lower()
        return [verb for verb in self.verbs if wanted == verb.name or wanted in verb.aliases]

    @cached_property
    def names(self) -> dict[str, Verb]:
        """Every name that a verb has, and the verb."""
        return {name: verb for verb in self.verbs for name in (verb.name, *verb.aliases)}

    @cached_property
    def small(self) -> set[str]:
        """The words that say nothing after its slash word: its verbs, and what it is called itself."""
        return {*self.names, self.word, f"{self.word}s"}

    def near(self, word: str) -> list[tuple[str, Verb]]:
        """The verbs for which a word may be mistyped, under the name that it is near to."""
        return [(name, self.names[name]) for name in near(word.lower(), self.names)]

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
