"""The buttons of gates, and what their forms send."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.core.errors import Refused
from callboard.gates.messages import snapshot
from callboard.gates.service import gates, signatures, ticks_and_reports
from callboard.gates.slack import commands, forms
from callboard.gates.slack.refusals import asker, chosen, of_form, of_value, pressed, submitted
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction

if TYPE_CHECKING:
    from callboard.core.db import Tx


def press_sign(tx: Tx, request: Request) -> Answer:
    """Ask before signing."""
    meant, key, changes = of_value(request)
    return commands.confirmation(tx, asker(tx, meant), key, expected=changes)


def press_reject(tx: Tx, request: Request) -> Answer:
    """Ask why."""
    meant, key, changes = of_value(request)
    seen = signatures.may_reject(tx, asker(tx, meant), key, changes)
    return Modal(forms.reject(snapshot.of_look(tx, seen)))


def press_tick(tx: Tx, request: Request) -> Answer:
    """Ask what was looked at."""
    meant, key, changes = of_value(request)
    view = snapshot.of_look(tx, gates.still(tx, asker(tx, meant), key, changes))
    if not any(one.number and not one.holds for one in view.criteria):
        raise Refused(f"Everything of {view.name} that is ticked by hand is ticked.")
    return Modal(forms.tick(view))


def press_ack(tx: Tx, request: Request) -> Answer:
    """Take a gate that was missed."""
    meant, key, _ = of_value(request)
    seen = gates.acknowledge(tx, asker(tx, meant), key)
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
        return Say(commands.how_it_stands(tx, signatures.withdraw(tx, who, key, changes), "You took it back."))
    gates.still(tx, who, key, changes)
    return Modal(forms.waive(snapshot.of_look(tx, gates.may_waive(tx, who, key))))


def submit_sign(tx: Tx, request: Request) -> Answer:
    """Sign what the form showed."""
    private = request.private
    who = asker(tx, of_form(request))
    seen = signatures.sign(tx, who, private["gate"], private["content"], private.get("for", ""))
    return Say(commands.how_it_stands(tx, seen, "You have signed."))


def submit_tick(tx: Tx, request: Request) -> Answer:
    """Tick from the form."""
    evidence = request.values.get("evidence") or ""
    who = asker(tx, of_form(request))
    ticks_and_reports.tick(tx, who, request.private["gate"], request.values["which"], evidence)
    return Done()


def submit_reject(tx: Tx, request: Request) -> Answer:
    """Say no from the form."""
    who = asker(tx, of_form(request))
    seen = signatures.reject(tx, who, request.private["gate"], request.values.get("reason") or "")
    return Say(commands.how_it_stands(tx, seen, "You said no."))


def submit_waive(tx: Tx, request: Request) -> Answer:
    """Waive with the exception record of the form."""
    values, who = request.values, asker(tx, of_form(request))
    gates.waive(
        tx, who, request.private["gate"], values.get("why") or "", until=values.get("until"),
        risk_of_adding=values.get("adding") or "", risk_of_cutting=values.get("cutting") or "",
    )  # fmt: skip
    return Done()


interactions = (
    Interaction("button", "gate.sign", pressed("sign", press_sign)),
    Interaction("button", "gate.reject", pressed("reject", press_reject)),
    Interaction("button", "gate.tick", pressed("tick", press_tick)),
    Interaction("button", "gate.ack", pressed("acknowledge", press_ack)),
    Interaction("button", "gate.show", press_show, reads=True),
    Interaction("button", "gate.more", chosen(choose_more)),
    Interaction("modal", "gate.sign", submitted("sign", submit_sign)),
    Interaction("modal", "gate.tick", submitted("tick", submit_tick)),
    Interaction("modal", "gate.reject", submitted("reject", submit_reject)),
    Interaction("modal", "gate.waive", submitted("waive", submit_waive)),
)
