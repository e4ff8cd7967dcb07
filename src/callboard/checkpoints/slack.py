"""How people meet checkpoints in Slack: `/checkpoint`, its buttons and forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers.service import Raised
from callboard.checkpoints import service, store
from callboard.checkpoints.messages import cards, views
from callboard.checkpoints.messages.views import InquiryView
from callboard.checkpoints.models import Checkpoint
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.arguments import Text
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.teams.slack import asker

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
    return Modal(blocker(who.directory.plan_key, views.inquiry(tx, one)))


def _ask_answer(tx: Tx, request: Request) -> Answer:
    who, number, _ = _clicked(tx, request)
    return Modal(answer(who.directory.plan_key, views.inquiry(tx, service.mine(tx, who, number))))


def _submit_answer(tx: Tx, request: Request) -> Answer:
    private = request.private
    who = asker(tx, replace(request, plan=str(private["plan"])))
    said = answers(private, request.values)
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
    Interaction("button", cards.ON_IT, _on_it),
    Interaction("button", cards.HELP, _help),
    Interaction("button", cards.BLOCKER, _ask_blocker),
    Interaction("button", cards.ANSWER, _ask_answer),
    Interaction("modal", "checkpoint.answer", _submit_answer),
    Interaction("modal", "checkpoint.blocker", _submit_blocker),
)


LINES = 20


def listed(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """All checkpoints of the plan: how those that were looked at stood, and when the others are."""
    who = asker(tx, request)
    every = service.checkpoints(tx, who.directory.plan_id)
    if not every:
        return Say("This plan has no checkpoints. Whoever keeps the plan file can write some.")
    lines = [_line(tx, part.name, at, one) for _, part, at, one in every]
    shown = [b.section("\n".join(lines[start : start + LINES])) for start in range(0, len(lines), LINES)]
    return Say("Checkpoints", [*shown, b.context("`/checkpoint show NAME` has one as a whole; `run NAME` looks now.")])


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """One checkpoint: as it stood when it was looked at, else what it will look at, as that stands now."""
    who = asker(tx, request)
    key, part, at, one = service.named(tx, who.directory.plan_id, args["name"])
    if one is not None:
        message = cards.card(views.checkpoint(tx, one))
        return Say(message.text, message.blocks)
    message = cards.card(views.coming(tx, who.directory.plan_id, key, part, at))
    return Say(message.text, message.blocks)


def run(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Look at a checkpoint now."""
    who = asker(tx, request)
    one = service.run(tx, who, args["name"])
    stood = cards.headline(views.checkpoint(tx, one))
    return Say(f"{b.bold(b.escape(one.name))}: I looked, {stood}. The card is in the channel.")


def _line(tx: Tx, name: str, at: datetime, one: Checkpoint | None) -> str:
    stood = cards.headline(views.checkpoint(tx, one)) if one else ""
    icon = (
        ":black_square_button:"
        if one is None
        else ":warning:"
        if " of " in stood or one.missed
        else ":white_check_mark:"
    )
    return f"{icon} {b.date(at, 'both')}  {b.bold(b.escape(name))}{f': {stood}' if stood else ''}"


command = Command(
    word="checkpoint",
    about="see what is expected by when, and how it stands",
    verbs=(
        Verb("list", listed, "all of them, and how they stood", reads=True),
        Verb("show", show, "one as it stood, or as it stands now", (Text("name"),), reads=True),
        Verb("run", run, "look at one now, for its leads and the coordinator", (Text("name"),)),
    ),
    alone=listed,
    alone_reads=True,
    examples=("list", "show Mid-point", "run Mid-point"),
)


LONGEST = 2000


def answer(plan: str, view: InquiryView) -> dict[str, Any]:
    """The questions of a checkpoint."""
    said = dict(view.answers)
    inputs = [
        b.text_input(
            question, f"q{place}", multiline=True, optional=True, initial=said.get(question, ""), max_length=LONGEST
        )
        for place, question in enumerate(view.questions)
    ]
    private = {"plan": plan, "number": view.number, "ask": list(view.questions)}
    return b.modal(
        view.checkpoint, [b.context("The card in the channel shows what you answer."), *inputs],
        callback_id="checkpoint.answer", submit="Answer", private=private,
    )  # fmt: skip


def blocker(plan: str, view: InquiryView) -> dict[str, Any]:
    """What is in the way, what it holds up, and whom it waits for."""
    tasks = [line for line in view.off if line.task]
    inputs: list[dict[str, Any]] = [
        b.text_input("What is in the way?", "what", multiline=True, max_length=LONGEST, placeholder="mongo refuses TLS")
    ]
    if tasks:
        options = [(b.clip(b.unescape(line.says.replace("*", "")), b.BUTTON), line.task) for line in tasks]
        initial = tasks[0].task if len(tasks) == 1 else None
        inputs.append(b.select_input("What does it hold up?", "blocks", options, initial=initial, optional=True))
    inputs.append(b.user_input("Whom does it wait for?", "waits_for", optional=True))
    private = {"plan": plan, "number": view.number, "changes": view.changes}
    return b.modal("Raise a blocker", inputs, callback_id="checkpoint.blocker", submit="Raise it", private=private)


def answers(private: Mapping[str, Any], values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Each question of a submitted form with what was said."""
    return [(b.unescape(str(ask)), (values.get(f"q{place}") or "").strip()) for place, ask in enumerate(private["ask"])]
