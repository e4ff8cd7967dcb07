"""What is typed after `/lock`: `src/api/** README.md#Backend for refactoring until 17:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from callboard.core import blocks as b
from callboard.core import calendar
from callboard.core.calendar import Calendar
from callboard.core.errors import Refused
from callboard.locks import targets
from callboard.locks.targets import Known, Target
from callboard.planfile import times

LINKED = re.compile(r"<(?:https?|mailto):[^|>]*\|([^>]*)>")
BARE = re.compile(r"<https?://([^|>]*)>")
WORD = re.compile(r'\s*(?:"([^"]+)"|“([^”]+)”|([^\s,]+)),?')
BEGINS = re.compile(r"\s*(?:for|because|until|till|in order to)\b", re.IGNORECASE)
SPAN = r"(?=\d)(?:\d{1,3}d)?(?:\d{1,3}h)?(?:\d{1,4}m(?:in)?)?"
LASTS = re.compile(rf"\s*\bfor\s+({SPAN})(?=\s|$)", re.IGNORECASE)
UNTIL = re.compile(
    r"\s*\b(?:until|till)\s+(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<day>today|tomorrow|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*))?"
    r"\s*(?:(?:at\s+)?(?P<clock>\d{1,2}:\d{2}))?(?=\s|$)",
    re.IGNORECASE,
)  # fmt: skip
WHY = re.compile(r"\s*(?:for|because|in order to)\s+", re.IGNORECASE)
EVERY_DAY = frozenset(range(7))
LONGEST_REASON = 500
MOST_TARGETS = 20


@dataclass(frozen=True)
class Wish:
    """What somebody wants to lock and why; `span` or `until` where they said how long."""

    targets: tuple[Target, ...]
    reason: str = ""
    span: timedelta | None = None
    until: datetime | None = None


def plain(text: str) -> str:
    """What was typed, before Slack made links of file names and escaped the rest."""
    return b.unescape(BARE.sub(r"\1", LINKED.sub(r"\1", text)))


def wish(text: str, known: Known, now: datetime, at: Calendar) -> Wish:
    """Read all of it. Raises Refused for what is no path, no time, or over already."""
    words, rest = _words(text)
    if not words:
        raise Refused("Name what to lock first: `/lock src/api/** for refactoring until 17:00`.")
    if len(words) > MOST_TARGETS:
        raise Refused(f"{len(words)} at once are too many; {MOST_TARGETS} at most. A pattern such as `src/**` is one.")
    made = Wish(tuple(dict.fromkeys(targets.read(plain(word), known) for word in words)))
    made, rest = _how_long(made, rest, now, at)
    return replace(made, reason=b.clip(WHY.sub("", rest, count=1).strip(), LONGEST_REASON))


def when(text: str, now: datetime, at: Calendar) -> tuple[timedelta | None, datetime | None]:
    """`until 17:00`, `17:00`, `for 2h`, `2h`; nothing where nothing is said. Raises Refused for anything else."""
    text = plain(text).strip()
    if not text:
        return None, None
    tries = (text, f"until {text}", f"for {text}")
    for one in tries:
        made, rest = _how_long(Wish(()), one, now, at)
        if (made.span or made.until) and not rest.strip():
            return made.span, made.until
    raise Refused(f"`{b.clip(b.escape(text), 60)}` is no time: write `until 17:00`, `until fri 12:00` or `for 2h`.")


def _words(text: str) -> tuple[list[str], str]:
    found: list[str] = []
    while text.strip() and not BEGINS.match(text):
        one = WORD.match(text)
        if one is None:
            break
        found.append(one[1] or one[2] or one[3])
        text = text[one.end() :]
    return found, text


def _how_long(wish: Wish, text: str, now: datetime, at: Calendar) -> tuple[Wish, str]:
    lasts = LASTS.search(text)
    if lasts:
        span = times.parse_span(lasts[1].lower().replace("min", "m"))
        if not span:
            raise Refused("For no time at all nobody can do anything: write `for 2h`.")
        return replace(wish, span=span), text[: lasts.start()] + " " + text[lasts.end() :]
    ends = UNTIL.search(text)
    if ends is None or not any(ends.groupdict().values()):
        return wish, text
    return replace(wish, until=_instant(ends, now, at)), text[: ends.start()] + " " + text[ends.end() :]


def _instant(ends: re.Match[str], now: datetime, at: Calendar) -> datetime:
    """A day without a time is the end of its working hours, a time without a day the next that comes."""
    local = now.astimezone(at.zone)
    try:
        clock = times.parse_time(ends["clock"]) if ends["clock"] else None
        if not ends["date"] and not ends["day"] and clock:
            return calendar.next_occurrence(now, EVERY_DAY, clock, at.zone)
        day = times.parse_date(ends["date"]) if ends["date"] else _day(ends["day"].lower(), local)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None
    until = calendar.to_utc(datetime.combine(day, clock), at.zone) if clock else at.ends(day)
    if until <= now:
        raise Refused(f"{b.date(until, 'both')} is over: name a time to come, or `for 2h`.")
    return until


def _day(word: str, local: datetime) -> date:
    if word == "today":
        return local.date()
    ahead = 1 if word == "tomorrow" else (next(iter(times.parse_days(word))) - local.weekday()) % 7
    return local.date() + timedelta(days=ahead)
