"""Happenings as iCalendar: an event keeps its UID wherever it moves, and its DTSTAMP for as long as nothing changes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from callboard.core.words import joined
from callboard.planfile.sections import Happening
from callboard.planning.models import CalendarEvent
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    import icalendar

REFRESHED = timedelta(hours=1)
ON_CALL = "on call"


class Feed(NamedTuple):
    """A calendar as it is now, and which of its events are not as they were when it was last read."""

    calendar: bytes
    changed: Sequence[CalendarEvent]


def written(
    directory: Directory, name: str, happenings: Iterable[Happening], now: datetime, feed_id: int = 0,
    known: Mapping[str, CalendarEvent] | None = None,
) -> Feed:  # fmt: skip
    """Happenings as iCalendar; `known` is what the feed last showed of each event, by UID."""
    import icalendar

    calendar, changed = icalendar.Calendar(), []
    calendar.add("prodid", "-//Callboard//Callboard//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", directory.timezone)
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    alike: Counter[tuple[str, ...]] = Counter()
    for each in happenings:
        mark = (each.kind, each.key, each.part, each.occurrence)
        alike[mark] += 1
        digest = hashlib.sha256(":".join((*mark, str(alike[mark]))).encode()).hexdigest()
        event = _event(directory, each)
        row = _row(event, feed_id, f"{digest[:32]}@{directory.plan_key}.callboard", each, now)
        before = (known or {}).get(row.uid)
        if before and before.looks == row.looks:
            row = before
        else:
            row.sequence = before.sequence + (before.placed != row.placed) if before else 0
            changed.append(row)
        event.add("uid", row.uid)
        event.add("dtstamp", row.changed_at)
        event.add("last-modified", row.changed_at)
        event.add("sequence", row.sequence)
        calendar.add_component(event)
    if not calendar.subcomponents:  # RFC 5545 knows no calendar without a component
        calendar.add_component(icalendar.Timezone.from_tzid("UTC"))
    return Feed(bytes(calendar.to_ical()), changed)


def _event(directory: Directory, happening: Happening) -> icalendar.Event:
    """All that an event shows. One without a length has no end; what keeps nobody busy leaves the calendar free."""
    import icalendar

    people = joined(person.name for person in directory.named(happening.who))
    event = icalendar.Event()
    event.add("dtstart", happening.at)
    if happening.until and happening.until > happening.at:
        event.add("dtend", happening.until)
    is_on_call = happening.kind == ON_CALL
    event.add("summary", f"{happening.name}: {people}" if is_on_call else f"{happening.name} ({happening.kind})")
    event.add("categories", [happening.kind])
    event.add("transp", "OPAQUE" if happening.until and not happening.loose else "TRANSPARENT")
    if happening.who:
        event.add("description", f"With {people}")
    return event


def _row(event: icalendar.Event, feed_id: int, uid: str, happening: Happening, now: datetime) -> CalendarEvent:
    placed = f"{happening.at.isoformat()}/{happening.until.isoformat() if happening.until else ''}"
    return CalendarEvent(
        feed_id=feed_id, uid=uid, placed=placed,
        looks=hashlib.sha256(event.to_ical()).hexdigest()[:32], changed_at=now,
    )  # fmt: skip
