"""Says into which channels of its plans the bot is yet to be invited."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core import outbox
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.subject import Subject
from callboard.plans import service as plans
from callboard.plans.models import ChannelRow
from callboard.teams import service

if TYPE_CHECKING:
    from callboard.core.db import Tx

KIND, INVITE = "teams.invite", "/invite @Callboard"


def wanted(tx: Tx, plan_id: int) -> Sequence[ChannelRow]:
    """The channels of a plan that the bot cannot see, or is not in; none that were not looked up yet."""
    return [row for row in plans.channels(tx, plan_id) if not row.gone and row.member is False]


def sentences(rows: Sequence[ChannelRow]) -> list[str]:
    """What to do about each, in words without markup."""
    hidden = [f"#{row.name}" for row in rows if not row.slack_id]
    open_ones = [f"#{row.name}" for row in rows if row.slack_id]
    found = []
    if hidden:
        found.append(f"I can't find {', '.join(hidden)}: create it, or type `{INVITE}` there if it is private.")
    if open_ones:
        found.append(f"I'm not in {', '.join(open_ones)}: type `{INVITE}` there, so that I hear what is said.")
    return found


def tell(tx: Tx, plan_id: int) -> None:
    """Tell the coordinators and the coordination channel, once for the same channels."""
    rows = wanted(tx, plan_id)
    outbox.touch(tx, "plan", [plan_id])
    if not rows:
        return
    directory = service.directory(tx, plan_id)
    mark = hashlib.sha256(",".join(sorted(row.name for row in rows)).encode()).hexdigest()[:12]
    home = directory.home_channel()
    closed = {f"#{row.name}" for row in rows if not row.slack_id}
    addresses = [person.slack_id for person in directory.coordinators if person.slack_id]
    addresses += [home] if home and home not in closed else []
    outbox.enqueue(tx, [
        Post(key=f"invite:{plan_id}:{mark}:{address}", plan_id=plan_id, workspace=directory.workspace, address=address,
             kind=KIND, subject=Subject("plan", plan_id), priority=Priority.ANSWER, editable=True)
        for address in addresses
    ])  # fmt: skip


def shown(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Which channels those are now; once the bot is in all of them, that."""
    rows = wanted(tx, delivery.plan_id)
    name = b.escape(service.directory(tx, delivery.plan_id).plan_name)
    if rows:
        lines = [f":no_bell: {b.bold(name)} needs me in more channels.", *sentences(rows)]
        return Message(b.clip("\n".join(lines), b.TEXT))
    if delivery.posted_as:
        return Message(f":white_check_mark: {b.bold(name)}: I'm in every channel of the plan now.")
    return Drop("the bot is in every channel now")
