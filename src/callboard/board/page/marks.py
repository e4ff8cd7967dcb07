"""Instants, countdowns, numbers and signs, as a page has them. The script fills in what runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from callboard.board.page.numbers import Numbers
from callboard.board.picture.counts import Count
from callboard.board.picture.parts import Colour, Picture
from callboard.forecast.messages import percent

SIGNS = {
    "passed": ("good", "check"), "ready": ("near", "diamond"), "pending": ("calm", "ring"), "failed": ("bad", "cross"),
    "waived": ("calm", "skip"), Colour.GREEN: ("good", "check"), Colour.YELLOW: ("warn", "bang"),
    Colour.RED: ("bad", "cross"), Colour.BLACK: ("dead", "bar"), "completed": ("good", "check"),
    "in progress": ("near", "half"), "blocked": ("bad", "cross"), "not started": ("calm", "ring"),
    "running": ("near", "half"), "ahead": ("calm", "ring"), "on hold": ("warn", "bang"), "over": ("good", "check"),
    "done": ("good", "check"), "open": ("bad", "bang"), "acknowledged": ("near", "half"),
}  # fmt: skip
"""How a state looks: its colour, and a shape, so that nobody needs the colour."""
PLAIN = ("calm", "ring")
SVG = Markup('<svg class="i {}" aria-hidden="true"><use href="#i-{}"/></svg>')


def of(picture: Picture) -> dict[str, Callable[..., Any]]:
    """The functions that templates call."""
    zone = ZoneInfo(picture.zone)
    today = picture.at.astimezone(zone).date()

    def when(instant: datetime | None, *, dated: bool = False) -> Markup:
        """The time in the plan's zone, with the day when it is not today, or always."""
        if instant is None:
            return Markup('<span class="none">no date</span>')
        local = instant.astimezone(zone)
        day = f"{local:%a} {local.day} {local:%b}".replace(" ", "\N{NO-BREAK SPACE}")
        words = f"{local:%H:%M}" if local.date() == today and not dated else f"{day} {local:%H:%M}"
        return Markup('<time datetime="{}">{}</time>').format(iso(instant), words)

    def left(instant: datetime | None, late: str = "late") -> Markup:
        shown = Markup(' <span class="left" data-until="{}" data-late="{}"></span>')
        return shown.format(iso(instant), late) if instant else Markup()

    def share(instant: datetime) -> str:
        """Where an instant lies between the plan's ends, in per cent."""
        whole = (picture.ends - picture.begins).total_seconds() or 1
        return f"{min(max((instant - picture.begins).total_seconds() / whole, 0), 1) * 100:.2f}"

    return {
        "when": when, "left": left, "share": share, "iso": iso, "odds": percent, "sign": sign, "tone": tone,
        "shape": lambda state: SIGNS.get(state, PLAIN)[1], "local": lambda at: f"{at.astimezone(zone):%Y-%m-%dT%H:%M}",
    }  # fmt: skip


def number(numbers: Numbers, picture: Picture, count: Count, words: str = "", *, past: bool) -> Markup:
    """A number, or words that have it, which opens to its rows."""
    found, shown = numbers.of(count) if count else None, words or count.number
    if found is None:
        return Markup('<span class="n">{}</span>').format(shown)
    asked = {"of": found.of, **({"at": iso(picture.at)} if past else {})}
    return Markup('<a class="n" href="/board/{}/rows?{}" aria-label="{}">{}</a>').format(
        picture.plan, urlencode(asked), f"{shown} – {found.name}", shown
    )


def iso(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def sign(state: str) -> Markup:
    return SVG.format(*SIGNS.get(state, PLAIN))


def tone(state: str) -> str:
    return SIGNS.get(state, PLAIN)[0]
