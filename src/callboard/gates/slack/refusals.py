"""What somebody tried and may not: they read why, and the timeline keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from callboard.core.errors import Refused, WhichPlan
from callboard.gates.models import Gate
from callboard.gates.service import gates
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Refusal
from callboard.slack.grammar import Arguments
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

Typed = Callable[["Tx", Request, Arguments], Answer]
Pressed = Callable[["Tx", Request], Answer]


class OfPlan(Protocol):
    """What somebody tries something with: a row of a plan."""

    plan_id: int


Row = TypeVar("Row", bound=OfPlan)


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return teams.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def of_value(request: Request) -> tuple[Request, str, int]:
    """What a button carries: the plan that is meant, the gate's key, and how it stood: `harbor/tested:12`."""
    named, _, changes = request.value.rpartition(":")
    plan, _, key = named.partition("/")
    return replace(request, plan=plan), key, int(changes) if changes.isdigit() else 0


def of_form(request: Request) -> Request:
    """A form's request, in the plan that it was opened for."""
    return replace(request, plan=request.private.get("plan") or request.plan)


def typed(what: str, run: Typed) -> Typed:
    """A verb that is typed; what is refused about a gate there is stays on its timeline."""

    def guarded(tx: Tx, request: Request, args: Arguments) -> Answer:
        return _kept(tx, request, what, args["gate"] or "", lambda: run(tx, request, args))

    return guarded


def pressed(what: str, run: Pressed) -> Pressed:
    """A button."""

    def guarded(tx: Tx, request: Request) -> Answer:
        meant, key, _ = of_value(request)
        return _kept(tx, meant, what, key, lambda: run(tx, request))

    return guarded


def chosen(run: Pressed) -> Pressed:
    """A choice in the menu behind the dots, whose value begins with its verb: `withdraw:harbor/tested:3`."""

    def guarded(tx: Tx, request: Request) -> Answer:
        verb, _, value = request.value.partition(":")
        return pressed(verb, lambda tx, _: run(tx, request))(tx, replace(request, value=value))

    return guarded


def submitted(what: str, run: Pressed) -> Pressed:
    """A form."""

    def guarded(tx: Tx, request: Request) -> Answer:
        return _kept(tx, of_form(request), what, request.private.get("gate", ""), lambda: run(tx, request))

    return guarded


def kept(
    tx: Tx, request: Request, what: str, run: Callable[[], Answer],
    find: Callable[[Tx, Request], Row | None], keep: Callable[[Tx, Row, str, str, str], None],
) -> Answer:  # fmt: skip
    """The answer; what is refused is kept on the timeline of what `find` says it is about, if anything."""
    try:
        return run()
    except WhichPlan:
        raise
    except Refused as refused:
        about = find(tx, request)
        if about is None:
            raise
        person = teams.directory(tx, about.plan_id).by_slack(request.user)
        actor = person.key if person else request.user
        keep(tx, about, actor, what, refused.sentence)
        return Refusal(refused.sentence)


def _kept(tx: Tx, request: Request, what: str, key: str, run: Callable[[], Answer]) -> Answer:
    return kept(tx, request, what, run, partial(_gate, key=key), gates.refused)


def _gate(tx: Tx, request: Request, key: str) -> Gate | None:
    """The gate that somebody tried something with, stranger or not; None where nobody can tell."""
    named = [one for one in plans.running(tx, request.workspace) if request.plan in (None, one.key)]
    found = [gates.known(tx, one.id, key) for one in named]
    having = [one for one in found if one is not None]
    here = [one for one in having if teams.directory(tx, one.plan_id).by_slack(request.user)] or having
    return here[0] if len(here) == 1 else None
