"""What somebody writes to the bot itself, `@Callboard help` or a direct message; and what it answers and offers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import NamedTuple

from callboard import blocks
from callboard.blocks import markup
from callboard.core.words import capital, joined
from callboard.slack import help as helping
from callboard.slack import requests, small_words
from callboard.slack.answers import AGAIN, Say
from callboard.slack.grammar import Command
from callboard.slack.intents import Call, Guess, Help, Unknown, Usage, plan_and_rest, understand
from callboard.slack.parser import IsPlanKey, Line
from callboard.slack.requests import Payload, Request, too_long

BY_PEOPLE = {None, "file_share", "me_message", "thread_broadcast"}
DELETED = "message_deleted"
HELP = {"", "hi", "hello", "hey", *small_words.HELP}
FORM = re.compile(r"(?:ed|ing|s|et)$", re.IGNORECASE)
"""How a word ends that is seldom a slip of a command: `blocked`, `planning`, `locks`."""
THANKS = re.compile(
    r"(?:many\s+)?(?:thanks?|thank\s+you|thx|ty|cheers|danke|merci)(?:\s+(?:a\s+lot|so\s+much|very\s+much|again))?"
    r"(?:[\s!.]|:[\w+-]+:)*",
    re.IGNORECASE,
)
ALIKE, A_SENTENCE, SHOWN = 0.75, 3, 200
POINTER = re.compile(r"(?:it|this(?: one)?|that(?: one)?)\b[\s.:,]*", re.IGNORECASE)


def name_of(event: Payload) -> str:
    """What an event is heard as; empty for messages that are not by a person."""
    if event["type"] == "message" and not is_by_a_person(event):
        return DELETED if event.get("subtype") == DELETED else ""
    return str(event["type"])


def is_by_a_person(event: Payload) -> bool:
    return event.get("subtype") in BY_PEOPLE and not event.get("bot_id") and bool(event.get("user"))


def is_for_the_bot(event: Payload) -> bool:
    """Whether a person speaks to the bot. Slack sends a mention in a channel twice: as one, and as a message."""
    direct = event["type"] == "message" and event.get("channel_type") == "im"
    return is_by_a_person(event) and (direct or event["type"] == "app_mention")


def read(body: Payload) -> Request:
    """What a person wrote, without the bot's own name."""
    workspace, event = requests.event(body)
    own = "|".join(re.escape(bot["user_id"]) for bot in body.get("authorizations") or () if bot.get("user_id"))
    text = re.sub(rf"<@(?:{own})(?:\|[^<>]*)?>[:,]?", " ", event.get("text") or "") if own else event.get("text") or ""
    return Request(
        workspace=workspace, user=event["user"], channel=event["channel"],
        text=markup.heard(text).strip(), trigger_id=f"{event['channel']}/{event['ts']}",
    )  # fmt: skip


class Topic(NamedTuple):
    """What the message is about under which somebody writes: the word of a command, and how it is typed after it."""

    word: str
    name: str


@dataclass(frozen=True)
class Conversation:
    """Knows the commands, and does nothing by itself: what was probably meant runs when somebody clicks."""

    commands: Mapping[str, Command]
    is_plan_key: IsPlanKey
    prefix: str = ""
    shortcuts: Sequence[str] = ()

    def answer(self, request: Request, topic: Topic | None = None) -> Say:
        if sentence := too_long(request.text):
            return Say(sentence)
        word, rest = (*request.text.split(maxsplit=1), "", "")[:2]
        if word.lower().rstrip("!.,") in HELP:
            return self._help(rest)
        if topic and not self._named(word) and not plan_and_rest(request.text)[0]:
            return self._on(topic, request)
        plan, text = plan_and_rest(request.text)
        if plan and (command := self._named(text.partition(" ")[0])):
            return self._meant(command, replace(request, text=f"{plan}: {text.partition(' ')[2].strip()}"))
        command, near = self._named(word), self._nearest(word)
        if command and not self._is_about(command, rest, request.text):
            command = None
        if near and not command and (not FORM.search(word) or not rest or self._is_understood(near, rest)):
            command = near if near is not self._named(word) else None
        if command is not None:
            return self._meant(command, replace(request, text=rest.strip(" -–—:")))
        return self._without_a_word(request, few=near is not None)

    def _on(self, topic: Topic, request: Request) -> Say:
        """What is written under a message of ours is about the same: `resolve it`, `done`, or what is new."""
        command, text = self.commands[topic.word], small_words.unasked(small_words.bare(request.text))
        word, rest = (*text.split(maxsplit=1), "", "")[:2]
        word = word.rstrip(",:;.!")
        empty = small_words.says_nothing(text, command.small)
        meant = [f"{word} {rest}"] if command.named(word) and re.match(r"#?\d", rest) else []
        meant += [f"{word} {topic.name} {POINTER.sub('', rest, count=1)}".strip()]
        meant += [f"{name} {topic.name}" for name in reversed(small_words.words(text)) if empty]
        meant += [text] if empty else [f"note {topic.name} {request.text}"]
        line = next((line for line in meant if _is_verb(command, line)), f"show {topic.name}")
        return self._meant(command, replace(request, text=line))

    def _without_a_word(self, request: Request, *, few: bool) -> Say:
        """What begins with no command: a verb of one or of several, else a sentence about what is blocked."""
        text = small_words.bare(request.text)
        if THANKS.fullmatch(request.text):
            return Say("You're welcome.")
        for command in self.commands.values():
            for pattern, typed in command.phrases:
                if phrase := pattern.fullmatch(text):
                    return self._meant(command, replace(request, text=" ".join(phrase.expand(typed).split())))
        free = next((one for one in self.commands.values() if one.otherwise and not one.otherwise.name), None)
        found = understand(free, text) if free else None
        if free and isinstance(found, Guess) and re.search(r"\d", text):
            return self._meant(free, replace(request, text=text))
        fits = [one for one in self.commands.values() if one.verb(text.partition(" ")[0]) and _is_verb(one, text)]
        if fits and (len(text.split()) < A_SENTENCE or re.search(r"\d", text)):
            return self._one_of(fits, replace(request, text=text))
        sentence = len(request.text.split()) >= (2 if few else A_SENTENCE)
        if free is None or not sentence or small_words.says_nothing(text):
            return helping.overview(self.commands.values(), self.prefix, self.shortcuts)
        return self._meant(free, request)

    def _is_about(self, command: Command, rest: str, text: str) -> bool:
        """Whether a command is meant by its word, and not a sentence that begins with it: `gate 5 is closed today`."""
        return len(text.split()) <= A_SENTENCE or not isinstance(understand(command, rest), Unknown)

    def _is_understood(self, command: Command, rest: str) -> bool:
        return isinstance(understand(command, rest), Guess | Usage) or _is_verb(command, rest)

    def _one_of(self, commands: Sequence[Command], request: Request) -> Say:
        """A question with a button for each command that has this verb."""
        if len(commands) == 1:
            return self._meant(commands[0], request)
        lines = [f"{self._slash(command)} {request.text}" for command in commands[: blocks.ACTIONS]]
        values = [helping.again(replace(request, command=line.split()[0]), request.text, plan=None) for line in lines]
        buttons = [blocks.button(f"Run {line}", f"{AGAIN}:{place}", value)
                   for place, (line, value) in enumerate(zip(lines, values, strict=True)) if value]  # fmt: skip
        meant = joined((f"`{markup.clip(helping.plain(line), SHOWN)}`" for line in lines), word="or")
        question = f"Did you mean {meant}? Nothing happens until you click."
        return Say(question, [blocks.section(question), blocks.actions(*buttons), blocks.context(HINT)])

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
        if command.ask and isinstance(guess := understand(command, typed.text), Guess):
            typed = replace(typed, text=guess.text)
        if (hint := Line(command, typed, self.is_plan_key).ahead()) is not None and isinstance(hint, Say):
            return hint
        line = f"{typed.command} {typed.text}".strip()
        shown = markup.clip(" ".join(helping.plain(line).split()), SHOWN)
        value = helping.again(typed, typed.text, plan=None)
        if value is None:
            return Say(f"That is too long for a button. Type it as a command: `{typed.command} …`")
        meant, label = understand(command, typed.text), f"Run {helping.plain(line)}"
        if isinstance(meant, Call) and not meant.verb and command.otherwise and typed.text:
            label = capital(command.otherwise.help)
        question = f"Did you mean `{shown}`? Nothing happens until you click."
        button = blocks.button(label, f"{AGAIN}:0", value, style="primary")
        return Say(question, [blocks.section(question), blocks.actions(button), blocks.context(HINT)])


def _is_verb(command: Command, text: str) -> bool:
    found = understand(command, text)
    return isinstance(found, Help) or (isinstance(found, Call) and not found.free)


HINT = "Not that? Write `help`: I list what I can do."
