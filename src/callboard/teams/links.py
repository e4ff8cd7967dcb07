"""Slack ids of people by their e-mail address, and of channels by their name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from callboard.core import outbox, timeline
from callboard.core.db import Database, Tx
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.teams import store
from callboard.teams.models import ChannelsSeen, PeopleLinked, PersonRow

log = structlog.get_logger()

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)


class Lookup(Protocol):
    """Whoever can ask Slack; raises anything when there is no answer."""

    async def user_by_email(self, email: str) -> str | None:
        """The Slack id of whoever has this address; None when nobody has."""

    async def channels(self, names: Collection[str]) -> Mapping[str, tuple[str, bool]]:
        """Ids of the channels with these names as far as the bot can see them, each with whether the bot is in it."""


@dataclass(frozen=True)
class Found:
    """What Slack knows: ids by address and by name; whether the bot is in the channels that were looked for."""

    people: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    inside: dict[str, bool] = field(default_factory=dict)


class Linker:
    """Asks Slack for what is missing; again for what Slack does not know, at longer and longer intervals."""

    def __init__(self, db: Database, lookup: Lookup) -> None:
        self._db = db
        self._lookup = lookup
        self._patience: dict[str, tuple[datetime, timedelta]] = {}

    async def link(self, workspace: str) -> Found:
        """Link all that can be linked in a workspace; return what was found. No transaction waits for the network."""
        emails, channels = map(self._due, await self._db.read(missing, workspace))
        found = Found()
        try:
            for email in emails:
                slack_id = await self._lookup.user_by_email(email)
                found.people.update({email: slack_id} if slack_id else {})
            rooms = await self._lookup.channels(channels) if channels else {}
            found.channels.update({name: slack_id for name, (slack_id, _) in rooms.items()})
            found.inside.update({name: name in rooms and rooms[name][1] for name in channels})
        except Exception:
            log.exception("links.failed", workspace=workspace)
        else:
            known = {*found.people, *(name for name, inside in found.inside.items() if inside)}
            self._later([*emails, *channels], known)
        if found.people or found.inside:
            await self._db.write(linked, workspace, found)
        return found

    def _due(self, names: Sequence[str]) -> list[str]:
        now = self._db.clock.now()
        return [name for name in names if name not in self._patience or self._patience[name][0] <= now]

    def _later(self, asked: Sequence[str], found: Collection[str]) -> None:
        now = self._db.clock.now()
        for name in asked:
            _, pause = self._patience.pop(name, (now, FIRST_PAUSE / 2))
            if name not in found:
                pause = min(pause * 2, LONGEST_PAUSE)
                self._patience[name] = (now + pause, pause)


def missing(tx: Tx, workspace: str) -> tuple[list[str], list[str]]:
    """Addresses and channel names of a workspace's plans that have no Slack id; channels that the bot is not in."""
    people = store.unlinked(tx, workspace)
    return (
        list(dict.fromkeys(email for email, written in people if not written.get("vacant"))),
        list(dict.fromkeys(plans.channels_to_find(tx, workspace))),
    )


def linked(tx: Tx, workspace: str, found: Found) -> None:
    """Keep what was found. An id that somebody else in the plan has already stays theirs."""
    for plan in plans.running(tx, workspace):
        people, rows = _link_people(tx, plan.id, found), plans.channels(tx, plan.id)
        unknown = [row for row in rows if not row.slack_id and row.name in found.channels]
        seen = [row for row in rows if not row.gone and found.inside.get(row.name, row.member) != row.member]
        for row in unknown:
            row.slack_id = found.channels[row.name]
        for row in seen:
            row.member = found.inside[row.name]
        tx.session.flush()
        if people or unknown:
            plans.changed(tx, plan.id)
        if people:
            tx.publish(PeopleLinked(plan.id))
        if seen:
            tx.publish(ChannelsSeen(plan.id))
    outbox.unpark(tx, workspace, [f"#{name}" for name in found.channels])


def joined(tx: Tx, workspace: str, slack_id: str) -> None:
    """The bot has heard of somebody coming into a channel, so it is there: what waits for it is tried again."""
    names = []
    for plan in plans.running(tx, workspace):
        rows = [row for row in plans.channels(tx, plan.id) if row.slack_id == slack_id]
        names += [f"#{row.name}" for row in rows]
        outside = [row for row in rows if row.member is False]
        for row in outside:
            row.member = True
        if outside:
            tx.session.flush()
            tx.publish(ChannelsSeen(plan.id))
    outbox.unpark(tx, workspace, [slack_id, *names])


def unarchived(tx: Tx, workspace: str, slack_id: str) -> None:
    """A channel is open again: what waits for it is tried again."""
    rows = [row for plan in plans.running(tx, workspace) for row in plans.channels(tx, plan.id)]
    names = {f"#{row.name}" for row in rows if row.slack_id == slack_id}
    outbox.unpark(tx, workspace, [slack_id, *names])


def _link_people(tx: Tx, plan_id: int, found: Found) -> int:
    rows = store.present(tx, PersonRow, plan_id)
    taken, count = {row.slack_id for row in rows}, 0
    for row in rows:
        slack_id = found.people.get(row.email, "")
        if slack_id and not row.slack_id and slack_id not in taken:
            row.slack_id, count = slack_id, count + 1
            taken.add(slack_id)
            timeline.record(tx, plan_id, Subject("person", row.id or 0), "linked", person=row.key, slack_id=slack_id)
    return count
