"""One rehearsal: a plan is applied, time passes from due instant to due instant, and people act."""

from __future__ import annotations

import gc
import heapq
import itertools
import shlex
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from callboard.core import schema
from callboard.core.errors import Refused
from callboard.planfile.times import parse_wall
from callboard.plans import service as plans
from callboard.plans.store import every
from callboard.rehearsal import script as reading
from callboard.rehearsal.actors import Actors
from callboard.rehearsal.company import Company
from callboard.rehearsal.forge import Forge
from callboard.rehearsal.stage import MOMENT, PLAN_ID, Stage, workspace
from callboard.rehearsal.wire import Programs
from callboard.rehearsal.witness import Witness
from callboard.rehearsal.work import Will
from callboard.tasks import store as tasks
from callboard.teams import service as teams
from callboard.teams.plan.directory import drafted
from slack_standin import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from callboard.core.db import Tx
    from callboard.planfile.report import Checked
    from callboard.rehearsal.script import Cue
    from callboard.rehearsal.transcript import Line
    from callboard.tasks.models import Task
    from callboard.teams.directory import Directory

AFTERWARDS, LATER, MINUTE = timedelta(hours=2), timedelta(days=2), timedelta(minutes=1)
"""How long a rehearsal goes on after the end of its plan, and how much later that may become: a decision that nobody
takes is tried again and again.
"""
BEFORE = timedelta(minutes=30)
"""How long before its plan it begins."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where a file reaches no disk


@dataclass(frozen=True, order=True)
class Deed:
    """What somebody is going to do; `number` keeps the order at one instant, `line` is where a script has it."""

    at: datetime
    number: int
    will: Will = field(compare=False)
    line: int = field(compare=False, default=0)


@dataclass(frozen=True)
class Miss:
    """What did not go as a script has it: its line in the file, and a sentence."""

    line: int
    sentence: str


class Rehearsal(Stage):
    """A plan on a stage of its own, without sockets and in one thread."""

    def __init__(
        self, checked: Checked, directory: Directory, database_url: str, begins: datetime, *, is_own: bool = False
    ) -> None:
        """Whether the database `is_own`: made for this rehearsal, and gone with it."""
        super().__init__(workspace(directory), database_url, begins, indoors=True)
        self.checked, self.is_own = checked, is_own
        self.misses: list[Miss] = []
        self.witness = Witness(self, directory.calendar.zone)
        self._deeds: list[Deed] = []
        self._numbers = itertools.count()
        self._heard = 0
        self._ends: datetime | None = None
        self._known: tuple[int, dict[str, Task]] = -1, {}

    @property
    def lines(self) -> list[Line]:
        """What happened so far."""
        return self.witness.lines

    def prepare(self) -> None:
        """Apply the plan. Raises Refused where the database has one."""
        db = self.app.db
        if self.is_own:
            schema.create(db)
        else:
            schema.upgrade(db)
        if db.transact(every):
            raise Refused("There is a plan in this database. A rehearsal needs an empty one.")
        db.transact(plans.apply, self.checked, author="rehearsal", workspace=self.slack.spec.team_id)
        self.witness.overhear()
        forge = Forge(db, PLAN_ID)
        forge.begin()
        plan = str(self.checked.document.body["key"])
        self.actors = Actors(self, self.witness, forge, Programs(self.app, PLAN_ID, plan))

    async def run(
        self, cues: Sequence[Cue] = (), company: Company | None = None, until: datetime | None = None
    ) -> None:
        """Let the time of the plan pass, up to its end if no other is given; then see what was read."""
        for cue in cues:
            for who in () if cue.looks else cue.part.who:
                self._add(Will(cue.at, who, cue.part), cue.line)
        for will in company.begin(self.clock.now()) if company else ():
            self._add(will)
        last = max((cue.at for cue in cues), default=self.clock.now())
        self._listen(company)
        while (at := await self._next(until, last)) is not None:
            self.clock.move_to(max(at, self.clock.now() + MOMENT))
            await self._act()
            await self.settled()
            self._listen(company)
        self._compare(cues, until)

    async def _act(self) -> None:
        """Do all that is to be done at this instant, in the order in which it was thought of."""
        while self._deeds and self._deeds[0].at <= self.clock.now():
            deed = heapq.heappop(self._deeds)
            if deed.will.task and not deed.will.holds(await self._tasks()):
                continue
            try:
                await self.actors.act(deed.will.who, deed.will.part)
            except NotPossibleError as error:
                if deed.line:
                    self.misses.append(Miss(deed.line, f"{deed.will.who} could not do this: {error}"))

    async def _tasks(self) -> dict[str, Task]:
        """As they stand: read again when somebody has written since."""
        turns = self.app.db.turns
        if self._known[0] != turns:
            self._known = turns, {task.key: task for task in await self.app.db.read(tasks.seen, PLAN_ID)}
        return self._known[1]

    async def _next(self, until: datetime | None, last: datetime) -> datetime | None:
        """The next instant at which something happens, before the end."""
        due = await self.app.next_due()
        at = min(filter(None, (due, await self._next_deed(due))), default=None)
        return at if at is not None and at <= (until or max(last, await self._end())) else None

    async def _next_deed(self, due: datetime | None) -> datetime | None:
        """When somebody does something next. What is not to be done any more before anything is due is forgotten."""
        while self._deeds:
            deed = self._deeds[0]
            if (due is not None and deed.at > due) or not deed.will.task or deed.will.holds(await self._tasks()):
                return deed.at
            heapq.heappop(self._deeds)
        return None

    async def _end(self) -> datetime:
        """As the plan is by now: a NO-GO may have moved it."""
        ends_at = (await self.app.db.read(teams.directory, PLAN_ID)).ends_at or self.clock.now()
        self._ends = self._ends or ends_at
        return min(ends_at, self._ends + LATER) + AFTERWARDS

    def _add(self, will: Will, line: int = 0) -> None:
        heapq.heappush(self._deeds, Deed(will.at, next(self._numbers), will, line))

    def _listen(self, company: Company | None) -> None:
        new, self._heard = self.lines[self._heard :], len(self.lines)
        for will in company.hear(new, self.clock.now()) if company is not None else ():
            self._add(will)

    def _compare(self, cues: Sequence[Cue], until: datetime | None) -> None:
        """Hold what was read against what a script says of it, since the deed before."""
        since = self.lines[0].at if self.lines else self.clock.now()
        for cue in cues:
            if not cue.looks:
                since = cue.at
            elif until is None or cue.at <= until:
                self.misses.extend(self._missed(cue, since))
        self.misses.sort(key=lambda miss: miss.line)

    def _missed(self, cue: Cue, since: datetime) -> Iterable[Miss]:
        told = [line for line in self.lines if since <= line.at < cue.at + MINUTE and not line.who]
        for who in cue.part.who:
            read = [line.text for line in told if _reads(who, cue.part.in_, line.to)]
            for words in cue.part.reads:
                if not any(words in text for text in read):
                    yield Miss(cue.line, f"{who} did not read “{words}”")
            for words in cue.part.never:
                if text := next((text for text in read if words in text), ""):
                    yield Miss(cue.line, f"{who} read “{words}” after all: {text.partition(chr(10))[0]}")


def _reads(who: str, place: str, to: str) -> bool:
    """Whether somebody reads there: in one place, or without one in their own and in all channels."""
    own = (f"{way}@{who}" for way in ("", "mail:", "phone:", "home:"))
    return to == place if place else to.startswith("#") or to in own


class Observer(Protocol):
    """Looks at the database as a rehearsal opens, and once it is over."""

    def opens(self, tx: Tx) -> None: ...

    def ends(self, tx: Tx) -> None: ...


@dataclass(frozen=True)
class Played:
    """What came of a rehearsal."""

    lines: list[Line]
    misses: list[Miss]
    directory: Directory


def collect_rarely() -> None:
    """For a process that only rehearses: what is there by now stays, and a rehearsal is over soon."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def options(script: str, seed: int | None) -> str:
    """Those of `callboard rehearse` by which people act in the same way again."""
    return " ".join(
        f"{word} {shlex.quote(str(given))}" for word, given in (("--script", script), ("--seed", seed))
        if given not in ("", None)
    )  # fmt: skip


async def played(
    checked: Checked, script: tuple[str, bytes] | None = None, *, seed: int | None = None, until: str = "",
    database_url: str = "", observer: Observer | None = None,
) -> Played:  # fmt: skip
    """Rehearse a plan. `script` is a file's name and what is in it; with a `seed` people act by themselves.

    Times are those of the plan's zone. Raises Refused for a script, or an end, that can't be read.
    """
    directory = drafted(checked.document)
    header = checked.document.of(plans.HEADER)
    if directory is None or header is None:
        raise Refused("This plan has no people to rehearse it.")
    begins = header.from_.instant(directory.calendar, opening=True) - BEFORE
    cues = reading.read(script[1], script[0], directory, begins) if script else []
    begins = min([begins, *(cue.at for cue in cues)])
    ends = _wall(until, directory)
    company = None if seed is None else Company(checked.document, directory, seed)
    with tempfile.TemporaryDirectory(prefix="callboard-", dir=_in_memory()) as folder:
        url = database_url or f"sqlite:///{folder}/rehearsal.db"
        async with Rehearsal(checked, directory, url, begins, is_own=not database_url) as rehearsal:
            if observer:
                rehearsal.app.db.transact(observer.opens)
            await rehearsal.run(cues, company, ends)
            if observer:
                rehearsal.app.db.transact(observer.ends)
    return Played(rehearsal.lines, rehearsal.misses, directory)


def _in_memory() -> Path | None:
    return IN_MEMORY if IN_MEMORY.is_dir() else None


def _wall(written: str, directory: Directory) -> datetime | None:
    try:
        return parse_wall(written).instant(directory.calendar) if written else None
    except ValueError as error:
        raise Refused(f"--until: {error}.") from None
