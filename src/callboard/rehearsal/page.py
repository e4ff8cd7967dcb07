"""A rehearsal as one HTML page: time goes down, and everybody has a column."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from callboard.rehearsal.transcript import CLOCK, changed, head

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from callboard.rehearsal.transcript import Line

CHANNELS = "Channels"
DAY = "%A, %d %B %Y"
STYLE = """
:root { color-scheme: light dark; --line: #8884; --page: #c22; --did: #2678; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0; }
body { display: flex; flex-direction: column; height: 100vh; }
h1 { font-size: 1.3em; margin: .7em; }
nav { display: flex; flex-wrap: wrap; gap: .4em 1.4em; margin: 0 .9em .7em; }
select { font: inherit; max-width: 16em; }
[hidden] { display: none !important; }
div.all { overflow: auto; flex: 1; min-height: 0; scroll-padding-top: 2.4em; }
table { border-collapse: separate; border-spacing: 0; }
th, td { border: 0 solid var(--line); border-width: 0 1px 1px 0; padding: .4em .6em; text-align: left; }
th, td { vertical-align: top; }
td { min-width: 16em; max-width: 26em; overflow-wrap: anywhere; }
thead th { position: sticky; top: 0; background: Canvas; z-index: 2; }
tbody th { position: sticky; left: 0; background: Canvas; white-space: nowrap; font-weight: 600; }
thead th:first-child { left: 0; z-index: 3; }
tr.day th { top: 2.2em; z-index: 1; padding-top: .8em; }
tr.day span { position: sticky; left: .6em; }
.line { margin: 0 0 .5em; padding-left: .5em; border-left: 3px solid var(--line); }
.page { border-color: var(--page); }
.did { border-color: var(--did); font-style: italic; }
.where { opacity: .7; font-size: .85em; }
summary { cursor: pointer; }
pre { font: inherit; white-space: pre-wrap; margin: .2em 0 0; }
"""
SCRIPT = """
const [who, day] = document.querySelectorAll("select");
const show = () => {
  const own = who.selectedIndex;
  for (const row of document.querySelectorAll("tr:not(.day)")) {
    [...row.cells].forEach((cell, place) => { cell.hidden = own > 0 && place > 0 && place !== own; });
    row.hidden = own > 0 && !row.cells[own].hasChildNodes();
  }
};
who.value = decodeURIComponent(location.hash.slice(1));
if (who.selectedIndex < 0) who.selectedIndex = 0;
who.onchange = () => { history.replaceState(null, "", "#" + encodeURIComponent(who.value)); show(); };
day.onchange = () => { document.getElementById(day.value)?.scrollIntoView(); day.selectedIndex = 0; };
document.querySelector("nav").hidden = false;
show();
"""
"""Shows one column alone, or goes to a day. The page is whole without it."""


def as_html(lines: Sequence[Line], title: str, zone: ZoneInfo, names: Mapping[str, str]) -> str:
    """A page that needs nothing else. `names` are those of people, by their keys."""
    present = {column(line) for line in lines}
    columns = [CHANNELS, *(key for key in names if key in present)]
    columns += sorted(present.difference(columns))
    heads = "".join(f'<th scope="col">{escape(names.get(key, key))}</th>' for key in columns)
    days = dict.fromkeys(line.at.astimezone(zone).date() for line in lines)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        f"<h1>{escape(title)}</h1>\n<nav hidden>"
        + _choice("Show", [("", "everybody"), *((key, names.get(key, key)) for key in columns)])
        + _choice("Go to", [("", "a day"), *((str(day), f"{day:{DAY}}") for day in days)])
        + f'</nav>\n<div class="all" tabindex="0" role="region" aria-label="{escape(title)}"><table>\n'
        f'<thead><tr><th scope="col">{escape(str(zone))}</th>{heads}</tr></thead>\n<tbody>\n'
        + "\n".join(_rows(lines, zone, columns))
        + f"\n</tbody></table></div><script>{SCRIPT}</script></body></html>\n"
    )


def _choice(label: str, options: Sequence[tuple[str, str]]) -> str:
    written = "".join(f'<option value="{escape(value)}">{escape(name)}</option>' for value, name in options)
    return f"<label>{label} <select>{written}</select></label>\n"


def column(line: Line) -> str:
    """Whose column a line is in: of whoever acts, else of whoever reads it alone."""
    if line.who:
        return line.who
    return CHANNELS if line.to.startswith("#") else line.to.rpartition("@")[2] or line.to


def _rows(lines: Sequence[Line], zone: ZoneInfo, columns: Sequence[str]) -> Iterator[str]:
    day, stood = None, dict[tuple[str, str], str]()
    for minute, some in groupby(lines, lambda line: line.at.astimezone(zone).replace(second=0, microsecond=0)):
        if day != (day := minute.date()):
            written = f"<span>{day:{DAY}}</span>"
            yield f'<tr class="day" id="{day}"><th colspan="{len(columns) + 1}" scope="rowgroup">{written}</th></tr>'
        cells: dict[str, str] = {}
        for line in some:
            cells[column(line)] = cells.get(column(line), "") + _line(line, stood)
        shown = "".join(f"<td>{cells.get(key, '')}</td>" for key in columns)
        yield f'<tr><th scope="row">{minute:{CLOCK}}</th>{shown}</tr>'


@cache
def _emoji() -> Mapping[str, str]:
    """The character of each shortcode that the stand-in for Slack shows."""
    written = files("slack_standin.page").joinpath("emoji.js").read_text(encoding="utf-8")
    pairs = written.split("`")[1].strip().replace("\n", "|").split("|")
    return {name: shown for name, _, shown in (pair.partition(" ") for pair in pairs)}


def _text(text: str) -> str:
    return escape(re.sub(r":([\w+-]+):", lambda found: _emoji().get(found[1], found[0]), text))


def _line(line: Line, stood: dict[tuple[str, str], str]) -> str:
    kind = "did" if line.who else "page" if line.page else ""
    if line.who:
        return f'<div class="line {kind}">{escape(head(line))}</div>'
    key = (line.to, line.text.partition("\n")[0])
    first, *rest = changed(stood.get(key, "") if line.did == "edited" else "", line.text) or [""]
    stood[key] = line.text
    more = "\n".join(map(_text, rest))
    body = f"<details><summary>{_text(first)}</summary><pre>{more}</pre></details>" if more else _text(first)
    where = f"{escape(head(line))}{', page' if line.page else ''}"
    return f'<div class="line {kind}"><span class="where">{where}</span><br>{body}</div>'
