"""The section `preflight` of the plan file: when it is, who is asked, and until when they answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.planfile.sections import Document, Happening, Problem, Section, Window
from callboard.planfile.timetable import placed, timetable
from callboard.planfile.types import Moment, Part, Span, Whom
from callboard.preflight.day import ON_THE_DAY, people
from callboard.teams.plan import directory as teams

SHORTEST = timedelta(minutes=10)


class PreflightPart(Part):
    """When everybody gets a test page, who that is, and how long they have to answer."""

    at: Moment | None = None
    who: Whom = (ON_THE_DAY,)
    answer_within: Span = timedelta(hours=4)


def check(document: Document, part: PreflightPart) -> Iterator[Problem]:
    """Somebody is asked, and has time to answer."""
    at = ("preflight", "who")
    yield from teams.check_who(document, at, ["everyone" if word == ON_THE_DAY else word for word in part.who])
    directory = teams.drafted(document)
    if ON_THE_DAY in part.who and not document.body.get("runbooks"):
        sentence = "there is no run-book, so nobody is on duty on the day: name people, teams or `everyone`"
        yield document.error(at, sentence)
    elif directory and teams.complete(document) and not people(document, directory, part.who):
        yield document.warning(at, "nobody is asked: name people, teams or `everyone`")
    if part.answer_within < SHORTEST:
        yield document.error(("preflight", "answer_within"), "nobody can answer that fast: write 10m or more")


def happens(document: Document, part: PreflightPart, window: Window) -> Iterator[Happening]:
    """The preflight, with everybody whom it asks."""
    due, directory = placed(timetable(document), part.at) if part.at else None, teams.drafted(document)
    if due and directory and window[0] <= due[0] < window[1]:
        who = tuple(person.key for person in people(document, directory, part.who) if not person.vacant)
        yield Happening(
            at=due[0], until=due[0] + part.answer_within, kind="preflight", name="Test pages", key="preflight",
            zone=due[1], who=who, loose=True,
        )  # fmt: skip


PREFLIGHT: Section[PreflightPart] = Section(
    name="preflight", one="preflight", model=PreflightPart, check=check, happens=happens, early=True
)
