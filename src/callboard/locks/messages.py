"""How a lock reads: its card, what people are told of it, lists, and whose a path is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from callboard.core import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import counted, few, few_lines, joined
from callboard.locks.views import LineView, LockView

LIGHTS = {
    "held": ":lock:", "asked": ":raised_hand:", "offered": ":bell:", "waiting": ":hourglass_flowing_sand:",
    "over": ":unlock:",
}  # fmt: skip
TARGETS = 6
UNCHECKED = 15


def card(view: LockView) -> Message:
    """The one card of a lock, edited in place."""
    shown = [
        b.section(f"{head(view)}\n{state(view)}"),
        *([b.context(*notes)] if (notes := _notes(view)) else []),
        *([b.actions(*rows)] if (rows := buttons(view)) else []),
    ]
    return Message(text=_text(view), blocks=shown)


def head(view: LockView) -> str:
    """Its number, what it is for and why."""
    what = few([f"`{one}`" for one in view.targets], TARGETS, " ")
    reason = f" for {b.clip(view.reason, 300)}" if view.reason else ""
    return f"{LIGHTS[view.state]} {b.bold(f'Lock {view.number}')}  {what}{reason}"


def state(view: LockView) -> str:
    """How it stands."""
    whose = f"{view.holder}{f' ({view.team})' if view.team else ''}"
    until = f" until {b.date(view.expires_at, 'both')}" if view.expires_at else ""
    match view.state:
        case "held":
            return f"*{whose} has it* since {b.date(view.since)}{until}."
        case "asked":
            return f"*{whose} asks for it*{until}. It is joint: {joined(view.missing)} must agree first."
        case "offered":
            turn = f" until {b.date(view.offered_until)}" if view.offered_until else ""
            return f"*It is {whose}'s turn*: kept for them{turn}."
        case "waiting":
            return f"{whose} waits for it since {b.date(view.since, 'both')}{_behind(view)}."
    return _over(view)


def news(view: LockView, kind: str, by: str, to: str, example: str) -> Message:
    """What one person is told about a lock of theirs."""
    said = {
        "turn": f"It is your turn. {head(view)}\nIt is kept for you until "
        f"{b.date(view.offered_until) if view.offered_until else 'a little later'}; then the next in line is asked.",
        "handed": f":inbox_tray: {by} hands you {head(view)}\n{state(view)}",
        "agreed": f":white_check_mark: {by} agrees, so you hold it now. {head(view)}\n{state(view)}",
        "awaited": f":hourglass_flowing_sand: {by} waits for `{b.escape(example)}`. {head(view)}\n{state(view)}",
        "reminder": f":sunrise: Good morning. You still hold this: {head(view)}\n{state(view)} Do you need it?",
        "ended": f"{head(view)}\n{_told(view, by, to)}",
    }[kind]
    rows = buttons(view) if view.state in ("held", "offered") and kind != "ended" else []
    return Message(text=_text(view), blocks=[b.section(b.clip(said, b.TEXT)), *([b.actions(*rows)] if rows else [])])


def buttons(view: LockView) -> list[dict[str, Any]]:
    """What can be done with it as it stands."""
    value = f"{view.number}:{view.changes}"
    match view.state:
        case "held":
            more = [
                ("Hand it over", f"hand:{value}"),
                ("Wait in line", f"wait:{value}"),
                ("Break it", f"break:{value}"),
            ]
            return [
                b.button("Release", "lock.release", value, style="primary"), b.button("Keep it", "lock.keep", value),
                b.overflow("lock.more", more),
            ]  # fmt: skip
        case "asked":
            return [
                b.button("Agree", "lock.agree", value, style="primary"),
                b.button("Decline", "lock.decline", value, style="danger"),
                b.button("Withdraw", "lock.release", value),
            ]
        case "offered":
            return [
                b.button("Take it", "lock.take", value, style="primary"),
                b.button("Not any more", "lock.release", value),
            ]
        case "waiting":
            return [b.button("Leave the line", "lock.release", value)]
    return []


def refused(sentence: str, numbers: Sequence[int], typed: str) -> list[dict[str, Any]]:
    """Why it is not locked, and the way into the line."""
    return [
        b.section(sentence),
        *([b.actions(b.button("Wait in line", "lock.line", typed))] if numbers and typed else []),
    ]


def answer(view: LockView) -> str:
    """What is said at once to whoever asked for a lock."""
    number = view.number
    match view.state:
        case "held":
            until = b.date(view.expires_at, "both") if view.expires_at else "later"
            return f"{head(view)}: yours until {until}. `/lock release {number}` when you are done."
        case "asked":
            return f"{head(view)}\nIt is joint: {joined(view.missing)} must agree first, and is asked. You are told."
        case "waiting":
            return f"{head(view)}\nYou wait{_behind(view)}. You are told when it is your turn."
    return f"{head(view)}\n{state(view)}"


def of_things(things: Sequence[str]) -> str:
    """What is said where a word was taken for a thing and not for a folder."""
    if not things:
        return ""
    one = things[0]
    return f"\nI take {joined([f'`{one}`' for one in things])} for no file; a folder is written `{one}/`."


def one_line(view: LockView) -> str:
    """A lock in a list."""
    return f"{head(view)}\n{state(view)} So far {view.age}."


def listed(title: str, views: Sequence[LockView], empty: str, total: int) -> list[dict[str, Any]]:
    """A list of locks; a long one says how many more there are."""
    if not views:
        return [b.section(empty)]
    more = [b.context(f"and {total - len(views)} more: `/lock list WORD` finds those with a word.")] * (
        total > len(views)
    )
    return [b.section(b.bold(title)), *(b.section(one_line(view)) for view in views), *more]


def history(view: LockView, lines: Sequence[LineView]) -> list[dict[str, Any]]:
    """A card with all that happened."""
    told = "\n".join(f"{b.date(one.at, 'both')}  {_line(one)}" for one in lines[-25:])
    return [*card(view).blocks, b.divider(), b.section(told or "Nothing has happened to it yet.")]


def allowed(by: str, targets: Sequence[str], reason: str, until: datetime) -> Message:
    """What somebody may change for a while, though it is not their team's."""
    what = ", ".join(f"`{b.escape(one)}`" for one in targets)
    said = f":unlock: {by} lets you change {what} until {b.date(until, 'both')}, for {b.clip(reason, 500)}."
    return Message(text=f"You may change {', '.join(targets)}", blocks=[b.section(f"{said} Your pushes of it pass.")])


def pushed(view: LockView, line: str) -> Message:
    """Somebody else has pushed what one holds."""
    said = f"{line}, which you hold. {head(view)}\nTalk to them, or `/lock release {view.number}`."
    return Message(text=f"A push touches lock {view.number}", blocks=[b.section(b.clip(said, b.TEXT))])


def unchecked(pushes: Sequence[Mapping[str, str]]) -> Message:
    """Pushes that were let through while Callboard could not be asked."""
    lines = [
        f"`{one['branch']}` of {one['repository']}, by {one['pushed_by']}, "
        f"{b.date(datetime.fromisoformat(one['at']), 'both')}: `{one['old'][:8]}..{one['new'][:8]}`"
        for one in pushes
    ]
    count = counted(len(pushes), "push", "pushes")
    said = f":warning: *{count} went by unchecked* while I could not be reached: look whether they are what you want."
    return Message(
        text=f"{count} went by unchecked",
        blocks=[b.section(b.clip("\n".join([said, *few_lines(lines, UNCHECKED)]), b.TEXT))],
    )


def _line(one: LineView) -> str:
    to = f" to {one.to}" if one.to else ""
    said = f": {b.clip(one.said, 300)}" if one.said else "."
    return f"{one.actor} {one.verb}{to}{said}".strip()


def _over(view: LockView) -> str:
    when = f", {b.date(view.ended_at, 'both')}" if view.ended_at else ""
    by = f" by {view.ended_by}" if view.ended_by and view.ended_by != view.holder else ""
    whose = f"{view.holder}{f' ({view.team})' if view.team else ''}"
    why = f"\n> {b.clip(view.ended_why, 500)}" if view.ended_why else ""
    how = {
        "missed": "Offered in vain", "taken": "Done with: locked anew", "declined": "Not agreed to",
    }.get(view.ended_how, view.ended_how.capitalize())  # fmt: skip
    checks = "".join(f"\nPushed meanwhile: {one}." for one in view.reported)
    return f"*{how}*{by}{when}, after {view.age}. {whose} had it.{why}{checks}"


def _told(view: LockView, by: str, to: str) -> str:
    if to:
        return f"{by} handed it over to {to}."
    again = "`/lock` asks for it again."
    why = f"\n> {b.clip(view.ended_why, 500)}" if view.ended_why else ""
    said = {
        "broken": f"{by} broke your lock.{why}",
        "declined": f"{by} does not agree, so it is not locked.{why or ' They gave no reason: ask them.'}",
        "missed": f"It was your turn, and the time to take it is over. {again}",
        "expired": f"It has expired: others may lock it now. {again}",
    }
    return said.get(view.ended_how, state(view))


def _notes(view: LockView) -> list[str]:
    wait = [f":hourglass_flowing_sand: {joined(view.waiting)} {'waits' if len(view.waiting) == 1 else 'wait'}"]
    agreed = [f":white_check_mark: {team}: {person} agrees" for team, person in view.agreed]
    return [*(wait if view.waiting else []), *agreed[:5], *(["locked with git"] if view.from_git else [])]


def _behind(view: LockView) -> str:
    return f" behind {joined(view.behind)}" if view.behind else ""


def _text(view: LockView) -> str:
    return b.unescape(f"Lock {view.number} ({view.state}): {', '.join(view.targets[:TARGETS])}")
