"""People who act by themselves, by chance from a seed: they answer what they are asked, work, tick, report and sign."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from callboard.gates.notices import NEWS
from callboard.preflight.plan import REHEARSAL, RehearsalPart
from callboard.rehearsal.actors import EVERYTHING
from callboard.rehearsal.script import LinePart
from callboard.rehearsal.work import Will, Work
from callboard.tasks.notices import FREE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from callboard.planfile.sections import Document
    from callboard.rehearsal.transcript import Line
    from callboard.teams.directory import Directory, Person

FORMS = ("Fill in", "Answer", "Sign...", "GO...", "Write the minutes")
"""Buttons that open a form, which is filled in and sent."""
GO = "GO"
"""What a poll offers: whoever answers it at all does so in time."""
CLICKS = ("I have it", "On it", "I got it", "Confirm", "Take command", "It's fine", "No", GO)
STATUS = (("All as planned", "As planned"), ("On track",))
"""What is said of tasks, and of a team: a request may ask for both."""
LEADS = re.compile(r":arrow_forward: @([\w.-]+) leads ")
TAKE, RESOLVE, DONE, FAILED, START = "Take it", "Resolve", "Done", "Failed...", "Start"
NO_GO = "NO-GO: "
ITEMS = re.compile(r"Items \(\d+ of \d+\)")
BUTTON = re.compile(r"\[([^\[\]]+)\]")
ROW = re.compile(r"(?:\[[^\[\]]+\] ?)+")
MENDED = (timedelta(minutes=10), timedelta(minutes=50))
"""How long it takes to resolve a blocker."""
FEW = 60
"""As many letters of a message are enough to find it again."""


class Company:
    """Everybody in a plan. Each draw has a seed of its own, so that one more message changes no other."""

    def __init__(self, document: Document, directory: Directory, seed: int) -> None:
        self._directory = directory
        self._seed = seed
        self._behaviour = document.of(REHEARSAL) or RehearsalPart()
        self._work = Work(document, directory, self._behaviour.work, self.chance)
        self._asked = Counter[tuple[str, str]]()

    def begin(self, now: datetime) -> Iterator[Will]:
        """What people do without being asked: their tasks, and what gates ask for."""
        for will in self._work.wills(now, self.answers_at):
            if not self._is_away(will.who, will.at):
                yield will

    def hear(self, lines: Sequence[Line], now: datetime) -> Iterator[Will]:
        """What people will do about what they were told."""
        for news in dict.fromkeys(line.text.partition("\n")[0] for line in lines if line.kind == NEWS.kind):
            yield from self._work.anew(news, now) if NO_GO in news else ()
        for line in lines:
            if line.kind == FREE.kind and line.did == "posted":
                yield from self._freed(line, now)
            person = self._reader(line)
            if person is None or line.did != "posted":
                continue
            told = person.key, _found_by(line.text)
            self._asked[told] += 1
            chance = self.chance("told", *told, self._asked[told])
            labels = _labels(line.text)
            on_duty = line.page or DONE in labels
            at = self.answers_at(person.key, now, chance, waits=not on_duty)
            if GO in labels:
                at = now + min(at - now, chance.random() * self._work.poll_allows(line.text))
            if chance.random() * 100 < self._behaviour.of(person.key).never or self._is_away(person.key, at):
                continue
            yield from self._answered(person, line, labels, at, chance)

    def _reader(self, line: Line) -> Person | None:
        """Who acts on a message: whoever got it, or whoever leads the step that begins in a channel."""
        leads = LEADS.match(line.text) if line.to.startswith("#") else None
        return self._directory.people.get(leads[1] if leads else line.to[1:] if line.to.startswith("@") else "")

    def _freed(self, line: Line, now: datetime) -> Iterator[Will]:
        """Whoever does tasks that can start now starts them."""
        for key, who in self._work.named(line.text):
            at = self.answers_at(who, now, self.chance("free", key, now), waits=True)
            if not self._is_away(who, at):
                yield from self._work.done(key, who, at)

    def chance(self, *about: object) -> Random:
        return Random("|".join(map(str, (self._seed, *about))))  # noqa: S311 - the same seed, the same rehearsal

    def answers_at(self, who: str, now: datetime, chance: Random, *, waits: bool = True) -> datetime:
        """When somebody answers; what is no page waits for their working hours."""
        within = self._behaviour.of(who).answers_within
        at = now + timedelta(seconds=int(within.at(chance.random()).total_seconds()))
        if not waits:
            return at
        calendar = self._directory.working(self._directory.people[who])
        begin = next((max(begin, at) for begin, _ in calendar.stretches(at)), at)
        return at if begin == at else begin + (at - now)

    def _answered(
        self, person: Person, line: Line, labels: Sequence[str], at: datetime, chance: Random
    ) -> Iterator[Will]:
        who, on = person.key, _found_by(line.text)
        step = next((label for label in labels if ITEMS.fullmatch(label)), "")
        if label := next((label for label in FORMS if label in labels), ""):
            yield _clicks(at, who, label, on)
            yield _fills_in(at, who)
        elif label := next((label for label in CLICKS if label in labels), ""):
            yield _clicks(at, who, label, on)
            if DONE in labels:
                yield from self._step(at, who, line, step, chance)
        elif said := [found[0] for some in STATUS if (found := [label for label in some if label in labels])]:
            yield from (_clicks(at, who, label, on) for label in said)
        elif TAKE in labels:
            yield _clicks(at, who, TAKE, on)
            mended = at + _between(chance, *MENDED)
            yield _clicks(mended, who, RESOLVE, on)
            yield _fills_in(mended, who)
        elif DONE in labels:
            yield from self._step(at, who, line, step, chance)
        elif START in labels:
            for key, doer in self._work.named(line.text):
                yield from self._work.done(key, doer, at) if doer == who else ()

    def _step(self, at: datetime, who: str, line: Line, items: str, chance: Random) -> Iterator[Will]:
        """A step of a run-book: its items are ticked, then it is done, or has failed."""
        on = _found_by(line.text)
        if items:
            yield _clicks(at, who, items, on)
            yield _fills_in(at, who)
        ends = self._work.step_ends(line.text, at, chance)
        failed = self._work.step_fails(line.text, chance)
        yield from () if failed else self._work.reports(line.text, ends)
        yield _clicks(ends, who, FAILED if failed else DONE, on)
        if failed:
            yield _fills_in(ends, who)

    def _is_away(self, who: str, at: datetime) -> bool:
        person = self._directory.people[who]
        return any(at.astimezone(person.zone).date() in days for days in self._behaviour.of(who).away)


def _labels(text: str) -> list[str]:
    """The buttons of a message."""
    return [label for row in text.split("\n") if ROW.fullmatch(row.strip()) for label in BUTTON.findall(row)]


def _found_by(text: str) -> str:
    return re.sub(r":[a-z0-9_+-]+: *", "", text.partition("\n")[0])[:FEW].strip()


def _between(chance: Random, low: timedelta, high: timedelta) -> timedelta:
    return timedelta(seconds=int(low.total_seconds() + chance.random() * (high - low).total_seconds()))


def _clicks(at: datetime, who: str, label: str, on: str) -> Will:
    return Will(at, who, LinePart(who=(who,), clicks=label, on=on))


def _fills_in(at: datetime, who: str) -> Will:
    return Will(at, who, LinePart(who=(who,), submits={EVERYTHING: "fine"}))
