"""Gates in Slack. Whoever tries what they may not reads why, and the timeline keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from callboard.core.errors import Refused, WhichPlan
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Refusal
from callboard.slack.grammar import Arguments
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


class Row(Protocol):
    """What somebody tries something with."""

    plan_id: int


R = TypeVar("R", bound=Row)
Typed = Callable[["Tx", Request, Arguments], Answer]


class Attempts(Generic[R]):
    """Keeps on a row's timeline who tried what and was refused, strangers too.

    `keep` gets the row, who it was, what they tried and the sentence that they read.
    """

    def __init__(self, find: Callable[[Tx, int], R | None], keep: Callable[[Tx, R, str, str, str], None]) -> None:
        self._find, self._keep = find, keep

    def typed(self, tried: str, run: Typed, named: Callable[[Tx, Request, Arguments], R | None]) -> Typed:
        """A verb that is typed; `named` finds the row that its arguments name."""
        return lambda tx, request, args: self._answer(
            tx, request, tried, lambda: run(tx, request, args), lambda: named(tx, request, args)
        )

    def clicked(self, interaction: Interaction, tried: str = "") -> Interaction:
        """A button, a menu or a form about a row; a menu's choice says what was tried."""

        def run(tx: Tx, request: Request) -> Answer:
            verb, number = tried, request.private.get("number", 0)
            if interaction.kind == "button":
                *verbs, number, _ = request.value.split(":")
                verb = verbs[0] if verbs else tried
            return self._answer(
                tx, request, verb, lambda: interaction.run(tx, request), lambda: self.row(tx, request, int(number))
            )

        return replace(interaction, run=run)

    def row(self, tx: Tx, request: Request, number: int) -> R | None:
        """The row with a number, in whichever plan of the workspace it is."""
        row = self._find(tx, number)
        return row if row and row.plan_id in {plan.id for plan in plans.running(tx, request.workspace)} else None

    def _answer(
        self, tx: Tx, request: Request, tried: str, run: Callable[[], Answer], find: Callable[[], R | None]
    ) -> Answer:
        try:
            return run()
        except WhichPlan:
            raise
        except Refused as refused:
            row = find()
            if row is None:
                raise
            person = teams.directory(tx, row.plan_id).by_slack(request.user)
            self._keep(tx, row, person.key if person else request.user, tried, refused.sentence)
            return Refusal(refused.sentence)
