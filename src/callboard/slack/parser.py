"""A line that somebody typed after a slash word, read and run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from callboard.core.db import Tx
from callboard.core.errors import Refused, WhichPlan
from callboard.slack import asked_plan
from callboard.slack import help as helping
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, read
from callboard.slack.intents import Call, Guess, Help, Understood, Unknown, Usage, plan_and_rest, understand
from callboard.slack.number_lists import Each, for_each
from callboard.slack.requests import Request

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
    others: Mapping[str, Command] = field(default_factory=dict)
    """Every command, for what was typed after the wrong one."""

    def ahead(self) -> Say | None:
        """The answer that needs no transaction: help, usage, a guess. None when there is more to it."""
        if elsewhere := self._elsewhere():
            return elsewhere
        typed = self._as_typed
        if self._plan_and_rest[0] or isinstance(typed, Call) or self._asks(typed) or self._is_bare(typed):
            return None
        return self._hint(self._as_typed, self.request)

    def _elsewhere(self) -> Say | None:
        """What to say to `/task start A-1` or `gates` after another slash word; None when it is no such thing."""
        text = self.request.text.strip()
        typed, rest = (*text.split(maxsplit=1), "", "")[:2]
        prefix = self.request.command.removeprefix("/").removesuffix(self.command.word)
        word = typed.removeprefix("/").removeprefix(prefix)
        other = self.others.get(word) if typed.startswith("/") else None
        if not typed.startswith("/") and isinstance(self._as_typed, Unknown):
            other = self.others.get(word.lower()) or self.others.get(word.lower().removesuffix("s"))
        if other is None or other is self.command or self.literally:
            return None
        return helping.on_another(rest, other.word, self.command, self.request)

    def reads(self) -> bool:
        """Whether nothing can change, in whichever way it is understood."""
        key, rest = self._plan_and_rest
        ways = [self._as_typed, self._understood(rest)] if key else [self._as_typed]
        return all(not isinstance(way, Call) or way.reads for way in ways)

    def run(self, tx: Tx) -> Answer:
        """Run the verb, for the plan that was named in front of it if there is one."""
        return asked_plan.answered(tx, lambda: self._run(tx))

    def _run(self, tx: Tx) -> Answer:
        request, understood = self.request, self._as_typed
        key, rest = self._plan_and_rest
        if key and self.is_plan_key(tx, request.workspace, key):
            request, understood = replace(request, plan=key, text=rest.strip()), self._understood(rest)
        if self._asks(understood) and (question := self._question(tx, request, understood)):
            return question
        if isinstance(understood, Call):
            return self._call(tx, request, understood)
        if self.command.which and isinstance(understood, Usage) and self._is_bare(understood):
            first = understood.verb.arguments[0]
            things = [thing for thing in self.command.which(tx, request, understood.verb.name) if first.take(thing)]
            if things:
                return helping.on_which(understood.verb, things, request)
        return self._hint(understood, request)

    def _call(self, tx: Tx, request: Request, call: Call) -> Answer:
        """Run a verb; for several numbers, once for each."""
        listed = next((name for name, value in call.arguments.items() if isinstance(value, Each)), None)
        try:
            if listed is None:
                return _one(tx, request, call, call.arguments)
            numbers, given = call.arguments[listed], call.arguments
            if len(numbers) == 1:
                return _one(tx, request, call, {**given, listed: numbers[0]})
            return for_each(tx, numbers, lambda part, number: _one(part, request, call, {**given, listed: number}),
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
        return f" Or did you mean `{helping.plain(meant)}`?" if meant else ""

    def _is_bare(self, understood: Understood) -> bool:
        """Whether a verb stands alone that needs something, and there may be a few of that."""
        return self.command.which is not None and isinstance(understood, Usage) and not understood.rest

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
            meant = helping.meant(understood.verb, understood.rest, self.command)
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


def _one(tx: Tx, request: Request, call: Call, given: Arguments) -> Answer:
    """Run a verb once, in the plan that it says or that its numbers are of."""
    if request.plan is None and call.numbered and call.numbered.find:
        number, find = given.get(call.numbered.name), call.numbered.find
        first = next(iter(number), None) if isinstance(number, tuple) else number
        if isinstance(first, int):
            own = tx.of(asked_plan.OWN_PLAN)(tx, request.workspace, request.user, lambda: find(tx, first))
            request = replace(request, plan=own or None)
    return asked_plan.answered(tx, lambda: call.run(tx, request, given))
