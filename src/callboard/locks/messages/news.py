"""What somebody is told about a lock: that it is theirs, taken, pushed to; in Slack, and in plain words for git."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import counted, few_lines, lasted
from callboard.locks import rights
from callboard.locks.messages.card import LockView, buttons, head, plain_text, state, waiting_locks
from callboard.locks.models import State
from callboard.locks.store import Rival
from callboard.teams.service import Asker, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

UNCHECKED = 15
DATE = re.compile(r"<!date\^(\d+)\^[^>]*>")
MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
FEW = 3


def direct(view: LockView, kind: str, by: str, to: str, example: str) -> Message:
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
    return Message(
        text=plain_text(view), blocks=[b.section(b.clip(said, b.TEXT)), *([b.actions(*rows)] if rows else [])]
    )


def refused(sentence: str, numbers: Sequence[int], typed: str) -> list[dict[str, Any]]:
    """Why it is not locked, and the way into the line."""
    return [
        b.section(sentence),
        *([b.actions(b.button("Wait in line", "lock.line", typed))] if numbers and typed else []),
    ]


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


def taken(tx: Tx, asker: Asker, rivals: Sequence[Rival]) -> str:
    """Why something is not locked: whose it is now, why, since when, until when, who waits, and what to do."""
    said = [_in_slack(tx, asker, one) for one in rivals[:FEW]]
    more = [f"So are {len(rivals) - FEW} more in the way."] if len(rivals) > FEW else []
    first = rivals[0].lock
    todo = f"`/lock wait {first.number}` puts you in line"
    if len(rivals) == 1 and first.state != State.WAITING:
        todo += f"; {rights.who_breaks(asker, first)} may `/lock break {first.number} because ...`"
    return "\n".join([*said, *more, f"{todo}."])


def in_git(directory: Directory, sentence: str, zone: ZoneInfo) -> str:
    """A sentence made for Slack in plain words on one line, with times in the zone of whoever reads it."""
    text = DATE.sub(lambda found: _at(int(found[1]), zone), sentence.replace("\n", " "))
    text = MENTION.sub(lambda found: _name(directory, found[1]), text)
    return b.unescape(text.replace("`", ""))


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


def _in_slack(tx: Tx, asker: Asker, rival: Rival) -> str:
    lock, name = rival.lock, asker.directory.called(rival.lock.holder)
    team = asker.directory.teams.get(lock.team or "")
    whose = f"{name}{f' ({b.escape(team.name)})' if team else ''}"
    since = f"since {b.date(lock.since, 'both')}, {lasted(tx.now - lock.since)} ago"
    example = f"`{b.escape(rival.example)}`"
    reason = f"for {lock.reason}" if lock.reason else "without a reason"
    match lock.state:
        case State.WAITING:
            return f"{example} is waited for by {whose} before you, {since}, {reason} ({lock.number})."
        case State.OFFERED:
            until = b.date(lock.offered_until or lock.since)
            return f"{example} is offered to {whose} until {until}, whose turn it is, {reason} ({lock.number})."
        case State.ASKED:
            return f"{example} is asked for by {whose}, {since}, {reason}, and waits for consent ({lock.number})."
    until = f", until {b.date(lock.expires_at, 'both')}" if lock.expires_at else ""
    line_ = [asker.directory.called(one.holder) for one in waiting_locks(tx, lock)]
    wait = f" {', '.join(line_)} {'waits' if len(line_) == 1 else 'wait'} for it." if line_ else ""
    held = " ".join(f"`{b.escape(one)}`" for one in lock.targets)
    part = "" if lock.targets == [rival.example] else f" ({held})"
    return f"{example} is locked by {whose}, {since}, {reason}{until}: lock {lock.number}{part}.{wait}"


def _at(stamp: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(stamp, zone):%Y-%m-%d %H:%M %Z}"


def _name(directory: Directory, user: str) -> str:
    person = directory.by_slack(user)
    return person.name if person else "somebody"
