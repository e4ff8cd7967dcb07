"""What a chart is drawn of: scales, lines, bars, marks of different shapes, labels; and its template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

BLUE, ORANGE, GREEN, RED, SKY, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"
"""Colours of Okabe and Ito, which people tell apart however they see colours."""
INK, GREY, PALE = "#111827", "#6b7280", "#e5e7eb"
WIDTH = 375
Shape = Literal["circle", "square", "diamond", "triangle", "cross"]
Anchor = Literal["start", "middle", "end"]
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Scale:
    """From values to places along one side of the plot."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1)
        return round(self.first + share * (self.last - self.first), 1)


@dataclass
class Drawing:
    """A chart as it is drawn. `title` and `about` stand above it; `alt` says its figures to whoever can't see it."""

    title: str
    about: Sequence[str]
    alt: str
    height: int
    width: int = WIDTH
    rules: list[dict[str, Any]] = field(default_factory=list)
    bars: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    dots: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)

    def rule(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = PALE,
        *,
        dash: str = "",
        width: int = 1,
    ) -> None:
        x1, y1, x2, y2 = *start, *end
        self.rules.append({"x1": x1, "y1": y1, "x2": x2, "y2": y2, "colour": colour, "dash": dash, "width": width})

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        values = {"x": x, "y": y, "width": width, "height": height}
        self.bars.append({"colour": colour} | {name: round(value, 1) for name, value in values.items()})

    def line(self, points: Iterable[tuple[float, float]], colour: str) -> None:
        self.lines.append({"points": " ".join(f"{x:g},{y:g}" for x, y in points), "colour": colour})

    def dot(self, x: float, y: float, shape: Shape, colour: str, *, hollow: bool = False, size: float = 4) -> None:
        self.dots.append({"path": _path(shape, x, y, size), "colour": colour, "fill": "#ffffff" if hollow else colour})

    def label(
        self, x: float, y: float, text: str, anchor: Anchor = "start", *, colour: str = "#374151", bold: bool = False
    ) -> None:
        self.labels.append({"x": x, "y": y, "text": text, "anchor": anchor, "colour": colour, "bold": bold})

    def legend(self, y: float, entries: Sequence[tuple[Shape, str, str, bool]]) -> None:
        """A row of marks with what each means, along the foot: shape, colour, words, whether it is hollow."""
        x = 16.0
        for shape, colour, words, hollow in entries:
            self.dot(x, y - 4, shape, colour, hollow=hollow)
            self.label(x + 8, y, words)
            x += 22 + 6.1 * len(words)

    def floor(self, scale: Scale, y: float, ticks: Iterable[tuple[float, str]]) -> None:
        """The axis along the foot of a plot."""
        self.rule((scale.first, y), (scale.last, y), GREY)
        for value, words in ticks:
            at = scale.at(value)
            self.rule((at, y), (at, y + 4), GREY)
            anchor: Anchor = "start" if at < scale.first + 12 else "end" if at > scale.last - 12 else "middle"
            self.label(at, y + 16, words, anchor)

    def wall(self, scale: Scale, sides: tuple[float, float], ticks: Iterable[tuple[float, str]]) -> None:
        """The axis along the left of a plot, with a line across for each tick."""
        for value, words in ticks:
            at = scale.at(value)
            self.rule((sides[0], at), (sides[1], at))
            self.label(sides[0] - 5, at + 4, words, "end")

    def svg(self) -> str:
        return str(_template().render(vars(self)))


def whole_ticks(high: float, most: int = 4) -> list[int]:
    """Round numbers from 0 to `high` or a little above."""
    size = 1
    while True:
        for step in (size * each for each in STEPS):
            if high <= step * most:
                count = max(1, -(-int(-(-high // 1)) // step))
                return [step * number for number in range(count + 1)]
        size *= 10


def _path(shape: Shape, x: float, y: float, size: float) -> str:
    left, right, top, foot = (round(each, 1) for each in (x - size, x + size, y - size, y + size))
    match shape:
        case "circle":
            return f"M{left} {y:g}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 -{2 * size} 0z"
        case "square":
            return f"M{left} {top}H{right}V{foot}H{left}z"
        case "diamond":
            return f"M{x:g} {top}L{right} {y:g}L{x:g} {foot}L{left} {y:g}z"
        case "triangle":
            return f"M{x:g} {top}L{right} {foot}H{left}z"
        case "cross":
            return f"M{left} {top}L{right} {foot}M{left} {foot}L{right} {top}"


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("callboard.board.charts", ".")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.get_template("chart.svg")
