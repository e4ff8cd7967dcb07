"""A typed command, from its words to the verb that it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from callboard.core.db import Tx
from callboard.slack import help as helping
from callboard.slack.answers import Answer
from callboard.slack.grammar import Command
from callboard.slack.requests import Request
from callboard.slack.understanding import Call, Guess, Help, Understood, Unknown, Usage, plan_and_rest, understand

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
        if self._names_plan():
            return None
        understood = self._understood(self.request.text)
        return None if isinstance(understood, Call) else self._said(understood, self.request)

    def reads(self) -> bool:
        """Whether nothing can change, in whichever way it is understood."""
        texts = {self.request.text, plan_and_rest(self.request.text)[1]} if self._names_plan() else {self.request.text}
        return all(not isinstance(one, Call) or one.reads for one in map(self._understood, texts))

    def run(self, tx: Tx) -> Answer:
        """Run the verb, for the plan that was named in front of it if there is one."""
        request = self.request
        key, rest = plan_and_rest(request.text) if self._names_plan() else ("", "")
        if key and self.is_plan_key(tx, request.workspace, key):
            request = replace(request, plan=key, text=rest.strip())
        understood = self._understood(request.text)
        if isinstance(understood, Call):
            return understood.run(tx, request, understood.arguments)
        return self._said(understood, request)

    def _names_plan(self) -> bool:
        return self.request.plan is None and bool(plan_and_rest(self.request.text)[0])

    def _understood(self, text: str) -> Understood:
        return understand(self.command, text, literally=self.literally)

    def _said(self, understood: Understood, request: Request) -> Answer:
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
