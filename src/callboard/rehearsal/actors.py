"""What people on a stage do: they type, click and fill in, as they would in Slack."""

from __future__ import annotations

import heapq
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from callboard.board.workspace import files as workspace
from callboard.core.errors import did_you_mean
from callboard.rehearsal.stage import PLAN_ID
from slack_standin import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from callboard.rehearsal.forge import Forge
    from callboard.rehearsal.script import LinePart
    from callboard.rehearsal.stage import Stage
    from callboard.rehearsal.wire import Programs
    from callboard.rehearsal.witness import Witness
    from slack_standin import Message

DM, EVERYTHING = "dm", "*"


class Actors:
    """Everybody on a stage; what they do is written down. Raises NotPossibleError for what somebody can't do."""

    def __init__(self, stage: Stage, witness: Witness, forge: Forge, programs: Programs) -> None:
        self._stage = stage
        self._slack = stage.slack
        self._witness = witness
        self._forge = forge
        self._programs = programs
        self._forms: dict[str, tuple[str, str]] = {}

    async def act(self, who: str, part: LinePart) -> None:
        """Do what a line says, and let follow what follows at this instant."""
        for text in part.says:
            await self.types(who, text, part.in_)
        if part.clicks:
            await self.clicks(who, part.clicks, part.on, part.chooses)
        if part.submits is not None:
            await self.submits(who, part.submits)
        if part.pushes:
            await self.pushes(who, part)
        if part.opens:
            self.opens(who, part.opens)
        if part.sends:
            await self.sends(who, part.sends, part.body)
        if self._forge.merge():
            await self._stage.settled()

    async def types(self, who: str, text: str, place: str = "") -> None:
        """Type a command, or plain words; without a place in their talk with the bot."""
        if not text.startswith("/"):
            self._slack.say(who, place or DM, text)
        else:
            self._witness.does(who, place or f"@{who}", "typed", text)
            outcome = await self._slack.command(who, place or DM, text)
            if not outcome.ok:
                raise NotPossibleError(outcome.text)
        await self._follow(who)

    async def clicks(self, who: str, label: str, words: str = "", chosen: str = "") -> None:
        """Click on the form on top, or on the newest message that somebody sees with these words and this button."""
        pressed = f"{label}: {chosen}" if chosen else label
        form = next(reversed(self._slack.views(who)), None)
        if form is not None and not words and label in _labels(form.blocks):
            self._witness.does(who, f"@{who}", "clicked", f"[{pressed}] in the form: {form.title}")
            await self._slack.click_in_view(who, label, chosen or None)
        else:
            message, place = self._message(who, label, words)
            self._witness.does(who, place, "clicked", f"[{pressed}] on: {self._read(message).partition(chr(10))[0]}")
            await self._slack.click(who, message.channel, message.ts, label, chosen or None)
        await self._follow(who)

    async def submits(self, who: str, values: dict[str, Any]) -> None:
        """Fill in the form on top, and send it."""
        title, values = self._slack.view(who).title, self._filled(who, values)
        given = "; ".join(f"{name}: {_written(value)}" for name, value in values.items())
        self._witness.does(who, f"@{who}", "submitted", f"{title}: {given}" if given else title)
        outcome = await self._slack.submit(who, values)
        if outcome.failure:
            raise NotPossibleError(f"the form “{title}” was not taken: {outcome.failure}")
        await self._follow(who)

    async def pushes(self, who: str, part: LinePart) -> None:
        """Push a branch that changes files."""
        repository, files = self._forge.push(who, part), ", ".join(part.files) or "nothing is left of it"
        checked = f"; tests {part.checks}" if part.checks else ""
        self._witness.does(who, repository, "pushed", f"{part.pushes}: {files}{checked}")
        await self._follow(who)

    def opens(self, who: str, path: str) -> None:
        """Read a page of the workspace as it stands now."""
        pages = self._stage.app.db.transact(workspace.files, PLAN_ID)
        if path not in pages:
            raise NotPossibleError(f"The workspace has no page {path}; {did_you_mean(path, pages)}")
        self._witness.opened(who, path, pages[path])

    async def sends(self, who: str, request: str, body: Any) -> None:
        """Ask over HTTP what a program would ask that has this person's token."""
        method, _, path = request.partition(" ")
        sent = request if body is None else f"{request} {json.dumps(body, ensure_ascii=False, default=str)}"
        self._witness.does(who, f"@{who}", "sent", sent)
        answer = await self._programs.ask(who, method, path, body)
        text = await answer.text()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise NotPossibleError(f"the answer was {answer.status}: {text}")
        self._witness.replied(who, f"{answer.status} {text}".strip())
        await self._follow(who)

    def _filled(self, who: str, values: dict[str, Any]) -> dict[str, Any]:
        """What is filled in; `*` says what goes into every field that is asked for and left open.

        A form of nothing but boxes is a checklist: all of them are ticked.
        """
        if EVERYTHING not in values:
            return values
        form, given = self._slack.view(who), {name: each for name, each in values.items() if name != EVERYTHING}
        fields = [block for block in form.blocks if block["type"] == "input" and block["label"]["text"] not in given]
        is_checklist = all(block["element"]["type"] == "checkboxes" for block in fields)
        asked = [block for block in fields if is_checklist or not block.get("optional")]
        said = {block["label"]["text"]: _answer(block["element"], str(values[EVERYTHING]), who) for block in asked}
        return said | given

    async def _follow(self, who: str) -> None:
        await self._stage.settled()
        form = next(reversed(self._slack.views(who)), None)
        if form is None:
            self._forms.pop(who, None)
        elif self._forms.get(who) != (form.id, form.hash):
            self._forms[who] = (form.id, form.hash)
            self._witness.answered(who, form)

    def _message(self, who: str, label: str, words: str) -> tuple[Message, str]:
        newest: Message | None = None
        for message in self._seen_by(who):
            has_button = label in _labels(message.blocks)
            if (has_button or newest is None) and words in self._read(message):
                if has_button:
                    return message, self._witness.place(message)
                newest = message
        if newest is None:
            raise NotPossibleError(f"{who} sees no message with the words “{words}”")
        offered = ", ".join(dict.fromkeys(_labels(newest.blocks))) or "no buttons"
        raise NotPossibleError(f"{who} sees no button “{label}” there, only {offered}")

    def _seen_by(self, who: str) -> Iterator[Message]:
        """All that somebody sees, newest first."""
        state, person = self._slack.workspace.state, self._slack.workspace.user(who).id
        rooms = [room.id for room in state.conversations.values() if person in room.members]
        posted = (reversed(state.messages.get(room, {}).values()) for room in rooms)
        seen = heapq.merge(*posted, key=lambda message: message.ts, reverse=True)
        return (message for message in seen if message.only_for in (None, person))

    def _read(self, message: Message) -> str:
        return self._witness.read.message(message.blocks, message.text, self._stage.clock.now())


def _written(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _answer(element: Any, words: str, who: str) -> Any:
    """What somebody puts into a field: the words, the first that is offered, all there is to tick, themselves."""
    kind, offered = element["type"], [option["value"] for option in element.get("options", ())]
    if kind == "checkboxes":
        return offered
    if kind == "plain_text_input":
        return element.get("initial_value") or words
    if offered:
        return (element.get("initial_option") or {}).get("value") or offered[0]
    return who if "users" in kind else element.get("initial_value") or element.get("min_value") or "1"


def _labels(blocks: Sequence[Any]) -> Iterator[str]:
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
            text = (element.get("text") or element.get("placeholder")) if isinstance(element, dict) else None
            if text and element.get("action_id"):
                yield str(text["text"])
