"""What somebody writes to the bot itself, `@Callboard help` or a direct message; and what it answers and offers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from callboard import blocks
from callboard.slack import help as helping
from callboard.slack.answers import AGAIN, Say
from callboard.slack.grammar import Command
from callboard.slack.parser import Call, IsPlanKey, Line, understand
from callboard.slack.requests import Payload, Request

BY_PEOPLE = {None, "file_share", "me_message", "thread_broadcast"}
HELP = {"", "help", "?", "hi", "hello", "hey"}
ALIKE, A_SENTENCE, SHOWN = 0.75, 3, 200


def is_by_a_person(event: Payload) -> bool:
    return event.get("subtype") in BY_PEOPLE and not event.get("bot_id") and bool(event.get("user"))


def is_for_the_bot(event: Payload) -> bool:
    """Whether a person speaks to the bot. Slack sends a mention in a channel twice: as one, and as a message."""
    direct = event["type"] == "message" and event.get("channel_type") == "im"
    return is_by_a_person(event) and (direct or event["type"] == "app_mention")


def read(body: Payload) -> Request:
    """What a person wrote, without the bot's own name."""
    event = body["event"]
    own = "|".join(re.escape(bot["user_id"]) for bot in body.get("authorizations") or () if bot.get("user_id"))
    text = re.sub(rf"<@(?:{own})(?:\|[^>]*)?>[:,]?", " ", event.get("text") or "") if own else event.get("text") or ""
    return Request(
        workspace=body.get("team_id") or body.get("enterprise_id") or "", user=event["user"], channel=event["channel"],
        text=blocks.quiet(text).strip(), trigger_id=f"{event['channel']}/{event['ts']}",
    )  # fmt: skip


@dataclass(frozen=True)
class Conversation:
    """Knows the commands, and does nothing by itself: what was probably meant runs when somebody clicks."""

    commands: Mapping[str, Command]
    is_plan_key: IsPlanKey
    prefix: str = ""
    shortcuts: Sequence[str] = ()

    def answer(self, request: Request) -> Say:
        word, rest = (*request.text.split(maxsplit=1), "", "")[:2]
        if word.lower().rstrip("!.,") in HELP:
            return self._help(rest)
        command = self._named(word) or self._nearest(word)
        if command is not None:
            return self._meant(command, replace(request, text=rest.strip()))
        free = next((one for one in self.commands.values() if one.otherwise and not one.otherwise.name), None)
        if free is None or len(request.text.split()) < A_SENTENCE:
            return helping.overview(self.commands.values(), self.prefix, self.shortcuts)
        return self._meant(free, request)

    def _help(self, asked: str) -> Say:
        command = self._named(asked)
        if command is None:
            return helping.overview(self.commands.values(), self.prefix, self.shortcuts)
        return helping.on_command(command, self._slash(command), self.shortcuts)

    def _named(self, word: str) -> Command | None:
        return self.commands.get(self._bare(word))

    def _nearest(self, word: str) -> Command | None:
        near = get_close_matches(self._bare(word), self.commands, n=1, cutoff=ALIKE)
        return self.commands[near[0]] if near else None

    def _bare(self, word: str) -> str:
        return word.lower().strip("/`:,!?").removeprefix(self.prefix)

    def _slash(self, command: Command) -> str:
        return f"/{self.prefix}{command.word}"

    def _meant(self, command: Command, request: Request) -> Say:
        """A question with a button that runs the command, as whoever clicks."""
        typed = replace(request, command=self._slash(command))
        if (hint := Line(command, typed, self.is_plan_key).ahead()) is not None and isinstance(hint, Say):
            return hint
        line = f"{typed.command} {typed.text}".strip()
        shown = blocks.clip(" ".join(line.split()).replace("`", "'"), SHOWN)
        value = helping.again(typed, typed.text, plan=None)
        if value is None:
            return Say(f"That is too long for a button. Type it as a command: `{typed.command} …`")
        meant, label = understand(command, typed.text), f"Run {line}"
        if isinstance(meant, Call) and not meant.verb and command.otherwise and typed.text:
            label = command.otherwise.help.capitalize()
        question = f"Did you mean `{shown}`? Nothing happens until you click."
        button = blocks.button(label, f"{AGAIN}:0", value, style="primary")
        return Say(question, [blocks.section(question), blocks.actions(button), blocks.context(HINT)])


HINT = "Not that? Write `help`: I list what I can do."
