"""The buttons and forms of checkpoints."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.blockers.service import Raised
from callboard.checkpoints import forms, messages, service, store, views
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routing import Interaction
from callboard.standups.slack.buttons import asker
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _clicked(tx: Tx, request: Request) -> tuple[Asker, int, int]:
    """Who clicked on which inquiry, and how it stood when the button was drawn."""
    number, _, changes = request.value.partition(":")
    one = store.inquiry(tx, int(number))
    directory = teams.directory(tx, one.plan_id) if one else None
    if one is None or directory is None or directory.workspace not in ("", request.workspace):
        raise Refused(service.GONE)
    return asker(tx, replace(request, plan=directory.plan_key)), one.number, int(changes)


def _on_it(tx: Tx, request: Request) -> Answer:
    who, number, changes = _clicked(tx, request)
    service.on_it(tx, who, number, changes)
    return Done()


def _help(tx: Tx, request: Request) -> Answer:
    who, number, changes = _clicked(tx, request)
    _, told = service.needs_help(tx, who, number, changes)
    return Say(f"{' and '.join(told)} {'knows' if len(told) == 1 else 'know'} that you need help.")


def _ask_blocker(tx: Tx, request: Request) -> Answer:
    who, number, changes = _clicked(tx, request)
    one = service.mine(tx, who, number, changes)
    return Modal(forms.blocker(who.directory.plan_key, views.inquiry(tx, one)))


def _ask_answer(tx: Tx, request: Request) -> Answer:
    who, number, _ = _clicked(tx, request)
    return Modal(forms.answer(who.directory.plan_key, views.inquiry(tx, service.mine(tx, who, number))))


def _submit_answer(tx: Tx, request: Request) -> Answer:
    private = request.private
    who = asker(tx, replace(request, plan=str(private["plan"])))
    said = forms.answers(private, request.values)
    if not any(text for _, text in said):
        return Errors({"q0": "Say a word or two: the card in the channel shows it."})
    service.say(tx, who, int(private["number"]), said)
    return Done()


def _submit_blocker(tx: Tx, request: Request) -> Answer:
    private, values = request.private, request.values
    who = asker(tx, replace(request, plan=str(private["plan"])))
    waits_for = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and waits_for is None:
        return Errors({"waits_for": f"They are not in {who.directory.plan_name}: pick somebody of the plan."})
    said = Raised(
        what=values.get("what") or "", waits_for=waits_for.key if waits_for else None, blocks=values.get("blocks")
    )
    service.blocked(tx, who, int(private["number"]), said, int(private["changes"]))
    return Done()


interactions = (
    Interaction("button", messages.ON_IT, _on_it),
    Interaction("button", messages.HELP, _help),
    Interaction("button", messages.BLOCKER, _ask_blocker),
    Interaction("button", messages.ANSWER, _ask_answer),
    Interaction("modal", "checkpoint.answer", _submit_answer),
    Interaction("modal", "checkpoint.blocker", _submit_blocker),
)
