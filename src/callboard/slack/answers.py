"""What a verb answers, and the way back: within the request, or over `response_url` or the form when it took longer."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callboard import blocks
from callboard.blocks import fit, forms, markup
from callboard.core.errors import Refused
from callboard.slack.requests import Request
from callboard.slack.web_api import Errands, WebApi

Body = dict[str, Any] | None

FORMS_ON_TOP = 3
MOST_MESSAGES = 4
"""That a long answer to one person may take; Slack takes five for one thing that they did."""
AGAIN = "callboard.again"
"""The button that runs a command."""
UNDO = re.compile(r"(?<!\s)\s*(?:Undo:|(?:\w{1,30} ){0,6}[Bb]y mistake\?)\s+`(/[\w-]+) ([^`…]+)`\.?\s*$")
"""How an answer ends that says what undoes it."""
REFERENCE, DATED = re.compile(r"<[@#]"), re.compile(r"<!date\^[^|<>]*\|([^<>]*)>")


@dataclass(frozen=True)
class Say:
    """Words, seen by the person alone unless `everyone`. Beside blocks, `text` is for notifications and readers.

    `again`, where the words hold a secret, is what is kept instead, and told to whoever is answered once more.
    """

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    everyone: bool = False
    again: str = ""


@dataclass(frozen=True)
class Refusal(Say):
    """Why a verb was refused; nothing was changed."""

    @classmethod
    def of(cls, refused: Refused) -> Refusal:
        """The sentence, and below it what the refusal shows."""
        shown = [blocks.section(refused.sentence), *refused.shown] if refused.shown else ()
        return cls(refused.sentence, shown)


@dataclass(frozen=True)
class Trouble(Say):
    """What to say about a fault of the program, or of its database; no receipt is kept."""

    @classmethod
    def of(cls, trace: str) -> Trouble:
        return cls(
            f"Something went wrong on my side (id `{trace}`); nothing was changed. "
            "Try again, and tell whoever runs Callboard that id."
        )

    @classmethod
    def of_lost_database(cls, trace: str) -> Trouble:
        """It went away, perhaps in the middle of the commit."""
        return cls(
            f"My database is away (id `{trace}`). I can't tell whether that was done. "
            "Look in some minutes, before you try again."
        )


@dataclass(frozen=True)
class Modal:
    """A form: a new one, one on top when a button in a form asked, or the next one when a form was submitted."""

    view: dict[str, Any]


@dataclass(frozen=True)
class Errors:
    """What is wrong with a submitted form, by block id. The form stays open and the transaction is undone."""

    by_block: Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """Nothing to say; a submitted form closes."""


Answer = Say | Modal | Errors | Done
STILL_WORKING = Say("Still working on it. The answer follows here.")
NOT_OPENED = Say("Slack did not open the form. Please try again.")


class Reply:
    """One way back; this one to nobody, for a form that was closed. A body is the JSON of the HTTP answer."""

    def now(self, answer: Answer) -> Body:  # noqa: ARG002
        """Answer within the request; what needs the network is begun and not waited for."""
        return None

    def waiting(self) -> Body:
        """Say that it takes longer."""
        return None

    async def late(self, answer: Answer) -> None:
        """Answer when the request is no longer there."""


@dataclass(frozen=True)
class ToCommand(Reply):
    """To a slash command: words within the answer, forms by its trigger."""

    request: Request
    api: WebApi
    errands: Errands

    def now(self, answer: Answer) -> Body:
        """A form, and what needs several messages, which keep their order so, follow."""
        if isinstance(answer, Done):
            return None
        if isinstance(answer, Modal) or len(made := messages(_words(answer))) > 1:
            self.errands.run(self.late(answer))
            return None
        return made[0]

    def waiting(self) -> Body:
        return message(STILL_WORKING)

    async def late(self, answer: Answer) -> None:
        if isinstance(answer, Modal):
            answer = Done() if await self.api.show(self.request.trigger_id, answer.view) else NOT_OPENED
        if not isinstance(answer, Done):
            for each in messages(_words(answer)):
                if not await self.api.respond(self.request.response_url, each):
                    await told_directly(self.api, self.request.user, answer)
                    break


@dataclass(frozen=True)
class ToClick(ToCommand):
    """To a button or shortcut on a message: an empty answer at once, the words over its `response_url`."""

    def now(self, answer: Answer) -> Body:
        if not isinstance(answer, Done):
            self.errands.run(self.late(answer))
        return None

    def waiting(self) -> Body:
        return self.now(STILL_WORKING)


@dataclass(frozen=True)
class ToView(ToClick):
    """To a button in a form or at home, or to a global shortcut: words come as a form too."""

    on_top: bool

    def waiting(self) -> Body:
        return None

    async def late(self, answer: Answer) -> None:
        trigger = self.request.trigger_id
        if not isinstance(answer, Done) and not await self.api.show(trigger, as_view(answer), on_top=self.on_top):
            await told_directly(self.api, self.request.user, answer)


@dataclass(frozen=True)
class ToSlow(ToClick):
    """To what may take longer than a form may be awaited: a form that says so, and becomes the answer."""

    waits: list[asyncio.Task[str]] = field(default_factory=list)

    def waiting(self) -> Body:
        opening = self.api.show(self.request.trigger_id, as_view(STILL_WORKING))
        self.waits.append(asyncio.create_task(opening))
        return None

    async def late(self, answer: Answer) -> None:
        view = await self.waits[0] if self.waits else ""
        if not view:
            await ToClick.late(self, answer)
        elif not await self.api.change(view, as_view(answer)):
            await self.api.respond(self.request.response_url, message(_words(answer)))


@dataclass(frozen=True)
class ToForm(Reply):
    """To a submitted form: it closes, shows what is wrong, or becomes the answer. A refusal leaves it open."""

    view: Mapping[str, Any]
    api: WebApi
    user: str

    def now(self, answer: Answer) -> Body:
        match answer:
            case Done():
                return None
            case Errors():
                return self._at_the_fields(answer)
            case Refusal() | Trouble():
                return self._over_the_form(answer)
            case _:
                return {"response_action": "update", "view": as_view(answer)}

    def waiting(self) -> Body:
        return self.now(STILL_WORKING)

    async def late(self, answer: Answer) -> None:
        if not await self.api.change(self.view["id"], as_view(answer)) and not isinstance(answer, Done):
            await told_directly(self.api, self.user, answer)

    def _at_the_fields(self, wrong: Errors) -> Body:
        """Slack shows plain text at a field: a sentence that names people or channels goes over the form."""
        if any(REFERENCE.search(sentence) for sentence in wrong.by_block.values()):
            return self._over_the_form(Say("\n".join(wrong.by_block.values())))
        shown = {block: markup.unbold(DATED.sub(r"\1", sentence)) for block, sentence in wrong.by_block.items()}
        errors = {block: markup.unlinked(sentence) for block, sentence in shown.items()}
        return {"response_action": "errors", "errors": errors}

    def _over_the_form(self, answer: Say) -> Body:
        """On top of the form, so that its fields are kept; at its first field where three forms are open."""
        first = next((block["block_id"] for block in self.view.get("blocks", ()) if block["type"] == "input"), None)
        if depth(self.view) < FORMS_ON_TOP or first is None:
            return {"response_action": "push", "view": as_view(answer)}
        return {"response_action": "errors", "errors": {first: markup.unescape(answer.text)}}


async def told_directly(api: WebApi, user: str, answer: Answer) -> None:
    """Say as a direct message what Slack did not take as an answer, but for secrets: it would keep them.

    In words alone where it does not take the blocks either. People of other workspaces get none.
    """
    say = NOT_OPENED if isinstance(answer, Modal) else _words(answer)
    for each in messages(Say(say.again) if say.again else say) if "/" not in user else ():
        words = {"channel": user, "text": each["text"]}
        if "blocks" not in each or not await api.post(**words, blocks=each["blocks"]):
            await api.post(**words)


def drawn(say: Say, plan: str = "") -> Sequence[dict[str, Any]]:
    """The blocks of an answer; a button in place of the command that undoes it, in a `plan` where that is not clear."""
    undo = None if say.blocks or say.everyone else UNDO.search(say.text)
    if undo is None or len(say.text) > markup.TEXT:
        return say.blocks
    kept = {"c": undo[1], "t": markup.unescape(undo[2]), **({"p": plan} if plan else {})}
    value = json.dumps(kept, ensure_ascii=False)
    if len(value) > blocks.VALUE:
        return say.blocks
    return [blocks.section(say.text[: undo.start()]), blocks.actions(blocks.button("Undo", f"{AGAIN}:undo", value))]


def message(say: Say, part: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An answer, or the part of it that is in these blocks."""
    text, made = fit.worded(markup.safe(say.text), drawn(say) if part is None else part)
    shown = {"blocks": made} if made else {}
    reader = "in_channel" if say.everyone else "ephemeral"
    return {"response_type": reader, "replace_original": False, "text": text, **shown}


def messages(say: Say) -> list[dict[str, Any]]:
    """An answer in as many messages as it needs, up to a few; everybody reads it in one."""
    shown = drawn(say)
    parts = [] if say.everyone else fit.split(shown or (fit.pieces(say.text) if len(say.text) > fit.EDIT_TEXT else ()))
    if len(parts) < 2:  # noqa: PLR2004 - it fits one
        return [message(say, shown)]
    first, rest = parts[: MOST_MESSAGES - 1], [block for part in parts[MOST_MESSAGES - 1 :] for block in part]
    return [message(say, part) for part in (*first, rest) if part]


def depth(view: Mapping[str, Any]) -> int:
    """How many forms are open up to this one: 1 to 3."""
    root, previous = view.get("root_view_id"), view.get("previous_view_id")
    if not previous or root in {None, view.get("id")}:
        return 1
    return 2 if previous == root else 3


def as_view(answer: Answer) -> dict[str, Any]:
    """The answer as a form; words make one without fields."""
    if isinstance(answer, Modal):
        return answer.view
    say = _words(answer)
    return forms.modal(
        "Callboard",
        drawn(say) or fit.pieces(say.text),
        callback_id="callboard.notice",
        close="Close",
    )


def _words(answer: Answer) -> Say:
    """An answer that needs a form, in words."""
    match answer:
        case Say():
            return answer
        case Errors():
            return Say("\n".join(["Nothing was changed:", *answer.by_block.values()]))
        case _:
            return Say("Done.")
