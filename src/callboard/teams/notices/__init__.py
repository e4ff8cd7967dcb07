"""What people hear of absences, of accounts that take nothing any more, and of messages that did not arrive.

coordinators: who hears of it
leavers: accounts that take nothing any more
unreached: pages and messages that Slack did not take
"""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Message, Priority
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.teams import service, store
from callboard.teams.models import ChannelRemade, PersonAway
from callboard.teams.notices import unreached
from callboard.teams.notices.coordinators import tell
from callboard.teams.notices.leavers import LEAVERS, LEFT, LOST, tell_lost
from callboard.teams.notices.unreached import AWAY, PARKED, UNREACHED, page_otherwise

__all__ = [
    "AWAY", "LEAVERS", "LEFT", "LOST", "PARKED", "UNREACHED", "page_otherwise", "tell_absent", "tell_lost",
    "tell_parked", "tell_remade",
]  # fmt: skip


def _absence(tx: Tx, delivery: Delivery) -> Message:
    directory, (verb, _, days) = service.directory(tx, delivery.plan_id), str(delivery.args["said"]).partition(" ")
    by = directory.called(str(delivery.args["by"]))
    if verb == "back":
        return Message(
            f":wave: {by} removed your absence on {m.escape(days)}. Still away? `/plan away` notes it again."
        )
    return Message(f":wave: {by} noted that you are away on {m.escape(days)}. Not so? `/plan back` removes it.")


def _remade(_tx: Tx, delivery: Delivery) -> Message:
    where = m.address(delivery.args["channel"])
    text = f":white_check_mark: #{m.escape(delivery.args['name'])} was made anew. I post in {where} from now on."
    return Message(text, title="A channel was made anew")


ABSENCE = Notice(
    kind="teams.absence", told="whoever is away or back, when somebody else said so", render=_absence,
    priority=Priority.ANSWER,
)  # fmt: skip
REMADE = Notice(
    kind="teams.remade", told="the coordinators, once for each channel that was made anew", render=_remade,
    priority=Priority.UPDATE,
)  # fmt: skip
NOTICES = (ABSENCE, UNREACHED, PARKED, LOST, LEAVERS, REMADE, AWAY)
TO_COORDINATORS = {notice.kind: notice for notice in (UNREACHED, PARKED, LOST, LEAVERS, REMADE)}


def tell_absent(tx: Tx, event: PersonAway) -> None:
    """While somebody is away their deputies act for them, so they hear who said it."""
    directory = service.directory(tx, event.plan_id)
    person = directory.people[event.person]
    if event.said and event.by != person.key:
        about, revision = store.subject(tx, event.plan_id, person.key), plans.revision(tx, event.plan_id)
        args, key = {"by": event.by, "said": event.said}, f"absence:{event.plan_id}:{person.key}:{revision}"
        outbox.enqueue(tx, [ABSENCE.post(directory, person.slack_id, about, key, args=args)])


def tell_remade(tx: Tx, event: ChannelRemade) -> None:
    """Coordinators hear once of a channel that was made anew."""
    about, args = Subject("plan", event.plan_id), {"name": event.name, "channel": event.slack_id}
    tell(tx, event.plan_id, about, REMADE, f"remade:{event.plan_id}:{event.slack_id}", args)


def tell_parked(tx: Tx, event: outbox.DeliveriesParked) -> None:
    """Others are told what was for a coordinator; of all else that was refused the coordinators hear."""
    unreached.tell_parked(tx, event, TO_COORDINATORS)
