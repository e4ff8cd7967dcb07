"""Response and resolution times against their targets, gates on a line of time, conflicts a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from statistics import fmean

from callboard.board.charts.progress import FOOT, HEIGHT, LEFT, RIGHT, TOP, dates, day_words
from callboard.board.charts.sketch import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    Drawing,
    Scale,
    Shape,
    whole_ticks,
)
from callboard.board.figures import days
from callboard.board.figures.days import Mark, Times
from callboard.board.figures.history import History
from callboard.conflicts.models import Degree
from callboard.core.words import counted, exact, lasted
from callboard.gates.models import SETTLED
from callboard.gates.plan.measures import MEASURES

PANEL, GAP = 78, 44
MINUTE, HOUR, DAY = 60, 3_600, 86_400
MOST_GATES, ROW = 9, 34
NAME = 34


def response(history: History) -> Drawing:
    """How long it took on average until blockers were taken, and until they were resolved, by the day of that."""
    every, times = [day.date for day in history.days], days.times(history)
    drawing = Drawing("Response and resolution", _times_words(history, times), _times_alt(times), 2 * PANEL + GAP + 110)
    x = Scale(0, max(len(every) - 1, 1), LEFT + 10, RIGHT)
    for place, (name, key, colour, shape) in enumerate(PANELS):
        top = 88 + place * (PANEL + GAP)
        means = [(every.index(each.day), fmean(spans)) for each in times if (spans := getattr(each, name))]
        target = _target(history, key)
        _panel(drawing, x, top, means, target, (colour, shape))
        drawing.label(12, top - 10, f"{WORDS[name]}{f', target {exact(timedelta(seconds=target))}' if target else ''}",
                      colour=INK, bold=True)  # fmt: skip
    foot = 88 + 2 * PANEL + GAP
    drawing.floor(x, foot, dates(every))
    return drawing


PANELS: tuple[tuple[str, str, str, Shape], ...] = (
    ("responses", "response_time", BLUE, "circle"), ("resolutions", "resolution_time", ORANGE, "square"),
)  # fmt: skip
WORDS = {"responses": "Until somebody took it", "resolutions": "Until it was resolved"}


def _target(history: History, key: str) -> float | None:
    part = (history.document.of(MEASURES) or {}).get(key)
    return part.at_most.value if part and part.at_most else None


def _panel(
    drawing: Drawing, x: Scale, top: float, means: Sequence[tuple[int, float]], target: float | None,
    look: tuple[str, Shape],
) -> None:  # fmt: skip
    most = max([MINUTE, target or 0, *(value for _, value in means)])
    unit, word = next((unit, word) for unit, word in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")) if most >= unit)
    ticks = whole_ticks(ceil(most / unit), 3)
    y = Scale(0, ticks[-1] * unit, top + PANEL, top)
    drawing.wall(y, (x.first, x.last), ((tick * unit, f"{tick} {word}" if tick else "0") for tick in ticks))
    if target:
        drawing.rule((x.first, y.at(target)), (x.last, y.at(target)), INK, dash="6 3", width=2)
    colour, shape = look
    for place, value in means:
        late = bool(target and value > target)
        drawing.dot(x.at(place), y.at(value), shape, RED if late else colour, hollow=late)


def _times_words(history: History, times: Sequence[Times]) -> list[str]:
    count = sum(len(each.responses) for each in times)
    closed = sum(len(each.resolutions) for each in times)
    if not count and not closed:
        return ["No blocker was answered yet."]
    late = [
        f"{sum(value > target for each in times for value in getattr(each, name))} over target"
        if (target := _target(history, key)) else "no target" for name, key, _, _ in PANELS
    ]  # fmt: skip
    return [f"{counted(count, 'response')} ({late[0]}), {counted(closed, 'resolution')} ({late[1]})",
            "Each mark is the average of a day; hollow red is over target."]  # fmt: skip


def _times_alt(times: Sequence[Times]) -> str:
    told = [
        f"{day_words(each.day)} {WORDS[name].lower()}: {lasted(timedelta(seconds=fmean(spans)))}"
        for name in WORDS for each in times if (spans := getattr(each, name))
    ]  # fmt: skip
    return f"Averages of each day. {'; '.join(told) or 'No blocker was answered yet'}."


def gates(history: History) -> Drawing:
    """Each gate on a line of time: when it is due, when it passed or will, and whether that is in time."""
    every = days.gates(history)
    open_first = [mark for mark in every if mark.state not in SETTLED]
    shown = every if len(every) <= MOST_GATES else (open_first + [mark for mark in every if mark not in open_first])
    shown = sorted(shown[:MOST_GATES], key=every.index)
    drawing = Drawing("Gates", [_gates_words(every)], _gates_alt(every), 96 + ROW * len(shown))
    begin, end = history.days[0].begin, history.days[-1].end
    x = Scale(begin.timestamp(), end.timestamp(), 16, RIGHT)
    now = x.at(min(max(history.now, begin), end).timestamp())
    for place, mark in enumerate(shown):
        drawing.rule((now, 70 + ROW * place), (now, 86 + ROW * place), GREY, dash="2 2", width=2)
        _gate(drawing, x, 68 + ROW * place, mark)
    drawing.floor(x, 56 + ROW * len(shown), (
        (day.begin.timestamp(), day_words(day.date)) for day in (history.days[0], history.days[-1])
    ))  # fmt: skip
    if len(every) > len(shown):
        drawing.label(RIGHT / 2, drawing.height - 26, f"and {len(every) - len(shown)} more", "middle")
    drawing.legend(drawing.height - 8, [
        ("diamond", GREY, "due", True), ("circle", GREEN, "passed", False), ("triangle", RED, "missed", False),
        ("circle", BLUE, "expected", True),
    ])  # fmt: skip
    return drawing


def _gate(drawing: Drawing, x: Scale, y: float, mark: Mark) -> None:
    name = mark.name if len(mark.name) <= NAME else f"{mark.name[: NAME - 1]}…"
    drawing.label(16, y, name, colour=INK)
    drawing.label(RIGHT, y, stands(mark), "end", colour=RED if mark.late else INK, bold=mark.late)
    line = y + 10
    drawing.rule((x.first, line), (x.last, line))
    marks: tuple[tuple[datetime | None, Shape, str, bool], ...] = (
        (mark.due, "diamond", GREY, True), (mark.missed_at, "triangle", RED, False),
        (mark.settled_at, "circle", GREEN, False), (mark.expected, "circle", BLUE, True),
    )  # fmt: skip
    for at, shape, colour, hollow in marks:
        if at is not None:
            drawing.dot(min(max(x.at(at.timestamp()), x.first), x.last), line, shape, colour, hollow=hollow)


def stands(mark: Mark) -> str:
    """How it stands with its time, in a few words."""
    if mark.state in SETTLED:
        return f"{mark.state}{' late' if mark.late else ' in time'}"
    if mark.missed_at or mark.overdue:
        return "missed" if mark.missed_at else "late"
    if mark.due is None:
        return "no time set"
    if mark.expected is None:
        return "open"
    return "will be late at this pace" if mark.late else "in time at this pace"


def _gates_words(every: Sequence[Mark]) -> str:
    passed = sum(mark.state in SETTLED for mark in every)
    return f"{passed} of {counted(len(every), 'gate')} passed, {sum(mark.late for mark in every)} late or about to be"


def _gates_alt(every: Sequence[Mark]) -> str:
    told = [
        f"{mark.name}: {stands(mark)}{f', due {day_words(mark.due.date())}' if mark.due else ''}"
        f"{f', {mark.why}' if mark.why else ''}" for mark in every
    ]  # fmt: skip
    return f"{_gates_words(every)}. {'; '.join(told) or 'The plan has no gate'}."


DEGREES = {
    Degree.SIMPLE: SKY, Degree.VIOLATION: PURPLE, Degree.MEDIUM: BLUE, Degree.COMPLEX: ORANGE, Degree.CRITICAL: RED,
}  # fmt: skip


def conflicts(history: History) -> Drawing:
    """How many conflicts of branches were found on each day, by degree."""
    every, found = [day.date for day in history.days], days.conflicts(history)
    total = sum(each.total for each in found)
    told = ", ".join(f"{day_words(each.day)} {each.total} ({_degrees(each)})" for each in found if each.total)
    on = counted(sum(bool(each.total) for each in found), "day")
    head = f"{counted(total, 'conflict')} on {on}" if total else "No conflict was found"
    drawing = Drawing("Conflicts a day", [head], f"{head}{f'. {told}' if told else ''}.", HEIGHT)
    ticks = whole_ticks(max([1, *(each.total for each in found)]))
    x, y = Scale(-0.5, max(len(every) - 0.5, 0.5), LEFT, RIGHT), Scale(0, ticks[-1], FOOT, TOP)
    drawing.wall(y, (LEFT, RIGHT), ((tick, str(tick)) for tick in ticks))
    drawing.floor(x, FOOT, dates(every))
    wide = (RIGHT - LEFT) / max(len(every), 1) * 0.7
    for each in found:
        height = 0
        for degree, colour in DEGREES.items():
            count = dict(each.degrees).get(degree, 0)
            if count:
                top = y.at(height + count)
                drawing.bar(x.at(every.index(each.day)) - wide / 2, top, wide, y.at(height) - top, colour)
            height += count
    seen = {degree for each in found for degree, _ in each.degrees}
    drawing.legend(HEIGHT - 12, [("square", colour, str(degree), False) for degree, colour in DEGREES.items()
                                 if degree in seen])  # fmt: skip
    return drawing


def _degrees(each: days.Conflicts) -> str:
    return ", ".join(f"{count} {degree}" for degree, count in each.degrees)
