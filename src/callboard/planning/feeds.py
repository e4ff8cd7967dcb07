"""What comes next for whom, as `/plan calendar` answers it and as other programs read it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.errors import Refused
from callboard.core.outbox import Message
from callboard.core.words import few
from callboard.planfile import calendar
from callboard.planfile.sections import Happening, Window
from callboard.planning import ical, store
from callboard.planning.ical import Feed
from callboard.planning.models import CalendarEvent, CalendarFeed
from callboard.plans import service as plans
from callboard.teams import service
from callboard.teams.directory import Asker, Directory
from callboard.teams.plan.directory import seen_by
from callboard.web import address

if TYPE_CHECKING:
    from callboard.core.db import Tx

BACK, AHEAD = timedelta(days=31), timedelta(days=400)
EVENTS = CalendarEvent.__table__  # type: ignore[attr-defined]
SECRET_BYTES = 24
ALREADY = "You have a calendar feed. New address: `/plan calendar new`. End it: `/plan calendar stop`."
SHOWN_AHEAD = timedelta(days=14)
NEXT = 15
FEW = 4


def happenings(tx: Tx, directory: Directory, window: Window, person: str = "") -> list[Happening]:
    """What happens in a plan as it stands, by the absences and zones of today."""
    return calendar.happenings(seen_by(plans.live(tx, directory.plan_id), directory), window, person)


def make_feed(tx: Tx, asker: Asker, team: str = "") -> str:
    """Make a feed of the asker's or of a team of theirs, instead of their one before; its address is shown once."""
    _may_read(asker.directory, asker.person.key, team)
    _end(tx, own_feeds(tx, asker, team))
    secret, person = secrets.token_urlsafe(SECRET_BYTES), "" if team else asker.person.key
    made = CalendarFeed(
        plan_id=asker.directory.plan_id, person=person, team=team, digest=_digest(secret), made_by=asker.person.key
    )
    tx.session.add(made)
    tx.session.flush()
    path = f"/calendar/{secret}.ics"
    return address(tx, path) or path


def end_feeds(tx: Tx, asker: Asker, team: str = "") -> int:
    """End the feeds of the asker, or of a team; return how many. Raises Refused for a team that is not theirs.

    Who leads a team ends all of its feeds, whoever made them.
    """
    _may_read(asker.directory, asker.person.key, team)
    leads = team and asker.directory.is_lead(asker.person, team)
    ended = store.feeds(tx, plan_id=asker.directory.plan_id, team=team) if leads else own_feeds(tx, asker, team)
    _end(tx, ended)
    return len(ended)


def _end(tx: Tx, feeds: Sequence[CalendarFeed]) -> None:
    for feed in feeds:
        feed.ended_at = tx.now
        tx.connection.execute(EVENTS.delete().where(EVENTS.c.feed_id == feed.id))
    tx.session.flush()


def own_feeds(tx: Tx, asker: Asker, team: str = "") -> Sequence[CalendarFeed]:
    """The feeds that the asker made, of themselves or of a team."""
    person = "" if team else asker.person.key
    return store.feeds(
        tx, plan_id=asker.directory.plan_id, person=person, team=team, made_by=asker.person.key
    )  # fmt: skip


def _may_read(directory: Directory, key: str, team: str) -> None:
    """Raises Refused for whoever is not in the plan or deactivated in Slack, and for a team that is not theirs."""
    person = directory.people.get(key)
    if person is None or not person.acts:
        raise Refused(f"You are not in {m.escape(directory.plan_name)} any more.")
    if team and team not in [own.key for own in directory.teams_of(person)]:
        raise Refused(f"Only its members and leads can have the calendar of team {m.code(team)}.")


def read_feed(tx: Tx, secret: str) -> Feed | None:
    """The calendar that is read with a secret, as iCalendar; None for one that was never made, or has ended.

    So has one whose maker could not make it now.
    """
    feed = next(iter(store.feeds(tx, digest=_digest(secret))), None)
    if feed is None:
        return None
    directory = service.directory(tx, feed.plan_id)
    try:
        _may_read(directory, feed.made_by, feed.team)
    except Refused:
        return None
    team = directory.teams.get(feed.team)
    comes = happenings(tx, directory, (tx.now - BACK, tx.now + AHEAD), feed.person)
    if team is not None:
        people = {*team.leads, *team.members}
        comes = [each for each in comes if each.team == team.key or people & set(each.who)]
    name = f"{directory.plan_name}: {team.name if team else directory.people[feed.person].name}"
    return ical.written(directory, name, comes, tx.now, feed.id or 0, store.events(tx, feed.id or 0))


def note_changes(tx: Tx, changed: Sequence[CalendarEvent]) -> None:
    """Keep how often each event of a feed was moved, and since when it is as it is."""
    for event in changed:
        tx.session.merge(event)


def _digest(secret: str) -> str:
    """What is kept of a secret that is too long to be guessed: no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def answer(tx: Tx, asker: Asker) -> Message:
    """What is next for somebody; with the address of their feed the first time, which is made then."""
    comes = happenings(tx, asker.directory, (tx.now, tx.now + SHOWN_AHEAD), asker.person.key)
    hint = ALREADY if own_feeds(tx, asker) else _subscribe(make_feed(tx, asker))
    name, left = asker.directory.plan_name, len(comes) - NEXT
    more = [b.context(f"and {left} more: `callboard calendar` lists everything")] if left > 0 else []
    days = _days(asker, comes[:NEXT]) or [b.section("Nothing is planned for you.")]
    head = b.section(f"Your next two weeks in {m.bold(m.escape(name))}")
    text = f"{len(comes) or 'No'} things in your next two weeks in {name}"
    return Message(text, [head, *days, *more, b.context(hint)])


def renew_feed(tx: Tx, asker: Asker, team: str = "") -> Message:
    """Make a new feed, of the asker or of a team of theirs; the address before it ends. Raises Refused."""
    how = _subscribe(make_feed(tx, asker, team))
    text = f"{_whose(asker, team)} has a new address; the old one has ended. {how}"
    return Message(text, [b.section(text)])


def stop_feed(tx: Tx, asker: Asker, team: str = "") -> Message:
    """End a feed, of the asker or of a team of theirs. Raises Refused."""
    ended = "can no longer be read" if end_feeds(tx, asker, team) else "had no address"
    text = f"{_whose(asker, team)} {ended}."
    return Message(text, [b.section(text)])


def _days(asker: Asker, comes: Sequence[Happening]) -> list[dict[str, Any]]:
    """A paragraph for each day of theirs."""
    days = groupby(comes, key=lambda each: each.at.astimezone(asker.person.zone).date())
    return [
        b.section("\n".join([m.bold(f"{day:%A}, {day.day} {day:%B}"), *(_line(asker, each) for each in of_day)]))
        for day, of_day in days
    ]


def _line(asker: Asker, each: Happening) -> str:
    others = [person.name for person in asker.directory.named(each.who) if person.key != asker.person.key]
    company = f" with {m.escape(few(others, FEW))}" if others else ""
    return f"{m.date(each.at)} {m.escape(each.name)} ({each.kind}){company}"


def _whose(asker: Asker, team: str) -> str:
    return f"The calendar of {m.escape(asker.directory.teams[team].name)}" if team else "Your calendar"


def _subscribe(address: str) -> str:
    subscribe = f"Subscribe to it in your calendar: `{address}`."
    if "://" not in address:
        subscribe = (
            f"Put the address of your Callboard server in front of `{address}`, such as "
            "`https://callboard.example.com`, then subscribe to that in your calendar. "
            "Whoever runs Callboard can make me give whole links: `CALLBOARD_PUBLIC_URL`."
        )
    return (
        f"{subscribe} I show this only now, and whoever has it can read your calendar. "
        "Make another: `/plan calendar new`"
    )
