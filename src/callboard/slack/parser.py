"""What was typed after a slash word: read as a verb, free text, a question for help or a slip, and run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from callboard.core.db import Tx
from callboard.core.errors import Refused, WhichPlan
from callboard.slack import help as helping
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Argument, Arguments, Command, Handler, Number, Text, Verb, Word, read
from callboard.slack.number_lists import WORDS, NumberList, for_each
from callboard.slack.requests import Request

_PLAN = re.compile(r"([a-z0-9][a-z0-9_-]*):(?:\s+|$)", re.IGNORECASE)
POINTERS = {
    *("all", "both", "each", "everything", "it", "that", "this", "these", "those", "them", "mine", "ours"),
    *("last", "latest", "now", "please", "again"), *WORDS,
}  # fmt: skip
"""What follows a verb that is meant as one, and seldom a word that begins a sentence."""
OURSELVES = {"me", "us"}


@dataclass(frozen=True)
class Call:
    run: Handler
    arguments: Arguments
    reads: bool = False
    verb: str = ""
    together: str = ""
    free: bool = False
    """Whether it is free text, and not a verb that was named."""


@dataclass(frozen=True)
class Help:
    verb: Verb | None = None


@dataclass(frozen=True)
class Usage:
    """The verb is clear, the rest does not fit it."""

    verb: Verb
    rest: str = ""


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
    verbs = command.named(word)
    found = _named(verbs, rest, command) if verbs else _help(command, word, rest) or _guess(command, word, rest)
    return found or _free(command, text)


def _named(verbs: Sequence[Verb], rest: str, command: Command) -> Understood | None:
    if call := next(filter(None, (_called(verb, rest) for verb in verbs)), None):
        return call
    verb = next((verb for verb in verbs if _is_typed_for(verb.arguments, rest)), verbs[0])
    sentence = not _is_typed_for(verb.arguments, rest) and not _points(rest)
    return None if sentence and command.otherwise is not None and command.sentences else Usage(verb, rest)


def _help(command: Command, word: str, rest: str) -> Help | Guess | None:
    if word.lower() not in {"help", "?"}:
        return None
    verb = command.verb(rest) if rest else None
    if verb or not rest:
        return Help(verb)
    if near := command.near(rest):
        return Guess(f"help {near[0][1].name}")
    if command.otherwise is None:
        return Help()
    return Guess("help") if all(word in OURSELVES or _points(word) for word in rest.lower().split()) else None


def _guess(command: Command, word: str, rest: str) -> Understood | None:
    """A verb that is nearly this word, where the rest says that a verb is meant; a number alone is to be shown."""
    if not rest and helping.is_nearly_help(word):
        return Guess("help")
    shown = f"{word} {rest}".strip()
    if any(isinstance(argument, Number) and read([argument], shown)
           for verb in command.named("show") for argument in verb.arguments):  # fmt: skip
        return Guess(f"show {shown.replace('#', '')}")
    points = _points(rest)
    likely = [
        verb for _, verb in command.near(word)
        if command.otherwise is None or points or _is_typed_for(verb.arguments, rest)
    ]  # fmt: skip
    fitting = next((verb.name for verb in likely if read(verb.arguments, rest) is not None), "")
    if fitting:
        return Guess(f"{fitting} {rest}".strip())
    return Usage(likely[0], rest) if likely and command.otherwise is not None else None


def _points(rest: str) -> bool:
    """Whether it begins with a number, or with a word that stands for one."""
    first = rest.split(maxsplit=1)[0].lower().strip(".,:;!?") if rest else ""
    return first in POINTERS or first.lstrip("#")[:1].isdigit()


def _is_typed_for(arguments: Sequence[Argument], rest: str) -> bool:
    """Whether the rest belongs to this verb and is no sentence: it is empty or begins with a typed argument."""
    return not rest or any(not isinstance(first, Text | Word) and first.take(rest) for first in arguments[:1])


def _free(command: Command, text: str) -> Understood:
    if command.otherwise is None:
        return Unknown(text.split(maxsplit=1)[0] if text else "")
    if call := _called(command.otherwise, text):
        return replace(call, free=True)
    return Unknown(text.split(maxsplit=1)[0]) if text else Usage(command.otherwise)


def _called(verb: Verb, rest: str) -> Call | None:
    fitting = read(verb.arguments, rest)
    return None if fitting is None else Call(verb.run, fitting, verb.reads, verb.name, verb.together)


IsPlanKey = Callable[[Tx, str, str], bool]


@dataclass(frozen=True)
class Line:
    """One line that somebody typed, or a button typed for them. `literally` takes it for free text."""

    command: Command
    request: Request
    is_plan_key: IsPlanKey = lambda *_: False
    literally: bool = False
    shortcuts: tuple[str, ...] = ()
    """What the menu of a message offers, for help."""

    def ahead(self) -> Say | None:
        """The answer that needs no transaction: help, usage, a guess. None when there is more to it."""
        if self._plan_and_rest[0] or isinstance(self._as_typed, Call) or self._asks(self._as_typed):
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
        if self._asks(understood) and (question := self._question(tx, request, understood)):
            return question
        if isinstance(understood, Call):
            return self._call(tx, request, understood)
        return self._hint(understood, request)

    def _call(self, tx: Tx, request: Request, call: Call) -> Answer:
        """Run a verb; for several numbers, once for each."""
        listed = next((name for name, value in call.arguments.items() if isinstance(value, NumberList)), None)
        try:
            if listed is None:
                return call.run(tx, request, call.arguments)
            numbers, given = call.arguments[listed], call.arguments
            if len(numbers) == 1:
                return call.run(tx, request, {**given, listed: numbers[0]})
            return for_each(tx, numbers, lambda part, number: call.run(part, request, {**given, listed: number}),
                            call.together)  # fmt: skip
        except Refused as refused:
            refused.sentence += self._perhaps(refused, request, call)
            raise

    def _perhaps(self, refused: Refused, request: Request, call: Call) -> str:
        """What may have been meant by free text that was refused."""
        word, _, rest = request.text.partition(" ")
        if isinstance(refused, WhichPlan) or not call.free or self.literally:
            return ""
        verbs = (verb for _, verb in self.command.near(word) if read(verb.arguments, rest) is not None)
        meant = next((f"{request.command} {verb.name} {rest}".strip() for verb in verbs), "")
        stop = "" if refused.sentence.endswith((".", "?")) else "."
        return f"{stop} Or did you mean `{helping.plain(meant)}`?" if meant else ""

    def _asks(self, understood: Understood) -> bool:
        """Whether people are asked before this is taken for free text."""
        if self.command.ask is None or self.literally:
            return False
        return isinstance(understood, Guess | Usage) or (isinstance(understood, Call) and understood.free)

    def _question(self, tx: Tx, request: Request, understood: Understood) -> Answer | None:
        """What free text would do, for whoever may not have meant free text."""
        if self.command.ask is None:
            return None
        verb = understood.verb.name if isinstance(understood, Usage) else None if isinstance(understood, Call) else ""
        question = self.command.ask(tx, request, request.text, verb)
        if question is None:
            return None
        meant = ""
        if isinstance(understood, Guess):
            meant = understood.text
        elif isinstance(understood, Usage):
            meant = helping.without(understood.verb, understood.rest)
        if meant:
            question = replace(question, meant=(meant,))
        noticed = None if isinstance(understood, Call) else self._hint(understood, request).text
        return helping.on_question(question, noticed, request)

    @cached_property
    def _plan_and_rest(self) -> tuple[str, str]:
        """What may be a plan's key, empty where there is none or the plan is known, and what follows it."""
        return ("", "") if self.request.plan is not None else plan_and_rest(self.request.text)

    @cached_property
    def _as_typed(self) -> Understood:
        return self._understood(self.request.text)

    def _understood(self, text: str) -> Understood:
        return understand(self.command, text, literally=self.literally)

    def _hint(self, understood: Understood, request: Request) -> Say:
        command, slash = self.command, request.command
        match understood:
            case Usage(verb, rest):
                return helping.on_usage(verb, rest, command, request)
            case Guess(meant):
                return helping.on_guess(meant, command, request, slash)
            case Unknown(word):
                return helping.on_unknown(word, command, request)
            case Help(verb) if verb is not None:
                return helping.on_verb(verb, slash)
            case _:
                return helping.on_command(command, slash, self.shortcuts)
