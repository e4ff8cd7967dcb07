"""The loop that takes deliveries out of the outbox and hands each to its medium."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog
from sqlalchemy.exc import OperationalError

from callboard.core import outbox
from callboard.core.courier import Accepted, Carrier, Final, Gone, Later, Lost, Passing, claims, outcomes
from callboard.core.deliveries import Delivery, Priority
from callboard.core.outbox import Drop, Message, Renderer
from callboard.core.turns import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from callboard.core.db import Database, Tx

log = structlog.get_logger()

AT_ONCE = 40
BREATH = 0.05
WRITTEN_TOGETHER = 10
# A send is given up well before its lease ends, so that nobody else can be sending the same message.
SEND_WITHIN = 9.0
START_WITHIN = 4.0
# A message may be found later than it was accepted.
SHOWN_AFTER = timedelta(seconds=10)


class Letter(NamedTuple):
    """A message as it is to be sent now, and the thread (channel, stamp) that it belongs to."""

    message: Message | Drop
    thread: tuple[str, str] | None


Letters = dict[int | None, Letter]


SETTLED = ((Final, outcomes.park), (Passing, outcomes.failed), (Lost, outcomes.doubtful))


class Courier:
    """Sends what waits, the most urgent first, one message at a time for each address.

    Each medium is given `AT_ONCE` messages at a time, half as many when it asks for patience, and one more again with
    each that it accepts.
    """

    def __init__(
        self, db: Database, media: Mapping[str, Carrier], renderers: Mapping[str, Renderer],
        paged: Callable[[float], None] = lambda _lateness: None,
    ) -> None:  # fmt: skip
        """`paged(seconds)` is told of each page that was accepted, and how late."""
        self._paged = paged
        self._db = db
        self._media = media
        self._renderers = renderers
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._most = dict.fromkeys(media, AT_ONCE)
        self._stopping = False
        self._claiming = asyncio.Lock()

    def nudge(self, nudges: set[str]) -> None:
        """Look into the outbox soon: something was put there."""
        if "outbox" in nudges:
            self._wake.set()

    async def run(self) -> None:
        """Send until stopped. Looks when nudged, and twice a second for what other replicas put there."""
        while not self._stopping:
            try:
                async with asyncio.timeout(0.5):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                await self.start_ready()
            except Exception:
                log.exception("courier.claim_failed")
                await asyncio.sleep(1)
            await asyncio.sleep(BREATH)

    async def stop(self) -> None:
        """Claim nothing more and let what is being sent be settled."""
        self._stopping = True
        self._wake.set()
        async with self._claiming:
            pass  # what is being claimed at this moment is under way next
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=SEND_WITHIN + 1)

    async def drain(self) -> int:
        """Send everything that may go at this instant, and return how many messages that was when it is settled."""
        sent = 0
        while (begun := await self.start_ready()) or self._under_way:
            sent += begun
            if self._under_way:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        return sent

    async def start_ready(self) -> int:
        """Claim what may go now and begin sending it; return how many messages that is."""
        async with self._claiming:
            room = {} if self._stopping else self._room()
            taken = await self._claimed(room) if room else ()
        claimed_at = time.monotonic()
        for some in (taken[k : k + WRITTEN_TOGETHER] for k in range(0, len(taken), WRITTEN_TOGETHER)):
            written = asyncio.create_task(self._written(some))
            for delivery in some:
                task = asyncio.create_task(self._carry(delivery, written, claimed_at))
                self._under_way[task] = delivery
                task.add_done_callback(self._settled)
        return len(taken)

    def _room(self) -> dict[str, int]:
        """How many more messages each medium takes now; those that take none are absent."""
        under_way = Counter(delivery.medium for delivery in self._under_way.values())
        return {medium: most - under_way[medium] for medium, most in self._most.items() if most > under_way[medium]}

    async def _claimed(self, room: Mapping[str, int]) -> Sequence[Delivery]:
        busy = frozenset(delivery.id for delivery in self._under_way.values() if delivery.id is not None)
        ready = await self._db.read(claims.look, room, busy)
        if not ready.lapsed and not ready.chosen:
            return ()
        return await self._db.write_behind(Patience.SENT, claims.claim, room, busy, ready)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.critical("courier.settle_failed", exc_info=task.exception())

    async def _carry(self, delivery: Delivery, written: asyncio.Task[Letters], at: float) -> None:
        with structlog.contextvars.bound_contextvars(trace=delivery.trace, delivery=delivery.id):
            try:
                letter = await self._letter(delivery, written)
            except Exception as error:
                log.exception("courier.render_failed", kind=delivery.kind)
                # A database that is away for a moment is no fault of the message.
                settle = outcomes.failed if isinstance(error, OperationalError) else outcomes.park
                why = f"could not be written: {type(error).__name__}: {error}"
                await self._db.write_together(settle, delivery, why)
                return
            if isinstance(letter.message, Drop):
                log.info("delivery.dropped", kind=delivery.kind, why=letter.message.reason)
                await self._db.write_together(outcomes.dropped, delivery, letter.message.reason)
                return
            await self._send(delivery, letter.message, letter.thread, at)

    async def _letter(self, delivery: Delivery, written: asyncio.Task[Letters]) -> Letter:
        letters = await asyncio.shield(written)
        if delivery.id not in letters:
            letters = await self._written([delivery])
        return letters[delivery.id]

    async def _written(self, deliveries: Sequence[Delivery]) -> Letters:
        """Write them in one transaction; none where one of many fails, so that each is tried by itself."""
        try:
            return await self._db.read(self._write, deliveries)
        except Exception:
            if len(deliveries) == 1:
                raise
            return {}

    def _write(self, tx: Tx, deliveries: Sequence[Delivery]) -> Letters:
        letters = {}
        for delivery in deliveries:
            thread = outbox.thread_of(tx, delivery) if delivery.posted_as is None else None
            message = self._renderers[delivery.kind](tx, delivery)
            shown = message.shown_by(delivery.medium) if isinstance(message, Message) else message
            letters[delivery.id] = Letter(shown, thread)
        return letters

    async def _send(
        self, delivery: Delivery, message: Message, thread: tuple[str, str] | None, claimed_at: float
    ) -> None:
        carrier = self._media[delivery.medium]
        shown = fingerprint(message)
        if delivery.posted_as and delivery.shown == shown:
            await self._db.write_together(outcomes.unchanged, delivery)
            return
        if time.monotonic() - claimed_at > START_WITHIN:
            why = "this process was held up for too long to send safely"
            await self._db.write_together(outcomes.failed, delivery, why)
            return
        try:
            async with asyncio.timeout(SEND_WITHIN - (time.monotonic() - claimed_at)):
                found = await self._found(carrier, delivery)
                accepted = found or await self._accepted(carrier, delivery, message, thread)
        except Later as later:
            self._most[delivery.medium] = max(self._most[delivery.medium] // 2, 1)
            until = self._db.clock.now() + timedelta(seconds=later.seconds)
            log.warning("delivery.delayed", to=delivery.address, until=until.isoformat())
            await self._db.write_together(outcomes.delayed, delivery, until)
        except Gone:
            await self._db.write_together(outcomes.unchanged, delivery)
        except Exception as error:  # noqa: BLE001 - whatever broke, the message may have been accepted
            await self._not_accepted(delivery, error)
        else:
            self._most[delivery.medium] = min(self._most[delivery.medium] + 1, AT_ONCE)
            self._observe(delivery)
            await self._db.write_together(
                outcomes.accepted, delivery, posted_in=accepted.channel, posted_as=accepted.stamp,
                shown=None if found else shown,
            )  # fmt: skip

    async def _not_accepted(self, delivery: Delivery, error: Exception) -> None:
        settle = next((settle for kind, settle in SETTLED if isinstance(error, kind)), outcomes.doubtful)
        why = str(error) or "no answer in time"
        unexpected = not isinstance(error, (Final, Passing, Lost, TimeoutError))
        log.warning("delivery.failed", to=delivery.address, settled=settle.__name__, error=why, exc_info=unexpected)
        await self._db.write_together(settle, delivery, why)

    def _observe(self, delivery: Delivery) -> None:
        lateness = (self._db.clock.now() - delivery.due_at).total_seconds()
        log.info("delivery.accepted", kind=delivery.kind, to=delivery.address, lateness=round(lateness, 3))
        if delivery.priority == Priority.PAGE and not delivery.posted_as:
            self._paged(lateness)

    async def _found(self, carrier: Carrier, delivery: Delivery) -> Accepted | None:
        """What an earlier try posted after all; None when nothing is in doubt, or nothing is there."""
        if delivery.posted_as or delivery.doubtful_since is None:
            return None
        found = await carrier.find(delivery)
        if found is None and self._db.clock.now() < delivery.doubtful_since + SHOWN_AFTER:
            raise Passing("its answer was lost, and it cannot be found yet")
        return found

    async def _accepted(
        self, carrier: Carrier, delivery: Delivery, message: Message, thread: tuple[str, str] | None
    ) -> Accepted:
        if delivery.posted_as:
            return await carrier.edit(delivery, message)
        return await carrier.post(delivery, message, thread)


def fingerprint(message: Message) -> str:
    """A hash that changes when the message would look different."""
    shown = json.dumps([message.text, message.blocks], sort_keys=True, default=str)
    return hashlib.sha256(shown.encode()).hexdigest()[:32]
