"""Until when something lasts, as people type it: `until fri 12:00`, `till 5pm`, `for 2 hours`, `for today`.

An end that cannot be read, or is past, is refused: it is never taken for the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches

from callboard.blocks import markup as m
from callboard.core import calendar, words
from callboard.core.calendar import Calendar
from callboard.core.errors import Refused
from callboard.planfile import times

HOW = "Say until when: `until 17:00`, `until fri 12:00` or `for 2h`."
UNIT_WORDS = ("min", "mins", "minute", "minutes", "hour", "hours", "hr", "hrs", "day", "days", "week", "weeks")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0)}
DAY_WORDS = ("today", "tonight", "tomorrow", "yesterday", *times.WEEKDAYS)
EVERY_DAY = frozenset(range(7))
LONGEST_QUOTE, LONGEST_NUMBER = 60, 3
"""A longer number without a unit names a ticket."""

_MONTH = rf"(?:{'|'.join(MONTHS)})[a-z]*\.?"
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
DAY_END = (
    r"(?:eod|eob|cob|(?:(?:the\s+)?end|close)\s+of\s+(?:(?:the\s+|my\s+)?(?:(?:working|business)\s+)?day|business))"
)
"""The end of the working hours of a day."""
_DAY = (
    rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})|(?P<word>today|tonight|tomorrow|yesterday|(?:next\s+|this\s+)?{_WEEKDAY}|"
    rf"{DAY_END})|(?P<number>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?P<month>{_MONTH})(?:\s+(?P<year>\d{{4}}))?|"
    rf"(?P<month2>{_MONTH})\s+(?P<number2>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year2>\d{{4}}))?"
)
_CLOCK = r"\d{1,2}:\d{2}(?:\s*[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|noon|midday|midnight"
_END = r"(?=[\s,.;!]|$)"
_WHEN = re.compile(
    rf"\s*(?:(?:{DAY_END}\s+(?:on\s+)?|(?:the\s+)?end\s+of\s+)?(?:{_DAY})(?:,?\s+(?:(?:at\s+)?(?P<clock>{_CLOCK})|(?:by\s+)?{DAY_END}))?|(?:at\s+)?(?P<alone>{_CLOCK})){_END}[,.;!]*",
    re.IGNORECASE,
)
_AT_ITS_END = re.compile(rf"{DAY_END}|\bend\s+of\b", re.IGNORECASE)
_DAY_AFTER = re.compile(rf"(?P<day>\s+(?:on\s+)?(?P<named>{_DAY}){_END})", re.IGNORECASE)
_TOO_SHORT = re.compile(
    r"\s+(?:(?:at\s+)?\d{1,2}|(?:(?:in\s+the|at|after|before)\s+)?(?:morning|afternoon|evening|night|lunch(?:time)?)|utc|gmt|z|ce?s?t|ee?s?t|[pm][sd]t|bst|ist|jst)(?=\s*$|\s*[,.;]|\s+(?:because|for)\b)",
    re.IGNORECASE,
)
"""What belongs to a time and cannot be read: an hour without minutes, a part of a day, a zone."""
_LASTS = re.compile(rf"(?<!\s)\s*\bfor\s+(?:about\s+|another\s+)?(?P<span>{words.SPAN}){_END}[,.;!]*", re.IGNORECASE)
_FOR_DAY = re.compile(
    r"(?<!\s)\s*\bfor\s+(?P<day>today|tonight|tomorrow|yesterday)(?=\s*$|\s*,|\s+(?:because|for)\b)", re.IGNORECASE
)
_UNTIL = re.compile(r"(?<!\s)\s*\b(?:until|untill|till|til)\b", re.IGNORECASE)
_BY, _IN = re.compile(r"^\s*(?:by|at)\s+", re.IGNORECASE), re.compile(r"^\s*in\s+", re.IGNORECASE)
_WITHIN = re.compile(r"^\s*(?:within|around)\s+", re.IGNORECASE)
_SOME_TIME = re.compile(
    r"(?:(?:very\s+)?soon|shortly|asap|not\s+(?:yet|now|today)|later(?:\s+(?:today|tonight|this\s+\w+))?|"
    r"(?:by\s+)?(?:this|next)\s+(?:morning|afternoon|evening|week|month|sprint)|"
    rf"(?:(?:by|on)\s+)?(?:today|tonight|tomorrow|(?:next\s+|this\s+)?{_WEEKDAY})\s+(?:morning|afternoon|evening|night)|"
    r"(?:(?:by|right|some\s*time)\s+)?(?:after|before|around|at)\s+lunch(?:time)?|first\s+thing(?:\s+tomorrow)?|"
    r"(?:(?:by|at|around|about|before|after)\s+)?(?:(?:half|quarter)\s+(?:past|to)\s+\w+|\d{1,2}(?::\d\d)?\s?-?ish)|"
    r"(?:by|at|around|about|before|after)\s+\d{1,2}(?:\s*o['’]clock)?|"
    r"(?:by\s+)?(?:(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?(?:week|month|sprint)|eow)|"
    r"in\s+(?:a|the\s+next|a\s+couple\s+of)\s+(?:(?:few|next)\s+)?(?:bit|while|moment|minute|hour|day|week|month)s?)",
    re.IGNORECASE,
)
_PHRASE_ENDS = re.compile(r",|\b(?:for|because|in order to)\b", re.IGNORECASE)
_BECAUSE = re.compile(r"\b(?:because|so that)\b", re.IGNORECASE)
_NO_SPAN = re.compile(
    r"\bfor\s+(?P<what>-\s*\d++\s*+\w*|(?P<number>\d++)(?:\s*+(?P<unit>[a-z]++))?|(?:a\s+(?:bit|moment|while)|some\s+time|ever|good|always)"
    r"|forever)(?=\s*$|\s*,|\s+(?:because|for)\b)", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True)
class End:
    """When it ends: a length from now, or an instant; neither where none was typed. `day` was named without a time."""

    span: timedelta | None = None
    until: datetime | None = None
    day: date | None = None

    def __bool__(self) -> bool:
        return self.span is not None or self.until is not None


def find(text: str, now: datetime, at: Calendar) -> tuple[End, str]:
    """The end in a text, and the text without it. Raises Refused for one unreadable or past, and for two."""
    end, rest = _first(text, now, at)
    if end and _first(rest, now, at)[0]:
        raise Refused(f"You named two ends. {HOW}")
    return end, rest


def read(text: str, now: datetime, at: Calendar) -> End:
    """`until 17:00`, `at 17:00`, `17:00`, `for 2h`, `in 2h`, `2h`, or nothing. Raises Refused for anything else."""
    if not text.strip():
        return End()
    text = _IN.sub("for ", _BY.sub("until ", text))
    for written in (text, f"until {text}", f"for {text}"):
        if (written is text) or not re.match(r"\s*(?:until|till|til|for)\b", text, re.IGNORECASE):
            try:
                end, rest = find(written, now, at)
            except _Unreadable:
                continue
            if end and not rest.strip():
                return end
    raise _Unreadable(text)


def is_all(text: str, now: datetime, at: Calendar) -> bool:
    """Whether a text says when and nothing else, as a promise does: `in 2 hours`, `by friday`, `soon`."""
    said = text.strip(" .!")
    try:
        return bool(_SOME_TIME.fullmatch(said) or read(_WITHIN.sub("", said), now, at))
    except Refused:
        return False


class _Unreadable(Refused):
    def __init__(self, text: str) -> None:
        wrong = f"I can't read `{_quoted(text)}` as a time. " if text.strip() else ""
        super().__init__(f"{wrong}{HOW}")


def _first(text: str, now: datetime, at: Calendar) -> tuple[End, str]:
    if lasts := _LASTS.search(text):
        span = min(words.span(lasts["span"]), times.LONGEST_SPAN)
        if not span:
            raise Refused(f"`{_quoted(lasts['span'])}` is no time at all. {HOW}")
        return End(span=span), _without(text, lasts)
    if day := _FOR_DAY.search(text):
        end = _WHEN.match(day["day"])
        return _named(end, now, at) if end else End(), _without(text, day)
    _refuse_no_span(text)
    because = _BECAUSE.search(text)
    for until in _UNTIL.finditer(text):
        if end := _when(text, until.end()):
            return _named(end, now, at), f"{text[: until.start()]} {end.string[end.end() :]}"
        in_reason = because is not None and because.end() <= until.start()
        if not in_reason or _looks_like_time(text[until.end() :][:LONGEST_QUOTE]):
            phrase = _PHRASE_ENDS.split(text[until.end() :], maxsplit=1)[0].strip()
            raise _Unreadable(phrase or text[until.end() :])
    return End(), text


def _when(text: str, at: int) -> re.Match[str] | None:
    """A day, a time or both at a place in a text, `fri 12:00` or `12:00 on fri`."""
    end = _WHEN.match(text, at)
    if end is None or end[0][-1] in ",.;!":
        return end
    if end["alone"] and (day := _DAY_AFTER.match(text, end.end())):
        return _WHEN.match(f"{day['named']} {end['alone']}{text[day.end() :]}")
    if more := _TOO_SHORT.match(text, end.end()):
        raise _Unreadable(end[0] + more[0])
    return end


def _looks_like_time(phrase: str) -> bool:
    """Whether what follows `until` is no reason, as in `because nobody deploys until QA is done`."""
    first = next(iter(_PHRASE_ENDS.split(phrase, maxsplit=1)[0].lower().split()), "")
    return not first or first[:1].isdecimal() or bool(get_close_matches(first, DAY_WORDS, 1, 0.75))


def _refuse_no_span(text: str) -> None:
    found = _NO_SPAN.search(text)
    if found is None:
        return
    unit = (found["unit"] or "").lower()
    if found["number"] and not unit and len(found["number"]) > LONGEST_NUMBER:
        return
    if found["number"] is None or get_close_matches(unit, UNIT_WORDS, 1, 0.7) or " " not in found["what"].strip():
        raise _Unreadable(found["what"])


def _named(found: re.Match[str], now: datetime, at: Calendar) -> End:
    """A day alone means the end of its working hours, a time alone the next such time."""
    local, written = now.astimezone(at.zone), found[0].strip(" \n,.;!")
    clock = _clock(found["clock"] or found["alone"] or "")
    try:
        day = None if found["alone"] else _day(found, local)
    except ValueError as wrong:
        raise Refused(f"{str(wrong).rstrip('.')}. {HOW}") from None
    if day is None:
        soon = _instant(local.date(), clock or time(0), now, at)
        return End(until=soon if soon > now else calendar.next_occurrence(now, EVERY_DAY, clock or time(0), at.zone))
    if found["word"] and found["word"].lower() == "tonight" and clock is None:
        clock = time(23, 59)
    until = _instant(day, clock, now, at) if clock else at.ends(day)
    if until <= now:
        over = f": it ended {m.date(until, 'both')}" if day == local.date() else ""
        raise Refused(f"`{_quoted(written)}` is past{over}. {HOW}")
    return End(until=until, day=None if clock or _AT_ITS_END.search(written) else day)


def _instant(day: date, clock: time, now: datetime, at: Calendar) -> datetime:
    """The instant of a time of day; where it comes twice that day and is past once, the second one."""
    first = calendar.to_utc(datetime.combine(day, clock), at.zone)
    second = datetime.combine(day, clock, at.zone).replace(fold=1).astimezone(UTC)
    return second if first <= now < second else first


def _clock(text: str) -> time | None:
    written = text.lower().replace(".", "").strip()
    if not written or written in NAMED_TIMES:
        return NAMED_TIMES.get(written)
    half = written[-2:] if written.endswith("m") else ""
    hour, _, minute = written.removesuffix(half).strip().partition(":")
    hours = int(hour) % 12 + (12 if half == "pm" else 0) if half else int(hour)
    if (half and not 1 <= int(hour) <= 12) or hours > 24 or int(minute or 0) > 59 or (hours == 24 and int(minute or 0)):  # noqa: PLR2004
        raise Refused(f"`{text}` is no time of day. {HOW}")
    return time(hours % 24, int(minute or 0))


def _day(found: re.Match[str], local: datetime) -> date:
    if found["date"]:
        return times.parse_date(found["date"])
    if month := found["month"] or found["month2"]:
        return _dated(found["number"] or found["number2"], month, found["year"] or found["year2"], local)
    word = found["word"].lower().split()[-1]
    if word in ("today", "tonight", "day", "business", "eod", "eob", "cob"):
        return local.date()
    if word in ("tomorrow", "yesterday"):
        return local.date() + timedelta(days=1 if word == "tomorrow" else -1)
    ahead = (next(iter(times.parse_days(word[:3]))) - local.weekday()) % 7
    return local.date() + timedelta(days=ahead or (7 if found["word"].lower().startswith("next") else 0))


def _dated(number: str, month: str, year: str | None, local: datetime) -> date:
    """`14 Nov`: in the year that is meant, else in this one, else in the next where it is long past in this one."""
    place = MONTHS.index(month.lower()[:3]) + 1
    day = times.parse_date(f"{year or local.year}-{place:02}-{int(number):02}")
    return day if year or (local.date() - day).days < 180 else day.replace(year=day.year + 1)  # noqa: PLR2004


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _quoted(text: str) -> str:
    return m.clip(m.escape(text.strip().replace("`", "'")), LONGEST_QUOTE)
