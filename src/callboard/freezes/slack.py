"""Freezes in Slack: the verbs that they add to `/gate`, and the buttons and forms of exceptions."""

from __future__ import annotations

import zlib

from callboard import blocks as b
from callboard.blocks import fit, forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.freezes import messages, rights, service, store
from callboard.freezes.models import Freeze, FreezeException, State
from callboard.gates.slack import Attempts
from callboard.gates.slack import commands as gate_commands
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.grammar import Arguments, Command, Numbers, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.teams.slack import About, Click, asker

LONGEST = 200
ABOUT = About[FreezeException](
    store.exception, "This exception is no longer there. `/gate freezes` lists them.",
    lambda tx, row: messages.card(messages.exception_view(tx, row.number)),
)  # fmt: skip
FREEZES = About[Freeze](store.freeze, "This freeze is no longer there. `/gate freezes` lists them.")
ATTEMPTS = Attempts[FreezeException](store.exception, service.refused)


def _list(tx: Tx, request: Request, args: Arguments) -> Answer:
    gates = gate_commands.list_all(tx, request, args)
    if args.get("gate"):
        return gates
    frozen = [
        b.context(f":snowflake: {m.escape(freeze.name)} until {messages.lasts(freeze)}")
        for freeze in service.active(tx, asker(tx, request).directory.plan_id)
    ]
    return Say(gates.text, [*gates.blocks, *frozen])


def _list_freezes(tx: Tx, request: Request, _args: Arguments) -> Answer:
    lines = []
    for freeze in store.freezes(tx, asker(tx, request).directory.plan_id):
        end = messages.lasts(freeze) if freeze.live else m.date(freeze.to_at, "both")
        times = f"{m.date(freeze.from_at, 'both')} to {end}"
        lines.append(f":snowflake: *{freeze.key}*  {m.escape(freeze.name)}: {times}")
        rows = store.exceptions(tx, freeze)
        lines += [f"• exception {row.number}, {row.item}: {row.state}" for row in rows]
    return Say("Freezes", fit.pieces("\n".join(lines) or "This plan has no freezes."))


def _exception(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`exception code the sign-in fix`."""
    who, text = asker(tx, request), (args["item"] or "").strip()
    first, _, rest = text.partition(" ")
    keys = {freeze.key.lower() for freeze in store.freezes(tx, who.directory.plan_id)}
    key, item = (first, rest.strip()) if first.lower() in keys else ("", text)
    freeze, part = service.may_ask(tx, who, key, item)
    blocks = [
        b.section(f"An exception lets one item through {m.escape(freeze.name)}."),
        forms.text_input("Item", "item", initial=item, placeholder="One thing to let through", max_length=LONGEST),
        *(forms.text_input(label, _field(label), multiline=True) for label in dict.fromkeys(part.form)),
    ]
    private = {"number": freeze.id}
    return Modal(forms.modal("Exception", blocks, callback_id="gate.exception", submit="Ask", private=private))


def _field(label: str) -> str:
    """The id of the field of a question: the same wherever the plan has the question."""
    return f"answer-{zlib.crc32(label.encode())}"


def _submit_exception(click: Click[Freeze]) -> Answer:
    item = click.values.get("item") or ""
    form = rights.asks(click.tx, click.row, item).form
    answers = {label: click.values.get(_field(label)) or "" for label in form}
    row = service.ask(click.tx, click.asker, click.row.key, item, answers)
    return Say(f"You asked for exception {row.number}. I told whoever signs; I'll tell you the answer.")


def _grant(tx: Tx, request: Request, args: Arguments) -> Answer:
    return _decided(service.grant(tx, asker(tx, request), args["number"]))


def _deny(tx: Tx, request: Request, args: Arguments) -> Answer:
    return _decided(service.deny(tx, asker(tx, request), args["number"], args["reason"]))


def _press_grant(click: Click[FreezeException]) -> Answer:
    return _decided(service.grant(click.tx, click.asker, click.row.number, click.changes))


def _decided(row: FreezeException) -> Answer:
    if row.state == State.ASKED:
        return Say(f"You signed exception {row.number}. Others must sign too.")
    return Say(f"Exception {row.number} for `{row.item}` is {row.state}.")


def _press_deny(click: Click[FreezeException]) -> Answer:
    row = service.may_decide(click.tx, click.asker, click.row.number, click.changes)
    title, why = f"Deny exception {row.number}", forms.text_input("Why", "reason", multiline=True)
    private = {"number": row.number, "changes": row.changes}
    return Modal(forms.modal(title, [why], callback_id="gate.deny", submit="Deny", private=private))


def _submit_deny(click: Click[FreezeException]) -> Answer:
    service.deny(click.tx, click.asker, click.row.number, click.values.get("reason") or "", click.changes)
    return Done()


def _named(tx: Tx, request: Request, args: Arguments) -> FreezeException | None:
    return ATTEMPTS.row(tx, request, args["number"])


NUMBER = Numbers("number", find=store.exception)
command = Command(
    word="gate",
    about="freezes, and exceptions from them",
    verbs=(
        Verb(
            "list", _list, "all gates and what is frozen, or all items of a gate", (Word("gate", optional=True),),
            reads=True,
        ),
        Verb("freezes", _list_freezes, "freezes and their exceptions", aliases=("freeze",), reads=True),
        Verb(
            "exception", _exception, "ask to let one item through a freeze",
            (Text("item", optional=True),), aliases=("except",),
        ),
        ATTEMPTS.typed(Verb("grant", _grant, "sign an exception", (NUMBER,)), _named),
        ATTEMPTS.typed(
            Verb("deny", _deny, "deny an exception, and why", (NUMBER, Text("reason", sample="it can wait"))), _named
        ),
    ),
    alone=_list,
    alone_reads=True,
)  # fmt: skip
INTERACTIONS = (
    FREEZES.form("gate.exception", _submit_exception),
    ATTEMPTS.clicked(ABOUT.button("gate.grant", _press_grant)),
    ATTEMPTS.clicked(ABOUT.button("gate.deny", _press_deny)),
    ATTEMPTS.clicked(ABOUT.form("gate.deny", _submit_deny)),
)
