"""Writes the messages about people at the moment they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.teams import briefing, duties, greetings, heads, invitations, messages, service, troubles

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("the plan does not say so any more")


def test_page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A test page."""
    directory = service.directory(tx, delivery.plan_id)
    by = str(delivery.args["by"])
    return messages.test_page(
        directory.plan_name, directory.called(by), str(delivery.args["key"]), own=by == delivery.recipient
    )


def got(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The answer to a test page."""
    return messages.got(service.directory(tx, delivery.plan_id).called(str(delivery.args["person"])))


def unreached(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody could not be paged."""
    directory = service.directory(tx, delivery.plan_id)
    args = delivery.args
    return messages.unreached(directory.called(str(args["person"])), str(args["medium"]), str(args["error"]))


def parked(_tx: Tx, delivery: Delivery) -> Message | Drop:
    """An address cannot be reached."""
    return messages.parked(messages.address(str(delivery.args["address"])), str(delivery.args["error"]))


def greeting(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A team is greeted."""
    on, team = briefing.stage(tx, delivery.plan_id), str(delivery.args["of"])
    return greetings.greeting(briefing.team_view(on, team)) if team in on.directory.teams else GONE


def waits(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A team is on hold."""
    on, team = briefing.stage(tx, delivery.plan_id), str(delivery.args["of"])
    if team not in on.directory.teams:
        return GONE
    view = briefing.team_view(on, team)
    return greetings.waits(view) if view.waits_for else Drop("nothing holds them any more")


def changed(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Something is different for a team."""
    team = service.directory(tx, delivery.plan_id).teams.get(str(delivery.args["of"]))
    args = delivery.args
    return greetings.changed(team.name, team.key, int(args["version"]), list(args["lines"])) if team else GONE


def lifted(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A hold was overruled."""
    on, args = briefing.stage(tx, delivery.plan_id), delivery.args
    by = [duties.named(on.document, key) for key in args["by"]]
    what = duties.named(on.document, str(args["target"]))
    return greetings.lifted(what, by, on.directory.called(str(args["actor"])), str(args["reason"]))


def brief(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody has duties of their own."""
    on = briefing.stage(tx, delivery.plan_id)
    person = on.directory.people.get(str(delivery.args["of"]))
    view = briefing.person_brief(on, person) if person else None
    return greetings.brief(view) if view and view.lines else GONE


def invite(tx: Tx, delivery: Delivery) -> Message | Drop:
    """There are channels that the bot is not in."""
    return invitations.shown(tx, delivery)


renderers: dict[str, Renderer] = {
    "teams.test": test_page,
    "teams.got": got,
    "teams.unreached": unreached,
    "teams.parked": parked,
    "teams.greeting": greeting,
    "teams.waits": waits,
    "teams.changed": changed,
    "teams.lifted": lifted,
    "teams.brief": brief,
    invitations.KIND: invite,
    troubles.KIND: troubles.page,
    heads.KIND: heads.published,
}
