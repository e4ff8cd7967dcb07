"""Slack ids of people by their e-mail address, and of channels by their name; a workspace for plans without one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog

from callboard.core import outbox, timeline
from callboard.core.db import Database, Tx
from callboard.core.outbox import Delivery, addresses
from callboard.core.timeline import Subject
from callboard.planfile.header import CHANNEL_ID, channel_name, channel_names
from callboard.planfile.paths import walk
from callboard.plans import service as plans
from callboard.plans.models import PlanChanging
from callboard.teams import service, store
from callboard.teams.models import AccountChanged, ChannelRemade, ChannelsSeen, PeopleLinked, PersonAway, PersonRow

log = structlog.get_logger()
T = TypeVar("T")

LOOK_EVERY, LINK_EVERY = 2.0, 5
"""Seconds, and how many looks come to one at which people and channels are linked."""

WRONG = 3
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)


class Lookup(Protocol):
    """Whoever can ask Slack; raises anything when there is no answer."""

    async def user_by_email(self, email: str, workspace: str) -> str | None:
        """The Slack id of whoever has this address; None when nobody has."""

    async def account(self, slack_id: str, workspace: str) -> str:
        """Why this account takes nothing, in Slack's word; empty when it does."""

    async def channels(self, names: Collection[str]) -> Mapping[str, tuple[str, bool]]:
        """Ids of the channels with these names as far as the bot can see them, each with whether the bot is in it."""


@dataclass(frozen=True)
class Found:
    """What Slack knows: ids by address and by name; whether the bot is in the channels that were looked for."""

    people: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    inside: dict[str, bool] = field(default_factory=dict)
    back: set[str] = field(default_factory=set)
    """Ids of accounts that take messages again."""


class Linker:
    """Asks Slack for what is missing; again for what Slack does not know, at longer and longer intervals."""

    def __init__(self, db: Database, lookup: Lookup) -> None:
        self._db = db
        self.lookup = lookup
        self._patience: dict[str, tuple[datetime, timedelta]] = {}

    async def link(self, workspace: str) -> Found:
        """Link all that can be linked in a workspace; return what was found. No transaction waits for the network."""
        missing_now = await self._db.read(missing, workspace)
        emails, channels, lost = map(self._due, missing_now)
        found, failed = Found(), list[str]()
        for email in emails:
            if slack_id := await self._asked(self.lookup.user_by_email(email, workspace), email, failed):
                found.people[email] = slack_id
            if len(failed) >= WRONG and not found.people:
                break  # it is Slack that does not work
        for account in lost:
            if await self._asked(self.lookup.account(account, workspace), account, failed) == "":
                found.back.add(account)
        rooms = await self._asked(self.lookup.channels(channels), "channels", failed) if channels else {}
        if rooms is not None:
            found.channels.update({name: slack_id for name, (slack_id, _) in rooms.items()})
            found.inside.update({name: name in rooms and rooms[name][1] for name in channels})
        asked = len(emails) + len(lost) + bool(channels)
        if len(failed) < asked:  # Slack works; what failed alone is not asked every time
            known = {*found.people, *found.back, *(name for name, inside in found.inside.items() if inside)}
            self._later([*emails, *lost, *(channels if rooms is not None else ())], known)
        if found.people or found.inside or found.back:
            await self._db.write(linked, workspace, found)
        return found

    async def _asked(self, question: Awaitable[T], about: str, failed: list[str]) -> T | None:
        """The answer to one look-up, which stands alone; None without one."""
        try:
            return await question
        except Exception as error:  # noqa: BLE001 - any failure means the same here, and is logged
            failed.append(about)
            log.warning("links.failed", about=about, error=f"{type(error).__name__}: {error}")
            return None

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


class Arrival:
    """Adopts plans where there is one workspace, and links people and channels in each."""

    def __init__(
        self, db: Database, lookup: Lookup, workspaces: Callable[[], Awaitable[Sequence[str]]],
        lookup_of: Callable[[str], Lookup | None],
    ) -> None:  # fmt: skip
        """`workspaces` tells which there are, `lookup_of` who asks Slack in each."""
        self._db = db
        self._workspaces = workspaces
        self._lookup_of = lookup_of
        self._linkers: dict[str, Linker] = {}
        self.linker = Linker(db, lookup)
        """Of the only workspace, where the settings have its token."""
        self.settled_in = asyncio.Event()

    async def run(self, *, beating: bool) -> None:
        """Look until cancelled; only once where nothing is `beating`."""
        for turn in itertools.count():
            try:
                await self.look(link=turn % LINK_EVERY == 0)
            except Exception:
                log.exception("plans.not_looked_for")
            self.settled_in.set()
            if not beating:
                return
            await asyncio.sleep(LOOK_EVERY)

    async def look(self, *, link: bool) -> None:
        """Look once. Where there are several workspaces, whoever applies a plan says in which it runs."""
        workspaces = await self._workspaces()
        adopted: list[str] = []
        if len(workspaces) == 1 and await self._db.read(plans.any_homeless):
            adopted = await self._db.write(plans.adopt, workspaces[0])
            for key in adopted:
                log.info("plan.adopted", plan=key, workspace=workspaces[0])
        if adopted or link:
            await asyncio.gather(*(self._linker(each).link(each) for each in workspaces))

    def _linker(self, workspace: str) -> Linker:
        lookup = self._lookup_of(workspace)
        if lookup is None or lookup is self.linker.lookup:
            return self.linker
        known = self._linkers.get(workspace)
        if known is None or known.lookup is not lookup:
            self._linkers[workspace] = Linker(self._db, lookup)
        return self._linkers[workspace]


def missing(tx: Tx, workspace: str) -> tuple[list[str], list[str], list[str]]:
    """Addresses and channel names without a Slack id, with channels that take nothing; accounts that take nothing."""
    people = store.unlinked(tx, workspace)
    return (
        list(dict.fromkeys(email for email, written in people if not written.get("vacant"))),
        list(dict.fromkeys(plans.channels_to_find(tx, workspace, addresses.parked_addresses(tx, workspace)))),
        list(dict.fromkeys(store.lost(tx, workspace))),
    )


def linked(tx: Tx, workspace: str, found: Found) -> None:
    """Keep what was found. An id that somebody else in the plan has already stays theirs."""
    for plan in plans.running(tx, workspace):
        people, rows = _link_people(tx, plan.id, found), plans.channels(tx, plan.id)
        unknown = [row for row in rows if not row.gone and found.channels.get(row.name, row.slack_id) != row.slack_id]
        seen = [row for row in rows if not row.gone and found.inside.get(row.name, row.member) != row.member]
        for row in unknown:
            former, row.slack_id = row.slack_id, found.channels[row.name]
            if former:
                addresses.move(tx, plan.id, [former], row.slack_id)
                addresses.readdress(tx, plan.id, [former], row.slack_id)
                tx.publish(ChannelRemade(plan.id, row.name, row.slack_id))
        for row in seen:
            row.member = found.inside[row.name]
        tx.session.flush()
        if people or unknown:
            plans.changed(tx, plan.id)
        if people:
            tx.publish(PeopleLinked(plan.id))
        if seen:
            tx.publish(ChannelsSeen(plan.id))
    addresses.unpark(tx, workspace, [f"#{name}" for name in found.channels])
    for slack_id in found.back:
        found_again(tx, workspace, slack_id)


CLOSED = "channels that took nothing any more, and have others in their place"


def follow_channels(tx: Tx, event: PlanChanging) -> None:
    """What is for a channel that the plan names no more is for the one that it names in its place."""
    before, after = named_channels(plans.live(tx, event.plan_id).body), named_channels(event.document.body)
    kept = {*after.values(), *channel_names(event.document.body)}
    home = home_of(event.document.body)
    workspace = plans.plan(tx, event.plan_id).workspace
    for place, name in before.items():
        new = after.get(place, home)
        if name in kept or not new:
            continue
        former, address = addresses_of(tx, event.plan_id, name), addresses_of(tx, event.plan_id, new)[0]
        if any(addresses.is_parked_at(tx, workspace, each) for each in former):
            addresses.move(tx, event.plan_id, former, address)
            tx.local.setdefault(CLOSED, set()).update(former)
        addresses.readdress(tx, event.plan_id, former, address)


def moved(tx: Tx, parked: Delivery) -> bool:
    """Post anew what a channel refused that the plan names no more; whether it names another in its place."""
    thread, channels = outbox.thread_of(tx, parked), channels_of(tx, parked.plan_id)
    closed = parked.posted_in or (thread[0] if thread else parked.address)
    card = outbox.keyed(tx, [parked.parent_key]) if parked.parent_key else ()
    named = {parked.address, *(each.address for each in card), *addresses.moved_to(tx, parked.plan_id, closed)}
    meant = sorted(named & channels, key=lambda address: address != parked.address)
    if closed in channels or not meant:
        return False
    addresses.move(tx, parked.plan_id, [closed], meant[0])
    return True


def channels_of(tx: Tx, plan_id: int) -> set[str]:
    """Where the plan's channels are, by name too."""
    channels = service.directory(tx, plan_id).channels
    return {address for each in channels for address in (each.slack_id, f"#{each.name}") if address.strip("#")}


def addresses_of(tx: Tx, plan_id: int, name: str) -> list[str]:
    """Where a channel is, which is written by its id or called so: its id first, and its name."""
    ids = [row.slack_id for row in plans.channels(tx, plan_id) if row.name == name and row.slack_id]
    return [name] if CHANNEL_ID.fullmatch(name) else [*ids, f"#{name}"]


def home_of(body: Mapping[str, Any]) -> str:
    """The channel of what has none of its own; empty for a plan without any."""
    every = named_channels(body)
    own = [name for section in ("channels", "teams") for place, name in every.items() if place[0] == section]
    return every.get(("channels", "coordination")) or next(iter(own), "")


def named_channels(body: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """The names, or else the ids, of channels by the place that they are written at: a key, a team, a level."""
    keys = body.get("channels") or {}
    written = {
        tuple(map(str, path)): ref for path, ref in walk(body)
        if isinstance(ref, str) and ref and (path[0] == "channels" or path[-1] == "channel")
    }  # fmt: skip
    every = {place: str(keys.get(ref.removeprefix("#"), ref)) for place, ref in written.items()}
    return {place: channel_name(ref) or ref for place, ref in every.items()}


def lost(tx: Tx, workspace: str, slack_id: str, why: str) -> bool:
    """An account takes nothing any more: whoever has it is away until it does. Whether that is anybody of a plan."""
    return _account(tx, workspace, slack_id, why)


def found_again(tx: Tx, workspace: str, slack_id: str) -> None:
    """An account takes messages again: nobody stands in any more, and what waits is tried."""
    if _account(tx, workspace, slack_id, ""):
        addresses.unpark(tx, workspace, [slack_id])


def _account(tx: Tx, workspace: str, slack_id: str, why: str) -> bool:
    known = False
    for plan in plans.running(tx, workspace):
        for row in store.present(tx, PersonRow, plan.id):
            if row.slack_id != slack_id:
                continue
            known = True
            if bool(row.lost) == bool(why):
                continue
            row.lost = why
            tx.session.flush()
            verb = "lost their Slack account" if why else "is in Slack again"
            timeline.record(tx, plan.id, Subject("person", row.id or 0), verb, person=row.key, reason=why)
            plans.changed(tx, plan.id)
            tx.local.pop(("directory", plan.id), None)
            tx.publish(AccountChanged(plan.id, row.key, row.id or 0, why))
            tx.publish(PersonAway(plan.id, row.key))
    return known


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
    addresses.unpark(tx, workspace, [slack_id, *names])


def renamed(tx: Tx, workspace: str, former: str, slack_id: str) -> None:
    """A channel has another id since it is shared with another workspace; its messages are there as before."""
    for plan in plans.running(tx, workspace):
        rows = [row for row in plans.channels(tx, plan.id) if row.slack_id == former]
        for row in rows:
            row.slack_id = slack_id
        if rows:
            tx.session.flush()
            plans.changed(tx, plan.id)
    addresses.renamed(tx, workspace, former, slack_id)


def unarchived(tx: Tx, workspace: str, slack_id: str) -> None:
    """A channel is open again: what waits for it is tried again."""
    rows = [row for plan in plans.running(tx, workspace) for row in plans.channels(tx, plan.id)]
    names = {f"#{row.name}" for row in rows if row.slack_id == slack_id}
    addresses.unpark(tx, workspace, [slack_id, *names])


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
