"""What people and channels are told about a gate: that it waits for them, is late, in doubt, decided; pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import joined
from callboard.gates.messages.card import MANY, SEVERAL, bullets, left, plain_state, state, title, value_of, when
from callboard.gates.messages.snapshot import CardView


def page(view: CardView, why: str, *, stands_in: str = "") -> Message:
    """What whoever is paged about a gate reads."""
    over = view.state in ("passed", "waived")
    missing = joined([name for slot in view.slots for name in slot.missing])
    lines = [
        f":rotating_light: {b.bold(b.escape(title(view)))}\n{state(view)}",
        *([f"*Why you:* {why}{stands_in}."] if why and not over else []),
        *([f"*Missing:*{_lacking(view)}"] if view.lacking and not over else []),
        *([f"*Not signed by:* {missing}"] if missing and not over else []),
        *([f"*What follows:* {b.escape(view.if_missed)}"] if view.if_missed and not over else []),
        *([f"*Now:* {view.owner} has it."] if view.owner and not over else []),
    ]
    buttons = [] if over or view.owner else [b.button("I have it", "gate.ack", value_of(view), style="primary")]
    show = b.button("Show the gate", "gate.show", value_of(view))
    return Message(
        text=f"You are paged about {view.name}: {plain_state(view)}",
        blocks=[b.section("\n".join(lines)), b.actions(*buttons, show)],
        title=f"{view.plan}: {view.name}",
    )


def plain_page(view: CardView, why: str) -> Message:
    """The same for mail, SMS and telephone: words only."""
    missed = f"{view.name} in {view.plan} was not passed by its time. Missing:{_lacking(view)}"
    text = f"{missed}\nWhy you: {why}\nOpen Slack: /gate show {view.key}"
    return Message(text=b.unescape(text), title=f"{view.plan}: {view.name}")


def _lacking(view: CardView) -> str:
    return bullets([f"{one.says}: {one.stands}" for one in view.lacking], view.key)


Args = Mapping[str, Any]
ASKING = ("ready", "reminder", "signature")


def message(view: CardView, args: Args) -> Message:
    """What somebody, or a channel, is told; with a button to sign where that is what it is about."""
    said = text(view, args)
    blocks = [b.section(said)]
    if args["what"] in ASKING and view.is_open:
        sign = b.button("GO..." if view.decision else "Sign...", "gate.sign", value_of(view), style="primary")
        blocks.append(b.actions(sign, b.button("Show the gate", "gate.show", value_of(view))))
    return Message(text=b.clip(said, 600), blocks=blocks, title=f"{view.plan}: {view.name}")


def text(view: CardView, args: Args) -> str:
    """The words of it."""
    return WORDS[args["what"]](view, args)


def _ready(view: CardView, args: Args) -> str:
    verb = "say GO or NO-GO" if view.decision else "sign"
    holds = f":pencil: Everything that {_name(view)} asks for holds."
    return f"{holds} It waits for you to {verb}.{left(view)}{_why(view, args)}"


def _reminder(view: CardView, args: Args) -> str:
    return (
        f":alarm_clock: {_name(view)} is due {when(view.due_at)}, and you have not signed. Missing:{_why(view, args)}"
    )


def _signature(view: CardView, args: Args) -> str:
    return f":alarm_clock: Your signature for {_name(view)} was due by now. Missing:{_why(view, args)}"


def _arrived(view: CardView, args: Args) -> str:
    return f":bell: {args['why'][0]} is there, which {_name(view)} wanted to know of."


def _void(view: CardView, args: Args) -> str:
    again = f"\nPlease look again: `/gate sign {view.key}`."
    void = f":warning: Your signature for {_name(view)} is void, because what you signed has changed:"
    return f"{void}{_why(view, args)}{again}"


def _missed(view: CardView, args: Args) -> str:
    stays = "What waits for it stays on hold."
    missed = f":red_circle: {_name(view)} was not passed by {when(view.due_at)}."
    return f"{missed} {stays}{_why(view, args)}{_consequence(args)}"


def _doubt(view: CardView, args: Args) -> str:
    stays = "It stays passed; only an emergency stops what follows."
    changed = "has passed, and is *in doubt*: what it passed on has changed since."
    return f":warning: {_name(view)} {changed}{_why(view, args)}\n{stays}"


def _waived(view: CardView, args: Args) -> str:
    until = f" until {when(datetime.fromisoformat(args['until']))}" if args.get("until") else ""
    return f":large_blue_circle: {_name(view)} was waived{until}: what waited for it goes on.{_why(view, args)}"


def _waiver_ended(view: CardView, args: Args) -> str:
    return (
        f":red_circle: The waiver of {_name(view)} has ended, so what waits for it is on hold again.{_why(view, args)}"
    )


def _coming(view: CardView, args: Args) -> str:
    del args
    return f":mega: {_name(view)} is {'decided' if view.decision else 'due'} {when(view.due_at)}."


def _go(view: CardView, args: Args) -> str:
    given = list(dict.fromkeys(who for slot in view.slots for who, _ in slot.signed))
    voices = f" GO from {joined(given)}." if given else ""
    return f":large_green_circle: *GO*: {_name(view)}, {when(view.settled_at)}.{voices} That is final.{_say(args)}"


def _no_go(view: CardView, args: Args) -> str:
    again = "No further attempt is planned yet."
    if args.get("next"):
        again = f"*Next attempt:* {when(datetime.fromisoformat(args['next']))}."
    shifted = f"\n*Moved with it:*{bullets(args['shifted'], view.key)}" if args.get("shifted") else ""
    return f":red_circle: *NO-GO*: {_name(view)}.{_why(view, args)}{_consequence(args)}\n{again}{shifted}"


def _passed(view: CardView, args: Args) -> str:
    return f":large_green_circle: {_name(view)} has passed, {when(view.settled_at)}.{_say(args)}"


def _name(view: CardView) -> str:
    return b.bold(b.escape(view.name))


def _why(view: CardView, args: Args) -> str:
    return bullets(args.get("why", ()), view.key, MANY if args["what"] == "no-go" else SEVERAL)


def _consequence(args: Args) -> str:
    return f"\n*What follows:* {b.escape(args['consequence'])}" if args.get("consequence") else ""


def _say(args: Args) -> str:
    return f"\n{b.escape(args['say'])}" if args.get("say") else ""


WORDS: Mapping[str, Callable[[CardView, Args], str]] = {
    "ready": _ready,
    "reminder": _reminder,
    "signature": _signature,
    "arrived": _arrived,
    "void": _void,
    "missed": _missed,
    "doubt": _doubt,
    "waived": _waived,
    "waiver ended": _waiver_ended,
    "coming": _coming,
    "go": _go,
    "no-go": _no_go,
    "passed": _passed,
}
