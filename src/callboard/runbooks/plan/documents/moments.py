"""Times, days and durations as people write them in documents and as spreadsheets export them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from callboard.planfile.notations import DAY, NOON, of_day
from callboard.planfile.times import parse_zone
from callboard.runbooks.plan.documents.drafts import Said, Spans

_CLOCK = r"(?:\d{1,2}(?:[:.]\d{2}){1,2}(?: ?[ap]\.?m\b\.?)?|\d{1,2} ?[ap]\.?m\b\.?|\d{1,2}h\d{2}|noon\b|midnight\b)"
CLOCK = re.compile(_CLOCK, re.IGNORECASE)
_OF_DAY = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})? ?([ap]m)?")
_HALF = re.compile(r"([ap])\.?m", re.IGNORECASE)
_ZONES = {
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles", "MT": "America/Denver",
    "MST": "America/Denver", "MDT": "America/Denver", "CT": "America/Chicago", "CDT": "America/Chicago",
    "CST": "America/Chicago", "EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York",
    "UTC": "UTC", "GMT": "UTC", "Z": "UTC", "CET": "Europe/Berlin", "CEST": "Europe/Berlin",
}  # fmt: skip
WHEN = re.compile(
    rf"(?P<first>{_CLOCK}|\d{{1,2}}(?= ?[-–—] ?\d{{1,2}}(?::\d{{2}})? ?[ap]\.?m\b))"
    rf"(?: ?(?:-|–|—|to|until|till|and) ?(?P<last>{_CLOCK}))?"
    rf"(?: ?\(?(?P<zone>{'|'.join(_ZONES)}|[A-Z][a-z]{{1,15}}/[A-Z][A-Za-z_/]{{1,30}})\b\)?)?",
    re.IGNORECASE,
)
OFFSET = re.compile(
    r"[TH] ?(?:(?P<sign>[+\u2212–-]) ?(?:(?P<hours>\d{1,3}):(?P<minutes>\d{2})(?!\d)|"
    r"(?P<span>\d{1,4}(?:\.\d{1,2})?(?: ?[a-z]{1,8}\b)?(?: ?\d{1,3} ?m[a-z]{0,6}\b)?))|\+? ?0\b(?![:.]\d))",
    re.IGNORECASE,
)
AFTER = re.compile(
    r"(?:in |after |\+ ?)(?P<span>\d{1,4}(?:\.\d{1,2})? ?[a-z]{1,8}(?: ?\d{1,3} ?m[a-z]{0,6})?)(?: later)?\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"[\[(@* ]{0,5}(?:(?:at|from|between|by) (?=\d))?", re.IGNORECASE)
_GAP = re.compile(r"T(?=\d)|[ ,@–—-]{0,5}(?:\([^)]{0,20}\)[ –—-]{0,5})?(?:at |from )?", re.IGNORECASE)
_BEHIND = re.compile(r"[ \])*]*+(?:→|->|=>|[-–—:|,.])?[ >]*")
_DAY_OF_SHEET = re.compile(r"([34]\d{4}|5[0-4]\d{3})(?:[.,](\d{1,12}))?")
NOTHING = re.compile(r"0+(?:[.,]0+)?\D*")
"""How long a milestone takes."""
_ISO = re.compile(r"20\d\d-?\d\d-?\d\d(?:T[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)?")
"""A moment as programs write it."""
_PART_OF_DAY = re.compile(r"0?[.,]\d{2,12}")

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\b\.?"
_FIGURE = r"\d{1,6}(?:[.,]\d{1,3})?"
_LENGTH = rf"{_FIGURE} ?{_UNIT}(?:,? (?:and )?{_FIGURE} ?{_UNIT}|\d{{1,4}} ?{_UNIT}){{0,3}}"
_RANGE = rf"(?:{_FIGURE}(?: ?{_UNIT})? ?(?:[-–—]|to) ?)?{_LENGTH}"
_ONE = re.compile(rf"({_FIGURE}) ?({_UNIT})", re.IGNORECASE)
_LENGTHS = re.compile(_LENGTH, re.IGNORECASE)
_ANY = re.compile(_RANGE, re.IGNORECASE)
_ALONE = re.compile(_FIGURE)
_HOURS = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?")
_ABOUT = re.compile(r"(?:~|<|≤|>|up to|about|approx\.?|max\.?|est\.?|ca\.?|around|for) ?", re.IGNORECASE)
_TO = re.compile(r" ?[-–—] ?| to ")
LONGEST = timedelta(days=365)


def clock(text: str) -> time | None:
    """A time of day: `14:00`, `2:30 PM`, `2 PM`, `14h30`, `noon`."""
    words = text.strip().lower().replace(".m", "m").rstrip(".")
    if words in ("noon", "midnight", "24:00"):
        return time(NOON) if words == "noon" else time(0)
    found = _OF_DAY.fullmatch(words)
    if not found or not (found[2] or found[3]):
        return None
    hour = int(found[1])
    if found[3]:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + NOON * (found[3] == "pm")
    with suppress(ValueError):
        return time(hour, int(found[2] or 0))
    return None


def leading(text: str, *, day_first: bool | None = None) -> tuple[Said | None, str]:
    """The moment with which a text begins, and the rest of it: `Nov 15, 2:00 PM → Deploy`, `T+30m: Deploy`."""
    ahead = _AHEAD.match(text)
    rest = text[ahead.end() :] if ahead else text
    if found := OFFSET.match(rest):
        said = _offset(found)
    elif found := AFTER.match(rest):
        length = duration(found["span"])
        said = Said(after=length[0]) if length else None
    else:
        said, found = _dated(rest, day_first=day_first)
    if said is None or found is None:
        return None, text
    behind = _BEHIND.match(rest, found.end())
    return said, rest[behind.end() :] if behind else ""


def _offset(found: re.Match[str]) -> Said | None:
    span = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    if found["span"] and found["span"].strip("0") != "":
        length = duration(found["span"])
        if length is None and not found["span"].startswith("0"):
            return None
        span = length[0] if length else span
    return Said(offset=span if found["sign"] in ("+", None) else -span)


def _dated(text: str, *, day_first: bool | None) -> tuple[Said | None, re.Match[str] | None]:
    """A day, a time of day, or both; and where it ends."""
    at_day = DAY.match(text)
    on_day = of_day(at_day, day_first=day_first) if at_day else None
    gap = _GAP.match(text, at_day.end()) if at_day else None
    found = WHEN.match(text, gap.end() if gap else 0)
    if not found:
        return (Said(day=on_day), at_day) if on_day else (None, None)
    first, last = found["first"], found["last"]
    if last and not _HALF.search(first) and first.lower() not in ("noon", "midnight") and (half := _HALF.search(last)):
        first = f"{first} {half[1].lower()}m"
    moment = clock(first)
    return (Said(moment, clock(last) if last else None, on_day, _zone(found["zone"])) if moment else None), found


def _zone(word: str | None) -> str:
    with suppress(ValueError):
        return parse_zone(_ZONES.get(word.upper(), word)).key if word else ""
    return ""


def cell(text: str, *, day_first: bool | None = None) -> Said | None:
    """The moment that is all of a text: a time, a day, both, T+30m, or a number of a spreadsheet's."""
    words = " ".join(text.split())
    if _ISO.fullmatch(words):
        with suppress(ValueError, OverflowError):
            return _of_program(datetime.fromisoformat(words))
    if _PART_OF_DAY.fullmatch(words):
        return Said(clock=_fraction(words.lstrip("0")))
    if found := _DAY_OF_SHEET.fullmatch(words):
        on_day = date(1899, 12, 30) + timedelta(days=int(found[1]))
        return Said(clock=_fraction(f".{found[2]}") if found[2] else None, day=on_day)
    said, rest = leading(words, day_first=day_first)
    return said if not rest.strip(" .)]") else None


def _of_program(at: datetime) -> Said:
    """A moment that a program wrote; midnight is its word for a day alone."""
    if not (at.hour or at.minute):
        return Said(day=at.date())
    utc = at.astimezone(UTC) if at.tzinfo else at
    return Said(clock=time(utc.hour, utc.minute), day=utc.date(), zone="UTC" if at.tzinfo else "")


def _fraction(part: str) -> time:
    minutes = round(float(part.replace(",", ".")) * 1440) % 1440
    return time(minutes // 60, minutes % 60)


def duration(text: str, unit: str = "m") -> Spans | None:
    """How long, at least and at most; a number alone is of `unit`."""
    words = " ".join(text.strip(" ()[]?").removesuffix(" each").split())
    about = _ABOUT.match(words)
    first, *more = _TO.split(words[about.end() :] if about else words)
    last = more[0] if more else first
    said = _ONE.search(last)
    least, most = _length(first, said[2] if said else unit), _length(last, unit)
    if len(more) > 1 or least is None or most is None or not timedelta() < least <= most <= LONGEST:
        return None
    return least, most


def first_duration(text: str) -> Spans | None:
    """The first duration in a text that says more than that."""
    found = _ANY.search(text)
    return duration(found[0]) if found else None


def _length(words: str, unit: str) -> timedelta | None:
    if found := _HOURS.fullmatch(words):
        return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3] or 0))
    parts = [(words, unit)] if _ALONE.fullmatch(words) else _ONE.findall(words) if _LENGTHS.fullmatch(words) else []
    lengths = (float(number.replace(",", ".")) * _SECONDS[of[0].lower()] for number, of in parts)
    return timedelta(seconds=round(sum(lengths))) if parts else None
