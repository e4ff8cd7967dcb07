"""Noise: what one person hears in an hour, on a day and at night, against the plan's budget."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from callboard.cadences.plan import CADENCES, CadencePart
from callboard.core.words import counted, is_are, joined
from callboard.noise.plan import NOISE, NoisePart
from callboard.planfile.paths import keyed
from callboard.planfile.sections import Happening, Path
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.rehearsal.transcript import Line
from callboard.teams.directory import NIGHT, Person

ASKS = ("standup", "checkpoint", "cadence", "risk", "reminder", "sign-off", "poll", "meeting", "preflight")
"""What makes a message to a person, of all that happens by the calendar."""
AN_HOUR = timedelta(hours=1)
SECTIONS = {"standup": "standups", "checkpoint": "checkpoints", "cadence": "cadences", "meeting": "meetings",
            "poll": "gates", "preflight": "preflight"}  # fmt: skip
ICON = re.compile(r"^:[a-z0-9_+-]+: *")
NEW_LINE, LONGEST = "\n", 80
BY_OWN_CLOCK = "Ask by everybody's own clock, `clock: person`, or at another time."
AWAKE = "Ask at another time, or ask somebody who is awake then."


def found(scene: Scene) -> Iterator[Finding]:
    """Status requests that come too often; who is asked too much by the calendar; who heard too much in a rehearsal."""
    budget = scene.document.of(NOISE) or NoisePart()
    yield from _cadences(scene, budget)
    yield from _asked(scene, budget)
    yield from _at_once(scene, budget)
    yield from _woken(scene)
    yield from _heard(scene, budget)
    yield from _at_night(scene)


def _cadences(scene: Scene, budget: NoisePart) -> Iterator[Finding]:
    parts: tuple[CadencePart, ...] = scene.document.values.get(CADENCES.name) or ()
    held = {one.key for one in scene.of_kind("cadence")}
    for number, (key, part) in enumerate(zip(keyed(scene.document.body.get(CADENCES.name) or ()), parts, strict=True)):
        an_hour = AN_HOUR // part.every if part.every else 0
        if an_hour > budget.pages_per_hour and key in held:
            yield scene.fault(
                ("cadences", number, "every"), f"{part.name} asks everybody {an_hour} times an hour.",
                f"The plan allows a person {budget.pages_per_hour} messages an hour.", "Ask less often.",
            )  # fmt: skip


def _asked(scene: Scene, budget: NoisePart) -> Iterator[Finding]:
    """The worst day and hour by the calendar alone, before anybody raises a blocker; one finding for all alike."""
    days: Counter[tuple[str, date]] = Counter()
    series: dict[tuple[str, date], Counter[tuple[str, str]]] = defaultdict(Counter)
    for one in scene.of_kind(*ASKS):
        for person in one.who:
            if person in scene.directory.people:
                day = person, one.at.astimezone(scene.directory.people[person].zone).date()
                days[day] += 1
                series[day][one.kind, one.key] += 1
    worst: dict[str, tuple[str, date]] = {}
    for day, count in days.items():
        if count > budget.messages_per_day and count > days[worst.get(day[0], ("", date.min))]:
            worst[day[0]] = day
    if worst:
        day = max(worst.values(), key=lambda each: days[each])
        kind, key = series[day].most_common(1)[0][0]
        names = joined([scene.name(person) for person in worst], FEW)
        yield scene.risk(
            _path(scene, kind, key), f"{names} {is_are(worst)} asked too much.",
            f"On {day[1]:%a} {day[1].day} {day[1]:%b} the calendar alone asks {scene.name(day[0])} {days[day]} times; "
            f"the plan allows {budget.messages_per_day} messages a day.", "Ask less often, or ask fewer people.",
        )  # fmt: skip


def _at_once(scene: Scene, budget: NoisePart) -> Iterator[Finding]:
    """Who is asked too often within an hour by the calendar alone; one finding for all, at what asks first then."""
    asked: dict[str, list[Happening]] = {}
    for one in scene.of_kind(*ASKS):
        for person in one.who:
            asked.setdefault(person, []).append(one)
    fullest = {key: _fullest([one.at for one in own]) for key, own in asked.items() if key in scene.directory.people}
    over = {key: most for key, most in fullest.items() if most[0] > budget.pages_per_hour}
    if over:
        key = max(over, key=lambda each: over[each][0])
        count, first = over[key]
        one = next(each for each in asked[key] if each.at == first)
        names = joined([scene.name(person) for person in over], FEW)
        yield scene.risk(
            _path(scene, one.kind, one.key), f"{names} {is_are(over)} asked too much at once.",
            f"The calendar alone asks {scene.name(key)} {count} times in the hour from {scene.shown(one.at)} on; "
            f"the plan allows {budget.pages_per_hour}.", "Spread it over the day, or ask fewer people.", first,
        )  # fmt: skip


def _woken(scene: Scene) -> Iterator[Finding]:
    """Who is asked in the middle of their night: once for each series."""
    told: set[tuple[str, str]] = set()
    for one in scene.of_kind("standup", "checkpoint", "poll", "preflight"):
        people = [scene.directory.people[key] for key in one.who if key in scene.directory.people]
        there = [each for each in people if each.present(one.at) and not each.around_the_clock]
        asleep = [each for each in there if _night(each, one.at)]
        if asleep and (one.kind, one.key) not in told:
            told.add((one.kind, one.key))
            clock = one.at.astimezone(asleep[0].zone)
            yield scene.risk(
                _path(scene, one.kind, one.key), f"{scene.names(asleep)} {is_are(asleep)} asked at night: {one.name}.",
                f"On {scene.shown(one.at)} it is {clock:%H:%M} for {asleep[0].name}{_hours(asleep[0])}.",
                BY_OWN_CLOCK if one.kind == "standup" else AWAKE, one.at,
            )  # fmt: skip


def _hours(person: Person) -> str:
    return f", whose quiet hours are {person.quiet.start:%H:%M}-{person.quiet.end:%H:%M}" if person.quiet else ""


def _path(scene: Scene, kind: str, key: str) -> Path:
    section = SECTIONS.get(kind, "")
    written = scene.document.body.get(section) or ()
    if isinstance(written, Mapping):
        return (section, key) if key in written else (section,)
    keys = list(keyed(written))
    return (section, keys.index(key)) if key in keys else ("noise",)


def _heard(scene: Scene, budget: NoisePart) -> Iterator[Finding]:
    """Who heard more than the budget in an hour or on a day of a rehearsal; of pages, first ones too."""
    for key, lines in _told(scene).items():
        person = scene.directory.people[key]
        pages, first = _fullest([line.at for line in lines if line.page])
        if pages > budget.pages_per_hour and first:
            yield scene.played(
                ("people", key), f"{person.name} is paged {counted(pages, 'time')} within an hour.",
                f"That is from {scene.shown(first)} on; the plan allows {budget.pages_per_hour}.",
                "Page fewer people first, or share the turns.", first,
            )  # fmt: skip
        days = Counter(line.at.astimezone(person.zone).date() for line in lines)
        day, count = max(days.items(), key=lambda item: (item[1], item[0]))
        if count > budget.messages_per_day:
            at = next(line.at for line in lines if line.at.astimezone(person.zone).date() == day)
            yield scene.played(
                ("people", key), f"{person.name} gets {count} messages on one day.",
                f"That is {day:%a} {day.day} {day:%b}; the plan allows {budget.messages_per_day}. {_most(lines)}",
                "Ask them less, or tell a channel instead.", at,
            )  # fmt: skip


def _most(lines: list[Line]) -> str:
    kind, count = Counter(line.kind for line in lines).most_common(1)[0]
    like = next(line for line in lines if line.kind == kind)
    return f"Most are like {_head(like)}: {count}." if kind else ""


def _head(line: Line) -> str:
    """How a message begins, without its icon."""
    text = ICON.sub("", line.text.partition(NEW_LINE)[0])
    return f"“{text if len(text) <= LONGEST else f'{text[: LONGEST - 1]}…'}”"


def _told(scene: Scene) -> Mapping[str, list[Line]]:
    """What each person of the plan was told in a direct message; an edit disturbs nobody."""
    found: dict[str, list[Line]] = {}
    for line in scene.lines:
        key = line.to.removeprefix("@")
        if not line.who and line.did == "posted" and line.to.startswith("@") and key in scene.directory.people:
            found.setdefault(key, []).append(line)
    return found


def _fullest(instants: list[datetime]) -> tuple[int, datetime | None]:
    """The most instants within an hour, and the first of them."""
    ordered = sorted(instants)
    most, first, begin = 0, None, 0
    for number, at in enumerate(ordered):
        while ordered[begin] <= at - AN_HOUR:
            begin += 1
        if number - begin + 1 > most:
            most, first = number - begin + 1, ordered[begin]
    return most, first


def _at_night(scene: Scene) -> Iterator[Finding]:
    """Who was told something at night that was no page, in a rehearsal."""
    for key, lines in _told(scene).items():
        person = scene.directory.people[key]
        nightly = [line for line in lines if not line.page and _night(person, line.at)]
        if nightly and not person.around_the_clock:
            first = nightly[0]
            yield scene.played(
                ("people", key), f"{person.name} gets {counted(len(nightly), 'message')} at night that could wait.",
                f"The first at {first.at.astimezone(person.zone):%a %H:%M} their time: {_head(first)}.",
                "Write `quiet:` or `working_hours:` for them, or move what asks them.", first.at,
            )  # fmt: skip


def _night(person: Person, at: datetime) -> bool:
    if person.quiet is None and person.working_hours.hours.until(at, person.zone):
        return False
    return (person.quiet or NIGHT).until(at, person.zone) is not None
