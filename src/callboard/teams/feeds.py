"""Calendars that other programs read: whose they are, the secrets they are read with, and what is in them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callboard.core.errors import Refused
from callboard.planfile import calendar as happening
from callboard.planfile.sections import Happening, Window
from callboard.plans.service import AsItStands
from callboard.teams import service, store
from callboard.teams.directory import Directory, Person
from callboard.teams.models import CalendarFeed
from callboard.teams.plan import seen_by
from callboard.teams.service import Asker

if TYPE_CHECKING:
    import icalendar

    from callboard.core.db import Tx

BACK, AHEAD = timedelta(days=31), timedelta(days=400)
REFRESHED = timedelta(hours=1)
SECRET_BYTES = 24


def happenings(tx: Tx, directory: Directory, window: Window, person: str = "") -> list[Happening]:
    """What happens in a plan as it stands, by the absences and zones of today."""
    standing = AsItStands(directory.plan_id)
    tx.publish(standing)
    document = seen_by(standing.document, directory)
    return happening.happenings(document, standing.sections, window, person)


def make(tx: Tx, asker: Asker, team: str = "") -> str:
    """Make a feed of the asker's, or of a team they are in, and return its secret; it is not shown again.

    What there was before ends. Raises Refused for a team that is not theirs.
    """
    end(tx, asker, team)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    by = asker.person.key
    tx.session.add(
        CalendarFeed(
            plan_id=asker.directory.plan_id, person="" if team else by, team=team, digest=_digest(secret), made_by=by,
            made_at=tx.now,
        )
    )  # fmt: skip
    tx.session.flush()
    return secret


def end(tx: Tx, asker: Asker, team: str = "") -> int:
    """End the feeds of the asker, or of a team; return how many there were. Raises Refused for a team not theirs."""
    if team and team not in [own.key for own in asker.directory.teams_of(asker.person)]:
        raise Refused(f"You are not in a team `{team}`: its calendar is for its members and leads.")
    there = mine(tx, asker, team)
    for feed in there:
        feed.ended_at = tx.now
        tx.session.add(feed)
    tx.session.flush()
    return len(there)


def mine(tx: Tx, asker: Asker, team: str = "") -> list[CalendarFeed]:
    """The feeds of the asker, or of a team."""
    return list(store.feeds(tx, asker.directory.plan_id, "" if team else asker.person.key, team))


def read(tx: Tx, secret: str) -> bytes | None:
    """The calendar that is read with a secret, as iCalendar; None for one that was never made, or has ended."""
    feed = store.feed(tx, _digest(secret))
    if feed is None:
        return None
    directory = service.directory(tx, feed.plan_id)
    person, team = directory.people.get(feed.person), directory.teams.get(feed.team)
    if person is None and team is None:
        return None
    found = happenings(tx, directory, (tx.now - BACK, tx.now + AHEAD), feed.person)
    if team is not None:
        people = {*team.leads, *team.members}
        found = [one for one in found if one.team == team.key or people & set(one.who)]
    name = f"{directory.plan_name}: {team.name if team else person.name if person else ''}"
    return written(directory, name, found, tx.now)


def written(directory: Directory, name: str, happenings: Iterable[Happening], now: datetime) -> bytes:
    """Happenings as iCalendar."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Callboard//Callboard//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", directory.timezone)
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    for one in happenings:
        calendar.add_component(_event(directory, one, now))
    return bytes(calendar.to_ical())


def _event(directory: Directory, one: Happening, now: datetime) -> icalendar.Event:
    import icalendar

    event = icalendar.Event()
    mark = hashlib.sha256(f"{one.kind}:{one.key}:{one.name}:{one.zone}:{one.at.isoformat()}".encode()).hexdigest()
    event.add("uid", f"{mark[:32]}@{directory.plan_key}.callboard")
    event.add("dtstamp", now)
    event.add("dtstart", one.at)
    event.add("dtend", one.until or one.at)
    event.add("summary", f"{one.name} ({one.kind})")
    event.add("categories", [one.kind])
    if one.who:
        event.add("description", f"With {', '.join(person.name for person in _named(directory, one))}")
    return event


def _named(directory: Directory, one: Happening) -> tuple[Person, ...]:
    return directory.named(one.who)


def _digest(secret: str) -> str:
    """What is kept of a secret that is too long to be guessed: no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
