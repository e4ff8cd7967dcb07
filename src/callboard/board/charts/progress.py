"""Burndown and velocity: what is left, against an ideal line; what is completed, against the targets of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from callboard.board.charts.sketch import BLUE, GREY, INK, ORANGE, Anchor, Drawing, Scale, whole_ticks
from callboard.board.figures import days
from callboard.board.figures.days import Left, Span
from callboard.board.figures.history import History
from callboard.core.words import counted

LEFT, RIGHT, TOP, FOOT, HEIGHT = 40, 360, 66, 218, 268
MOST_NUMBERED, MOST_DATES = 14, 5
ROOM = 0.75
"""How near the last date another one may stand, as part of what is between two others: both are to be read."""
AHEAD, BEHIND = "Add stretch goals.", "Reprioritise, or add people."


def day_words(day: date) -> str:
    return f"{day.day} {day:%b}"


def dates(every: Sequence[date]) -> Iterator[tuple[float, str]]:
    """The first and the last day, and some between, by their place."""
    last = len(every) - 1
    step = max(1, -(-last // (MOST_DATES - 1)))
    places = [place for place in range(0, last + 1, step) if place == 0 or last - place > step * ROOM]
    yield from ((place, day_words(every[place])) for place in dict.fromkeys([*places, last]))


def burndown(history: History) -> Drawing:
    """Tasks that are left at the end of each day, against a straight line to none at the end of the plan."""
    every, left = [day.date for day in history.days], days.burndown(history)
    drawing = Drawing("Burndown", _left_words(every, left), _left_alt(every, left), HEIGHT)
    most = max((each.scope for each in left), default=1)
    ticks = whole_ticks(most)
    x, y = Scale(0, max(len(every) - 1, 1), LEFT, RIGHT), Scale(0, ticks[-1], FOOT, TOP)
    drawing.wall(y, (LEFT, RIGHT), ((tick, str(tick)) for tick in ticks))
    drawing.floor(x, FOOT, dates(every))
    if left:
        drawing.rule((x.at(0), y.at(left[0].scope)), (x.at(len(every) - 1), y.at(0)), GREY, dash="5 4", width=2)
        points = [(x.at(every.index(each.day)), y.at(each.left)) for each in left if each.day in every]
        drawing.line(points, BLUE)
        drawing.dot(*points[-1], "circle", BLUE)
        side: Anchor = "end" if points[-1][0] > RIGHT - 40 else "start"
        x_at, y_at = points[-1]
        below = left[-1].left < ideal(every, left) and left[-1].left > ticks[-1] / 10
        x_at, y_at = x_at + (-7 if side == "end" else 7), y_at + (14 if below else -7)
        drawing.label(x_at, y_at, f"{left[-1].left} left", side, colour=INK, bold=True)
    drawing.legend(HEIGHT - 12, [("circle", BLUE, "tasks left", False), ("square", GREY, "ideal line", True)])
    return drawing


def ideal(every: Sequence[date], left: Sequence[Left]) -> float:
    """What should be left at the end of the last day that is drawn."""
    last = max(len(every) - 1, 1)
    return left[0].scope * (1 - every.index(left[-1].day) / last) if left else 0.0


def _left_words(every: Sequence[date], left: Sequence[Left]) -> list[str]:
    if not left:
        return ["The plan has not begun."]
    now, should = left[-1], ideal(every, left)
    gap = round(now.left - should)
    stands = f"{gap} behind the ideal line" if gap > 0 else f"{-gap} ahead of the ideal line" if gap else "on the line"
    return [f"{day_words(now.day)}: {now.left} of {now.scope} tasks left, {stands}"]


def _left_alt(every: Sequence[date], left: Sequence[Left]) -> str:
    if not left:
        return "Nothing to draw: the plan has not begun."
    told = ", ".join(f"{day_words(each.day)} {each.left}" for each in left)
    return f"{_left_words(every, left)[0]}. Left at the end of each day: {told}. Ideal: {ideal(every, left):.0f} left."


def velocity(history: History) -> Drawing:
    """What was completed in each week or day, against the targets of the plan."""
    spans = days.velocity(history)
    drawing = Drawing("Velocity", [advice(spans)], _done_alt(spans), HEIGHT)
    ticks = whole_ticks(max([1, *(max(span.done, span.target or 0) for span in spans)]))
    x, y = Scale(0, max(len(spans), 1), LEFT, RIGHT), Scale(0, ticks[-1], FOOT, TOP)
    drawing.wall(y, (LEFT, RIGHT), ((tick, str(tick)) for tick in ticks))
    named = [day_words(history.day_of(span.begin)) for span in spans]
    step = max(1, -(-len(spans) // (2 * MOST_DATES)))
    shown = named if len(spans) <= MOST_DATES else [str(span.number) for span in spans]
    drawing.floor(x, FOOT, ((place + 0.5, shown[place]) for place in range(0, len(spans), step)))
    room = (RIGHT - LEFT) / max(len(spans), 1)
    for place, span in enumerate(spans):
        left, wide = x.at(place) + room * 0.2, room * 0.6
        good = span.target is None or span.done >= span.target
        drawing.bar(left, y.at(span.done), wide, FOOT - y.at(span.done), BLUE if good or not span.over else ORANGE)
        if span.target is not None:
            at = y.at(span.target)
            drawing.rule((left - room * 0.1, at), (left + wide + room * 0.1, at), INK, width=2)
        if len(spans) <= MOST_NUMBERED and (span.done or span.over):
            drawing.label(x.at(place + 0.5), min(y.at(span.done), FOOT) - 4, str(span.done), "middle", colour=INK)
    drawing.legend(HEIGHT - 12, [("square", BLUE, "completed", False), ("square", ORANGE, "below target", False),
                                 ("square", INK, "target", False)])  # fmt: skip
    return drawing


def advice(spans: Sequence[Span]) -> str:
    """How much more or less was completed than the targets of what is over, and what to do about it."""
    over = [span for span in spans if span.over and span.target is not None]
    if not over:
        return "No target is due yet."
    gap = sum(span.done for span in over) - sum(span.target or 0 for span in over)
    if gap == 0:
        return "On target."
    return f"Ahead by {counted(gap, 'task')}. {AHEAD}" if gap > 0 else f"Behind by {counted(-gap, 'task')}. {BEHIND}"


def _done_alt(spans: Sequence[Span]) -> str:
    told = [
        f"{span.number}: {span.done}{'' if span.target is None else f' of {span.target}'}" for span in spans
        if span.done or span.over or span.target is not None
    ]  # fmt: skip
    return f"{advice(spans)} Completed, of the target: {', '.join(told) or 'nothing yet'}."
