"""How a capability declares a slash command: its word, its verbs, and what each verb takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from callboard.core.db import Tx
from callboard.slack.answers import Answer
from callboard.slack.arguments import Argument, Choice, Number, Person, Span, Text, When, Word
from callboard.slack.requests import Request

__all__ = [
    "Arguments", "Choice", "Command", "Handler", "Number", "Person", "Span", "Text", "Verb", "When", "Word",
]  # fmt: skip

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
        """Find by name or alias, in any case."""
        wanted = word.lower()
        return next((verb for verb in self.verbs if wanted == verb.name or wanted in verb.aliases), None)

    def joined(self, other: Command) -> Command:
        """The same with the verbs that a higher capability adds or replaces."""
        verbs = {verb.name: verb for verb in (*self.verbs, *other.verbs)}
        alone, reads = (other.alone, other.alone_reads) if other.alone else (self.alone, self.alone_reads)
        return replace(
            self, verbs=tuple(verbs.values()), examples=(*self.examples, *other.examples), alone=alone,
            alone_reads=reads,
        )  # fmt: skip


def joined(commands: Iterable[Command]) -> list[Command]:
    """One command for each word: the first that declares it, and the verbs that others add."""
    found: dict[str, Command] = {}
    for command in commands:
        found[command.word] = found[command.word].joined(command) if command.word in found else command
    return list(found.values())
