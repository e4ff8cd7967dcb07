"""The board as a web page: a picture drawn as HTML, in parts that change one by one.

numbers: every number of a board, what it is called, and the rows it was counted from
stream: open pages, and how they hear what changed
gaps: pictures that are kept in between, where much happened
marks: instants, countdowns and signs, as a page has them
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callboard.board.page import marks
from callboard.board.page.numbers import Board, Numbers
from callboard.board.picture.parts import Picture

if TYPE_CHECKING:
    from jinja2 import Environment, Template

HERE = Path(__file__).parent
PARTS = ("summary", "blockers", "runs", "hands", "gates", "phases", "teams", "pairs", "latest")
FILES = {"board.css": "text/css", "board.js": "text/javascript", "open.js": "text/javascript",
         "icon.svg": "image/svg+xml"}  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """A board as it is sent to everybody who may see the same of it; `past` is whether it shows an instant gone by."""

    board: Board
    numbers: Numbers
    acts: bool
    past: bool
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def picture(self) -> Picture:
        return self.board.picture

    @cached_property
    def digests(self) -> dict[str, str]:
        return {name: hashlib.blake2b(html.encode(), digest_size=9).hexdigest() for name, html in self.parts.items()}

    @cached_property
    def html(self) -> str:
        return _template("page.html").render(_names(self), parts=self.parts, version=version())

    @cached_property
    def packed(self) -> bytes:
        """The page, compressed once for all."""
        return gzip.compress(self.html.encode(), 6, mtime=0)

    def since(self, digests: Mapping[str, str]) -> dict[str, str]:
        """The parts that whoever has these digests does not have."""
        return {name: html for name, html in self.parts.items() if digests.get(name) != self.digests[name]}


def until(picture: Picture) -> datetime:
    """Until when a drawing is right, if nothing happens: times have their day only where it is not today."""
    zone = ZoneInfo(picture.zone)
    tomorrow = picture.at.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone).astimezone(UTC)
    return max(min(filter(None, (picture.until, midnight))), picture.at + timedelta(seconds=1))


def draw(picture: Picture, *, acts: bool, past: bool = False) -> Drawing:
    """Draw a picture; for those who `act` in the plan it says what to type."""
    board = Board.of(picture)
    plain = Drawing(board, Numbers(board), acts, past)
    names = _names(plain)
    parts = {name: _template(f"parts/{name}.html").render(names) for name in PARTS}
    return Drawing(board, plain.numbers, acts, past, parts)


def rows(drawing: Drawing, of: str) -> str | None:
    """The page of the rows that a number was counted from; None for no such number."""
    found = drawing.numbers.find(of)
    return found and _template("rows.html").render(_names(drawing), number=found, version=version())


def sheet(title: str, lines: tuple[str, ...] = (), *, button: str = "", action: str = "", back: str = "") -> str:
    """A page with a few words, and perhaps one button, or the way `back` to the board of a plan."""
    words = {"title": title, "lines": lines, "button": button, "action": action, "back": back}
    return _template("sheet.html").render(words, version=version())


@cache
def version() -> str:
    """Another one whenever the page's files are: an open page that has an older one loads itself again."""
    files = sorted(path for path in HERE.rglob("*") if path.suffix in (".html", ".css", ".js", ".svg"))
    return hashlib.blake2b(b"".join(path.read_bytes() for path in files), digest_size=6).hexdigest()


def _names(drawing: Drawing) -> dict[str, object]:
    """What templates know."""
    picture = drawing.picture
    return {
        "board": drawing.board, "picture": picture, "acts": drawing.acts, "past": drawing.past,
        "base": f"/board/{picture.plan}", **marks.of(picture),
        "number": partial(marks.number, drawing.numbers, picture, past=drawing.past),
    }  # fmt: skip


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip


def _template(name: str) -> Template:
    return _templates().get_template(name)
