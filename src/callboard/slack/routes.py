"""What a capability runs for buttons, forms, shortcuts and events, and the table that finds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from callboard.core.db import Tx
from callboard.slack.answers import Answer
from callboard.slack.grammar import Command
from callboard.slack.requests import Request

Kind = Literal["button", "modal", "shortcut", "closed"]


@dataclass(frozen=True)
class Interaction:
    """What happens when something is clicked, submitted, chosen or closed.

    `id` is the action id or callback id (`blocker.ack`); an action id may carry a suffix after a colon. A shortcut
    needs a `title` (24 characters) and a `description` (150); `on` says whether it hangs on messages or anywhere.
    One with `files` is given what the attached files hold, one with `ranks` whether the person is an admin.
    """

    kind: Kind
    id: str
    run: Callable[[Tx, Request], Answer]
    reads: bool = False
    title: str = ""
    description: str = ""
    on: Literal["message", "global"] = "message"
    files: bool = False
    ranks: bool = False


@dataclass(frozen=True)
class Hears:
    """What happens on an event: `message` (by a person), `message_deleted`, `member_joined_channel` and so on."""

    event: str
    run: Callable[[Tx, str, Mapping[str, Any]], None]
    matters: Callable[[Mapping[str, Any]], bool] = lambda _: True
    """Tells without the database which of these events need a transaction: some come several times a second."""


@dataclass(frozen=True)
class ClickedAtHome:
    """Somebody clicked a button in their Home: what it changed is to be seen there."""

    workspace: str
    user: str


class Routes:
    """Everything that Slack may ask for, by name. ValueError when a name is taken twice."""

    def __init__(
        self, commands: Iterable[Command] = (), interactions: Iterable[Interaction] = (), hears: Iterable[Hears] = ()
    ) -> None:
        self.commands = _unique((command.word, command) for command in commands)
        self.interactions = _unique(((each.kind, each.id), each) for each in interactions)
        self.hears: dict[str, list[Hears]] = defaultdict(list)
        for hearer in hears:
            self.hears[hearer.event].append(hearer)

    @cached_property
    def shortcuts(self) -> tuple[str, ...]:
        """What the menu of a message offers."""
        hung = (each for each in self.interactions.values() if each.kind == "shortcut" and each.on == "message")
        return tuple(each.title for each in hung)

    @cached_property
    def topics(self) -> dict[str, Command]:
        """By the kind of row that a message is about, the command for what people write under it."""
        return {command.topic or command.word: command for command in self.commands.values() if command.called}

    def names(self) -> Iterator[str]:
        """What there is, as the table of rights calls it: `/blocker ack`, `button blocker.ack`, `event message`."""
        for word, command in self.commands.items():
            yield f"/{word}"
            yield from (f"/{word} {verb.name}" for verb in command.verbs)
        yield from (f"{kind} {name}" for kind, name in self.interactions)
        yield from (f"event {event}" for event in self.hears)

    def interaction(self, kind: Kind, identifier: str) -> Interaction | None:
        return self.interactions.get((kind, identifier.partition(":")[0]))


def _unique(named: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for name, route in named:
        if found.setdefault(name, route) is not route:
            raise ValueError(f"{name} is declared twice")
    return found
