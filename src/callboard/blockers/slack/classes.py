"""`/blocker propose`, `accept`, `reject` and `unpropose`, and the buttons of those who vote."""

from __future__ import annotations

from typing import Any

from callboard import blocks as b
from callboard.blockers import classes, proposals, store
from callboard.blockers.classes import Classed
from callboard.blockers.models import Blocker
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.grammar import Arguments, Number, Text, Verb
from callboard.slack.requests import Request
from callboard.teams import slack
from callboard.teams.slack import BECAUSE, About, Misfit, asker

NUMBER = Number("number", find=store.find)
ABOUT = About(store.find, "This blocker is not here. `/blocker list` shows the open ones.")
Click = slack.Click[Blocker]


def propose(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`propose 4 as release-blocker because it breaks sign-in`."""
    name, *why = BECAUSE.split(args["class"] or "", maxsplit=1)
    blocker = proposals.propose(tx, asker(tx, request), args["number"], name, why[0] if why else "")
    return Say(f"{_sentence(tx, blocker)} I asked them. Withdraw it: `/blocker unpropose {blocker.number}`")


def accept(tx: Tx, request: Request, args: Arguments) -> Answer:
    return _voted(tx, proposals.accept(tx, asker(tx, request), args["number"]))


def reject(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`reject 4 because it only concerns the preview`."""
    why = BECAUSE.sub("", args["reason"] or "", count=1)
    return _voted(tx, proposals.reject(tx, asker(tx, request), args["number"], why))


def unpropose(tx: Tx, request: Request, args: Arguments) -> Answer:
    blocker = proposals.unpropose(tx, asker(tx, request), args["number"])
    again = f"Propose it again: `/blocker propose {blocker.number} as CLASS`"
    return Say(f"Blocker {blocker.number} counts for no gate by its class any more. {again}")


def _press_accept(click: Click) -> Answer:
    return _voted(click.tx, proposals.accept(click.tx, click.asker, click.row.number, click.changes))


def _press_reject(click: Click) -> Answer:
    """The form for the reason, unless there is nothing to vote on any more."""
    classed = classes.read(click.tx, click.row)
    if classed is None or not classed.voted_on or click.row.class_change != click.changes:
        raise Refused(classed.sentence if classed else f"Blocker {click.row.number} is not proposed as anything.")
    return Modal(reject_form(classed))


def reject_form(classed: Classed) -> dict[str, Any]:
    blocker = classed.blocker
    private = {"number": blocker.number, "changes": blocker.class_change}
    about = b.section(f"{m.bold(f'Blocker {blocker.number}')}  {m.clip(blocker.what, 300)}\n{classed.sentence}")
    why = forms.text_input(f"Why is it not a {blocker.class_name}?", "why", multiline=True, max_length=2000)
    return forms.modal("Reject", [about, why], callback_id="blocker.reject", submit="Reject", private=private)


def _submit_reject(click: Click) -> Answer:
    why = (click.values.get("why") or "").strip()
    if not why:
        raise Misfit("why", "Say why in a few words.")
    proposals.reject(click.tx, click.asker, click.row.number, why, click.changes)
    return Done()


def _voted(tx: Tx, blocker: Blocker) -> Answer:
    return Say(f"Your vote is noted. {_sentence(tx, blocker)}")


def _sentence(tx: Tx, blocker: Blocker) -> str:
    tx.session.flush()
    classed = classes.read(tx, blocker)
    return classed.sentence if classed else ""


verbs = (
    Verb("propose", propose, "propose it for a class of the plan, such as release-blocker",
         (NUMBER, Text("class", optional=True))),
    Verb("accept", accept, "vote that it belongs to the class it is proposed for", (NUMBER,)),
    Verb("reject", reject, "vote that it does not, and say why", (NUMBER, Text("reason", optional=True))),
    Verb("unpropose", unpropose, "take back its class", (NUMBER,)),
)  # fmt: skip
interactions = (
    ABOUT.button("blocker.accept", _press_accept),
    ABOUT.button("blocker.reject", _press_reject, reads=True),
    ABOUT.form("blocker.reject", _submit_reject),
)
