"""What was typed after a slash word: read as a verb, free text, a question for help or a slip, and run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from callboard.core.db import Tx
from callboard.slack import help as helping
from callboard.slack.answers import Answer
from callboard.slack.grammar import Argument, Arguments, Command, Handler, Text, Verb, Word, read
from callboard.slack.requests import Request

_PLAN = re.compile(r"([a-z0-9][a-z0-9_-]*):(?:\s+|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    run: Handler
    arguments: Arguments
    reads: bool = False
    verb: str = ""


@dataclass(frozen=True)
class Help:
    verb: Verb | None = None


@dataclass(frozen=True)
class Usage:
    """The verb is clear, the rest does not fit it."""

    verb: Verb


@dataclass(frozen=True)
class Guess:
    """Probably mistyped: `text` is what may have been meant."""

    text: str


@dataclass(frozen=True)
class Unknown:
    """Nothing fits; `word` is what stood where a verb was expected."""

    word: str


Understood = Call | Help | Usage | Guess | Unknown


def plan_and_rest(text: str) -> tuple[str, str]:
    """Split `harbor: mongo is down` into what may be a plan's key, in lower case, and the rest; no key is empty."""
    found = _PLAN.match(text)
    return (found[1].lower(), text[found.end() :]) if found else ("", text)


def understand(command: Command, text: str, *, literally: bool = False) -> Understood:
    """Read what was typed after the slash word. `literally` takes it for free text, whatever it looks like."""
    text = text.strip()
    if literally:
        return _free(command, text)
    if not text:
        return Call(command.alone, {}, command.alone_reads) if command.alone else Help()
    word, rest = (*text.split(maxsplit=1), "")[:2]
    verb = command.verb(word)
    found = _named(verb, rest, command) if verb else _help(command, word, rest) or _guess(command, word, rest)
    return found or _free(command, text)


def _named(verb: Verb, rest: str, command: Command) -> Understood | None:
    usage = Usage(verb) if command.otherwise is None or _is_typed_for(verb.arguments, rest) else None
    return _called(verb, rest) or usage


def _help(command: Command, word: str, rest: str) -> Help | None:
    if word.lower() not in {"help", "?"}:
        return None
    verb = command.verb(rest) if rest else None
    return Help(verb) if verb or not rest or command.otherwise is None else None


def _guess(command: Command, word: str, rest: str) -> Guess | None:
    names = {name: verb for verb in command.verbs for name in (verb.name, *verb.aliases)}
    for name in get_close_matches(word.lower(), names, n=3, cutoff=0.6):
        arguments = names[name].arguments
        if read(arguments, rest) is not None and (command.otherwise is None or _is_typed_for(arguments, rest)):
            return Guess(f"{name} {rest}".strip())
    return None


def _is_typed_for(arguments: Sequence[Argument], rest: str) -> bool:
    """Whether the rest belongs to this verb and is no sentence: it is empty or begins with a typed argument."""
    return not rest or any(not isinstance(first, Text | Word) and first.take(rest) for first in arguments[:1])


def _free(command: Command, text: str) -> Understood:
    if command.otherwise is None:
        return Unknown(text.split(maxsplit=1)[0] if text else "")
    return _called(command.otherwise, text) or Usage(command.otherwise)


def _called(verb: Verb, rest: str) -> Call | None:
    fitting = read(verb.arguments, rest)
    return None if fitting is None else Call(verb.run, fitting, verb.reads, verb.name)


IsPlanKey = Callable[[Tx, str, str], bool]


@dataclass(frozen=True)
class Line:
    """One line that somebody typed, or a button typed for them. `literally` takes it for free text."""

    command: Command
    request: Request
    is_plan_key: IsPlanKey
    literally: bool = False

    def ahead(self) -> Answer | None:
        """The answer that needs no transaction: help, usage, a guess. None when there is more to it."""
        if self._plan_and_rest[0] or isinstance(self._as_typed, Call):
            return None
        return self._hint(self._as_typed, self.request)

    def reads(self) -> bool:
        """Whether nothing can change, in whichever way it is understood."""
        key, rest = self._plan_and_rest
        ways = [self._as_typed, self._understood(rest)] if key else [self._as_typed]
        return all(not isinstance(way, Call) or way.reads for way in ways)

    def run(self, tx: Tx) -> Answer:
        """Run the verb, for the plan that was named in front of it if there is one."""
        request, understood = self.request, self._as_typed
        key, rest = self._plan_and_rest
        if key and self.is_plan_key(tx, request.workspace, key):
            request, understood = replace(request, plan=key, text=rest.strip()), self._understood(rest)
        if isinstance(understood, Call):
            return understood.run(tx, request, understood.arguments)
        return self._hint(understood, request)

    @cached_property
    def _plan_and_rest(self) -> tuple[str, str]:
        """What may be a plan's key, empty where there is none or the plan is known, and what follows it."""
        return ("", "") if self.request.plan is not None else plan_and_rest(self.request.text)

    @cached_property
    def _as_typed(self) -> Understood:
        return self._understood(self.request.text)

    def _understood(self, text: str) -> Understood:
        return understand(self.command, text, literally=self.literally)

    def _hint(self, understood: Understood, request: Request) -> Answer:
        command, slash = self.command, request.command
        match understood:
            case Usage(verb):
                return helping.on_usage(verb, slash)
            case Guess(meant):
                return helping.on_guess(meant, command, request, slash)
            case Unknown(word):
                return helping.on_unknown(word, command, slash)
            case Help(verb) if verb is not None:
                return helping.on_verb(verb, slash)
            case _:
                return helping.on_command(command, slash)
