"""What the plan tells by itself: greetings, what changed, holds that were lifted, test pages, closed channels."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core import outbox, ticks
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.core.timeline import Subject
from callboard.planning import briefs, duties
from callboard.planning.messages import greetings, overview
from callboard.planning.messages.overview import failed_work, how_to_invite
from callboard.planning.store import closed_channels
from callboard.teams import service

if TYPE_CHECKING:
    from callboard.core.db import Tx

TROUBLE = "teams.trouble"
INVITATION = "teams.invite"
HEAD = "teams.head"
HEAD_SHOWN = 16
GONE = Drop("the plan does not say so any more")


def failed_work_page(_tx: Tx, delivery: Delivery) -> Message:
    """What a coordinator reads."""
    args = delivery.args
    what = failed_work(str(args["work"]), int(args["row"]), str(args["error"]))
    text = (
        f":rotating_light: Something came due and I could not do it, {ticks.PARK_AFTER} times over, so I have given it "
        f"up: {what}. Nobody is paged for it by me any more: look after it yourself, and show this to whoever runs "
        "Callboard; the log has the rest under `tick.row_failed`."
    )
    return Message(text=text, title="Callboard has given something up")


def tell_closed_channels(tx: Tx, plan_id: int) -> None:
    """Tell the coordinators and the coordination channel, once for the same channels."""
    rows = closed_channels(tx, plan_id)
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
             kind=INVITATION, subject=Subject("plan", plan_id), priority=Priority.ANSWER, editable=True)
        for address in addresses
    ])  # fmt: skip


def invitation(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Which channels those are now; once the bot is in all of them, that."""
    rows = closed_channels(tx, delivery.plan_id)
    name = b.escape(service.directory(tx, delivery.plan_id).plan_name)
    if rows:
        lines = [f":no_bell: {b.bold(name)} needs me in more channels.", *how_to_invite(rows)]
        return Message(b.clip("\n".join(lines), b.TEXT))
    if delivery.posted_as:
        return Message(f":white_check_mark: {b.bold(name)}: I'm in every channel of the plan now.")
    return Drop("the bot is in every channel now")


def sealed_head(tx: Tx, delivery: Delivery) -> Message:
    """What the channel reads."""
    directory = service.directory(tx, delivery.plan_id)
    seq, mark = delivery.args["seq"], delivery.args["hash"][:HEAD_SHOWN]
    return Message(
        f":lock: The timeline of {directory.plan_name} is sealed up to entry {seq} (`{mark}`). To check that nothing "
        f"before it was changed: `callboard audit verify --plan {directory.plan_key} --head {seq}:{mark}`"
    )


def tell_lifted(tx: Tx, plan_id: int, target: str, by: Sequence[str], actor: str, reason: str) -> None:
    """Announce that somebody let a target go on although something held it."""
    directory = service.directory(tx, plan_id)
    homes = [directory.home_channel(), *([directory.home_channel(target)] if target in directory.teams else [])]
    told = {"target": target, "by": list(by), "actor": actor, "reason": reason}
    outbox.enqueue(tx, [
        Post(key=f"lifted:{plan_id}:{target}:{tx.now.isoformat()}:{address}", plan_id=plan_id,
             workspace=directory.workspace, address=address, kind="teams.lifted", subject=Subject("plan", plan_id),
             args=told)
        for address in dict.fromkeys(homes) if address
    ])  # fmt: skip


def test_page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A test page."""
    directory = service.directory(tx, delivery.plan_id)
    by = str(delivery.args["by"])
    return overview.test_page(
        directory.plan_name, directory.called(by), str(delivery.args["key"]), own=by == delivery.recipient
    )


def got(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The answer to a test page."""
    return overview.got(service.directory(tx, delivery.plan_id).called(str(delivery.args["person"])))


def greeting(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A team is greeted."""
    on, team = briefs.stage(tx, delivery.plan_id), str(delivery.args["of"])
    return greetings.greeting(briefs.team_view(on, team)) if team in on.directory.teams else GONE


def waits(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A team is on hold."""
    on, team = briefs.stage(tx, delivery.plan_id), str(delivery.args["of"])
    if team not in on.directory.teams:
        return GONE
    view = briefs.team_view(on, team)
    return greetings.waits(view) if view.waits_for else Drop("nothing holds them any more")


def changed(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Something is different for a team."""
    team = service.directory(tx, delivery.plan_id).teams.get(str(delivery.args["of"]))
    args = delivery.args
    return greetings.changed(team.name, team.key, int(args["version"]), list(args["lines"])) if team else GONE


def lifted(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A hold was overruled."""
    on, args = briefs.stage(tx, delivery.plan_id), delivery.args
    by = [duties.named(on.document, key) for key in args["by"]]
    what = duties.named(on.document, str(args["target"]))
    return greetings.lifted(what, by, on.directory.called(str(args["actor"])), str(args["reason"]))


def brief(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody has duties of their own."""
    on = briefs.stage(tx, delivery.plan_id)
    person = on.directory.people.get(str(delivery.args["of"]))
    view = briefs.person_brief(on, person) if person else None
    return greetings.brief(view) if view and view.lines else GONE


renderers: dict[str, Renderer] = {
    "teams.test": test_page,
    "teams.got": got,
    "teams.greeting": greeting,
    "teams.waits": waits,
    "teams.changed": changed,
    "teams.lifted": lifted,
    "teams.brief": brief,
    INVITATION: invitation,
    TROUBLE: failed_work_page,
    HEAD: sealed_head,
}
