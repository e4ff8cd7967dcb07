"""Takes deliveries out of the outbox and hands each to its medium.

carrier: what a medium is, and how it may fail
claims: which messages may go now, and taking them
outcomes: what became of a message
pace: how many messages a medium is given at a time
presence: whether processes live
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import OperationalError

from callboard.core import outbox
from callboard.core.courier import claims, outcomes
from callboard.core.courier.carrier import (
    Accepted,
    Carrier,
    Final,
    Later,
    Lost,
    Passing,
    Thread,
    Uneditable,
    Unseen,
    Withheld,
)
from callboard.core.courier.pace import HOMES_AT_ONCE, Pace
from callboard.core.courier.presence import Presence
from callboard.core.db import Database, Tx
from callboard.core.deliveries import Delivery, Priority
from callboard.core.outbox import BUDGET, BUDGETS, NAMED, OUTSIDE, Ahead, Drop, Fold, Medium, Message, Renderer
from callboard.core.write_queue import Patience

log = structlog.get_logger()

BREATH = 0.05
WRITTEN_TOGETHER = 20
# A send is given up well before its lease ends, so that nobody else can be sending the same message.
SEND_WITHIN = 9.0
START_WITHIN = timedelta(seconds=4)
STOP_WITHIN = 5.0
"""Whoever stops gives up a send after this: another process looks it up then, and need not wait for a lease to end."""
PAGES_FIRST = 2.0

LONE = "the message that it answers was not sent"
Settle = Callable[[Tx, Delivery], None]
"""Writes down what became of a message."""


SETTLED: dict[type[Exception], Callable[..., None]] = {
    Final: outcomes.park,
    Withheld: outcomes.withheld,
    Passing: outcomes.failed,
    Uneditable: outcomes.uneditable,
}
"""What becomes of a message by what its medium raised; whatever else it raised, the message may have been accepted."""


Letters = dict[int | None, tuple[Message | Drop | Fold, Thread | None]]
"""Messages as they are to be sent now, each with the thread that it belongs to, by delivery."""


class Courier:
    """Sends what waits, the most urgent first, one message at a time for each address."""

    def __init__(
        self, db: Database, media: Mapping[str, Carrier], renderers: Mapping[str, Renderer],
        paged: Callable[[float], None] = lambda _lateness: None, aheads: Mapping[str, Ahead] | None = None,
    ) -> None:  # fmt: skip
        """`paged(seconds)` is told of each page that was accepted, and how late."""
        self._aheads = aheads or {}
        self._paged = paged
        self._db = db
        self.presence = Presence(db)
        self.media = dict(media)
        self._renderers = renderers
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._pace = Pace(self.media)
        self._strange = frozenset[int]()
        """Messages that somebody took who goes by another time, or did: each is waited for once."""
        self._deadlines: set[asyncio.Timeout] = set()
        self._stopping = False
        self._claiming = asyncio.Lock()

    def nudge(self, nudges: set[str]) -> None:
        if "outbox" in nudges:
            self._wake.set()

    async def run(self) -> None:
        """Send until stopped. Looks when nudged, and twice a second for what other replicas put there."""
        while not self._stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self.start_ready()
            except Exception:
                log.exception("courier.claim_failed")
                await asyncio.sleep(1)
            await asyncio.sleep(BREATH)

    async def stop(self) -> None:
        """Claim nothing more and let what is being sent be settled; what takes long is looked up later."""
        self._stopping = True
        self._wake.set()
        async with self._claiming:
            pass  # what is being claimed at this moment is under way next
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_WITHIN)
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(0)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=1)

    @property
    def is_nudged(self) -> bool:
        """Whether there may be something to send that nobody has looked for yet."""
        return self._wake.is_set()

    async def drain(self) -> int:
        """Send everything that may go at this instant, and return how many messages that was when it is settled."""
        sent = 0
        self._wake.clear()
        while (begun := await self.start_ready()) or self._under_way:
            sent += begun
            if self._under_way:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            self._wake.clear()
        return sent

    async def start_ready(self) -> int:
        """Claim what may go now and begin sending it; return how many messages that is."""
        async with self._claiming:
            taken = () if self._stopping else await self._claimed(self._pace.room(self._under_way.values()))
        for some in _bunches(taken):
            written = asyncio.create_task(self._written_in_turn(some))
            for delivery in some:
                task = asyncio.create_task(self._carry(delivery, written))
                self._under_way[task] = delivery
                task.add_done_callback(self._settled)
        return len(taken)

    async def _written_in_turn(self, deliveries: Sequence[Delivery]) -> Letters:
        """Let pages about the same subjects go first for a moment: what is said of them is then what became of them."""
        subjects = {delivery.subject for delivery in deliveries if not _is_page(delivery)}
        pages = [task for task, page in self._under_way.items() if _is_page(page) and page.subject in subjects]
        if pages:
            await asyncio.wait(pages, timeout=None if self._db.in_one_order else PAGES_FIRST)
        return await self._written(deliveries)

    async def _claimed(self, room: claims.Room) -> Sequence[Delivery]:
        busy = frozenset(delivery.id for delivery in self._under_way.values() if delivery.id is not None)
        look = partial(claims.look, room=room, busy=busy, alone=self._db.in_one_order)
        agreed = self._db.agrees_for(claims.LEASE.total_seconds())
        ready = await self._db.read(look, agreed=agreed)
        if agreed and ready.strange - self._strange and self._db.doubts_time():
            ready = await self._db.read(look, agreed=False)
        self._strange = ready.strange
        if not ready.lapsed and not ready.chosen:
            return ()
        return await self._db.write_behind(Patience.SENT, claims.claim, room, busy, ready, self.presence.number)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.critical("courier.settle_failed", exc_info=task.exception())

    async def _carry(self, delivery: Delivery, written: asyncio.Task[Letters]) -> None:
        with (
            structlog.contextvars.bound_contextvars(trace=delivery.trace, delivery=delivery.id),
            self._db.spans.span("delivery", kind=delivery.kind, medium=delivery.medium),
        ):
            settle = await self._carried(delivery, written)
            await self._db.write_together(settle, delivery)

    async def _carried(self, delivery: Delivery, written: asyncio.Task[Letters]) -> Settle:
        try:
            letters = await asyncio.shield(written)
            message, thread = (letters or await self._written([delivery]))[delivery.id]
        except Exception as error:
            log.exception("courier.render_failed", kind=delivery.kind)
            # A database that is away for a moment is no fault of the message.
            settle = outcomes.failed if isinstance(error, OperationalError) else outcomes.park
            return partial(settle, error=f"could not be written: {type(error).__name__}: {error}")
        if isinstance(message, Drop) and not _is_in_doubt(delivery):
            return _dropped(delivery, message)
        if isinstance(message, Fold):
            log.info("delivery.folded", kind=delivery.kind, why=message.reason)
            return partial(outcomes.folded, reason=message.reason)
        return await self._sent(delivery, message, thread)

    async def _written(self, deliveries: Sequence[Delivery]) -> Letters:
        """Write them in one transaction; none where one of many fails, so that each is tried by itself."""
        try:
            return await self._db.read(self._write, deliveries)
        except Exception:
            if len(deliveries) == 1:
                raise
            return {}

    def _write(self, tx: Tx, deliveries: Sequence[Delivery]) -> Letters:
        letters: Letters = {}
        self._read_ahead(tx, deliveries)
        for delivery in deliveries:
            thread = None if delivery.is_posted else outbox.thread_of(tx, delivery)
            lone = delivery.parent_key is not None and thread is None and outbox.is_dropped(tx, delivery.parent_key)
            dropped = Drop(LONE) if lone else outbox.gone_otherwise(tx, delivery)
            message = dropped or self._renderers[delivery.kind](tx, delivery)
            letters[delivery.id] = (_shown(tx, delivery, message), thread)
        return letters

    def _read_ahead(self, tx: Tx, deliveries: Sequence[Delivery]) -> None:
        """Ask once for all what their renderers ask for each."""
        outbox.read_threads(tx, deliveries)
        tx.of(BUDGETS)(tx, [delivery for delivery in deliveries if delivery.folds])
        numbers: dict[Ahead, set[int]] = {}
        for delivery in deliveries:
            if delivery.kind in self._aheads:
                numbers.setdefault(self._aheads[delivery.kind], set()).add(delivery.subject_id)
        for read, ids in numbers.items():
            read(tx, ids)

    async def _sent(self, delivery: Delivery, message: Message | Drop, thread: Thread | None) -> Settle:
        shown = fingerprint(message) if isinstance(message, Message) else None
        if delivery.is_posted and delivery.shown == shown:
            return outcomes.unchanged
        waited = self._db.clock.now() - claims.taken_at(delivery)
        if waited > START_WITHIN:
            self._pace.less(delivery)
            return partial(outcomes.failed, error="this process was held up for too long to send safely")
        try:
            left = SEND_WITHIN - max(waited, timedelta()).total_seconds()
            async with self._until(None if self._db.in_one_order else left):
                with self._db.spans.span(f"medium {delivery.medium}"):
                    found, may_repeat = await self._found(delivery)
                    if found is not None:
                        accepted = found
                    elif isinstance(message, Drop):
                        return _dropped(delivery, message)
                    else:
                        accepted = await self._accepted(delivery, message, thread, may_repeat=may_repeat)
        except Later as later:
            self._pace.less(delivery)
            until = self._db.clock.now() + timedelta(seconds=min(max(later.seconds, 1.0), claims.LONGEST_WAIT))
            log.warning("delivery.delayed", to=delivery.address, until=until.isoformat())
            return partial(outcomes.delayed, until=until)
        except Exception as error:  # noqa: BLE001 - whatever broke, the message may have been accepted
            return _not_accepted(delivery, error)
        self._pace.more(delivery)
        self._observe(delivery)
        return partial(
            outcomes.accepted, posted_in=accepted.channel, posted_as=accepted.stamp, shown=None if found else shown
        )

    @asynccontextmanager
    async def _until(self, seconds: float | None) -> AsyncIterator[None]:
        async with asyncio.timeout(seconds) as deadline:
            self._deadlines.add(deadline)
            try:
                yield
            finally:
                self._deadlines.discard(deadline)

    def _observe(self, delivery: Delivery) -> None:
        lateness = (self._db.clock.now() - delivery.due_at).total_seconds()
        log.info("delivery.accepted", kind=delivery.kind, to=delivery.address, lateness=round(lateness, 3))
        if delivery.priority == Priority.PAGE and not delivery.is_posted:
            self._paged(lateness)

    async def _accepted(
        self, delivery: Delivery, message: Message, thread: Thread | None, *, may_repeat: bool
    ) -> Accepted:
        carrier = self.media[delivery.medium]
        if delivery.is_posted:
            return await carrier.edit(delivery, message)
        return await carrier.post(delivery, replace(message, may_repeat=may_repeat), thread)

    async def _found(self, delivery: Delivery) -> tuple[Accepted | None, bool]:
        """What an earlier try posted after all; None when nothing is in doubt, or nothing is there.

        Where nobody can look, the message may be there: the second answer is True.
        """
        if not _is_in_doubt(delivery):
            return None, False
        try:
            found = await self.media[delivery.medium].find(delivery)
        except Unseen as unseen:
            log.warning("delivery.unseen", kind=delivery.kind, to=delivery.address, why=str(unseen))
            return None, True
        since = delivery.doubtful_since
        if found is None and since and claims.taken_at(delivery) < since + claims.SHOWN_AFTER:
            raise Passing("its answer was lost, and it cannot be found yet")
        return found, False


def _is_in_doubt(delivery: Delivery) -> bool:
    """Whether it may have been posted, and nobody knows."""
    return not delivery.is_posted and delivery.doubtful_since is not None


def _dropped(delivery: Delivery, drop: Drop) -> Settle:
    log.info("delivery.dropped", kind=delivery.kind, why=drop.reason)
    return partial(outcomes.dropped, reason=drop.reason)


def _is_page(delivery: Delivery) -> bool:
    """Whether it is a page that nobody has yet."""
    return delivery.posted_as is None and delivery.key.startswith(outbox.PAGE)


def _bunches(taken: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
    """What is written together: pages first, and Homes all at once, since they are drawn from the same."""
    homes = [delivery for delivery in taken if delivery.medium == Medium.HOME]
    yield from _few_each([delivery for delivery in taken if _is_page(delivery)])
    yield from _few_each([delivery for delivery in taken if not _is_page(delivery) and delivery.medium != Medium.HOME])
    yield from _few_each(homes, HOMES_AT_ONCE)


def _few_each(deliveries: Sequence[Delivery], most: int = WRITTEN_TOGETHER) -> Iterator[Sequence[Delivery]]:
    return (deliveries[first : first + most] for first in range(0, len(deliveries), most))


def _shown(tx: Tx, delivery: Delivery, message: Message | Drop) -> Message | Drop | Fold:
    """A message as its medium shows it; or that it is folded, unless it was posted, or may have been."""
    if isinstance(message, Drop):
        return message
    fold = None if delivery.is_posted or delivery.doubtful_since else tx.of(BUDGET)(tx, delivery)
    return fold or tx.of(OUTSIDE)(tx, delivery, tx.of(NAMED)(tx, delivery, message)).shown_by(delivery.medium)


def _not_accepted(delivery: Delivery, error: Exception) -> Settle:
    settle = next((settle for kind, settle in SETTLED.items() if isinstance(error, kind)), outcomes.doubtful)
    why = str(error) or "no answer in time"
    unexpected = not isinstance(error, (*SETTLED, Lost, TimeoutError))
    log.warning("delivery.failed", to=delivery.address, settled=settle.__name__, error=why, exc_info=unexpected)
    return partial(settle, error=why)


def fingerprint(message: Message) -> str:
    """A hash that changes when the message would look different."""
    shown = json.dumps([message.text, message.blocks], sort_keys=True, default=str)
    return hashlib.sha256(shown.encode()).hexdigest()[:32]
