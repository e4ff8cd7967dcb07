"""Days, times and durations as other programs and people write them, and how a plan file has them."""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from callboard.core import words

YEARS = range(1970, 2200)
"""Those in which a plan may be."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NO_YEAR, MONTHS_OF_A_YEAR, NOON = 1, 12, 12
_MONTH = rf"(?:{'|'.join(MONTHS)})[a-z]{{0,6}}\.?"
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?")
_ORDINAL = r"(?:st|nd|rd|th)?"
DAY = re.compile(
    rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}}\.?,? )?(?:"
    rf"(?P<y>\d{{4}})[-/](?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}})(?=\D|$)"
    rf"|(?P<M>{_MONTH}) (?P<D>\d{{1,2}}){_ORDINAL}(?![:\d]| ?[ap]\.?m\b)(?:,? (?P<Y>\d{{4}}))?"
    rf"|(?P<D2>\d{{1,2}}){_ORDINAL}\.? (?:of )?(?P<M2>{_MONTH})(?![a-z])(?:,? (?P<Y2>\d{{4}}))?"
    rf"|(?P<a>\d{{1,2}})(?P<sep>[./])(?P<b>\d{{1,2}})(?P=sep)(?P<Y3>\d{{4}}|\d{{2}})(?!\d))",
    re.IGNORECASE,
)
"""A day as people write it: Mar 25, 25 March 2026, 25.3.2026, 3/25/26, 2026/3/25."""
_SLASHED = re.compile(
    r"(?:\b(mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? )?(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})", re.IGNORECASE
)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
HALF_DAY = re.compile(r"(?<![\d:.])(\d{1,2})(?:[:.](\d{2}))?\s?([ap])\.?m\b\.?", re.IGNORECASE)
"""A time of day by a clock of 12 hours: 9 am, 5:30pm."""
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?|(\d{1,2})(\d{2})")
_NAMED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?:\S*[^Z\s])?(Z?)")
_OFFSET = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?) ?([+-]\d{2}:?\d{2})")
END_OF_DAY = re.compile(
    r"(?:\bat )?\b(?:eod|eob|cob|end of (?:the )?(?:day|business)|close of business)\b", re.IGNORECASE
)
_TO = re.compile(r" ?(?:-|–|—|\.{2,3}|\bto\b|\buntil\b) ?")
_FROM_TO = re.compile(r"(\S{6,12}) ?(?:–|—|\.{3}|\bto\b|\buntil\b| - ) ?(\S{6,12})")
_FIGURES = re.compile(r"(\d{1,3})[h:](\d{2})")
_SPAN = re.compile(words.SPAN, re.IGNORECASE)
_EVERY = {"hourly": "hour", "daily": "day", "weekly": "week"}
_DAYS = {
    **dict.fromkeys(("daily", "every day", "everyday", "all"), "mon-sun"),
    **dict.fromkeys(("weekdays", "weekday", "workdays", "working days", "business days", "m-f"), "mon-fri"),
    **dict.fromkeys(("weekend", "weekends"), "[sat, sun]"),
}


def day(text: str, *, day_first: bool | None = None) -> date | None:
    """The first day in a text; of the year 1 where none is named. None where it cannot be told day from month."""
    found = DAY.search(text)
    return of_day(found, day_first=day_first) if found else None


def of_day(found: re.Match[str], *, day_first: bool | None) -> date | None:
    """The day that `DAY` has found."""
    at = found.groupdict()
    if at["sep"]:
        return _of_figures(int(at["a"]), int(at["b"]), at["Y3"], day_first=True if at["sep"] == "." else day_first)
    if at["y"]:
        return _date(int(at["y"]), int(at["m"]), int(at["d"]))
    name, number, year = (at["M"], at["D"], at["Y"]) if at["M"] else (at["M2"], at["D2"], at["Y2"])
    return _date(int(year or NO_YEAR), MONTHS.index(name[:3].lower()) + 1, int(number))


def _of_figures(one: int, other: int, year: str, *, day_first: bool | None) -> date | None:
    if one > MONTHS_OF_A_YEAR or one == other:
        day_first = True
    elif other > MONTHS_OF_A_YEAR:
        day_first = False
    if day_first is None:
        return None
    return _date(
        int(year[-2:]) + 2000 if len(year) == len("26") else int(year), *((other, one) if day_first else (one, other))
    )


def _date(year: int, month: int, number: int) -> date | None:
    with suppress(ValueError):
        return date(year, month, number) if year == NO_YEAR or year in YEARS else None
    return None


def day_first(texts: Sequence[str]) -> bool | None:
    """Whether 04/05/2026 is the fourth of May here, if another date among the texts says so, or a day of the week."""
    dates = [(week, int(one), int(other), year) for text in texts for week, one, other, year in _SLASHED.findall(text)]
    if any(one > MONTHS_OF_A_YEAR for _, one, _, _ in dates):
        return True
    if any(other > MONTHS_OF_A_YEAR for _, _, other, _ in dates):
        return False
    for week, *figures in dates if any(week for week, *_ in dates) else ():
        read = {first: _of_figures(*figures, day_first=first) for first in (True, False)}
        fitting = [first for first, day in read.items() if day and f"{day:%a}".lower() == week.lower()]
        if len(fitting) == 1:
            return fitting[0]
    return None


def date_meant(text: str) -> str:
    """The day in a text as a plan has it, both where it may be two; empty where none can be told."""
    both = [day(text, day_first=first) for first in (True, False)]
    return " or ".join(dict.fromkeys(str(each) for each in both if each and each.year != NO_YEAR))


def two_days(text: str) -> str:
    """End a sentence about a date that is two days, 04/05/2026; empty where it is another mistake."""
    meant = date_meant(text)
    return f"two days: write {meant}" if " or " in meant else ""


def doubtful(text: str) -> str:
    """A sentence about the first date in a text, where it is two days; empty where it is one, or there is none."""
    found = DAY.search(text)
    wrong = two_days(found[0]) if found else ""
    return f"`{found[0].strip()}` is {wrong}" if found and wrong else ""


def no_such_day(text: str) -> str:
    """End a sentence about a day that is not in the calendar, 31 June; empty where it is another mistake."""
    found = _ISO_DAY.fullmatch(text.strip())
    year, month, number = map(int, found.groups()) if found else (0, 0, 0)
    if month > MONTHS_OF_A_YEAR >= number > 0:
        month, number = number, month
        swapped = _date(year, month, number)
        return f": write it as {swapped}, the month before the day" if swapped else ""
    if 1 <= month <= MONTHS_OF_A_YEAR and year in YEARS and (most := monthrange(year, month)[1]) < number:
        return f", as {month_name[month]} {year} has {most} days: write another"
    return ""


def clock_meant(text: str) -> str:
    """A time of day as a plan has it, from `9am`, `0900`, `9.15`, `9h15` or `noon`; else empty."""
    plain = text.strip().lower()
    if found := HALF_DAY.fullmatch(plain):
        hour = int(found[1])
        in_day = hour % NOON + NOON * (found[3] == "p")
        return f"{in_day:02}:{found[2] or '00'}" if 1 <= hour <= NOON and int(found[2] or 0) < 60 else ""  # noqa: PLR2004
    if plain in _NAMED:
        return _NAMED[plain]
    if found := _CLOCK.fullmatch(plain):
        at, minute = int(found[1] or found[3]), int(found[2] or found[4] or 0)
        return f"{at:02}:{minute:02}" if at < 24 and minute < 60 else ""  # noqa: PLR2004
    return ""


def moment_meant(text: str) -> str:
    """A day with its time as a plan has them, from `25 March 2026, 2pm`; empty where no day can be told."""
    text = END_OF_DAY.sub("", " ".join(text.split())).strip(" ,")
    if offset := _OFFSET.fullmatch(text):
        with suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(f"{offset[1]}T{offset[2]}{offset[3]}").astimezone(UTC)
            return f"{at:%Y-%m-%d %H:%M} UTC"
        return ""
    if iso := _ISO.fullmatch(text):
        return f"{iso[1]} {iso[2]}{' UTC' if iso[3] else ''}"
    found = DAY.search(text)
    if not found or found.start() or not (days := date_meant(found[0])):
        return ""
    rest = text[found.end() :].strip(" ,T").removeprefix("at ")
    clock = clock_meant(rest) if rest else ""
    if not clock and rest:
        first, _, zone = rest.rpartition(" ")
        clock = clock_meant(first)
        clock = f"{clock} {zone}" if clock else ""
    return "" if rest and not clock else " or ".join(f"{each} {clock}".strip() for each in days.split(" or "))


def hours_meant(text: str) -> str:
    """A stretch of the day as a plan has it, from `9-17` or `9am to 5pm`; else empty."""
    first, *last = [clock_meant(part) for part in _TO.split(" ".join(text.split()).strip("“”„"))]
    return f"{first}-{last[0]}" if len(last) == 1 and first and last[0] else ""


def days_meant(text: str) -> str:
    """Weekdays as a plan has them, from `weekdays`, `mon to fri` or `mon..fri`; else empty."""
    plain = " ".join(text.lower().split())
    ends = _TO.split(plain)
    in_row = "-".join(end[:3] for end in ends) if all(_WEEKDAY.fullmatch(end) for end in ends) else ""
    return _DAYS.get(plain, in_row)


def dates_meant(text: str) -> str:
    """Days from and to as a plan has them, from `2026-03-30 to 2026-04-02`; else empty."""
    both = _FROM_TO.fullmatch(" ".join(text.split()))
    days = [date_meant(part) for part in both.groups()] if both else []
    return "" if not all(days) or " or " in "".join(days) else "..".join(days)


def span_meant(text: str) -> timedelta | None:
    """A duration, from `1h30`, `1:30`, `1.5h`, `90 minutes`, `PT1H` or `week`."""
    plain = text.strip().lower().removeprefix("pt").lstrip("~")
    plain = _EVERY.get(plain, plain)
    plain = f"a {plain}" if plain in _EVERY.values() else plain
    if found := _FIGURES.fullmatch(plain):
        return timedelta(hours=int(found[1]), minutes=int(found[2]))
    return words.span(plain) if _SPAN.fullmatch(plain) else None
