"""A report, its chapters and lines, and how it reads: in Slack, as plain text, and as HTML in one narrow column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from html import escape
from zoneinfo import ZoneInfo

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import complete


class Mark(StrEnum):
    """What a line stands out for."""

    NONE = ""
    LATE = "late"
    STALE = "stale"
    BLOCKED = "blocked"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line in plain text. `percent` draws a bar, `was` is the percentage before, `at` is each reader's time."""

    text: str
    mark: Mark = Mark.NONE
    percent: int | None = None
    was: int | None = None
    at: datetime | None = None
    until: str = ""


@dataclass(frozen=True)
class Chapter:
    """Some lines of a report, how many `more` there are, and where to `see` them."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0
    see: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """A whole report. `zone` is that of the plan: mail cannot show each reader's own."""

    name: str
    plan: str
    at: datetime
    zone: str
    percent: int
    was: int | None
    summary: str
    chapters: tuple[Chapter, ...]


ICONS = complete(Mark, {
    Mark.NONE: "•", Mark.LATE: ":warning:", Mark.STALE: ":zzz:", Mark.BLOCKED: ":octagonal_sign:",
    Mark.DONE: ":white_check_mark:",
})  # fmt: skip
SIGNS = complete(Mark, {Mark.NONE: "-", Mark.LATE: "!", Mark.STALE: "?", Mark.BLOCKED: "x", Mark.DONE: "✓"})
COLOURS = complete(Mark, {
    Mark.NONE: "#344054", Mark.LATE: "#b42318", Mark.STALE: "#b54708", Mark.BLOCKED: "#b42318", Mark.DONE: "#067647",
})  # fmt: skip
PARAGRAPHS = 4


def report(view: ReportView) -> Message:
    head = f"{m.bold(f'{m.escape(view.plan)}: {view.percent}%')}{_since(view.percent, view.was)}"
    shown = [b.header(f"{view.name}, {_day(view)}"), b.section(f"{head}\n{m.escape(view.summary)}")]
    for chapter in view.chapters:
        lines = [f"*{chapter.title}*", *(_slack_line(line) for line in chapter.lines), *_more(chapter)]
        shown += fit.paragraphs(lines, PARAGRAPHS)
    title = f"{view.plan}, {view.name.lower()} of {_day(view)}: {view.percent}%, {view.summary}"
    return Message(text=m.escape(title), blocks=shown, title=title, plain="\n".join(_plain(view)), html=_html(view))


def _html(view: ReportView) -> str:
    """One column that a phone shows without zooming: no tables, no images, all styles in place."""
    body, rose = "".join(_chapter(view, chapter) for chapter in view.chapters), _since(view.percent, view.was)
    return (
        '<div style="max-width:560px;margin:0 auto;padding:16px;font:16px/1.45 -apple-system,Segoe UI,Roboto,Arial,'
        'sans-serif;color:#1d2939">'
        f'<h1 style="font-size:20px;margin:0 0 4px">{escape(view.plan)}: {view.percent}%{rose}</h1>'
        f"{_bar(view.percent)}"
        f'<p style="margin:8px 0 0;color:#475467">{escape(f"{view.name}, {_day(view)}: {view.summary}.")}</p>'
        f"{body}"
        f'<p style="margin:24px 0 0;font-size:13px;color:#667085">Times are in {escape(view.zone)}. The '
        "plan file says under <code>reports</code> who gets this.</p></div>"
    )


def _plain(view: ReportView) -> Iterator[str]:
    yield f"{view.plan}: {view.percent}%{_since(view.percent, view.was)}"
    yield f"{view.name}, {_day(view)}: {view.summary}."
    for chapter in view.chapters:
        yield f"\n{chapter.title.upper()}"
        yield from (f"{SIGNS[line.mark]} {_words(line, _local(view, line.at))}" for line in chapter.lines)
        yield from _more(chapter)
    yield f"\nTimes are in {view.zone}."


def _chapter(view: ReportView, chapter: Chapter) -> str:
    lines = "".join(
        f'<p style="margin:6px 0;color:{COLOURS[line.mark]}">{SIGNS[line.mark]} '
        f"{escape(_words(line, _local(view, line.at)))}</p>{_bar(line.percent) if line.percent is not None else ''}"
        for line in chapter.lines
    )
    more = "".join(f'<p style="margin:6px 0;color:#667085">{escape(each)}</p>' for each in _more(chapter))
    return f'<h2 style="font-size:16px;margin:20px 0 4px">{escape(chapter.title)}</h2>{lines}{more}'


def _bar(percent: int) -> str:
    return (
        '<div style="height:6px;background:#eaecf0;border-radius:3px"><div style="height:6px;border-radius:3px;'
        f'background:#2e90fa;width:{max(0, min(percent, 100))}%"></div></div>'
    )


def _slack_line(line: Line) -> str:
    when = _when(line, m.date(line.at, "both") if line.at else "")
    return f"{ICONS[line.mark]} {m.escape(_words(line, ''))}{when}"


def _words(line: Line, at: str) -> str:
    """A line in plain words: how it stands, what it was, and when."""
    if line.percent is None:
        return f"{line.text}{_when(line, at)}"
    percent = "" if f"{line.percent}%" in line.text or line.mark == Mark.DONE else f", {line.percent}%"
    return f"{line.text}{percent}{_since(line.percent, line.was)}{_when(line, at)}"


def _when(line: Line, at: str) -> str:
    return f", {f'{line.until} {at}'.strip()}" if at else ""


def _since(percent: int, was: int | None) -> str:
    """By how much it rose or fell since the report before."""
    return f" ({percent - was:+d})" if was is not None and percent != was else ""


def _more(chapter: Chapter) -> list[str]:
    where = f": {chapter.see}" if chapter.see else ""
    return [f"and {chapter.more} more{where}"] if chapter.more else []


def _day(view: ReportView) -> str:
    day = view.at.astimezone(ZoneInfo(view.zone))
    return f"{day:%A}, {day.day} {day:%B}"


def _local(view: ReportView, at: datetime | None) -> str:
    local = at and at.astimezone(ZoneInfo(view.zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}" if local else ""
