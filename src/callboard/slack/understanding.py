"""How what was typed after a slash word is understood: as a verb, free text, a question for help, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from callboard.slack.arguments import Argument, Text, Word, read
from callboard.slack.grammar import Arguments, Command, Handler, Verb

_PLAN = re.compile(r"([a-z0-9][a-z0-9_-]*):(?:\s+|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """It was understood: run this."""

    run: Handler
    arguments: Arguments
    reads: bool = False
    verb: str = ""


@dataclass(frozen=True)
class Help:
    """Help was asked for, on the command or on one verb."""

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
    word, rest = _split(text)
    verb = command.verb(word)
    found = _named(verb, rest, command) if verb else _help(command, word, rest) or _guess(command, word, rest)
    return found or _free(command, text)


def _split(text: str) -> tuple[str, str]:
    word, *rest = text.split(maxsplit=1)
    return word, rest[0] if rest else ""


def _named(verb: Verb, rest: str, command: Command) -> Understood | None:
    fitting = read(verb.arguments, rest)
    if fitting is not None:
        return Call(verb.run, fitting, verb.reads, verb.name)
    return Usage(verb) if command.otherwise is None or _telling(verb.arguments, rest) else None


def _help(command: Command, word: str, rest: str) -> Help | None:
    if word.lower() not in {"help", "?"}:
        return None
    verb = command.verb(rest) if rest else None
    return Help(verb) if verb or not rest or command.otherwise is None else None


def _guess(command: Command, word: str, rest: str) -> Guess | None:
    names = {name: verb for verb in command.verbs for name in (verb.name, *verb.aliases)}
    for name in get_close_matches(word.lower(), names, n=3, cutoff=0.6):
        arguments = names[name].arguments
        if read(arguments, rest) is not None and (command.otherwise is None or _telling(arguments, rest)):
            return Guess(f"{name} {rest}".strip())
    return None


def _telling(arguments: Sequence[Argument], rest: str) -> bool:
    """Whether the rest is this verb's rather than a sentence: it is empty or begins with a typed argument."""
    return not rest or any(not isinstance(one, Text | Word) and one.take(rest) for one in arguments[:1])


def _free(command: Command, text: str) -> Understood:
    if command.otherwise is None:
        return Unknown(text.split(maxsplit=1)[0] if text else "")
    fitting = read(command.otherwise.arguments, text)
    if fitting is None:
        return Usage(command.otherwise)
    return Call(command.otherwise.run, fitting, command.otherwise.reads, command.otherwise.name)
