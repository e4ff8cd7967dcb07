"""What somebody writes to the bot itself, `@Callboard help` or a direct message; and what it answers and offers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import NamedTuple

from callboard import blocks
from callboard.blocks import markup
from callboard.core.words import SPAN, capital, joined
from callboard.slack import help as helping
from callboard.slack import requests, small_words
from callboard.slack.answers import AGAIN, Say
from callboard.slack.grammar import Command, Text
from callboard.slack.intents import NUMBERED, Call, Guess, Help, Unknown, Usage, plan_and_rest, understand
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
SPAN_ALONE = re.compile(rf"(?:(?:in|for|give\s+me|need)\s+)?(?P<span>{SPAN})", re.IGNORECASE)
ALIKE, A_SENTENCE, ASIDE, SHOWN = 0.75, 3, 4, 200
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
    return is_by_a_person(event) and (is_direct(event) or event["type"] == "app_mention")


def is_direct(event: Payload) -> bool:
    return event["type"] == "message" and event.get("channel_type") == "im"


def is_aside(body: Payload) -> bool:
    """Whether a person says a few words in a thread of a channel, and not to the bot."""
    event = body["event"]
    said, name = event.get("text") or "", _own_name(body)
    few = event["type"] == "message" and bool(event.get("thread_ts")) and 0 < len(said.split()) <= ASIDE
    return few and is_by_a_person(event) and not is_for_the_bot(event) and not (name and re.search(name, said))


def _own_name(body: Payload) -> str:
    """A pattern of how the bot is mentioned."""
    own = "|".join(re.escape(bot["user_id"]) for bot in body.get("authorizations") or () if bot.get("user_id"))
    return rf"<@(?:{own})(?:\|[^<>]*)?>[:,]?" if own else ""


def read(body: Payload) -> Request:
    """What a person wrote, without the bot's own name."""
    workspace, event = requests.event(body)
    name = _own_name(body)
    text = re.sub(name, " ", event.get("text") or "") if name else event.get("text") or ""
    return Request(
        workspace=workspace, user=event["user"], channel=event["channel"],
        text=markup.heard(text).strip(), trigger_id=f"{event['channel']}/{event['ts']}",
    )  # fmt: skip


class Topic(NamedTuple):
    """What somebody writes about: the word of a command, and how it is typed after it."""

    word: str
    name: str
    under: bool = True
    """Whether they write under the message; else it is only the last that asked them something."""


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
        plan, text = plan_and_rest(request.text)
        if topic and not self._named(word) and not (plan and self._is_plan(plan, topic)):
            say = self._deed(topic, request) or (self._news(topic, request) if topic.under else None)
            if say is not None:
                return say
        if plan and (command := self._named(text.partition(" ")[0])):
            return self._meant(command, replace(request, text=f"{plan}: {text.partition(' ')[2].strip()}"))
        command, near = self._named(word), self._nearest(word)
        if command and not self._is_about(command, rest, request.text):
            command = None
        if near and not command and (not FORM.search(word) or not rest or self._is_understood(near, rest)):
            command = near if near is not self._named(word) else None
        if command is not None:
            return self._meant(command, replace(request, text=rest.strip(" -–—:")))
        return self._without_a_word(request, few=near is not None, topic=topic)

    def aside(self, request: Request, topic: Topic) -> Say | None:
        """What is offered to whoever says in a thread that they take it, or that it is over, without the bot's name."""
        command, text = self.commands[topic.word], small_words.bare(request.text)
        clear = small_words.says_taken(text) or _says_over(text) or command.named(text)
        return self._deed(topic, request) if clear else None

    def _is_plan(self, word: str, topic: Topic) -> bool:
        """Whether a word before a colon may be a plan's key, and no verb, nor what a report begins with."""
        command = self.commands[topic.word]
        return command.news != "" and not command.named(word)

    def _deed(self, topic: Topic, request: Request) -> Say | None:
        """What is written under a message of ours is about the same: `resolve it`, `on it`."""
        command = self.commands[topic.word]
        lines = self._deeds(command, topic.name, request.text)
        line = next((line for line in lines if _is_verb(command, line)), "")
        return self._phrase(request) or (self._meant(command, replace(request, text=line)) if line else None)

    def _news(self, topic: Topic, request: Request) -> Say:
        """What is new about it, else what it is; what follows our last message may be about something else, too."""
        command = self.commands[topic.word]
        empty = small_words.says_nothing(small_words.bare(request.text), command.small)
        sentence = len(request.text.split()) >= A_SENTENCE
        news = " ".join(filter(None, (command.news, topic.name, request.text)))
        told = not empty and not _span(request.text) and (_is_verb(command, news) if command.news else sentence)
        told = told and command.news is not None
        if not topic.under and sentence and told:
            free = [each for each in self.commands.values() if each.otherwise and not each.otherwise.name][:1]
            return self._one_of([(command, news), *((each, request.text) for each in free)], request)
        shown = {None: "show", "": ""}.get(command.news, f"show {topic.name}")
        return self._meant(command, replace(request, text=news if told else shown))

    def _deeds(self, command: Command, name: str, typed: str) -> Iterator[str]:
        """What may be meant that does something with what is called so, likeliest first."""
        bare = small_words.bare(typed)
        text = small_words.unasked(bare)
        word, rest = (*text.split(maxsplit=1), "", "")[:2]
        word = word.rstrip(",:;.!")
        empty, somebody = small_words.says_nothing(text, command.small), markup.MENTION.findall(text)
        if command.named(word) and NUMBERED.match(rest):
            yield f"{word} {rest}"
        if _takes(command, word, name):
            yield f"{word} {name} {POINTER.sub('', rest, count=1)}".strip()
        if somebody and empty and len(somebody) == 1:
            yield f"reassign {name} <@{somebody[0]}>"
        if span := _span(bare):
            yield from (f"{verb} {name} {span}" for verb in ("snooze", "delay"))
        if empty:
            yield from (f"{said} {name}" for said in reversed(small_words.words(text)) if _takes(command, said, name))
        if small_words.says_taken(bare):
            yield f"ack {name}"
        if _says_over(bare):
            yield f"resolve {name}"
        if empty:
            yield text

    def _without_a_word(self, request: Request, *, few: bool, topic: Topic | None) -> Say:
        """What begins with no command: a verb of one or of several, else a sentence about what is blocked."""
        text = small_words.bare(request.text)
        if phrase := self._phrase(request):
            return phrase
        free = next((one for one in self.commands.values() if one.otherwise and not one.otherwise.name), None)
        found = understand(free, text) if free else None
        if free and isinstance(found, Guess) and re.search(r"\d", text):
            return self._meant(free, replace(request, text=text))
        fits = [one for one in self.commands.values() if one.verb(text.partition(" ")[0]) and _is_verb(one, text)]
        if fits and (len(text.split()) < A_SENTENCE or re.search(r"\d", text)):
            return self._one_of([(command, text) for command in fits], request)
        if topic:
            return self._news(topic, request)
        sentence = len(request.text.split()) >= (2 if few else A_SENTENCE)
        if free is None or not sentence or small_words.says_nothing(text):
            return helping.overview(self.commands.values(), self.prefix, self.shortcuts)
        return self._meant(free, request)

    def _phrase(self, request: Request) -> Say | None:
        """What people often write to it, whole."""
        if THANKS.fullmatch(request.text):
            return Say("You're welcome.")
        text = small_words.bare(request.text)
        for command in self.commands.values():
            for pattern, typed in command.phrases:
                if phrase := pattern.fullmatch(text):
                    return self._meant(command, replace(request, text=" ".join(phrase.expand(typed).split())))
        return None

    def _is_about(self, command: Command, rest: str, text: str) -> bool:
        """Whether a command is meant by its word, and not a sentence that begins with it: `gate 5 is closed today`."""
        return len(text.split()) <= A_SENTENCE or not isinstance(understand(command, rest), Unknown)

    def _is_understood(self, command: Command, rest: str) -> bool:
        return isinstance(understand(command, rest), Guess | Usage) or _is_verb(command, rest)

    def _one_of(self, lines_of: Sequence[tuple[Command, str]], request: Request) -> Say:
        """A question with a button for each command and what is typed after it."""
        if len(lines_of) == 1:
            return self._meant(lines_of[0][0], replace(request, text=lines_of[0][1]))
        typed = lines_of[: blocks.ACTIONS]
        lines = [f"{self._slash(command)} {text}" for command, text in typed]
        values = [
            helping.again(replace(request, command=self._slash(command)), text, plan=None) for command, text in typed
        ]
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


def _says_over(text: str) -> bool:
    """Whether it says that something is over; a mere `ok` under a page says that it was read."""
    return small_words.says_over(text) and text.lower() not in {"ok", "okay", "good", "fine", "clear"}


def _takes(command: Command, word: str, name: str) -> bool:
    """Whether a name stands behind a verb; one that takes any text would take a number for something else."""
    first = [each for verb in command.named(word) for each in verb.arguments[:1]]
    return not name.isdecimal() or not any(isinstance(each, Text) for each in first)


def _span(text: str) -> str:
    """The duration of which a text consists: `5 min`, `give me 15 more minutes`; empty for any other."""
    found = SPAN_ALONE.fullmatch(re.sub(r"\bmore\b\s*", "", small_words.bare(text), flags=re.IGNORECASE).strip())
    return found["span"] if found else ""


def _is_verb(command: Command, text: str) -> bool:
    found = understand(command, text)
    return isinstance(found, Help) or (isinstance(found, Call) and not found.free)


HINT = "Not that? Write `help`: I list what I can do."
