"""Help, usage and "did you mean", derived from what the commands declare."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from callboard import blocks
from callboard.core.errors import WhichPlan
from callboard.slack.answers import AGAIN, Refusal, Say
from callboard.slack.grammar import Command, Verb
from callboard.slack.requests import Request


def on_command(command: Command, slash: str) -> Say:
    """Everything a command can do; `slash` is the word as people type it here."""
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
    return Say("\n".join(lines))


def on_verb(verb: Verb, slash: str) -> Say:
    """What one verb does, and its other names."""
    aliases = f" Also: {', '.join(f'`{alias}`' for alias in verb.aliases)}." if verb.aliases else ""
    return Say(f"{_line(verb, slash)}.{aliases}")


def on_usage(verb: Verb, slash: str) -> Say:
    """How a verb is typed, for whoever left out what it needs."""
    person = any(argument.shape.startswith("@") for argument in verb.arguments)
    pick = " Pick people from the list that Slack shows after `@`." if person else ""
    return Say(f"`{verb.name}` is written `{slash} {verb.usage}`: {verb.help}.{pick}")


def on_unknown(word: str, command: Command, slash: str) -> Say:
    """What the command knows, for a word that it does not know."""
    names = ", ".join(f"`{verb.name}`" for verb in command.verbs)
    shown = blocks.clip(word.replace("`", "'"), 60)
    return Say(f"`{slash}` does not know `{shown}`. It knows {names}; `{slash} help` explains them.")


def on_guess(meant: str, command: Command, request: Request, slash: str) -> Say:
    """Probably mistyped: one button for what may have been meant, one for what was typed."""
    question = f"Did you mean `{slash} {meant.replace('`', chr(39))}`?"
    yes = again(request, meant, plan=request.plan)
    no = again(request, request.text, plan=request.plan, literally=True) if command.otherwise is not None else None
    buttons = [blocks.button(f"Yes: {meant}", f"{AGAIN}:0", yes, style="primary")] if yes else []
    buttons += [blocks.button("No, as I typed it", f"{AGAIN}:1", no)] if no else []
    if not buttons:
        return Say(f"{question} Then type that.")
    return Say(question, [blocks.section(question), blocks.actions(*buttons)])


def on_which_plan(which: WhichPlan, request: Request) -> Refusal:
    """One button for each plan, where a button can run the command again."""
    values = [(key, name, again(request, request.text, plan=key)) for key, name in which.choices[: blocks.ACTIONS]]
    how = f"{which.sentence} Write it in front: `{request.command or '/…'} {which.choices[0][0]}: …`"
    if not request.command or not all(value for _, _, value in values):
        return Refusal(how)
    buttons = [blocks.button(name, f"{AGAIN}:{key}", value or "") for key, name, value in values]
    return Refusal(how, [blocks.section(which.sentence), blocks.actions(*buttons)])


def overview(commands: Iterable[Command], prefix: str) -> Say:
    """What to type, for whoever writes to the bot itself."""
    lines = [f"• `/{prefix}{command.word}`: {command.about}" for command in commands]
    return Say("\n".join(["Type slash commands, here or in a channel:", *lines, "Type `help` after any of them."]))


def again(request: Request, text: str, *, plan: str | None, literally: bool = False) -> str | None:
    """The value of a button that runs a command once with another text; None when it is too long for one."""
    kept: dict[str, Any] = {"c": request.command, "t": text, "k": request.trigger_id}
    kept |= {"p": plan} if plan else {}
    kept |= {"l": 1} if literally else {}
    value = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    return value if len(value) <= blocks.VALUE else None


def _line(verb: Verb, slash: str) -> str:
    return f"• `{slash} {verb.usage}`: {verb.help}"
