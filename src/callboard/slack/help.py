"""Help, usage and "did you mean", derived from what the commands declare."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

from callboard import blocks
from callboard.blocks import markup
from callboard.core.errors import WhichPlan, did_you_mean, near
from callboard.core.words import capital, few, joined
from callboard.slack import small_words
from callboard.slack.answers import AGAIN, Refusal, Say
from callboard.slack.arguments import TO_WHOM, Person, examples
from callboard.slack.grammar import Command, Explained, Name, Question, Verb, misfit, read
from callboard.slack.requests import Request

MOST_NAMED, LONGEST_NAME = 8, 3
MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|([^<>]*))?>")
CHANNEL = re.compile(r"<#[CG][A-Z0-9]+(?:\|([^<>]*))?>")


def on_command(command: Command, slash: str, shortcuts: Sequence[str] = ()) -> Say:
    """Everything a command can do; `slash` is the word as people type it here. `shortcuts` hang on messages."""
    lines = [f"*`{slash}`*: {command.about}."]
    if command.otherwise is not None:
        what = " ".join(argument.shape for argument in command.otherwise.arguments)
        lines.append(f"• `{slash} {what}`: {command.otherwise.help}")
    lines += [_line(verb, slash) for verb in command.verbs]
    if command.examples:
        lines.append(f"For example: {', '.join(f'`{slash} {example}`' for example in command.examples)}")
    if command.verbs:
        lines.append(
            f"Leave out what is in brackets, if you like. `{slash} help VERB` says more. "
            f"With several plans: `{slash} PLAN: …`"
        )
    return Say("\n".join([*lines, *_on_messages(shortcuts)]))


def _on_messages(shortcuts: Sequence[str]) -> list[str]:
    return [f"On any message, the ⋮ menu has {joined(map(markup.bold, shortcuts))}."] if shortcuts else []


def on_verb(verb: Verb, slash: str) -> Say:
    """What one verb does, and its other names."""
    aliases = f" Also: {', '.join(f'`{alias}`' for alias in verb.aliases)}." if verb.aliases else ""
    return Say(f"{_line(verb, slash)}.{aliases}")


def on_usage(verb: Verb, rest: str, command: Command, request: Request) -> Say:
    """Why what follows a verb does not fit it, and how it is written: a click away where only a word is too much."""
    fits, example = meant(verb, rest, command), _for_example(verb, rest, command, request.command)
    if _for_somebody(verb, rest, command):
        example = f"For somebody: `{request.command} {plain(fits)}`."
    said = f"{_misfit(verb, rest)}\n{example}"
    fitting = _button(_label(fits), request, fits) if fits else []
    return Say(said, [blocks.section(said), *_literally(command, request, *fitting)])


def on_which(verb: Verb, things: Sequence[str], request: Request) -> Say:
    """What a verb may be about of which no more was typed: where nothing may stand behind that, a click away."""
    said = f"{_misfit(verb, '')} Which one? {few([_quoted(thing) for thing in things], MOST_NAMED)}."
    first, *behind = verb.arguments
    fitting = [thing for thing in things[:MOST_NAMED] if read(verb.arguments, thing) is not None]
    if isinstance(first, Name) and first.then:
        fitting, behind = [], list(first.then)
    values = [(line, again(request, line, plan=request.plan)) for line in (f"{verb.name} {thing}" for thing in fitting)]
    drawn = [
        blocks.button(_label(line), f"{AGAIN}:{place}", value) for place, (line, value) in enumerate(values) if value
    ]  # fmt: skip
    if not drawn:
        written = " ".join((verb.name, things[0], *examples(behind)))
        said = f"{said}\nFor example: `{request.command} {plain(written)}`."
    return Say(said, [blocks.section(said), *([blocks.actions(*drawn)] if drawn else [])])


def on_unknown(word: str, command: Command, request: Request) -> Say:
    """What the command knows, for a word that it does not know."""
    slash, text = request.command, plain(request.text)
    names = [verb.name for verb in command.verbs]
    near = [name for name, _ in command.near(word)]
    hint = did_you_mean(word, near) if near else f"it knows {', '.join(f'`{name}`' for name in names)}."
    few_words = len(text.split()) <= LONGEST_NAME
    shows = few_words and any(read(verb.arguments, request.text) is not None for verb in command.named("show"))
    called = f"To see what is called so: `{slash} show {markup.clip(text, 60)}`. " if shows and not near else ""
    said = f"`{slash}` does not know {_quoted(word)}; {hint}\n{called}`{slash} help` explains them all."
    show = _button(f"Show {text}", request, f"show {request.text}") if called else []
    return Say(said, [blocks.section(said), *([blocks.actions(*show)] if show else [])])


def _misfit(verb: Verb, rest: str) -> str:
    """Name the word that does not fit a verb, or what is missing."""
    argument, left = misfit(verb.arguments, rest)
    word = left.split(maxsplit=1)[0] if left else ""
    if argument is None:
        typed = f"{verb.name} {rest.removesuffix(left)}".strip()
        return f"{_quoted(word)} is too much after {_quoted(typed)}."
    if not word:
        return f"{_quoted(verb.name)} needs {argument.noun if isinstance(argument, Explained) else argument.shape}."
    return argument.wrong(_quoted(word)) if isinstance(argument, Explained) else f"{_quoted(word)} does not fit there."


def meant(verb: Verb, rest: str, command: Command) -> str:
    """A verb without what is too much for it, or the one that takes it; empty where something else is wrong."""
    argument, left = misfit(verb.arguments, rest)
    return "" if argument else _for_somebody(verb, rest, command) or f"{verb.name} {rest.removesuffix(left)}".strip()


def _for_somebody(verb: Verb, rest: str, command: Command) -> str:
    """The verb that takes whom one that takes nobody was typed for: `reassign 1 amp` for `escalate 1 to amp`."""
    argument, left = misfit(verb.arguments, rest)
    whom = None if argument else TO_WHOM.match(left)
    if whom is None:
        return ""
    what = f"{rest.removesuffix(left)}{left[whom.end() :]}"
    taking = (
        each for each in command.verbs if any(isinstance(one, Person) and not one.optional for one in each.arguments)
    )
    return next((f"{each.name} {what}" for each in taking if read(each.arguments, what) is not None), "")


def _for_example(verb: Verb, rest: str, command: Command, slash: str) -> str:
    """A line that can be typed: what was typed already, as far as it fits, and an example of what is missing."""
    argument, left = misfit(verb.arguments, rest)
    fits = rest[: len(rest) - len(left)].strip() if left else rest.strip()
    if argument is None:
        return f"Type `{slash} {plain(f'{verb.name} {fits}'.strip())}`."
    own = next((example for example in command.examples if example.partition(" ")[0] == verb.name), "")
    missing = itertools.dropwhile(lambda each: each is not argument, verb.arguments)
    example = own if own and not fits else " ".join(filter(None, (verb.name, fits, *examples(missing))))
    return f"For example: `{slash} {plain(example)}`. More: `{slash} help {verb.name}`."


def _quoted(word: str) -> str:
    return f"`{markup.clip(plain(word), 60)}`"


def plain(text: str) -> str:
    """What somebody typed, as code and buttons show it: there a mention is only letters."""
    text = MENTION.sub(lambda found: f"@{found[1] or 'somebody'}", text)
    return CHANNEL.sub(lambda found: f"#{found[1] or 'channel'}", text).replace("`", "'")


def on_guess(meant: str, command: Command, request: Request, slash: str) -> Say:
    """Probably mistyped: one button for what may have been meant, one for what was typed."""
    question = f"Did you mean `{slash} {plain(meant)}`?"
    yes = again(request, meant, plan=request.plan)
    if not yes:
        return Say(f"{question} Then type that.")
    button = blocks.button(f"Yes: {plain(meant)}", f"{AGAIN}:0", yes, style="primary")
    return Say(question, [blocks.section(question), *_literally(command, request, button)])


def on_elsewhere(meant: str, other: Request) -> Say:
    """Another slash word was typed after this command's own."""
    line = plain(f"{other.command} {meant}".strip())
    said = f"Did you mean `{markup.clip(line, 200)}`? Nothing has happened yet."
    yes = _button(f"Yes: {line}", other, meant, style="primary")
    return Say(said, [blocks.section(said), *([blocks.actions(*yes)] if yes else [])])


def on_another(meant: str, word: str, own: Command, request: Request) -> Say:
    """What is typed after another slash word: `set A-1 due friday` after `/plan`, for `due A-1 friday` of a task."""
    return on_elsewhere(meant, replace(request, command=f"{request.command.removesuffix(own.word) or '/'}{word}"))


def _literally(command: Command, request: Request, *others: blocks.Block) -> list[blocks.Block]:
    """The button that takes what was typed for free text, where it may be that, beside others."""
    free = command.otherwise is not None and read(command.otherwise.arguments, request.text) is not None
    value = again(request, request.text, plan=request.plan, literally=True) if free else None
    buttons = [*others, *([blocks.button("No, as I typed it", f"{AGAIN}:1", value)] if value else [])]
    return [blocks.actions(*buttons)] if buttons else []


def on_question(asked: Question, noticed: str | None, request: Request) -> Say:
    """What free text would do, and what else may have been meant: a click away, and until then nothing happens."""
    question = f"Or {asked.does}?" if noticed else f"{capital(asked.does)}?"
    said = "\n".join(filter(None, (noticed, f"{question} Nothing has happened yet.")))
    texts = ((text, again(request, text, plan=request.plan)) for text in asked.meant)
    meant = [(_label(text), value) for text, value in texts if value]
    free = again(request, request.text, plan=request.plan, literally=True)
    if not free:
        return Say(f"{said} It is too long for a button: say it in fewer words.")
    buttons = [*meant, (asked.button, free)] if noticed else [(asked.button, free), *meant]
    drawn = [
        blocks.button(label, f"{AGAIN}:{place}", value, style=None if place else "primary")
        for place, (label, value) in enumerate(buttons)
    ]
    return Say(said, [blocks.section(said), blocks.actions(*drawn)])


def _button(label: str, request: Request, text: str, style: Literal["primary"] | None = None) -> list[blocks.Block]:
    """The button that runs a command with another text; none where that is too long for one."""
    value = again(request, text, plan=request.plan)
    return [blocks.button(label, f"{AGAIN}:0", value, style=style)] if value else []


def _label(text: str) -> str:
    """`resolve 6` as a button says it: Resolve #6."""
    word, _, rest = plain(text).partition(" ")
    return f"{word.capitalize()} {'#' * rest.isdecimal()}{rest}".strip()


def is_nearly_help(word: str) -> bool:
    return word.lower() in small_words.HELP or bool(near(word.lower(), ["help"]))


def on_which_plan(which: WhichPlan, request: Request) -> Refusal:
    """One button for each plan, where a button can run the command again."""
    values = [(key, name, again(request, request.text, plan=key)) for key, name in which.choices[: blocks.ACTIONS]]
    front = f"`{request.command or '/…'} {which.choices[0][0]}: …`"
    how = f"{which.sentence} Write it in front: {front}"
    if not request.command or not all(value for _, _, value in values):
        return Refusal(how)
    buttons = [blocks.button(name, f"{AGAIN}:{key}", value or "") for key, name, value in values]
    hint = blocks.context(f"Next time you can write it in front: {front}")
    return Refusal(how, [blocks.section(which.sentence), blocks.actions(*buttons), hint])


def overview(commands: Iterable[Command], prefix: str, shortcuts: Sequence[str] = ()) -> Say:
    """What to type, for whoever writes to the bot itself."""
    lines = [f"• `/{prefix}{command.word}`: {command.about}" for command in commands]
    ends = ["Type `help` after any of them.", *_on_messages(shortcuts)]
    return Say("\n".join(["Type slash commands, here or in a channel:", *lines, *ends]))


def again(request: Request, text: str, *, plan: str | None, literally: bool = False) -> str | None:
    """The value of a button that runs a command once with another text; None when it is too long for one."""
    kept: dict[str, Any] = {"c": request.command, "t": text, "k": request.trigger_id}
    kept |= {"p": plan} if plan else {}
    kept |= {"l": 1} if literally else {}
    value = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    return value if len(value) <= blocks.VALUE else None


def _line(verb: Verb, slash: str) -> str:
    return f"• `{slash} {verb.usage}`: {verb.help}"
