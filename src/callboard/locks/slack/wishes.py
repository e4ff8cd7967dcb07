"""Asking for a lock in Slack, typed or by a button, and what is said to it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.branches.plan import REPOSITORIES
from callboard.core import calendar
from callboard.core.calendar import Calendar
from callboard.core.errors import Refused
from callboard.locks import plan, service, targets
from callboard.locks.messages import card, git_activity, news
from callboard.locks.service import Taken
from callboard.locks.targets import Known, Wish
from callboard.planfile import times
from callboard.planfile.times import show_span
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Modal, Say
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.zones import service as zones

if TYPE_CHECKING:
    from callboard.core.db import Tx


def ask_form(usual: str, targets: str = "", private: dict[str, Any] | None = None) -> dict[str, Any]:
    """The form for a new lock."""
    hint = "src/api/**, *.css, README.md#Backend, or a thing such as staging; several with spaces between them."
    inputs = [
        b.text_input("What?", "targets", initial=targets, placeholder="src/api/**", hint=hint, max_length=1000),
        b.text_input("What for?", "reason", placeholder="refactoring", max_length=300),
        b.datetime_input(
            "Until when?", "until", optional=True, hint=f"Left empty: {usual}, and longer while you work."
        ),
        b.checkboxes_input("Where it is taken", "wait", [("Wait in line", "wait")]),
    ]
    return b.modal("Lock something", inputs, callback_id="lock.ask", submit="Lock it", private=private)


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


def plain(text: str) -> str:
    """What was typed, before Slack made links of file names and escaped the rest."""
    return b.unescape(BARE.sub(r"\1", LINKED.sub(r"\1", text)))


def read_wish(text: str, known: Known, now: datetime, at: Calendar) -> Wish:
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


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return teams.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def repositories(tx: Tx, plan_id: int) -> list[str]:
    """The keys of the plan's repositories."""
    return list(plans.live(tx, plan_id).of(REPOSITORIES) or ())


def known(tx: Tx, plan_id: int) -> Known:
    """What words may mean in a plan."""
    stems = (rule.pattern.stem for rule in zones.standing(tx, plan_id))
    return Known(repositories(tx, plan_id), {stem.partition("/")[0] for stem in stems if "/" in stem})


def own_calendar(who: Asker) -> Calendar:
    """The calendar by which somebody's times are meant."""
    return Calendar(who.person.zone, who.person.working_hours, who.directory.calendar.holidays)


def wish(tx: Tx, who: Asker, text: str) -> Wish:
    """What somebody wants. Raises Refused for what cannot be meant."""
    return read_wish(text, known(tx, who.directory.plan_id), tx.now, own_calendar(who))


def typed(tx: Tx, request: Request, text: str, *, wait: bool = False) -> Answer:
    """Lock what was typed; without a reason the form asks for it."""
    who = asker(tx, request)
    wanted = wish(tx, who, text)
    if not wanted.reason:
        return form(tx, request, who, " ".join(map(str, wanted.targets)))
    return locked(tx, who, wanted, text, wait=wait)


def locked(tx: Tx, who: Asker, wanted: Wish, text: str = "", *, wait: bool = False) -> Answer:
    """Lock it, or say why not, with the way into the line."""
    try:
        lock = service.acquire(tx, who, wanted, wait=wait)
    except Taken as refused:
        others = [one.lock.number for one in refused.rivals if one.lock.holder != who.person.key]
        return Say(refused.sentence, news.refused(refused.sentence, others, text if len(text) <= b.VALUE else ""))
    things = [str(one) for one in wanted.targets if one.kind == "thing"]
    said = card.answer(card.lock_view(tx, lock)) + card.of_things(things)
    return Say("\n".join(filter(None, (said, git_activity.others_at_work(tx, who.directory, lock)))))


def released(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Answer:
    """Give it back, and say what became of it meanwhile."""
    lock = service.release(tx, who, number, expected)
    return Say(
        "\n".join(
            filter(None, (card.answer(card.lock_view(tx, lock)), git_activity.meanwhile(tx, who.directory, lock)))
        )
    )


def form(tx: Tx, request: Request, who: Asker, targets: str = "") -> Answer:
    """The form, with what was said already."""
    usual = show_span(plan.rules(tx, who.directory.plan_id).expire_after)
    private = {"plan": who.directory.plan_key, "channel": request.channel}
    return Modal(ask_form(usual, targets, private))


def waiting_for(tx: Tx, who: Asker, number: int, reason: str) -> Answer:
    """Wait for what a lock holds; it is had at once where nobody has it any more."""
    return locked(tx, who, replace(service.again(tx, who, number, reason), until=None), wait=True)
