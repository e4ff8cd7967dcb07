"""How much everybody hears in the scripts, from the transcripts that are kept: `python -m tests.rehearsal.noise`.

It writes docs/noise.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callboard.noise.plan import NoisePart
from callboard.rehearsal.comparison.noise import noise, told
from callboard.rehearsal.transcript import CLOCK, MARGIN, Line

HERE = Path(__file__).parent
DOC = HERE.parents[1] / "docs" / "noise.md"
MOST = NoisePart().pages_per_hour
HOUR = timedelta(hours=1)
INTRO = f"""\
# How much everybody hears

Messages and pages per person and day in each script that is shipped in `callboard/examples/scripts/`. `12 (3)` is
twelve messages, three of them pages. A message is what reaches somebody alone, in Slack or by mail. What a channel
reads, an edit, and the answer to what somebody typed are not counted: they alert nobody.

Nobody gets more than {MOST} pages within an hour, except by first pages: those of a new matter or a new step are never
held back. Each hour that has more is listed with its pages.
"""
NONE = f"Nobody gets more than {MOST} pages within an hour."
DAY = re.compile(r"\w+day, \d\d \w+ \d{4}")
PLACE = r"(?:mail:|phone:|home:)?[@#][^\s,:]+"
TOLD = re.compile(rf"(\d\d:\d\d)  (PAGE )?({PLACE}(?:, {PLACE})*)(, changed|, answered)?(?:: (.+))?")
DID = {None: "posted", ", changed": "edited", ", answered": "answered"}
EMOJI = re.compile(r":[a-z0-9_+-]+: *")
STEP = re.compile(r"^Why you: (.*?\(step \d+|.*)", re.MULTILINE)
FIRST, AGAIN, NEWS, ENOUGH = "first", "again", "New since", 60


def lines(text: str) -> list[Line]:
    """What somebody was told, from a transcript as it is read; its times are taken as they stand there."""
    found: list[tuple[re.Match[str], datetime, list[str]]] = []
    day = ""
    for row in text.splitlines():
        if DAY.fullmatch(row):
            day = row
        elif head := TOLD.fullmatch(row):
            at = datetime.strptime(f"{day} {head[1]}", f"%A, %d %B %Y {CLOCK}").replace(tzinfo=UTC)
            found.append((head, at, [head[5]] if head[5] else []))
        elif row.startswith(MARGIN) and found:
            found[-1][2].append(row.removeprefix(MARGIN))
    return [
        Line(at, "", to, DID[head[4]], "\n".join(rows), page=bool(head[2]))
        for head, at, rows in found for to in head[3].split(", ")
    ]  # fmt: skip


def repeats(pages: Sequence[Line]) -> list[bool]:
    """Of the pages of one person, whether each says again what they know of that matter and step.

    A page says its step in `Why you`; one without asks somebody who has the matter whether they are still at it.
    """
    known: set[tuple[str, str, str]] = set()
    found = []
    for page in pages:
        step = STEP.search(page.text)
        about = page.to, matter(page), step[1] if step else ""
        found.append(about in known or NEWS in page.text)
        known |= {about, (page.to, matter(page), "")}
    return found


def matter(page: Line) -> str:
    return EMOJI.sub("", page.text.partition("\n")[0])[:ENOUGH].strip()


def document(scripts: Mapping[str, str]) -> str:
    """The whole page, from the transcripts by their names."""
    return INTRO + "".join(f"\n## {name}\n\n{section(lines(text))}" for name, text in scripts.items())


def section(spoken: Sequence[Line]) -> str:
    people = told(spoken)
    crowded = [row for person, own in sorted(people.items()) for row in _crowds(person, own)]
    return "\n".join([*_table(people), "", *(crowded or [NONE])]) + "\n"


def _table(people: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    """Whatever there is less of, people or days, has the columns."""
    days = sorted({line.at.date() for own in people.values() for line in own})
    rows: list[Sequence[str]] = [["", *(f"{day:%a} {day.day} {day:%b}" for day in days), "Together"]]
    for person in sorted(people):
        own = [[line for line in people[person] if line.at.date() == day] for day in days]
        rows.append([person, *map(_cell, [*own, people[person]])])
    head, *body = zip(*rows, strict=True) if len(days) > len(people) else rows
    yield from (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))


def _cell(own: Sequence[Line]) -> str:
    count = noise(own)
    return f"{count.messages} ({count.pages})" if count.pages else str(count.messages or "")


def _crowds(person: str, own: Sequence[Line]) -> Iterator[str]:
    pages = [line for line in own if line.page]
    words = dict(zip(map(id, pages), [AGAIN if again else FIRST for again in repeats(pages)], strict=True))
    for crowd in crowds(pages, MOST):
        first = crowd[0].at
        yield f"- {person}, {first:%a} {first.day} {first:%b}: {len(crowd)} pages"
        yield from (f"  - {page.at:{CLOCK}} {words[id(page)]}: {matter(page)}" for page in crowd)


def crowds(lines: Iterable[Line], most: int) -> Iterator[Sequence[Line]]:
    """The pages of one person, in order, that lie in an hour with more of them than that."""
    pages = [line for line in lines if line.page]
    within: set[int] = set()
    for number, line in enumerate(pages):
        hour = [other for other, each in enumerate(pages) if other >= number and each.at < line.at + HOUR]
        if len(hour) > most:
            within.update(hour)
    crowd: list[Line] = []
    for number, line in enumerate(pages):
        if number in within:
            crowd.append(line)
        if crowd and number + 1 not in within:
            yield crowd
            crowd = []


def written() -> str:
    return document({file.stem: file.read_text() for file in sorted(HERE.glob("*.txt"))})


def write() -> None:
    DOC.write_text(written())


if __name__ == "__main__":
    write()
