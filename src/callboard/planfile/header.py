"""What stands at the head of a plan file: its key and name, when it is, its zone, working hours, dates and channels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from callboard.core.calendar import Calendar
from callboard.planfile.paths import walk
from callboard.planfile.sections import Document, Happening, Problem, Section, Window
from callboard.planfile.times import ALL_YEAR, SIGNED
from callboard.planfile.timetable import Timetable, placed
from callboard.planfile.types import Dates, Fixed, HoursPart, Moment, Part, Zone

CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,20}")
LINKED = re.compile(r"(?:/archives/|<#)([CGD][A-Z0-9]{2,20})")
"""An id within an address of Slack's, or a mention."""
CHANNEL_NAME = re.compile(r"#?([^\s#.,!?<>&A-Z]{1,80})")
TELLING = frozenset({"channels", "channel", "notify", "tell", "to", "who"})


def _channel(written: str) -> str:
    if not CHANNEL_ID.fullmatch(written) and not CHANNEL_NAME.fullmatch(written):
        if linked := LINKED.search(written):
            raise ValueError(f"`{written[:60]}` is no channel: write its id, {linked[1]}, or its name in quotes")
        written = written.strip("“”„ ")
        small = written.lower().replace(" ", "-").lstrip("#")[:40]
        raise ValueError(
            f'`{written[:60]}` is no channel: write a name in small letters, "#{small}", or an id, C0123ABCD'
        )
    return written


ChannelRef = Annotated[str, AfterValidator(_channel)]


class HeaderPart(Part):
    """The plan as a whole."""

    callboard: Literal[1] = Field(examples=[1])
    key: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", examples=["harbor"])
    name: str = Field(min_length=1, examples=["Harbor 2.0"])
    timezone: Zone = Field(examples=["Europe/Berlin"])
    from_: Fixed = Field(alias="from", examples=["2026-03-25 08:00"])
    to: Fixed = Field(examples=["2026-04-02 18:00"])
    follow_up: Moment | None = Field(None, examples=["2026-04-09 18:00"])
    dates: dict[str, Moment] = Field(default_factory=dict)
    working_hours: HoursPart = HoursPart()
    holidays: tuple[Dates, ...] = ()
    links: dict[str, str] = Field(default_factory=dict)
    channels: dict[str, ChannelRef] = Field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        """When work is done in this plan."""
        return Calendar(self.timezone, self.working_hours.read(), self.holidays)

    @property
    def timetable(self) -> Timetable:
        """What the plan's moments are reckoned with."""
        return Timetable(self.calendar, self.from_, self.to, self.dates)


def _check(document: Document, header: HeaderPart) -> Iterable[Problem]:
    begins, ends = header.from_.instant(header.calendar, opening=True), header.to.instant(header.calendar)
    if ends <= begins:
        sentence = f"the plan ends at {header.to}, which is not after {header.from_}: write a later moment"
        yield document.error(("to",), sentence)
    elif not header.calendar.between(begins, ends):
        sentence = "all of the plan is outside its working hours, so estimates and what counts in them stand still"
        hint = 'write for example working_hours: {days: mon-sun, hours: "00:00-24:00"}'
        at = "working_hours" if "working_hours" in document.body else "from"
        yield document.warning((at,), f"{sentence}: {hint}")
    after = placed(header.timetable, header.follow_up)
    if after and after[0] <= header.to.instant(header.calendar):
        sentence = f"this is for what comes after the plan, which ends at {header.to}: write a later moment"
        yield document.error(("follow_up",), sentence)
    yield from _check_zones(document, header)
    if "channels" not in document.body:
        yield document.warning((), 'the plan has no channel for its cards: write `channels: {coordination: "#name"}`')


def _check_zones(document: Document, header: HeaderPart) -> Iterator[Problem]:
    """Warn of zones that are the same all year: whoever writes EST mostly means New York, with its summer time."""
    for path, written in walk(document.body):
        found = ALL_YEAR.fullmatch(written) if isinstance(written, str) and "T" in written else None
        if found and (path[-1] == "timezone" or (found.start(1) and SIGNED not in found[1])):
            offset = ZoneInfo(found[1]).utcoffset(header.from_.instant(header.calendar)) or timedelta()
            sign, hours = "+-"[offset < timedelta()], abs(offset) // timedelta(hours=1)
            sentence = f"`{found[1]}` is UTC{sign}{hours} all year: for a place write its name, as America/New_York"
            yield document.warning(path, sentence)


def _happens(_document: Document, header: HeaderPart, window: Window) -> Iterator[Happening]:
    """The plan begins and ends, with its last date where that was moved to after `to`, and its dates come."""
    table = header.timetable
    ends: tuple[Moment, ...] = (header.to, *(each for each in header.dates.values() if placed(table, each)))
    last = max(ends, key=lambda each: placed(table, each) or (header.to.instant(header.calendar), ""))
    named: dict[str, Moment] = {f"{header.name} begins": header.from_, f"{header.name} ends": last}
    if header.follow_up:
        named[f"{header.name} follow-up ends"] = header.follow_up
    for kind, moments in (("plan", named), ("date", header.dates)):
        for name, moment in moments.items():
            found = placed(table, moment, opening=moment is header.from_)
            if found and window[0] <= found[0] < window[1]:
                key, part = (header.key, name.removeprefix(f"{header.name} ")) if kind == "plan" else (name, "")
                yield Happening(at=found[0], kind=kind, name=name, key=key, zone=found[1], part=part)


HEADER: Section[HeaderPart] = Section(
    name="plan", model=HeaderPart, required=True, spread=True, early=True, late=True, check=_check, happens=_happens,
    inner={"channels": "channel", "dates": "date", "links": "link"},
)  # fmt: skip


def channel_name(written: str) -> str:
    """The name in a `#name` or `name`; empty for an id."""
    found = CHANNEL_NAME.fullmatch(written)
    return found[1] if found else ""


def channel_names(body: Mapping[str, Any]) -> list[str]:
    """The names of all Slack channels that a plan speaks of where it tells somebody something; keys are resolved."""
    written = body.get("channels")
    keys = {key: str(ref) for key, ref in written.items()} if isinstance(written, Mapping) else {}
    found = [channel_name(ref) for ref in keys.values()]
    found += [ref.removeprefix("#") for ref in _told(body) if ref.removeprefix("#") not in keys]
    return list(dict.fromkeys(filter(None, found)))


def _told(body: Mapping[str, Any]) -> Iterator[str]:
    for path, value in walk(body):
        if isinstance(value, str) and value.startswith("#") and channel_name(value):
            key = next((step for step in reversed(path) if isinstance(step, str)), "")
            if key in TELLING:
                yield value
