"""The sections `runbooks` and `rollbacks` of the plan file, and what must be right in them besides their form.

consequences: what a new version of the plan does to run-books that run
documents: somebody's document, and the run-book that it is
schedule: when steps are, in which order, and who leads them then
steps: what a plan file says of steps
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from callboard.core.calendar import DayTime, Wall
from callboard.core.errors import did_you_mean
from callboard.gates.plan.names import check_mail, check_named
from callboard.planfile.names import called, nearest
from callboard.planfile.paths import item_key
from callboard.planfile.sections import Dated, Document, Path, Problem, Section, Waits, entries
from callboard.planfile.times import WEEKDAYS, parse_time, show_day, show_span
from callboard.planfile.timetable import Timetable, timetable
from callboard.runbooks.plan import schedule
from callboard.runbooks.plan.consequences import consequences
from callboard.runbooks.plan.schedule import Timed
from callboard.runbooks.plan.steps import LeaderPart, RollbackPart, RunbookPart, StepPart, WindowPart
from callboard.teams.plan import directory as teams
from callboard.teams.plan.directory import check_channel
from callboard.teams.plan.on_call import ON_CALL, turn
from callboard.teams.plan.people import role_keys
from callboard.teams.recipients import OF_A_TEAM, RELATIVE


def _check_runbooks(document: Document, parts: Mapping[str, RunbookPart]) -> Iterator[Problem]:
    """Somebody leads each step, and they come once each, in order and within the windows."""
    table = timetable(document)
    for key, part in parts.items():
        at: Path = ("runbooks", key)
        yield from check_channel(document, (*at, "channel"), part.channel)
        yield from _check_begin(document, at, part)
        for number, step in enumerate(part.steps):
            yield from _check_step(document, (*at, "steps", number), step)
        yield from _check_needs(document, (*at, "steps"), part)
        yield from _check_twice(document, (*at, "steps"), document.body["runbooks"][key]["steps"])
        if table:
            yield from _check_times(document, at, part, table)


def _check_rollbacks(document: Document, parts: Mapping[str, RollbackPart]) -> Iterator[Problem]:
    """The plan has whoever orders a rollback, and enough people to confirm it."""
    for key, part in parts.items():
        at: Path = ("rollbacks", key)
        if key in document.keys("runbooks"):
            sentence = f"the run-book `{key}` has this key, too, and `/run stop {key}` means one of them: rename one"
            yield document.warning(at, sentence)
        yield from teams.check_who(document, (*at, "order"), part.order, OF_A_TEAM)
        yield from teams.check_who(document, (*at, "lead"), part.lead, OF_A_TEAM)
        if not isinstance(part.confirm, int):
            yield from teams.check_who(document, (*at, "confirm"), part.confirm, OF_A_TEAM)
        elif teams.complete(document):
            able = len(teams.meant(document, ("everyone", "coordinator", *part.order)))
            if part.confirm > able:
                sentence = f"{part.confirm} people must confirm this, and the plan has {able}: write less"
                yield document.error((*at, "confirm"), sentence)


def _check_begin(document: Document, at: Path, part: RunbookPart) -> Iterator[Problem]:
    """A run-book begins at one moment, or by one thing that may happen."""
    if part.starts and part.day:
        yield document.error((*at, "day"), "`starts` says when this begins: take `day` out")
    for word, named in part.starts.on.written if part.starts and part.starts.on else ():
        section, kind = {"gate": ("gates", "gate"), "no_go": ("gates", "gate"), "emergency": ("emergencies", "level")}[
            word
        ]
        known = document.keys(section)
        if named not in known:
            sentence = f"there is no {kind} `{named}`; {nearest(document, named, known)}"
            yield document.error((*at, "starts", "on", word), sentence)
        elif word == "no_go" and not (document.body["gates"][named] or {}).get("decision"):
            yield document.error((*at, "starts", "on", word), f"`{named}` is no decision: write `decision: true` there")
    if part.drill:
        yield from check_channel(document, (*at, "drill", "channel"), part.drill.channel)


def _check_needs(document: Document, at: Path, part: RunbookPart) -> Iterator[Problem]:
    """Steps wait for steps of the same run-book, and never for themselves."""
    keys = [schedule.step_key(step) for step in part.steps]
    numbers = {key: number for number, key in enumerate(keys)}
    for number, step in enumerate(part.steps):
        for place, key in enumerate(step.needs or ()):
            if key not in numbers:
                hint = did_you_mean(key, [other for other in keys if other != keys[number]])
                yield document.error((*at, number, "needs", place), f"this run-book has no step `{key}`; {hint}")
    waits = [
        tuple(numbers[key] for key in step.needs if key in numbers) if step.needs is not None
        else (number - 1,) * bool(number) for number, step in enumerate(part.steps)
    ]  # fmt: skip
    if around := schedule.circle(waits):
        first = next(number for number in around if part.steps[number].needs)
        turn = around.index(first)
        names = " -> ".join(keys[number] for number in [*around[turn:-1], *around[:turn], first])
        yield document.error((*at, first, "needs"), f"this step waits for itself: {names}; take one of these out")


def _check_step(document: Document, at: Path, step: StepPart) -> Iterator[Problem]:
    if step.reserve is None and not step.lead:
        yield document.error(at, "`lead` is missing: write `lead: ops`, a team, a person or {role: coordinator}")
    if step.reserve is not None:
        idle = ("lead", "takes", "within", "items", "confirm", "measures", "reported", "turn_back", "if_failed", "at")
        for word in idle:
            if getattr(step, word):
                yield document.error((*at, word), f"in a reserve nothing is done: take `{word}` out, or `reserve`")
    if step.takes and step.within and step.takes.most > step.within:
        sentence = f"it may take {show_span(step.takes.most)}, and is late after {show_span(step.within)}"
        yield document.warning((*at, "within"), f"{sentence}: make `within` longer")
    for number, leader in enumerate(step.lead):
        yield from _check_leader(document, (*at, "lead", number), leader)
    yield from _check_known(document, (*at, "with"), "teams", step.with_)
    yield from _check_known(document, (*at, "meanwhile"), "teams", step.meanwhile, by_key=True)
    yield from _check_known(document, (*at, "measures"), "measures", step.measures)
    yield from teams.check_who(document, (*at, "confirm"), step.confirm, OF_A_TEAM)
    yield from check_named(document, at, step, "gate")
    if step.if_failed:
        failed = (*at, "if_failed")
        yield from check_named(document, failed, step.if_failed, "rollback", "escalate", "emergency")
        yield from teams.check_who(document, (*failed, "tell"), step.if_failed.tell, OF_A_TEAM)
    if step.announce:
        yield from teams.check_who(document, (*at, "announce", "to"), step.announce.to, OF_A_TEAM)
        yield from check_mail(document, (*at, "announce", "mail"), step.announce.mail)
    if step.starts and not document.keys(step.starts):
        where = (*at, "starts")
        yield document.warning(where, "nobody is on call in this plan: write a section `on_call`, or remove this")


def _check_leader(document: Document, at: Path, leader: str | LeaderPart) -> Iterator[Problem]:
    """A step is led by a team, a person, whoever has a role, or whoever is on call."""
    people, leading = document.keys("people"), document.keys("teams")
    if isinstance(leader, str):
        if leader in role_keys(document):
            yield document.error(at, f"`{leader}` is a role: write `lead: {{role: {leader}}}`")
        elif leader in RELATIVE:
            yield document.error(at, f"`{leader}` is nobody here: name a team or a person, or write `{{role: ...}}`")
        elif leader not in (*leading, *people):
            hint = nearest(document, leader, [*leading, *people])
            yield document.error(at, f"there is no team `{leader}`; {hint}")
        else:
            yield from _check_seat(document, at, leader)
    elif leader.role:
        yield from check_named(document, at, leader, "role")
        if leader.role in role_keys(document):
            yield from teams.check_who(document, at, (leader.role,))
    elif leader.on_call not in leading:
        hint = nearest(document, leader.on_call, leading)
        yield document.error((*at, "on_call"), f"there is no team `{leader.on_call}`; {hint}")
    elif leader.on_call not in document.keys(ON_CALL.name):
        example = f"{leader.on_call}: {{rotation: [a, b], from: ...}}"
        sentence = f"nobody is on call for {leader.on_call}: write `{example}` under `on_call`"
        yield document.error((*at, "on_call"), sentence)


def _check_seat(document: Document, at: Path, leader: str) -> Iterator[Problem]:
    directory = teams.drafted(document)
    person = directory.people.get(leader) if directory else None
    if person and person.vacant:
        yield document.vacant(at, f"the seat {person.name} is vacant, and this step waits for it")


def _check_known(
    document: Document, path: Path, section: str, keys: Iterable[str], *, by_key: bool = False
) -> Iterator[Problem]:
    known, kind = document.keys(section), called(document.sections, section)
    for number, key in enumerate(keys):
        if key not in known:
            where = (*path, key if by_key else number)
            yield document.error(where, f"there is no {kind} `{key}`; {nearest(document, key, known)}")


def _check_twice(document: Document, at: Path, written: Iterable[Any]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, step in enumerate(written):
        key = item_key(step)
        other = first.setdefault(key, number)
        if other != number:
            sentence = f"two steps have the key `{key}`, the first is in line {document.line((*at, other))}"
            yield document.error((*at, number), f"{sentence}: give this one another title, or a `key:`")


def _check_times(document: Document, at: Path, part: RunbookPart, table: Timetable) -> Iterator[Problem]:
    day, times = schedule.own_day(table, part), schedule.timed(table, part)
    if part.day is None and part.starts is None and any(isinstance(step.at, DayTime) for step in part.steps):
        yield document.warning(at, "this has no day, so it is on no calendar: write `day: 2026-04-01`")
    with suppress(OverflowError):
        yield from _check_skipped(document, at, part, table, day) if day else ()
        yield from _check_turns(document, at, times)
        yield from _check_promise(document, at, part, times, table)
        yield from _check_beaten(document, at, part, times)
        yield from _check_order(document, at, times, table)
        yield from _check_windows(document, at, part, times, table)


def _check_skipped(document: Document, at: Path, part: RunbookPart, table: Timetable, day: Wall) -> Iterator[Problem]:
    for number, step in enumerate(part.steps):
        if isinstance(step.at, DayTime) and Wall(day.day, step.at.clock, step.at.zone).skipped(table.calendar.zone):
            zone = (step.at.zone or table.calendar.zone).key
            sentence = f"there is no {step.at.clock:%H:%M} on {day.day} in {zone}, as the clocks go forward"
            yield document.error((*at, "steps", number, "at"), f"{sentence}: write an hour later")


def _check_turns(document: Document, at: Path, times: tuple[Timed, ...]) -> Iterator[Problem]:
    """Warn of a step that is led by whoever is on call, at a time when nobody is yet."""
    rotations = document.of(ON_CALL) or {}
    for number, one in enumerate(times):
        for place, leader in enumerate(one.step.lead):
            team = leader.on_call if isinstance(leader, LeaderPart) else ""
            if one.at and team in rotations and turn(document, team, one.at) is None:
                sentence = f"nobody is on call for {team} at this time: the first turn begins later"
                yield document.warning((*at, "steps", number, "lead", place), sentence)


def _check_promise(
    document: Document, at: Path, part: RunbookPart, times: tuple[Timed, ...], table: Timetable
) -> Iterator[Problem]:
    """The end that is promised is not before the end of the steps."""
    end = max(((one.until or one.at) for one in times if one.at), default=None)
    promised = table.instant(part.promised) if part.promised and table.known(part.promised) else None
    if end and promised and promised < end:
        there, here = (f"{moment.astimezone(table.calendar.zone):%Y-%m-%d %H:%M}" for moment in (end, promised))
        sentence = f"{here} is promised, and the steps with their reserve last until {there}"
        yield document.error((*at, "promised"), f"{sentence}: promise a later end, or plan less")


def _check_beaten(document: Document, at: Path, part: RunbookPart, times: tuple[Timed, ...]) -> Iterator[Problem]:
    """Warn of a step whose own time is before what it waits for is planned to be done: it will begin later."""
    for number, others in enumerate(schedule.waits_for(part.steps)):
        mine = times[number]
        for other in others if mine.step.at and mine.at else ():
            until = times[other].until if part.steps[other].takes else None
            if until and mine.at and until > mine.at:
                sentence = (
                    f"this is at {mine.at.astimezone(mine.zone):%H:%M}, and `{schedule.step_key(part.steps[other])}`"
                )
                took = f"{sentence} may take until {until.astimezone(mine.zone):%H:%M}"
                yield document.warning((*at, "steps", number, "at"), f"{took}: it begins once that is done")


def _check_order(document: Document, at: Path, times: tuple[Timed, ...], table: Timetable) -> Iterator[Problem]:
    latest: datetime | None = None
    keys = {schedule.step_key(one.step) for one in times}
    for number, one in enumerate(times):
        if not keys.issuperset(one.step.needs or ()):
            return  # a step that waits for nothing there is has no time
        if one.at and latest and one.at < latest and one.step.needs is None:
            here, there = (moment.astimezone(table.calendar.zone) for moment in (one.at, latest))
            next_day = f"{here.date() + timedelta(days=1)} {here:%H:%M}"
            sentence = f"this step is at {here:%H:%M}, before one above it at {there:%H:%M}"
            where = (*at, "steps", number, "at") if one.step.at else (*at, "steps", number)
            yield document.error(where, f"{sentence}: move it, or write its day too, {next_day}")
            latest = None  # what is reckoned from it comes before that, too
        latest = max(filter(None, (latest, one.at)), default=None)


def _check_windows(
    document: Document, at: Path, part: RunbookPart, times: tuple[Timed, ...], table: Timetable
) -> Iterator[Problem]:
    """Warn of each step outside; once of a day without any window."""
    zone, days = table.calendar.zone, set()
    for number, one in enumerate(times):
        if not one.at or not part.windows or any(_within(window, one.at, table) for window in part.windows):
            continue
        local = one.at.astimezone(zone)
        own = (*at, "steps", number, "at") if one.step.at else (*at, "steps", number)
        if any(local.weekday() in window.days for window in part.windows):
            hours = " or ".join(str(window.hours) for window in part.windows if window.hours)
            yield document.warning(own, f"{local:%H:%M} is outside the windows of this run-book, {hours}")
        elif local.date() not in days:
            days.add(local.date())
            day = schedule.own_day(table, part)
            where = (*at, "day") if day and day.day == local.date() else own
            sentence = f"{show_day(local.date())} is outside the windows of this run-book, {_days(part)}"
            yield document.warning(where, f"{sentence}: choose another day")


def _within(window: WindowPart, at: datetime, table: Timetable) -> bool:
    """Whether a moment is in a window, also in one that began the evening before; its end is just in time."""
    today = at.astimezone(table.calendar.zone).date()
    if window.hours is None:
        return today.weekday() in window.days
    for day in (today, today - timedelta(days=1)):
        begin, end = window.hours.on(day, table.calendar.zone)
        if day.weekday() in window.days and begin <= at <= end:
            return True
    return False


def closes_at(table: Timetable, part: RunbookPart, at: datetime) -> datetime | None:
    """When the window closes in which a moment is; None where it is in none, or the window has no hours."""
    today = at.astimezone(table.calendar.zone).date()
    days = [(window, day) for window in part.windows for day in (today, today - timedelta(days=1))]
    held = [
        window.hours.on(day, table.calendar.zone)
        for window, day in days
        if window.hours and day.weekday() in window.days
    ]
    return max((end for begin, end in held if begin <= at <= end), default=None)


def in_window(table: Timetable, part: RunbookPart, at: datetime) -> bool:
    """Whether a run-book with windows may run at a moment."""
    return any(_within(window, at, table) for window in part.windows)


def _days(part: RunbookPart) -> str:
    days = frozenset().union(*(window.days for window in part.windows))
    return ", ".join(WEEKDAYS[day][:3] for day in sorted(days))


def _dated(written: Any) -> Iterator[Dated]:
    for key, runbook in entries(written):
        for number, step in entries(runbook.get("steps")):
            yield (key, "steps", number, "at"), step.get("title"), f"{_day(runbook)} {step.get('at')}"


def _starts(runbook: Mapping[str, Any]) -> str:
    """The day of a run-book, with the time of its first step where that is a time of day."""
    first = dict(entries(runbook.get("steps"))).get(0, {})
    at = str(first.get("at", ""))
    with suppress(ValueError):
        parse_time(at)
        return f"{_day(runbook)} {at}".strip()
    return _day(runbook)


def _day(runbook: Mapping[str, Any]) -> str:
    """When a run-book begins, as it is written."""
    starts = runbook.get("starts")
    return str((starts.get("at") if isinstance(starts, Mapping) else None) or runbook.get("day") or "").strip()


RUNBOOKS: Section[Mapping[str, RunbookPart]] = Section(
    name="runbooks", one="run-book", many="run-books", model=dict[str, RunbookPart], check=_check_runbooks,
    happens=schedule.happens, shared_ids=True, waits=Waits.UNHELD, counted=True, dated=_dated, starts=_starts,
    consequences=consequences,
)  # fmt: skip
ROLLBACKS: Section[Mapping[str, RollbackPart]] = Section(
    name="rollbacks",
    one="rollback",
    model=dict[str, RollbackPart],
    check=_check_rollbacks,
    gives=("order", "confirm"),
)
