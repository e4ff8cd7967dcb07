"""The `on_call` section of the plan file: who of a team is on call at an instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from callboard.core.db import Tx
from callboard.planfile.calendar import plan_window, running
from callboard.planfile.expressions import expressions
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Happening, Problem, Section, Window
from callboard.planfile.timetable import instant_of, timetable
from callboard.planfile.types import ON_CALL as WORD
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams
from callboard.teams.plan.turns import OnCallPart, Rotation, Turn, on_call, rotations
from callboard.teams.recipients import is_on_call


def turn(document: Document, team: str, now: datetime) -> Turn | None:
    """Whose turn it is for a team at an instant; None before the first, and for a team without a rotation."""
    rotation = rotations(document).get(team)
    return on_call(rotation, now) if rotation else None


def check(document: Document, parts: Mapping[str, OnCallPart]) -> Iterator[Problem]:
    """A rotation belongs to a known team and names people of the plan, and somebody has the turn when it counts."""
    known = document.keys("teams")
    for team, part in parts.items():
        if team not in known:
            yield document.error(("on_call", team), f"there is no team `{team}`; {nearest(document, team, known)}")
        for number, person in enumerate(part.rotation):
            yield from _check_person(document, ("on_call", team, "rotation", number), person)
        yield from _check_overrides(document, team, part)
    yield from _check_hours(document, parts)


def _check_person(document: Document, path: tuple[str | int, ...], person: str) -> Iterator[Problem]:
    directory, people = teams.drafted(document), document.keys("people")
    if person in document.keys("teams") and person not in people:
        yield document.error(path, f"`{person}` is a team: name its people")
    elif person not in people:
        yield document.error(path, f"there is no person `{person}`; {nearest(document, person, people)}")
    elif directory and person in directory.people and directory.people[person].vacant:
        yield document.vacant(path, f"the seat {person} is vacant, and has turns on call: name somebody else")


def _check_overrides(document: Document, team: str, part: OnCallPart) -> Iterator[Problem]:
    table = timetable(document)
    for number, each in enumerate(part.overrides):
        at = ("on_call", team, "overrides", number)
        yield from _check_person(document, (*at, "person"), each.person)
        begin, end = instant_of(table, each.from_), instant_of(table, each.until)
        if begin and end and end <= begin:
            yield document.error((*at, "until"), "this is over before it begins: write a later time")


def _check_hours(document: Document, parts: Mapping[str, OnCallPart]) -> Iterator[Problem]:
    """Warn of hours in which nobody has the turn yet, for teams whose turns the plan asks for."""
    words = [word for each in expressions(document) for word in each.words if is_on_call(word)]
    asked, within = {word.removeprefix(WORD).strip() for word in words}, plan_window(document)
    for team, rotation in rotations(document).items() if words and within else ():
        own = running(document, within, rotation.zone) if within else None
        first = next(rotation.held(own), None) if own else None
        if team in parts and asked & {team, ""} and own and (first is None or first.at > own[0]):
            begin, end = (at.astimezone(rotation.zone) for at in (own[0], first.at if first else own[1]))
            hours = f"from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
            sentence = f"nobody of {team} is on call {hours}, so its leads are meant then: begin earlier"
            yield document.warning(("on_call", team, "from"), sentence)


def happens(document: Document, parts: Mapping[str, OnCallPart], window: Window) -> Iterator[Happening]:
    """Each hand-over while the plan runs."""
    for team, rotation in rotations(document).items():
        within = running(document, window, rotation.zone) if team in parts else None
        yield from _hand_overs(document, team, rotation, within) if within else ()


def _hand_overs(document: Document, team: str, rotation: Rotation, window: Window) -> Iterator[Happening]:
    directory = teams.drafted(document)
    name = f"On call for {directory.teams[team].name if directory and team in directory.teams else team}"
    for turn in rotation.turns(window):
        if turn.at < window[0]:
            continue
        whole = Happening(
            at=turn.at, until=turn.until, kind="on call", name=name, key=team, zone=rotation.zone.key, team=team,
            who=teams.meant(document, (turn.person,)), occurrence=str(turn.number), loose=True,
        )  # fmt: skip
        yield from _stretches(directory, rotation, turn, whole) if directory else [whole]


def _stretches(directory: Directory, rotation: Rotation, turn: Turn, whole: Happening) -> Iterator[Happening]:
    """A turn, and each stretch of it in which somebody else has it or stands in."""
    holder = directory.people.get(turn.person)
    days = [day for away in (holder.away if holder else ()) for day in (away.first, away.last + timedelta(days=1))]
    midnights = (datetime.combine(day, time(), holder.zone).astimezone(UTC) for day in days if holder)
    taken = (moment for each in rotation.overrides for moment in (each.at, each.until))
    cuts = sorted({turn.at, *(at for at in (*midnights, *taken) if turn.at < at < turn.until)})
    for number, (at, until) in enumerate(zip(cuts, [*cuts[1:], turn.until], strict=True)):
        own = directory.people.get(rotation.holder(at) or "", holder) if rotation.overrides else holder
        acting = directory.standing_in(own, at) if own else None
        instead = f", for {holder.name}" if holder and acting and acting is not holder else ""
        yield replace(
            whole, at=at, until=until, part=str(number or ""), name=f"{whole.name}{instead}",
            who=(acting.key,) if instead and acting else whole.who if acting else (),
        )  # fmt: skip


def consequences(tx: Tx, _plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Say who is on call at once who was not."""
    later = rotations(after)
    for team, rotation in rotations(before).items():
        was = rotation.holder(tx.now)
        now = later[team].holder(tx.now) if team in later else None
        if was != now and was:
            yield f"{now or 'nobody'} is on call for {team} from now on, and no longer {was}"


ON_CALL: Section[Mapping[str, OnCallPart]] = Section(
    name="on_call",
    model=dict[str, OnCallPart],
    early=True,
    check=check,
    happens=happens,
    consequences=consequences,
    gives=("rotation", "overrides"),
)
