"""Days as people type them: when somebody will be away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from callboard.core.calendar import DateRange
from callboard.core.errors import Refused
from callboard.planfile.ends import DAY_END
from callboard.planfile.times import parse_date, parse_dates
from callboard.slack.grammar import Taken

_DAY = r"\d{4}[-–—]\d{2}[-–—]\d{2}"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_SPOKEN = re.compile(
    rf"(?:on\s+)?({_WEEKDAY})(?=\s|$)|(until\s+(?:tomorrow|{_WEEKDAY}))(?=\s|$)|((?:this|next)\s+week)(?=\s|$)|"
    r"(?:for\s+)?(\d{1,3}\s+days?|a\s+week)(?=\s|$)",
    re.IGNORECASE,
)
_ENDS = re.compile(rf"(?<!\s)\s+(?:by\s+)?{DAY_END}(?=\s|$)", re.IGNORECASE)
_REST = re.compile(rf"until\s+(?:tonight|{DAY_END})(?=\s|$)|{DAY_END}(?=\s|$)", re.IGNORECASE)
_PART = re.compile(
    r"(?<!\s)\s+(?:(?:in\s+the|at|from|after|before)\s+)?(?:morning|afternoon|evening|night|noon|midday|midnight|lunch|\d{1,2}:\d\d)(?=\s|$)",
    re.IGNORECASE,
)
"""Days as people speak of them; the calendar of whoever is away says which."""
_DAYS = re.compile(
    rf"(today|now|tomorrow|(?:until\s+)?{_DAY})(?:\s*(?:\.{{2,3}}|…|–|—|\s-\s|\bto\b)\s*({_DAY}|\d{{2}}[-–—]\d{{2}}|\d{{1,2}}))?"
    r"(?=\s|$)",
    re.IGNORECASE,
)
_DASHES = str.maketrans("–—", "--")
"""What phones make of hyphens."""


@dataclass(frozen=True)
class Days:
    """`today`, `friday`, `next week`, `2026-03-30`, `2026-03-30..31`, `until 2026-04-02`; gives the text."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        return "2026-03-30..31|today|until 2026-04-02"

    @property
    def noun(self) -> str:
        return "the days"

    @property
    def example(self) -> str:
        return "2026-03-30..31"

    def wrong(self, word: str) -> str:
        return f"{word} is no day. Say today, friday, next week, 2026-03-30..31 or until 2026-04-02."

    def take(self, text: str) -> Taken | None:
        if rest := _REST.match(text):
            return "today", text[rest.end() :]
        found = _SPOKEN.match(text) or _DAYS.match(text)
        if found is None:
            return None
        named = filter(None, found.groups())
        if found.re is _SPOKEN:
            written = " ".join("".join(named).lower().split())
        else:
            written = "..".join(named).translate(_DASHES).lower().replace("now", "today")
        behind = _ENDS.sub("", text[found.end() :], count=1) if _ENDS.match(text, found.end()) else text[found.end() :]
        part = _PART.match(behind)
        return (f"{written}{part[0].lower()}", behind[part.end() :]) if part else (written, behind)


def read_days(text: str, today: date) -> DateRange:
    """The days meant by a text. Raises Refused."""
    if part := _PART.search(text):
        raise Refused(f"An absence has whole days. Say `{text[: part.start()]}`, or hand over what can't wait.")
    try:
        if spoken := _SPOKEN.fullmatch(text):
            return _spoken(spoken, today)
        if text.startswith("until"):
            return DateRange(today, max(today, parse_date(text.removeprefix("until"))))
        if text in ("today", "tomorrow"):
            day = today + timedelta(days=text == "tomorrow")
            return DateRange(day, day)
        return parse_dates(text)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None


def _spoken(found: re.Match[str], today: date) -> DateRange:
    """The days meant by `friday`, `until friday`, `next week` or `3 days`."""
    weekday, until, week, span = found.groups()
    if weekday:
        day = _next(weekday, today)
        return DateRange(day, day)
    if until:
        last = until.split()[-1]
        return DateRange(today, today + timedelta(days=1) if last == "tomorrow" else _next(last, today))
    sunday = _next("sun", today)
    if week:
        return (
            DateRange(sunday + timedelta(days=1), sunday + timedelta(days=7))
            if week[0] in "nN"
            else DateRange(today, sunday)
        )
    count = 7 if span.startswith("a") else int(span.split()[0])
    if not count:
        raise ValueError(f"{span} is no time at all")
    return DateRange(today, today + timedelta(days=count - 1))


def _next(weekday: str, today: date) -> date:
    """The first such day of the week, today or later."""
    wanted = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(weekday[:3])
    return today + timedelta(days=(wanted - today.weekday()) % 7)
