"""What a new version of a plan means for all of it: clocks read otherwise, keys that only look new, what is past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from callboard.core.words import few
from callboard.planfile.calendar import A_DAY, happenings, over
from callboard.planfile.header import HEADER
from callboard.planfile.paths import NAMED_BY, same
from callboard.planfile.sections import Document, Happening
from callboard.planfile.times import show_span

NEAR, FEW = 7 * A_DAY, 5
ASKED = ("meeting", "standup", "checkpoint", "cadence", "task")
"""Kinds of happenings that somebody waits for, and that no section names by itself when they are past."""


def consequences(before: Document, after: Document, now: datetime) -> Iterator[str]:
    """Say what nobody would see in the differences alone."""
    yield from _clocks(before, after, now)
    yield from _same_names(before, after)
    if not over(after, now):
        past = [f"{each.name} ({each.kind}, {each.at.astimezone(zone):%-d %b %H:%M})"
                for each in _passed(before, after, now) if (zone := after.values["plan"].timezone)]  # fmt: skip
        if past:
            yield f"past at once by their new times: {few(past, FEW)}"


def _clocks(before: Document, after: Document, now: datetime) -> Iterator[str]:
    """Another zone of the plan moves all that has none of its own."""
    was, is_ = before.of(HEADER), after.of(HEADER)
    if was and is_:
        earlier = (now.astimezone(is_.timezone).utcoffset() or timedelta()) - (
            now.astimezone(was.timezone).utcoffset() or timedelta()
        )
        if earlier:
            which = "earlier" if earlier > timedelta() else "later"
            yield f"times without a zone are by the clocks of {is_.timezone.key} now: {show_span(abs(earlier))} {which}"


def _same_names(before: Document, after: Document) -> Iterator[str]:
    """What goes and what comes may be one and the same: nothing that people did goes over to another key."""
    for section in after.with_ids:
        new = {key: after.body[section.name][key] for key in after.gone(before, section.name)}
        for key in before.gone(after, section.name):
            written = before.body[section.name][key]
            other = next((each for each, entry in new.items() if _alike(written, entry)), "")
            if other:
                del new[other]
                yield (
                    f"{section.one} {key} goes and {other} comes, and both are called the same: what people did with "
                    f"{key} stays behind. To keep it, keep the key {key}"
                )


def _alike(one: Any, other: Any) -> bool:
    """Whether two entries have one name or title, or say the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = [word for word in NAMED_BY if word not in ("key", "id") and one.get(word)]
        return same(one[names[0]], other.get(names[0])) if names else same(one, other)
    return same(one, other)


def _passed(before: Document, after: Document, now: datetime) -> Iterator[Happening]:
    """What was still to come, and has been by the new times."""
    coming = {_id(each) for each in happenings(before, (now, now + NEAR))}
    for each in happenings(after, (now - NEAR, now)):
        if each.kind in ASKED and _id(each) in coming:
            yield each


def _id(happening: Happening) -> tuple[str, ...]:
    return happening.kind, happening.key, happening.occurrence, happening.part
