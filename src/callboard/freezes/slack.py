"""Freezes in Slack: the verbs that they add to `/gate`, the buttons and forms of exceptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.freezes import service, store
from callboard.freezes.models import FreezeException
from callboard.gates.slack import commands
from callboard.gates.slack.refusals import Pressed, Typed, asker, kept, of_form
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.grammar import Arguments, Command, Number, Text, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def list_all(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Every gate of the plan, and freezes that hold now."""
    gates = commands.list_all(tx, request, args)
    frozen = [
        b.context(f":snowflake: {b.escape(one.name)} until {b.date(one.to_at, 'both')}")
        for one in service.active(tx, asker(tx, request).directory.plan_id)
    ]
    return Say(gates.text, [*gates.blocks, *frozen])


def list_freezes(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """The freezes, and the exceptions that were asked for."""
    who = asker(tx, request)
    lines = []
    for one in store.freezes(tx, who.directory.plan_id):
        times = f"{b.date(one.from_at, 'both')} to {b.date(one.to_at, 'both')}"
        lines.append(f":snowflake: *{one.key}*  {b.escape(one.name)}: {times}")
        lines += [f"• exception {e.number}, {e.item}: {e.state}" for e in store.exceptions(tx, one.plan_id, one.id)]
    return Say("Freezes", [b.section("\n".join(lines) or "This plan has no freezes.")])


def exception(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open the form for an exception: `exception code the sign-in fix`."""
    who = asker(tx, request)
    text = (args["item"] or "").strip()
    first, _, rest = text.partition(" ")
    keys = {one.key.lower() for one in store.freezes(tx, who.directory.plan_id)}
    key, item = (first, rest.strip()) if first.lower() in keys else ("", text)
    freeze, part = service.may_ask(tx, who, key, item)
    carried = {"plan": who.directory.plan_key, "freeze": freeze.key}
    return Modal(exception_form(freeze.name, carried, part.form, item))


def grant(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Sign an exception."""
    row = service.grant(tx, asker(tx, request), args["number"])
    return Say(how_exception_stands(row))


def deny(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Deny an exception."""
    row = service.deny(tx, asker(tx, request), args["number"], args["reason"])
    return Say(how_exception_stands(row))


def how_exception_stands(row: FreezeException) -> str:
    """What somebody reads who has just decided about an exception."""
    return (
        f"Exception {row.number} for `{row.item}` is {row.state}."
        if row.state != "asked"
        else f"You signed exception {row.number}; others have to sign too."
    )


def submit_exception(tx: Tx, request: Request) -> Answer:
    """Ask for an exception with the form."""
    who, key, values = asker(tx, of_form(request)), request.private["freeze"], request.values
    _, part = service.may_ask(tx, who, key, values.get("item") or "")
    answers = {label: values.get(f"answer-{number}") or "" for number, label in enumerate(part.form)}
    row = service.ask(tx, who, key, values.get("item") or "", answers)
    return Say(
        f"Exception {row.number} is asked for. Whoever signs is told; the answer comes here as a direct message."
    )


def press_grant(tx: Tx, request: Request) -> Answer:
    """Sign an exception."""
    number, changes, who = _exception(tx, request)
    return Say(how_exception_stands(service.grant(tx, who, number, changes)))


def press_deny(tx: Tx, request: Request) -> Answer:
    """Ask why it is denied."""
    number, changes, who = _exception(tx, request)
    service.may_deny(tx, who, number, changes)
    return Modal(deny_form(number, changes, who.directory.plan_key))


def submit_deny(tx: Tx, request: Request) -> Answer:
    """Deny an exception."""
    who = asker(tx, of_form(request))
    service.deny(tx, who, request.private["number"], request.values.get("reason") or "", request.private["changes"])
    return Done()


def _exception(tx: Tx, request: Request) -> tuple[int, int, Asker]:
    number, _, changes = request.value.partition(":")
    row = store.exception(tx, int(number))
    if row is None:
        raise Refused("That exception is not there any more. `/gate freezes` lists those that are.")
    plan = teams.directory(tx, row.plan_id).plan_key
    return int(number), int(changes), asker(tx, replace(request, plan=plan))


def exception_form(freeze: str, carried: Mapping[str, str], form: Sequence[str], item: str = "") -> dict[str, Any]:
    """What somebody says who asks for an exception from a freeze."""
    blocks = [
        b.section(f"An exception lets one item through {b.escape(freeze)}."),
        b.text_input("Item", "item", initial=item, placeholder="What is to go in: one thing"),
        *(b.text_input(label, f"answer-{number}", multiline=True) for number, label in enumerate(form)),
    ]
    return b.modal("Exception", blocks, callback_id="gate.exception", submit="Ask", private=carried)


def deny_form(number: int, changes: int, plan: str) -> dict[str, Any]:
    """Why an exception is denied."""
    blocks = [b.text_input("Why", "reason", multiline=True)]
    private = {"number": number, "changes": changes, "plan": plan}
    return b.modal(f"Deny exception {number}", blocks, callback_id="gate.deny", submit="Deny", private=private)


def vote_typed(what: str, run: Typed) -> Typed:
    """A vote on an exception from a freeze, that is typed; what is refused stays on the exception's timeline."""

    def guarded(tx: Tx, request: Request, args: Arguments) -> Answer:
        return _kept(tx, request, what, args["number"], lambda: run(tx, request, args))

    return guarded


def vote_pressed(what: str, run: Pressed) -> Pressed:
    """The same by a button, whose value is `number:changes`."""

    def guarded(tx: Tx, request: Request) -> Answer:
        number, _, _ = request.value.partition(":")
        return _kept(tx, request, what, int(number), lambda: run(tx, request))

    return guarded


def vote_submitted(what: str, run: Pressed) -> Pressed:
    """The same by a form."""

    def guarded(tx: Tx, request: Request) -> Answer:
        return _kept(tx, of_form(request), what, request.private["number"], lambda: run(tx, request))

    return guarded


def _kept(tx: Tx, request: Request, what: str, number: int, run: Callable[[], Answer]) -> Answer:
    return kept(tx, request, what, run, partial(_voted_on, number=number), service.refused)


def _voted_on(tx: Tx, request: Request, number: int) -> FreezeException | None:
    row = store.exception(tx, number)
    there = {one.id for one in plans.running(tx, request.workspace)}
    return row if row is not None and row.plan_id in there else None


NUMBER = Number("number")

command = Command(
    word="gate",
    about="freezes, and exceptions from them",
    verbs=(
        Verb("list", list_all, "every gate, and what is frozen", reads=True),
        Verb("freezes", list_freezes, "what is frozen, and the exceptions", aliases=("freeze",), reads=True),
        Verb(
            "exception", exception, "ask to let one item through a freeze",
            (Text("item", optional=True),), aliases=("except",),
        ),
        Verb("grant", vote_typed("grant", grant), "sign an exception", (NUMBER,)),
        Verb("deny", vote_typed("deny", deny), "deny an exception, and why", (NUMBER, Text("reason"))),
    ),
    alone=list_all,
    alone_reads=True,
)  # fmt: skip
interactions = (
    Interaction("button", "gate.grant", vote_pressed("grant", press_grant)),
    Interaction("button", "gate.deny", vote_pressed("deny", press_deny)),
    Interaction("modal", "gate.exception", submit_exception),
    Interaction("modal", "gate.deny", vote_submitted("deny", submit_deny)),
)
