"""`/risk`: its verbs, the buttons of cards and questions, and the forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from callboard.blocks import forms
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.outbox import Message
from callboard.core.words import lines_of
from callboard.emergencies import service as emergencies
from callboard.risks import messages, register, rights, service, store
from callboard.risks.models import Question, Risk, Said
from callboard.risks.register import LEVELS, Kept
from callboard.risks.service import New
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Choice, Command, Number, Person, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Click, Promised, asker, is_promise, person

RAISE, LONGEST = "risk.raise", 2000
N = Number("number", find=store.risk)
PLACED = re.compile(r"#?(\d{1,9})(?:\s+#?(\d{1,9}))?")
GRADED = re.compile(r"#?(\d{1,9})(?:\s+(\S+)(?:\s+(.+))?)?", re.DOTALL)


def _card(tx: Tx, row: Risk) -> Message:
    kept = register.of_row(tx, row)
    if kept is None:
        raise Refused(f"Risk {row.number} is no longer in the plan. `/risk` lists those that are.")
    return messages.card(messages.view(tx, kept))


ABOUT = About[Risk](store.risk, "This risk is no longer there. `/risk` lists them.", _card)
QUESTIONS = About[Question](
    store.question, service.GONE, lambda tx, row: messages.question(row, register.numbered(tx, row.risk_id))
)


def listed(tx: Tx, request: Request, args: Arguments) -> Answer:
    message = messages.listed(tx, asker(tx, request).directory.plan_id, every=bool(args.get("all")))
    return Say(message.text, message.blocks)


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    message = messages.card(messages.view(tx, register.known(tx, asker(tx, request), args["number"])))
    return Say(message.text, message.blocks)


def raise_one(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`medium high vendor is late`; without a rating a form asks."""
    who, text = asker(tx, request), args["what"] or ""
    rights.raises(who)
    probability, impact, what = [*text.split(maxsplit=2), "", "", ""][:3]
    if what and probability.lower() in LEVELS and impact.lower() in LEVELS:
        return _raised(service.raise_risk(tx, who, New(risk=what, probability=probability, impact=impact)))
    return Modal(raise_form(who, text))


def raise_form(who: Asker, what: str = "") -> dict[str, Any]:
    rated = [(word.capitalize(), word) for word in LEVELS]
    inputs = [
        forms.text_input("What may go wrong?", "risk", initial=what, max_length=service.LONGEST,
                         placeholder="The vendor is late"),
        forms.select_input("How likely is it?", "probability", rated, initial="medium"),
        forms.select_input("How bad would it be?", "impact", rated, initial="medium"),
        forms.user_input("Who watches it?", "owner", initial=who.person.slack_id or None, optional=True),
        forms.text_input("What is done against it?", "mitigation", optional=True, max_length=LONGEST),
        forms.text_input("What to do when it comes near?", "actions", multiline=True, optional=True,
                         max_length=LONGEST, placeholder="One action per line"),
    ]  # fmt: skip
    return forms.modal(
        "Raise a risk", inputs, callback_id=RAISE, submit="Raise", private={"plan": who.directory.plan_key}
    )


def _submit_raise(tx: Tx, request: Request) -> Answer:
    values = request.values
    who = asker(tx, replace(request, plan=request.private.get("plan")))
    user = values.get("owner") or ""
    owner = who.directory.by_slack(user)
    if user and owner is None:
        return Errors({"owner": f"They are not in {who.directory.plan_name}. Choose somebody else."})
    texts = {name: values.get(name) or "" for name in ("risk", "probability", "impact", "mitigation")}
    try:
        return _raised(
            service.raise_risk(tx, who, New(**texts, owner=owner, actions=lines_of(values.get("actions") or "")))
        )
    except Refused as refused:
        return Errors({"risk": refused.sentence})


def _raised(kept: Kept) -> Answer:
    return Say(f"{kept.called} is in the plan. By mistake? `/risk close {kept.row.number} raised by mistake`")


def rate(tx: Tx, request: Request, args: Arguments) -> Answer:
    kept = service.rate(tx, asker(tx, request), args["number"], args["probability"], args["impact"])
    return Say(f"{kept.called}: probability {kept.part.probability}, impact {kept.part.impact}.")


def hand(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    to = person(who, args["person"])
    kept = service.hand(tx, who, args["number"], to)
    return Say(f"{who.directory.called(to)} owns risk {kept.row.number} now. I tell them.")


def act(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`3 2`: action 2 of risk 3; its only one, or the last that is no task yet, needs no number."""
    found = PLACED.fullmatch(args["action"])
    if found is None:
        raise Refused("Type the risk and the action: `/risk action 3 2`.")
    return _acted(*service.act(tx, asker(tx, request), int(found[1]), int(found[2]) if found[2] else None))


def _acted(kept: Kept, task: str) -> Answer:
    drop = f"To drop it: `/task drop {task} because ...`"
    return Say(f"Task {task} is for risk {kept.row.number}: `/task show {task}`. {drop}")


def close(tx: Tx, request: Request, args: Arguments) -> Answer:
    kept = _close(tx, asker(tx, request), args["number"], args["text"])
    return Say(f"{kept.called} is closed. To open it again: `/risk reopen {kept.row.number}`")


def _close(tx: Tx, who: Asker, number: int, said: str, expected: int | None = None) -> Kept:
    if is_promise(tx, who, said):
        row = rights.watched(tx, who, number, "close", expected).row
        why = f"Say why nobody need watch it any more: `/risk close {row.number} ...`"
        raise Promised(said, f"risk {row.number} is still open", why)
    return service.close(tx, who, number, said, expected)


def reopen(tx: Tx, request: Request, args: Arguments) -> Answer:
    kept = service.reopen(tx, asker(tx, request), args["number"])
    return Say(f"{kept.called} is open again.")


def happened(tx: Tx, request: Request, args: Arguments) -> Answer:
    return _became(*service.happen(tx, asker(tx, request), args["number"], args["what"] or ""))


def _became(kept: Kept, blocker: Any) -> Answer:
    number = blocker.number
    undo = f"`/blocker withdraw {number}`, then `/risk reopen {kept.row.number}`"
    return Say(f"Risk {kept.row.number} happened: it is blocker {number}. By mistake? {undo}")


def declare(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`3 2 it is too much`: risk 3 becomes an emergency of level 2; without a level a form asks."""
    who, found = asker(tx, request), GRADED.fullmatch(args["level"])
    if found is None:
        raise Refused("Type the risk and the level: `/risk emergency 3 2`.")
    number, grade, what = int(found[1]), found[2], found[3] or ""
    if not grade:
        return Modal(declare_form(tx, rights.watched(tx, who, number, "declare an emergency for").row))
    return _declared(*service.declare(tx, who, number, grade, what))


def _declared(kept: Kept, emergency: Any) -> Answer:
    undo = f"`/emergency withdraw {emergency.number}`, then `/risk reopen {kept.row.number}`"
    return Say(f"Risk {kept.row.number} happened: it is emergency {emergency.number}. By mistake? {undo}")


def _press_act(click: Click[Risk]) -> Answer:
    return _acted(*service.act(click.tx, click.asker, click.row.number, int(click.rest or 0), click.changes))


def _press_happened(click: Click[Risk]) -> Answer:
    return _became(*service.happen(click.tx, click.asker, click.row.number, expected=click.changes))


def _press_close(click: Click[Risk]) -> Answer:
    rights.watched(click.tx, click.asker, click.row.number, "close", click.changes)
    return Modal(close_form(click.row))


def close_form(row: Risk) -> dict[str, Any]:
    why = forms.text_input("Why need nobody watch it?", "word", max_length=service.LONGEST,
                           placeholder="The vendor has delivered")  # fmt: skip
    private = {"number": row.number, "changes": row.changes}
    return forms.modal(f"Close risk {row.number}", [why], callback_id=messages.CLOSE, submit="Close", private=private)


def _press_declare(click: Click[Risk]) -> Answer:
    rights.watched(click.tx, click.asker, click.row.number, "declare an emergency for", click.changes)
    return Modal(declare_form(click.tx, click.row))


def declare_form(tx: Tx, row: Risk) -> dict[str, Any]:
    options = [(f"{key}: {part.name}", key) for key, part in emergencies.levels(tx, row.plan_id).items()]
    inputs = [
        forms.select_input("How grave is it?", "level", options),
        forms.text_input("What happened?", "what", optional=True, multiline=True, max_length=LONGEST),
    ]
    private = {"number": row.number, "changes": row.changes}
    return forms.modal("Emergency", inputs, callback_id=messages.EMERGENCY, submit="Declare", private=private)


def _submit_close(click: Click[Risk]) -> Answer:
    _close(click.tx, click.asker, click.row.number, click.values.get("word") or "", click.changes)
    return Done()


def _submit_declare(click: Click[Risk]) -> Answer:
    level, what = click.values.get("level") or "", click.values.get("what") or ""
    return _declared(*service.declare(click.tx, click.asker, click.row.number, level, what, click.changes))


def _says(said: Said) -> Callable[[Click[Question]], Answer]:
    def press(click: Click[Question]) -> Answer:
        service.answer(click.tx, click.asker, click.row.number, said)
        return Done()

    return press


command = Command(
    word="risk",
    about="See what may go wrong, raise it, and act before it does",
    verbs=(
        Verb("list", listed, "the open risks, or all", (Choice("all", ("all",), optional=True),), reads=True),
        Verb("show", show, "one risk, with its signs and actions", (N,), reads=True),
        Verb("raise", raise_one, "add a risk that the plan does not have",
             (Text("what", optional=True),), aliases=("add", "new")),
        Verb("rate", rate, "say how likely it is and how bad it would be",
             (N, Word("probability", sample="low"), Word("impact", sample="high"))),
        Verb("hand", hand, "give it to somebody else", (N, Person("person")), aliases=("give", "assign", "reassign")),
        Verb("action", act, "make an action a task of the owner", (Text("action", sample="3 2"),),
             aliases=("task",)),
        Verb("happened", happened, "it happened: raise a blocker", (N, Text("what", optional=True)),
             aliases=("blocker", "occurred")),
        Verb("emergency", declare, "it happened: declare an emergency of a level",
             (Text("level", sample="3 2"),)),
        Verb("close", close, "nobody need watch it any more, and why",
             (N, Text("text", sample="the vendor has delivered")),
             aliases=("closed", "resolve", "resolved", "withdraw", "drop", "remove")),
        Verb("reopen", reopen, "watch it again", (N,)),
    ),
    otherwise=Verb("", raise_one, "raise one: a form asks the rest", (Text("what"),)),
    alone=listed,
    alone_reads=True,
    sentences=False,
    examples=("show 3", "raise medium high vendor is late", "rate 3 low high", "close 3 the vendor has delivered"),
)  # fmt: skip
INTERACTIONS = (
    Interaction("modal", RAISE, _submit_raise),
    ABOUT.button(messages.TASK, _press_act),
    ABOUT.button(messages.HAPPENED, _press_happened),
    ABOUT.button(messages.EMERGENCY, _press_declare),
    ABOUT.button(messages.CLOSE, _press_close),
    ABOUT.form(messages.CLOSE, _submit_close, "word"),
    ABOUT.form(messages.EMERGENCY, _submit_declare, "level"),
    QUESTIONS.button(messages.YES, _says(Said.YES)),
    QUESTIONS.button(messages.NO, _says(Said.NO)),
)
