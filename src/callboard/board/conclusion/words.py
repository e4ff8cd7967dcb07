"""The closing report as Markdown, as HTML and for Slack."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.blocks.markdown import shown as safe
from callboard.board.conclusion.chapters import Table, shown, tables
from callboard.board.conclusion.past import Past
from callboard.core.outbox import Attachment, Message

SHOWN, PARAGRAPHS = ("Gates", "Lessons", "Awards", "Kudos"), 2
STYLE = (
    "body{max-width:1000px;margin:0 auto;padding:16px;font:16px/1.45 -apple-system,Segoe UI,Roboto,Arial,sans-serif;"
    "color:#1d2939;background:#fff}table{border-collapse:collapse;width:100%;margin:8px 0 24px}"
    "th,td{text-align:left;vertical-align:top;padding:6px 8px;border-bottom:1px solid #d0d5dd;overflow-wrap:anywhere}"
    "th{color:#475467}"
)


def markdown(past: Past) -> str:
    """The whole report, for a wiki or an issue."""
    return "\n".join(_markdown(past)) + "\n"


def _markdown(past: Past) -> Iterator[str]:
    yield f"# {safe(_title(past))}"
    yield from ("", _until(past))
    for table in tables(past):
        yield from ("", f"## {table.title}", "", table.summary, "")
        yield f"| {' | '.join(table.columns)} |"
        yield f"|{'---|' * len(table.columns)}"
        yield from (f"| {' | '.join(map(safe, row))} |" for row in table.rows)


def html(past: Past) -> str:
    """The whole report as one page that needs nothing else."""
    title = escape(_title(past))
    body = "".join(map(_section, tables(past)))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{title}</h1><p>{escape(_until(past))}</p>{body}</body></html>\n"
    )


def message(past: Past) -> Message:
    """The report where the plan ends, or so far: sums in Slack with all of it as a file, all of it by mail."""
    made, key = tables(past), past.directory.plan_key
    shown_blocks = [b.header(m.clip(_title(past), 150))]
    lines = [f"{m.bold(table.title)} {m.escape(table.summary)}" for table in made]
    shown_blocks += fit.paragraphs(lines, PARAGRAPHS)
    for table in made:
        if table.title in SHOWN:
            rows = [f"• {m.escape(', '.join(filter(None, row)))}" for row in table.rows]
            shown_blocks += fit.paragraphs([m.bold(table.title), *rows], PARAGRAPHS)
    summary = " ".join(f"{table.title}: {table.summary}" for table in made[:2])
    title = _title(past)
    page = html(past)
    whole = Attachment(
        f"{key}-closing-report.html", "The whole report", page.encode(),
        f"`callboard export --plan {key} --closing` writes it.",
    )  # fmt: skip
    return Message(
        text=m.escape(f"{title}. {summary}"), blocks=shown_blocks, title=title, plain=markdown(past), html=page,
        attachment=whole,
    )  # fmt: skip


def _section(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return (
        f"<h2>{escape(table.title)}</h2><p>{escape(table.summary)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _title(past: Past) -> str:
    over = past.directory.ends_at is None or past.directory.ends_at <= past.until
    return f"{past.directory.plan_name}: closing report{'' if over else ' so far'}"


def _until(past: Past) -> str:
    return f"Promised against happened, until {shown(past, past.until)}. Times are in {past.directory.timezone}."
