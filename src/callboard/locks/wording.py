"""How a lock is spoken of in one sentence: in Slack, and in plain words where git prints them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callboard.core import blocks as b
from callboard.core.words import lasted
from callboard.locks import line, rights, store
from callboard.locks.line import Rival
from callboard.locks.models import Lock, State
from callboard.teams.service import Asker, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

DATE = re.compile(r"<!date\^(\d+)\^[^>]*>")
MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
MINUTE, HOUR, DAY = 60, 3600, 86_400
FEW = 3


def waiting(tx: Tx, lock: Lock) -> list[Lock]:
    """Who waits for what a lock holds, in their order."""
    targets = store.targets(tx, [lock.number])[lock.number]
    found = line.rivals(tx, lock.plan_id, targets, lock.number)
    return [one.lock for one in found if one.lock.state == State.WAITING]


def taken(tx: Tx, asker: Asker, rivals: Sequence[Rival]) -> str:
    """Why something is not locked: whose it is now, why, since when, until when, who waits, and what to do."""
    said = [_in_slack(tx, asker, one) for one in rivals[:FEW]]
    more = [f"So are {len(rivals) - FEW} more in the way."] if len(rivals) > FEW else []
    first = rivals[0].lock
    todo = f"`/lock wait {first.number}` puts you in line"
    if len(rivals) == 1 and first.state != State.WAITING:
        todo += f"; {rights.who_breaks(asker, first)} may `/lock break {first.number} because ...`"
    return "\n".join([*said, *more, f"{todo}."])


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
    line_ = [asker.directory.called(one.holder) for one in waiting(tx, lock)]
    wait = f" {', '.join(line_)} {'waits' if len(line_) == 1 else 'wait'} for it." if line_ else ""
    held = " ".join(f"`{b.escape(one)}`" for one in lock.targets)
    part = "" if lock.targets == [rival.example] else f" ({held})"
    return f"{example} is locked by {whose}, {since}, {reason}{until}: lock {lock.number}{part}.{wait}"


def in_git(directory: Directory, sentence: str, zone: ZoneInfo) -> str:
    """A sentence made for Slack in plain words on one line, with times in the zone of whoever reads it."""
    text = DATE.sub(lambda found: _at(int(found[1]), zone), sentence.replace("\n", " "))
    text = MENTION.sub(lambda found: _name(directory, found[1]), text)
    return b.unescape(text.replace("`", ""))


def _at(stamp: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(stamp, zone):%Y-%m-%d %H:%M %Z}"


def _name(directory: Directory, user: str) -> str:
    person = directory.by_slack(user)
    return person.name if person else "somebody"
