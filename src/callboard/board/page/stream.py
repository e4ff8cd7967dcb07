"""Open pages, and how they hear what changed: one drawing for each state of a plan, shared by all who may see it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from fastapi.sse import format_sse_event
from sqlalchemy import bindparam, func, select

from callboard.board import page
from callboard.board.entry import Reader, reads
from callboard.board.page import Drawing, marks
from callboard.board.page.gaps import Gaps
from callboard.board.picture import picture
from callboard.board.picture.parts import Picture
from callboard.core import timeline
from callboard.core.db import Database, Tx
from callboard.core.timeline import STANDS, Entry
from callboard.web import sessions

log = structlog.get_logger()
EVERY, PAUSE = 0.25, 0.05
"""Seconds between looks at the timeline while somebody has a board open, one query for all plans: the most, and the
least, when this process has written entries itself."""
CLOCK_EVERY = 15.0
GAP = 1.0
"""Seconds that a number missing between entries may belong to a transaction that is not through yet."""
MOST_PAGES, MOST_REPLAYED, MOST_KEPT, MOST_PAST, MOST_STATES = 500, 500, 32, 6, 100
RETRY = 2_000
"""Milliseconds after which a browser asks again."""

AGAIN = format_sse_event(event="again", data_str="")
"""Tells a page to load itself anew; whoever is not let in any more reads why."""
TIMELINE = Entry.__table__  # type: ignore[attr-defined]
NEWEST = select(func.max(TIMELINE.c.id))
SINCE = (
    select(TIMELINE.c.id, TIMELINE.c.plan_id, TIMELINE.c.verb).where(TIMELINE.c.id > bindparam("last"))
    .order_by(TIMELINE.c.id).limit(bindparam("most"))
)  # fmt: skip
OF_PLAN = SINCE.where(TIMELINE.c.plan_id == bindparam("plan"))
NEARBY = 1_000
"""How far back an entry may come later than one with a higher number."""
MARK = select(func.max(TIMELINE.c.id), func.count()).where(
    TIMELINE.c.plan_id == bindparam("plan"), TIMELINE.c.id > bindparam("last")
)
Told = tuple[int, bool]
"""The number of an entry, and whether anybody reads it."""


@dataclass(eq=False)
class Open:
    """A page that is open, and what waits to be sent to it."""

    reader: Reader
    waiting: asyncio.Queue[State | None] = field(default_factory=asyncio.Queue)
    shown: Mapping[str, str] = field(default_factory=dict)
    sent: int = 0


@dataclass(eq=False)
class Kept:
    """A picture, its drawings for those who act in the plan and those who don't, and the mark of what it was made of.

    `floor` is the entry from which on the mark counts.
    """

    picture: Picture
    until: datetime
    mark: tuple[int, int]
    floor: int
    drawings: dict[bool, Drawing] = field(default_factory=dict)


class State:
    """A drawing, and the entries that led to it, as pages are told of them: made once for all that lack the same."""

    def __init__(self, drawing: Drawing, entries: Sequence[Told] = ()) -> None:
        words = {entry.id: entry.text for entry in drawing.picture.latest}
        self.drawing = drawing
        self._entries = [(entry, {"id": entry, "text": words.get(entry, ""), "read": read}) for entry, read in entries]
        self.last = max((number for number, _ in entries), default=0)
        self._news: dict[tuple[int, int], tuple[Mapping[str, str], bytes]] = {}

    def news(self, opened: Open) -> bytes:
        """What brings a page here: its parts and the entries in one event, so that no entry is told before it shows."""
        lacks = id(opened.shown), opened.sent
        if lacks not in self._news:
            self._news[lacks] = opened.shown, self._since(opened)
        return self._news[lacks][1]

    def _since(self, opened: Open) -> bytes:
        entries = [entry for number, entry in self._entries if number > opened.sent]
        parts = self.drawing.since(opened.shown)
        if not parts and not entries:
            return b""
        told = json.dumps({"parts": parts, "entries": entries}, ensure_ascii=False)
        return format_sse_event(event="news", id=str(entries[-1]["id"]) if entries else None, data_str=told)


class Boards:
    """The boards of one process. It looks at the timeline only while pages are open."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: dict[int, Kept] = {}
        self._past: OrderedDict[tuple[int, datetime], Drawing] = OrderedDict()
        self._before: dict[tuple[int, bool], OrderedDict[int, Mapping[str, str]]] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._pages: set[Open] = set()
        self._starting, self._back = asyncio.Lock(), asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._written = asyncio.Event()
        db.on_commit(self._nudge)
        self._gaps = Gaps(db)
        self._last = 0
        self._gap_at: float | None = None

    @property
    def is_full(self) -> bool:
        return len(self._pages) >= MOST_PAGES

    async def now(self, plan_id: int, *, acts: bool) -> Drawing:
        """The board as it is. Whoever asks meanwhile gets the same one."""
        await self._gaps.look(*({plan_id} - self._kept.keys()))
        async with self._turns.setdefault(plan_id, asyncio.Lock()):
            kept = self._kept[plan_id] = await self._db.read(_seen, plan_id, self._kept.get(plan_id))
            if acts not in kept.drawings:
                kept.drawings[acts] = await asyncio.to_thread(page.draw, kept.picture, acts=acts)
                self._remember((plan_id, acts), kept.drawings[acts])
        return kept.drawings[acts]

    def _remember(self, key: tuple[int, bool], drawing: Drawing) -> None:
        """Keep what pages show that have seen a revision; nothing where it was drawn in several ways."""
        before, revision = self._before.setdefault(key, OrderedDict()), drawing.picture.revision
        before[revision] = drawing.digests if before.get(revision, drawing.digests) == drawing.digests else {}
        if len(before) > MOST_STATES:
            before.popitem(last=False)
        watched = {key[0], *(each.reader.plan_id for each in self._pages)}
        idle = [plan_id for plan_id in self._kept if plan_id not in watched]
        if len(idle) > MOST_KEPT:
            self._kept.pop(idle[0])

    async def then(self, plan_id: int, at: datetime) -> Drawing:
        """The board as it was, for everybody."""
        async with self._back:
            if (key := (plan_id, at)) not in self._past:
                self._past[key] = await self._db.read(_was, plan_id, at)
                if len(self._past) > MOST_PAST:
                    self._past.popitem(last=False)
            self._past.move_to_end(key)
            return self._past[key]

    async def events(self, reader: Reader, after: int) -> AsyncIterator[bytes]:
        """Everything that happens from an entry on, as it is sent: first what changed until now, then what changes."""
        opened = Open(reader, sent=after)
        self._pages.add(opened)
        try:
            await self._begin()
            yield self._clock(retry=RETRY)
            if missed := await self._replayed(opened):
                yield missed
            while True:
                try:
                    async with asyncio.timeout(CLOCK_EVERY):
                        state = await opened.waiting.get()
                except TimeoutError:
                    yield self._clock()
                    continue
                if state is None:
                    yield AGAIN
                    return
                if told := _told(opened, state):
                    yield told
        finally:
            self._pages.discard(opened)

    async def _replayed(self, opened: Open) -> bytes:
        """What a page lacks that has seen everything up to an entry."""
        reader = opened.reader
        drawing = await self.now(reader.plan_id, acts=reader.acts)
        opened.shown = self._before[reader.plan_id, reader.acts].get(opened.sent, {})
        missed = await self._db.read(_missed, reader.plan_id, opened.sent, self._last)
        if len(missed) > MOST_REPLAYED:
            return AGAIN
        return _told(opened, State(drawing, missed))

    async def _begin(self) -> None:
        async with self._starting:
            if self._looking is None:
                self._last = await self._db.read(_newest)
                self._looking = asyncio.create_task(self._look())

    def _nudge(self, nudges: set[str]) -> None:
        if timeline.WRITTEN in nudges:
            self._written.set()

    async def _look(self) -> None:
        """Look at the timeline until nobody has a board open."""
        verified = time.monotonic()
        try:
            while self._pages:
                await asyncio.sleep(PAUSE)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._written.wait(), EVERY - PAUSE)
                self._written.clear()
                before = self._last
                try:
                    await self._tell(await self._news())
                    if time.monotonic() - verified > CLOCK_EVERY:
                        verified = time.monotonic()
                        await self._keep(await self._verify({opened.reader for opened in self._pages}))
                        await self._gaps.look(*{opened.reader.plan_id for opened in self._pages})
                except Exception:
                    self._last = before  # to be told again; pages know what they have been told
                    log.exception("board.not_looked")
        finally:
            self._looking = None

    async def _news(self) -> dict[int, list[Told]]:
        """The entries since the last look, by plan, in order: up to one that is still being written."""
        rows = await self._db.read(_since, self._last)
        found: dict[int, list[Told]] = {}
        for number, plan_id, verb in rows:
            if number > self._last + 1 and self._waits():
                break
            self._last, self._gap_at = number, None
            found.setdefault(plan_id, []).append((number, verb != STANDS))
        return found

    def _waits(self) -> bool:
        """Whether to wait for the entry that is missing: it comes, unless its transaction was undone."""
        self._gap_at = self._gap_at or time.monotonic()
        return time.monotonic() - self._gap_at < GAP

    async def _tell(self, news: Mapping[int, Sequence[Told]]) -> None:
        now = self._db.clock.now()
        still = {plan_id for plan_id, kept in self._kept.items() if now < kept.until} - news.keys()
        for plan_id, acts in {(each.reader.plan_id, each.reader.acts) for each in self._pages}:
            if plan_id in still:
                continue
            if plan_id in news:
                await self._verify({each.reader for each in self._pages if each.reader.plan_id == plan_id})
            state = State(await self.now(plan_id, acts=acts), news.get(plan_id, ()))
            for opened in self._pages:
                if (opened.reader.plan_id, opened.reader.acts) == (plan_id, acts):
                    opened.waiting.put_nowait(state)

    async def _verify(self, readers: set[Reader]) -> dict[Reader, datetime]:
        """End the pages of whoever is not let in any more; when the sessions of the others were last in use."""
        here = await self._db.read(_still_here, readers)
        for opened in self._pages:
            if opened.reader in readers - here.keys():
                opened.waiting.put_nowait(None)
        return here

    async def _keep(self, here: Mapping[Reader, datetime]) -> None:
        """An open page is in use."""
        now = self._db.clock.now()
        if old := [reader.session for reader, at in here.items() if now - at >= sessions.TOUCHED_EVERY]:
            await self._db.write(sessions.touch, old)

    def _clock(self, retry: int | None = None) -> bytes:
        return format_sse_event(event="clock", data_str=marks.iso(self._db.clock.now()), retry=retry)


def _told(opened: Open, state: State) -> bytes:
    """What brings a page to a state, which it then shows."""
    news, opened.shown = state.news(opened), state.drawing.digests
    opened.sent = max(opened.sent, state.last)
    return news


def _seen(tx: Tx, plan_id: int, kept: Kept | None) -> Kept:
    """The plan as it is now: what was kept, while it is still right."""
    if kept and tx.now < kept.until and _mark(tx, plan_id, kept.floor) == kept.mark:
        return kept
    floor = (tx.connection.execute(NEWEST.where(TIMELINE.c.plan_id == plan_id)).scalar() or 0) - NEARBY
    mark = _mark(tx, plan_id, floor)  # first: what comes meanwhile makes another one
    seen = picture(tx, plan_id)
    return Kept(seen, page.until(seen), mark, floor)


def _mark(tx: Tx, plan_id: int, floor: int) -> tuple[int, int]:
    """Another one whenever an entry has come."""
    newest, count = tx.connection.execute(MARK, {"plan": plan_id, "last": floor}).one()
    return newest or 0, count


def _was(tx: Tx, plan_id: int, at: datetime) -> Drawing:
    return page.draw(picture(tx, plan_id, at), acts=False, past=True)


def _newest(tx: Tx) -> int:
    return tx.connection.execute(NEWEST).scalar() or 0


def _since(tx: Tx, last: int) -> Sequence[tuple[int, int, str]]:
    return [(row.id, row.plan_id, row.verb) for row in tx.connection.execute(SINCE, {"last": last, "most": 1000})]


def _missed(tx: Tx, plan_id: int, after: int, until: int) -> list[Told]:
    asked = {"plan": plan_id, "last": after, "most": MOST_REPLAYED + 1}
    return [(row.id, row.verb != STANDS) for row in tx.connection.execute(OF_PLAN, asked) if row.id <= until]


def _still_here(tx: Tx, readers: set[Reader]) -> dict[Reader, datetime]:
    lively = sessions.lively(tx, {reader.session for reader in readers})
    return {reader: lively[reader.session] for reader in readers if reader.session in lively and reads(tx, reader)}
