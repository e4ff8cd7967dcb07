"""Times, days and durations as people write them in documents and as spreadsheets export them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta

from callboard.planfile.times import YEARS, parse_zone
from callboard.runbooks.plan.documents.drafts import Said, Spans

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NO_YEAR = 1
_MONTH = rf"(?:{'|'.join(MONTHS)})[a-z]{{0,6}}\.?"
_ORDINAL = r"(?:st|nd|rd|th)?"
DAY = re.compile(
    rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}}\.?,?\s+)?(?:"
    rf"(?P<y>\d{{4}})[-/](?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}})(?=\D|$)"
    rf"|(?P<M>{_MONTH})\s+(?P<D>\d{{1,2}}){_ORDINAL}(?![:\d]|\s*[ap]\.?m\b)(?:,?\s+(?P<Y>\d{{4}}))?"
    rf"|(?P<D2>\d{{1,2}}){_ORDINAL}\.?\s+(?P<M2>{_MONTH})(?![a-z])(?:,?\s+(?P<Y2>\d{{4}}))?"
    rf"|(?P<a>\d{{1,2}})(?P<sep>[./])(?P<b>\d{{1,2}})(?P=sep)(?P<Y3>\d{{4}}|\d{{2}})(?!\d))",
    re.IGNORECASE,
)
_CLOCK = r"(?:\d{1,2}(?:[:.]\d{2}){1,2}(?:\s*[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|\d{1,2}h\d{2}|noon\b|midnight\b)"
CLOCK = re.compile(_CLOCK, re.IGNORECASE)
_ZONES = {
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles", "MT": "America/Denver",
    "MST": "America/Denver", "MDT": "America/Denver", "CT": "America/Chicago", "CDT": "America/Chicago",
    "EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York", "UTC": "UTC", "GMT": "UTC",
    "Z": "UTC", "CET": "Europe/Berlin", "CEST": "Europe/Berlin",
}  # fmt: skip
WHEN = re.compile(
    rf"(?P<first>{_CLOCK}|\d{{1,2}}(?=\s?[-–—]\s?\d{{1,2}}\s*[ap]\.?m\b))"
    rf"(?:\s*(?:-|–|—|to|until|till)\s*(?P<last>{_CLOCK}))?"
    rf"(?:\s*(?P<zone>{'|'.join(_ZONES)}|[A-Z][A-Za-z]+/[A-Z][A-Za-z_/]+)\b)?",
    re.IGNORECASE,
)
OFFSET = re.compile(
    r"[TH]\s?(?P<sign>[+\u2212–-])\s?(?:(?P<hh>\d{1,3}):(?P<mm>\d{2})(?!\d)|"
    r"(?P<span>\d[\d.]*\s?(?:[a-z]+\b)?(?:\s?\d+\s?m[a-z]*\b)?))|[TH]\s?\+?\s?0\b(?![:.]\d)",
    re.IGNORECASE,
)
AFTER = re.compile(
    r"(?:in|after|\+)\s?(?P<span>\d+(?:\.\d+)?\s?[a-z]+(?:\s?\d+\s?m[a-z]*)?)(?:\s+later)?\b", re.IGNORECASE
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)"
_ONE = re.compile(rf"(\d{{1,6}}(?:[.,]\d{{1,3}})?)\s?({_UNIT})\b\.?", re.IGNORECASE)
_SPAN = re.compile(
    rf"(?:~|<|≤|>|up to|about|approx\.?|max\.?|est\.?|ca\.?|around)?\s?"
    rf"(?P<all>(?:\d{{1,6}}(?:[.,]\d{{1,3}})?\s?{_UNIT}\b\.?[\s,]?(?:and\s)?){{1,4}})", re.IGNORECASE
)  # fmt: skip
_BETWEEN = re.compile(
    rf"(?:~|about|approx\.?)?\s?(\d{{1,6}}(?:[.,]\d{{1,3}})?)\s?({_UNIT})?\s?(?:-|–|—|to)\s?"
    rf"(\d{{1,6}}(?:[.,]\d{{1,3}})?)\s?({_UNIT})\b\.?", re.IGNORECASE
)  # fmt: skip
LONGEST = timedelta(days=365)


def clock(text: str) -> time | None:
    """A time of day: `14:00`, `2:30 PM`, `2 PM`, `14h30`, `noon`."""
    words = text.strip().lower().replace(".m", "m").rstrip(".")
    if words in ("noon", "midnight", "24:00"):
        return time(12) if words == "noon" else time(0)
    found = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?(?:[.:]\d+)?\s*([ap]m)?", words)
    if not found or not (found[2] or found[3]):
        return None
    hour = int(found[1])
    if found[3]:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the hours of a clock with AM and PM
            return None
        hour = hour % 12 + 12 * (found[3] == "pm")
    with suppress(ValueError):
        return time(hour, int(found[2] or 0))
    return None


def day(text: str, *, day_first: bool | None = None) -> date | None:
    """A day; of the year 1 where none is named. None where it cannot be told which is the day and which the month."""
    found = DAY.fullmatch(text.strip())
    return _day(found, day_first) if found else None


def _day(found: re.Match[str], day_first: bool | None) -> date | None:  # noqa: FBT001
    at = found.groupdict()
    if at["sep"]:
        one, other, year = int(at["a"]), int(at["b"]), int(at["Y3"]) + 2000 * (len(at["Y3"]) == 2)  # noqa: PLR2004
        first = True if at["sep"] == "." or one > 12 else False if other > 12 else day_first  # noqa: PLR2004
        if first is None and one != other:
            return None
        return _date(year, *((other, one) if first else (one, other)))
    if at["y"]:
        return _date(int(at["y"]), int(at["m"]), int(at["d"]))
    name, number, year_said = (at["M"], at["D"], at["Y"]) if at["M"] else (at["M2"], at["D2"], at["Y2"])
    return _date(int(year_said or NO_YEAR), MONTHS.index(name[:3].lower()) + 1, int(number))


def _date(year: int, month: int, number: int) -> date | None:
    with suppress(ValueError):
        return date(year, month, number) if year == NO_YEAR or year in YEARS else None
    return None


def _zone(word: str | None) -> str:
    if not word:
        return ""
    with suppress(ValueError):
        return parse_zone(_ZONES.get(word.upper(), word)).key
    return ""


def duration(text: str, unit: str = "m") -> Spans | None:
    """How long: `20 min`, `1h 30m`, `2-4 hours`, `<5 minutes`, `0:30`; a number alone is of `unit`."""
    words = text.strip().strip("()[]").strip().removesuffix(" each")
    least: timedelta | None
    most: timedelta | None
    if found := _BETWEEN.fullmatch(words):
        least, most = _of(found[1], found[2] or found[4]), _of(found[3], found[4])
    elif found := _SPAN.fullmatch(words + " " if not words.endswith(" ") else words) or _SPAN.fullmatch(words):
        least = most = sum((_of(*each) or timedelta() for each in _ONE.findall(found["all"])), timedelta())
    elif found := re.fullmatch(r"(\d{1,3}):(\d{2})(?::(\d{2}))?", words):
        least = most = timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3] or 0))
    elif re.fullmatch(r"\d{1,6}(?:[.,]\d{1,3})?", words):
        least = most = _of(words, unit)
    else:
        return None
    if least is None or most is None or not timedelta() < least <= most <= LONGEST:
        return None
    return least, most


def _of(number: str, unit: str) -> timedelta | None:
    seconds = round(float(number.replace(",", ".")) * _UNITS[unit[0].lower()])
    return timedelta(seconds=seconds)


def spans(text: str) -> list[tuple[int, int, Spans]]:
    """Durations in a text that is not one as a whole, each with its place."""
    found = [(each.start(), each.end(), duration(each[0])) for each in _BETWEEN.finditer(text)]
    taken = [(start, end) for start, end, _ in found]
    for each in _SPAN.finditer(text):
        if not any(start < each.end() and each.start() < end for start, end in taken):
            found.append((each.start(), each.end(), duration(each[0])))  # noqa: PERF401
    return [(start, end, span) for start, end, span in sorted(found, key=lambda one: one[0]) if span]


def leading(text: str, *, day_first: bool | None = None) -> tuple[Said | None, str]:
    """The moment with which a text begins, and the rest of it: `Nov 15, 2:00 PM → Deploy`, `T+30m: Deploy`."""
    rest = text.lstrip("[(@* ").removeprefix("at ").removeprefix("At ")
    if found := OFFSET.match(rest):
        sign = -1 if (found["sign"] or "+") in "-–\u2212" else 1
        if found["hh"]:
            span = timedelta(hours=int(found["hh"]), minutes=int(found["mm"]))
        else:
            length = duration(found["span"]) if found["span"] else (timedelta(), timedelta())
            if length is None and not re.fullmatch(r"0+\s?[a-z]*", found["span"] or ""):
                return None, text
            span = length[0] if length else timedelta()
        return Said(offset=sign * span), _behind(rest, found.end())
    if found := AFTER.match(rest):
        length = duration(found["span"])
        return (Said(after=length[0]), _behind(rest, found.end())) if length else (None, text)
    when_day = DAY.match(rest)
    of_day = _day(when_day, day_first) if when_day else None
    at = when_day.end() if when_day else 0
    gap = re.compile(r"(?:T(?=\d)|[\s,@–—-]*(?:\([^)]{0,20}\)[\s–—-]*)?(?:at\s)?)", re.IGNORECASE).match(rest, at)
    begin = gap.end() if gap and when_day else at
    found = WHEN.match(rest, begin)
    if not found:
        return (Said(day=of_day), _behind(rest, at)) if of_day else (None, text)
    first, last = found["first"], found["last"]
    until = clock(last) if last else None
    if first.isdecimal() and last:
        first = f"{first}{'pm' if 'p' in last.lower() else 'am'}"
    elif until and last and re.search(r"[ap]\.?m", last, re.IGNORECASE) and not re.search(r"[apnm]", first.lower()):
        first = f"{first} {'pm' if 'p' in last.lower() else 'am'}"
    moment = clock(first)
    if moment is None:
        return None, text
    return Said(moment, until, of_day, _zone(found["zone"])), _behind(rest, found.end())


def _behind(text: str, end: int) -> str:
    return re.sub(r"^[\s\])*]*(?:→|->|=>|[-–—:|,.])?[\s>]*", "", text[end:])


def cell(text: str, *, day_first: bool | None = None) -> Said | None:
    """The moment that is all of a cell: a time, a day, both, T+30m, or a number of Excel's."""
    words = text.strip()
    if re.fullmatch(r"0?[.,]\d{2,}", words):
        return Said(clock=_fraction(float(words.replace(",", "."))))
    if found := re.fullmatch(r"([34]\d{4}|5[0-4]\d{3})(?:[.,](\d+))?", words):
        of_day = date(1899, 12, 30) + timedelta(days=int(found[1]))
        return Said(clock=_fraction(float(f"0.{found[2]}")) if found[2] else None, day=of_day)
    with suppress(ValueError):
        if re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", words):
            iso = datetime.fromisoformat(words.replace("Z", "+00:00"))  # noqa: FURB162
            zone = "UTC" if iso.tzinfo and not iso.utcoffset() else ""
            return (
                Said(iso.time().replace(second=0, microsecond=0), None, iso.date(), zone) if iso.year in YEARS else None
            )
    said, rest = leading(words, day_first=day_first)
    return said if not rest.strip(" .)]") else None


def _fraction(part: float) -> time:
    minutes = round(part * 1440) % 1440
    return time(minutes // 60, minutes % 60)
