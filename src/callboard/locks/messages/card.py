"""How a lock reads: its card, what people are told of it, lists, and whose a path is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.timeline import Entry
from callboard.core.words import few, joined, lasted
from callboard.locks import store
from callboard.locks.messages import git_activity
from callboard.locks.models import KEEPING, Lock, State
from callboard.teams import service as teams
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

MINUTE, HOUR, DAY = 60, 3600, 86_400


def waiting_locks(tx: Tx, lock: Lock) -> list[Lock]:
    """Who waits for what a lock holds, in their order."""
    targets = store.targets(tx, [lock.number])[lock.number]
    found = store.rivals(tx, lock.plan_id, targets, lock.number)
    return [one.lock for one in found if one.lock.state == State.WAITING]


@dataclass(frozen=True, kw_only=True)
class LockView:
    """A lock as its card shows it; people and teams as they are called."""

    number: int
    changes: int
    state: str
    targets: tuple[str, ...]
    reason: str
    holder: str
    team: str
    since: datetime
    age: str
    expires_at: datetime | None
    offered_until: datetime | None
    waiting: tuple[str, ...]
    behind: tuple[str, ...]
    agreed: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    from_git: bool
    ended_at: datetime | None
    ended_by: str
    ended_how: str
    ended_why: str
    reported: tuple[str, ...]
    """What CI said of what was pushed under it, once it is over."""


@dataclass(frozen=True)
class LineView:
    """One thing that happened to a lock."""

    at: datetime
    verb: str
    actor: str
    said: str
    to: str


def lock_view(tx: Tx, lock: Lock, *, brief: bool = False) -> LockView:
    """A lock as it stands now; `brief` without who waits."""
    directory = teams.directory(tx, lock.plan_id)
    waiting = [] if brief or lock.state not in KEEPING else waiting_locks(tx, lock)
    team = directory.teams.get(lock.team or "")
    reported = git_activity.checks(tx, lock) if lock.state == State.OVER and lock.held_at and not brief else ()
    return LockView(
        number=lock.number, changes=lock.changes, state=lock.state, targets=tuple(map(b.escape, lock.targets)),
        reason=lock.reason, holder=directory.called(lock.holder), team=b.escape(team.name) if team else "",
        since=lock.since, age=lasted((lock.ended_at or tx.now) - lock.since), expires_at=lock.expires_at,
        offered_until=lock.offered_until, waiting=tuple(directory.called(one.holder) for one in waiting),
        behind=_ahead(tx, directory, lock) if lock.state == State.WAITING and not brief else (),
        agreed=tuple(
            (_team(directory, one["team"]), directory.called(one["by"])) for one in lock.consents if one.get("by")
        ),
        missing=tuple(_team(directory, team) for team in lock.missing), from_git=lock.source == "git",
        ended_at=lock.ended_at, ended_by=directory.called(lock.ended_by) if lock.ended_by in directory.people else "",
        ended_how=lock.ended_how or "", ended_why=lock.ended_why or "",
        reported=tuple(reported),
    )  # fmt: skip


def history_lines(directory: Directory, entries: Sequence[Entry]) -> list[LineView]:
    """What happened to a lock."""
    return [
        LineView(
            one.at, one.verb, directory.called(one.actor) if one.actor in directory.people else "", one.said or "",
            directory.called(one.facts["to"]) if one.facts.get("to") else "",
        ) for one in entries
    ]  # fmt: skip


def _ahead(tx: Tx, directory: Directory, lock: Lock) -> tuple[str, ...]:
    targets = store.targets(tx, [lock.number])[lock.number]
    found = store.rivals(tx, lock.plan_id, targets, lock.number)
    before = [one.lock for one in found if one.lock.state in KEEPING or one.lock.number < lock.number]
    return tuple(directory.called(one.holder) for one in before)


def _team(directory: Directory, key: str) -> str:
    return b.escape(directory.teams[key].name) if key in directory.teams else b.escape(key)


LIGHTS = {
    "held": ":lock:", "asked": ":raised_hand:", "offered": ":bell:", "waiting": ":hourglass_flowing_sand:",
    "over": ":unlock:",
}  # fmt: skip
TARGETS = 6


def message(view: LockView) -> Message:
    """The one card of a lock, edited in place."""
    shown = [
        b.section(f"{head(view)}\n{state(view)}"),
        *([b.context(*notes)] if (notes := _notes(view)) else []),
        *([b.actions(*rows)] if (rows := buttons(view)) else []),
    ]
    return Message(text=plain_text(view), blocks=shown)


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
    return [*message(view).blocks, b.divider(), b.section(told or "Nothing has happened to it yet.")]


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


def _notes(view: LockView) -> list[str]:
    wait = [f":hourglass_flowing_sand: {joined(view.waiting)} {'waits' if len(view.waiting) == 1 else 'wait'}"]
    agreed = [f":white_check_mark: {team}: {person} agrees" for team, person in view.agreed]
    return [*(wait if view.waiting else []), *agreed[:5], *(["locked with git"] if view.from_git else [])]


def _behind(view: LockView) -> str:
    return f" behind {joined(view.behind)}" if view.behind else ""


def plain_text(view: LockView) -> str:
    return b.unescape(f"Lock {view.number} ({view.state}): {', '.join(view.targets[:TARGETS])}")
