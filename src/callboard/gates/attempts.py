"""What somebody tried and may not: they read why, and the timeline keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.core.errors import Refused, WhichPlan
from callboard.gates import service, store
from callboard.plans import service as plans
from callboard.slack.answers import Answer
from callboard.slack.grammar import Arguments
from callboard.slack.receipts import Refusal
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.service import Asker, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

Typed = Callable[["Tx", Request, Arguments], Answer]
Pressed = Callable[["Tx", Request], Answer]


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


def submitted(what: str, run: Pressed) -> Pressed:
    """A form."""

    def guarded(tx: Tx, request: Request) -> Answer:
        return _kept(tx, of_form(request), what, request.private.get("gate", ""), lambda: run(tx, request))

    return guarded


def _kept(tx: Tx, request: Request, what: str, key: str, run: Callable[[], Answer]) -> Answer:
    try:
        return run()
    except WhichPlan:
        raise
    except Refused as refused:
        about = _meant(tx, request, key)
        if about is None:
            raise
        person = about.by_slack(request.user)
        actor = person.key if person else request.user
        service.refused(tx, about.plan_id, key, actor, what, refused.sentence)
        return Refusal(refused.sentence)


def _meant(tx: Tx, request: Request, key: str) -> Directory | None:
    """The plan with the gate that somebody tried something with, stranger or not; None where nobody can tell."""
    every = [teams.directory(tx, standing.id) for standing in plans.running(tx, request.workspace)]
    named = [one for one in every if request.plan in (None, one.plan_key)]
    having = [one for one in named if any(gate.key == key.lower() for gate in store.gates(tx, one.plan_id))]
    here = [one for one in having if one.by_slack(request.user)] or having
    return here[0] if len(here) == 1 else None
