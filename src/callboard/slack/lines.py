"""A typed command, from its words to the verb that it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

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
        if self._plan_and_rest[0] or isinstance(self._as_typed, Call):
            return None
        return self._said(self._as_typed, self.request)

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
        return self._said(understood, request)

    @cached_property
    def _plan_and_rest(self) -> tuple[str, str]:
        """What may be a plan's key, empty where there is none or the plan is known, and what follows it."""
        return ("", "") if self.request.plan is not None else plan_and_rest(self.request.text)

    @cached_property
    def _as_typed(self) -> Understood:
        return self._understood(self.request.text)

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
