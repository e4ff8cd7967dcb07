"""The buttons and forms of gates and exceptions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.core.errors import Refused
from callboard.gates import commands, freezing, modals, service, store, views
from callboard.gates.attempts import (
    asker,
    chosen,
    of_form,
    of_value,
    pressed,
    submitted,
    vote_pressed,
    vote_submitted,
)
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routing import Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def press_sign(tx: Tx, request: Request) -> Answer:
    """Ask before signing."""
    meant, key, changes = of_value(request)
    return commands.confirmation(tx, asker(tx, meant), key, expected=changes)


def press_reject(tx: Tx, request: Request) -> Answer:
    """Ask why."""
    meant, key, changes = of_value(request)
    seen = service.may_reject(tx, asker(tx, meant), key, changes)
    return Modal(modals.reject(views.of(tx, seen)))


def press_tick(tx: Tx, request: Request) -> Answer:
    """Ask what was looked at."""
    meant, key, changes = of_value(request)
    view = views.of(tx, service.still(tx, asker(tx, meant), key, changes))
    if not any(one.number and not one.holds for one in view.criteria):
        raise Refused(f"Everything of {view.name} that is ticked by hand is ticked.")
    return Modal(modals.tick(view))


def press_ack(tx: Tx, request: Request) -> Answer:
    """Take a gate that was missed."""
    meant, key, _ = of_value(request)
    seen = service.acknowledge(tx, asker(tx, meant), key)
    return Say(commands.how_it_stands(tx, seen, "You have it."))


def press_show(tx: Tx, request: Request) -> Answer:
    """Show a gate."""
    meant, key, _ = of_value(request)
    return commands.shown(tx, asker(tx, meant), key)


def choose_more(tx: Tx, request: Request) -> Answer:
    """Do what was chosen in the menu behind the dots: `withdraw:harbor/tested:3`."""
    verb, _, value = request.value.partition(":")
    meant, key, changes = of_value(replace(request, value=value))
    who = asker(tx, meant)
    if verb == "history":
        return commands.told(tx, who, key)
    if verb == "withdraw":
        return Say(commands.how_it_stands(tx, service.withdraw(tx, who, key, changes), "You took it back."))
    service.still(tx, who, key, changes)
    return Modal(modals.waive(views.of(tx, service.may_waive(tx, who, key))))


def submit_sign(tx: Tx, request: Request) -> Answer:
    """Sign what the form showed."""
    private = request.private
    who = asker(tx, of_form(request))
    seen = service.sign(tx, who, private["gate"], private["content"], private.get("for", ""))
    return Say(commands.how_it_stands(tx, seen, "You have signed."))


def submit_tick(tx: Tx, request: Request) -> Answer:
    """Tick from the form."""
    evidence = request.values.get("evidence") or ""
    who = asker(tx, of_form(request))
    service.tick(tx, who, request.private["gate"], request.values["which"], evidence)
    return Done()


def submit_reject(tx: Tx, request: Request) -> Answer:
    """Say no from the form."""
    who = asker(tx, of_form(request))
    seen = service.reject(tx, who, request.private["gate"], request.values.get("reason") or "")
    return Say(commands.how_it_stands(tx, seen, "You said no."))


def submit_waive(tx: Tx, request: Request) -> Answer:
    """Waive with the exception record of the form."""
    values, who = request.values, asker(tx, of_form(request))
    service.waive(
        tx, who, request.private["gate"], values.get("why") or "", until=values.get("until"),
        risk_of_adding=values.get("adding") or "", risk_of_cutting=values.get("cutting") or "",
    )  # fmt: skip
    return Done()


def submit_exception(tx: Tx, request: Request) -> Answer:
    """Ask for an exception with the form."""
    who, key, values = asker(tx, of_form(request)), request.private["freeze"], request.values
    _, part = freezing.may_ask(tx, who, key, values.get("item") or "")
    answers = {label: values.get(f"answer-{number}") or "" for number, label in enumerate(part.form)}
    row = freezing.ask(tx, who, key, values.get("item") or "", answers)
    return Say(
        f"Exception {row.number} is asked for. Whoever signs is told; the answer comes here as a direct message."
    )


def press_grant(tx: Tx, request: Request) -> Answer:
    """Sign an exception."""
    number, changes, who = _exception(tx, request)
    return Say(commands.how_exception_stands(freezing.grant(tx, who, number, changes)))


def press_deny(tx: Tx, request: Request) -> Answer:
    """Ask why it is denied."""
    number, changes, who = _exception(tx, request)
    freezing.may_deny(tx, who, number, changes)
    return Modal(modals.deny(number, changes, who.directory.plan_key))


def submit_deny(tx: Tx, request: Request) -> Answer:
    """Deny an exception."""
    who = asker(tx, of_form(request))
    freezing.deny(tx, who, request.private["number"], request.values.get("reason") or "", request.private["changes"])
    return Done()


def _exception(tx: Tx, request: Request) -> tuple[int, int, Asker]:
    number, _, changes = request.value.partition(":")
    row = store.exception(tx, int(number))
    if row is None:
        raise Refused("That exception is not there any more. `/gate freezes` lists those that are.")
    plan = teams.directory(tx, row.plan_id).plan_key
    return int(number), int(changes), asker(tx, replace(request, plan=plan))


interactions = (
    Interaction("button", "gate.sign", pressed("sign", press_sign)),
    Interaction("button", "gate.reject", pressed("reject", press_reject)),
    Interaction("button", "gate.tick", pressed("tick", press_tick)),
    Interaction("button", "gate.ack", pressed("acknowledge", press_ack)),
    Interaction("button", "gate.show", press_show, reads=True),
    Interaction("button", "gate.more", chosen(choose_more)),
    Interaction("button", "gate.grant", vote_pressed("grant", press_grant)),
    Interaction("button", "gate.deny", vote_pressed("deny", press_deny)),
    Interaction("modal", "gate.sign", submitted("sign", submit_sign)),
    Interaction("modal", "gate.tick", submitted("tick", submit_tick)),
    Interaction("modal", "gate.reject", submitted("reject", submit_reject)),
    Interaction("modal", "gate.waive", submitted("waive", submit_waive)),
    Interaction("modal", "gate.exception", submit_exception),
    Interaction("modal", "gate.deny", vote_submitted("deny", submit_deny)),
)
