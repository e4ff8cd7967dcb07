"""Scripts: who does what when, in the words that they would type, and what somebody must read, or never."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from callboard.core.calendar import Calendar, Wall
from callboard.core.errors import Refused, did_you_mean
from callboard.planfile import yaml_reader
from callboard.planfile.check import check_sections
from callboard.planfile.sections import Document, Problem, Section
from callboard.planfile.times import parse_time, parse_wall
from callboard.planfile.types import Many, Part, Span

if TYPE_CHECKING:
    from callboard.teams.directory import Directory

NO_SCRIPT = "there is no script in this file: it begins with `script:`, and a list follows"
WHEN = ("at", "after", "by", "until")
DEEDS = ("says", "clicks", "submits", "pushes", "opens", "sends")
LOOKS = ("reads", "never")
REQUEST = re.compile(r"(GET|POST|PUT) (/\S+)")
ASKED = "POST /hooks/alertmanager"


class LinePart(Part):
    """One line: a deed of somebody, or what somebody must have read by then, or must never read until then."""

    at: str = ""
    after: Span | None = None
    by: str = ""
    until: str = ""
    who: Many
    says: Many = ()
    in_: str = Field(default="", alias="in")
    clicks: str = ""
    on: str = ""
    chooses: str = ""
    submits: dict[str, Any] | None = None
    pushes: str = ""
    files: Many = ()
    checks: Literal["passed", "failed", "running"] | None = None
    merges: bool = False
    opens: str = ""
    sends: str = ""
    body: Any = None
    reads: Many = ()
    never: Many = ()

    @property
    def deeds(self) -> list[str]:
        return [name for name in (*DEEDS, *LOOKS) if getattr(self, name) not in ("", (), None)]


@dataclass(frozen=True)
class Cue:
    """A line of a script with the instant at which it is due; `line` is where it stands in the file."""

    at: datetime
    line: int
    part: LinePart

    @property
    def looks(self) -> bool:
        """Whether it only says what somebody reads, or does not."""
        return bool(self.part.reads or self.part.never)


SCRIPT: Section[Any] = Section(name="script", one="line", many="lines", model=list[LinePart], required=True)


def read(text: str | bytes, file: str, directory: Directory, begins: datetime) -> list[Cue]:
    """The cues of a script, in order. Raises Refused with a sentence for each line that is wrong.

    Times are those of the plan's zone. A time of day alone is on the day of the deed before; the first is on `begins`.
    """
    document, problems = yaml_reader.load(text, file, (SCRIPT,))
    if not document.body:
        problems = [
            Problem(each.line, NO_SCRIPT if "callboard: 1" in each.sentence else each.sentence) for each in problems
        ]
    else:
        problems += check_sections(document)
    cues: list[Cue] = []
    if not problems:
        for found in _cues(document, directory, begins):
            (problems if isinstance(found, Problem) else cues).append(found)  # type: ignore[arg-type]
    if problems:
        raise Refused("\n".join(each.at(file) for each in sorted(problems)))
    return cues


def _cues(document: Document, directory: Directory, begins: datetime) -> Iterator[Cue | Problem]:
    now = begins
    for number, part in enumerate(document.values.get("script", ())):
        place = ("script", number)
        wrong = list(_wrong(document, number, part, directory))
        yield from wrong
        try:
            at = _instant(part, now, directory.calendar)
        except ValueError as error:
            yield document.error(place, str(error))
            continue
        cue = Cue(at, document.line(place), part)
        if at < now and number:
            yield document.error(place, "this is earlier than what is done above: put it where its time comes")
        elif not wrong:
            yield cue
        now = now if cue.looks else max(now, at)


def _instant(part: LinePart, now: datetime, calendar: Calendar) -> datetime:
    if part.after is not None:
        return now + part.after
    written = part.at or part.by or part.until
    if ":" in written[:3]:
        return Wall(now.astimezone(calendar.zone).date(), parse_time(written)).instant(calendar)
    wall = parse_wall(written)
    if wall.clock is None:
        raise ValueError(f"`{written}` has no time of day: write it as {written} 09:00")
    return wall.instant(calendar)


def _wrong(document: Document, number: int, part: LinePart, directory: Directory) -> Iterator[Problem]:
    place = ("script", number)
    for name in part.who:
        if name not in directory.people:
            hint = did_you_mean(name, directory.people)
            yield document.error(place, f"nobody in the plan has the id `{name}`; {hint}")
    if len(part.deeds) != 1:
        words = ", ".join((*DEEDS, *LOOKS))
        yield document.error(place, f"write what happens, in one of these words: {words}; here are {len(part.deeds)}")
        return
    times = [name for name in WHEN if getattr(part, name) not in ("", None)]
    deed = part.deeds[0]
    wanted = {"reads": ("by", "after"), "never": ("until", "after")}.get(deed, ("at", "after"))
    if len(times) != 1 or times[0] not in wanted:
        yield document.error(place, f"write when, with `{wanted[0]}: 2025-11-13 09:20` or `after: 5m`, beside `{deed}`")
    if deed == "sends" and not REQUEST.fullmatch(part.sends):
        yield document.error(place, f"`{part.sends}` is no request: write it as {ASKED}")
    yield from _needless(document, number, part, deed)


def _needless(document: Document, number: int, part: LinePart, deed: str) -> Iterator[Problem]:
    for name, written, deeds in (
        ("in", part.in_, ("says", *LOOKS)), ("on", part.on, ("clicks",)), ("chooses", part.chooses, ("clicks",)),
        ("files", part.files, ("pushes",)), ("checks", part.checks, ("pushes",)), ("merges", part.merges, ("pushes",)),
        ("body", part.body, ("sends",)),
    ):  # fmt: skip
        if written and deed not in deeds:
            yield document.error(("script", number), f"`{name}` goes with {' or '.join(deeds)}, not with `{deed}`")
