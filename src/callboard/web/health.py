"""Whether this process works, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from callboard.core import outbox, seal, ticks
from callboard.core.db import Database, Tx
from callboard.core.deliveries import Delivery, Priority
from callboard.core.errors import Refused

log = structlog.get_logger()

TICK_WITHIN = 10.0
DATABASE_WITHIN = 2.0
TRIED_EVERY = 5.0
SKEW = 30.0
LONGEST, MUCH = 300, 10_000
TROUBLES = ticks.Trouble.__table__  # type: ignore[attr-defined]
DATABASE = {
    "disk is full": "free some space on its disk",
    "no space left": "free some space on its disk",
    "readonly": "let Callboard write to the file and its folder",
    "read-only": "it is a standby or was set read-only; connect to the primary",
    "during recovery": "it is a standby; connect to the primary",
    "password authentication failed": "correct the password in DATABASE_URL",
    "no password supplied": "write the password into DATABASE_URL",
    "does not exist": "create it, or correct DATABASE_URL",
    "unable to open database file": "check that the folder exists and that Callboard may write there",
    "no lock file": "let Callboard write to the folder of the file",
    "is gone": "put back the file, or stop Callboard, put back a backup and start it again",
    "was replaced": "restart Callboard: it writes only to the file that it opened",
    "disk i/o error": "look at the disk",
    "malformed": "restore a backup",
    "not a database": "check DATABASE_URL, or restore a backup",
}
ANSWERED = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 10)
LATE = (0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600)


class Signs(Protocol):
    """How Slack is: `slack.app` has them."""

    @property
    def trouble(self) -> str: ...
    @property
    def connected(self) -> bool | None: ...
    @property
    def age(self) -> float | None: ...
    @property
    def skew(self) -> float | None: ...
    @property
    def workspaces(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Counts:
    """What the outbox holds and how the parts are. `error` says why the database does not work; empty when it does."""

    outbox: Mapping[str, int] = field(default_factory=dict)
    in_doubt: int = 0
    oldest_due: float = 0.0
    """Seconds that the message which waits longest is over its time."""
    oldest_page: float = 0.0
    """The same of pages alone."""
    unsealed: float = 0.0
    """How old the oldest entry is that has no seal yet."""
    given_up: int = 0
    error: str = ""
    slack: Signs | None = None


class Readiness(NamedTuple):
    """Why a process is not ready, and what is wrong though it is; each empty where nothing is.

    `workspaces` says what is wrong in single ones, by their ids, which keeps none of the others waiting.
    """

    trouble: str = ""
    warning: str = ""
    workspaces: Mapping[str, str] = MappingProxyType({})


@dataclass
class Health:
    """Asks the database and looks at the last tick. `tick_age` in real seconds; None before the first one.

    `slack` tells how Slack is; `stopped` names the parts of this process that ended by a fault. `wrote_at` is when the
    database last took what was written, in real seconds: whoever asks often has nothing written each time.
    """

    db: Database
    tick_age: Callable[[], float | None]
    slack: Callable[[], Awaitable[Signs]] | None = None
    stopped: Callable[[], Collection[str]] = tuple
    starting: Callable[[], str] = str
    wrote_at: float | None = field(default=None, init=False)

    async def trouble(self) -> str:
        """Why this process is not ready, in a sentence; empty when it is."""
        return (await self.readiness()).trouble

    async def readiness(self) -> Readiness:
        """Whether this process is ready, and what is wrong."""
        if here := self.starting() or self._part_stopped() or await self._unwritable() or self._tick_late():
            return Readiness(here)
        if not self.slack:
            return Readiness()
        signs = await self.slack()
        unwell = {team: why for team, why in signs.workspaces.items() if why}
        return Readiness(signs.trouble, _of_the_clock(signs), unwell)

    def _part_stopped(self) -> str:
        stopped = ", ".join(self.stopped())
        return f"a part of Callboard has stopped ({stopped}): restart it, and report the log" if stopped else ""

    def _tick_late(self) -> str:
        age = self.tick_age()
        if age is None:
            return "the clock has not ticked yet"
        return f"the last tick was {age:.0f} s ago" if age > TICK_WITHIN else ""

    async def counts(self) -> Counts:
        """What waits and what is parked, and how the database and Slack are."""
        signs = await self.slack() if self.slack else None
        error = self.starting() or await self._unwritable()
        if error:
            return Counts(error=error, slack=signs)
        try:
            return replace(await self.db.read(_counted), slack=signs)
        except Exception as failure:  # noqa: BLE001 - see _unwritable
            self.wrote_at = None
            return Counts(error=_failed(failure), slack=signs)

    async def _unwritable(self) -> str:
        """Why the database can't be written to; empty when it can. What it writes now and then, nobody reads."""
        try:
            if self.wrote_at is not None and time.monotonic() - self.wrote_at < TRIED_EVERY:
                if self.db.on_sqlite:
                    await self.db.read(_begun)
                return ""
            self.wrote_at = None
            async with asyncio.timeout(DATABASE_WITHIN):
                await self.db.write(_filled if self.db.is_full else _touched)
                self.db.is_full = False
        except Refused as refused:
            return refused.sentence
        except TimeoutError:
            return f"the database does not answer within {DATABASE_WITHIN:.0f} s"
        except Exception as error:  # noqa: BLE001 - any failure means the same here, and is logged
            return _failed(error)
        self.wrote_at = time.monotonic()
        return ""


def _failed(error: Exception) -> str:
    fault = error.orig if isinstance(error, DBAPIError) else error
    what, *_ = str(fault).splitlines() or [""]  # without the statement
    log.warning("health.database", error=f"{type(fault).__name__}: {what}")
    return unusable(error)


def _of_the_clock(signs: Signs) -> str:
    """A wrong clock keeps nobody from being served: what Slack signs is looked at by Slack's own time."""
    off = abs(signs.skew or 0)
    return f"this machine's clock is {off:.0f} s off Slack's: set it, use NTP" if off > SKEW else ""


def unusable(error: Exception) -> str:
    """Why a database does not work and what to do, in a sentence."""
    if not isinstance(error, DBAPIError):
        return "the database does not answer"
    said = " ".join(str(error.orig).split())
    known = next((why for words, why in DATABASE.items() if words in said.lower()), "check DATABASE_URL and the server")
    return f"the database does not work: {said[:LONGEST]}; {known}"


def is_away(error: Exception) -> bool:
    """Whether the database may come by itself, so that waiting helps: known faults of the set-up stay."""
    said = str(getattr(error, "orig", None) or error).lower()
    return not any(words in said for words in DATABASE) or "during recovery" in said


def _begun(_tx: Tx) -> None:
    """To begin is enough to learn that the file of a database is gone."""


def _touched(tx: Tx) -> None:
    """Write what is there already: a full disk and a database that is read-only show."""
    if tx.on_postgres:
        if tx.connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
            raise Refused(f"the database takes no changes: {DATABASE['read-only']}")
        tx.connection.exec_driver_sql("SELECT txid_current()")
    else:
        version = tx.connection.exec_driver_sql("PRAGMA user_version").scalar() or 0
        tx.connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")


def _filled(tx: Tx) -> None:
    """Write more than there is left where a disk is full, and take it back."""
    _touched(tx)
    tx.connection.execute(insert(TROUBLES).values(work="health", row_id=0, failures=0, error="full? " * MUCH))
    tx.connection.execute(delete(TROUBLES).where(TROUBLES.c.work == "health"))


class _UndoneError(Exception):
    """Raised to undo a try."""


def refusal(db: Database) -> str:
    """Why a database takes no changes, found out by one that is undone; empty when it does."""

    def tried(tx: Tx) -> None:
        _filled(tx)
        raise _UndoneError

    try:
        db.transact(tried)
    except _UndoneError:
        return ""
    except Refused as refused:
        return refused.sentence
    except DBAPIError as error:
        return unusable(error)
    return ""


def _counted(tx: Tx) -> Counts:
    waits = col(Delivery.state) == "waiting"
    doubtful = select(func.count()).where(waits, col(Delivery.doubtful_since).is_not(None)).scalar_subquery()
    oldest = select(func.min(Delivery.due_at)).where(waits)
    pages = oldest.where(col(Delivery.priority) == Priority.PAGE).scalar_subquery()
    asked = select(doubtful, oldest.scalar_subquery(), pages, seal.WAITING.scalar_subquery())
    in_doubt, *since = tx.connection.execute(asked).one()
    late, page, unsealed = (max((tx.now - at).total_seconds(), 0.0) if at else 0.0 for at in since)
    return Counts(outbox.counts(tx), in_doubt, late, page, unsealed, len(ticks.parked(tx)))


class Metrics:
    """One registry for one application, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "callboard_answers", "Commands, clicks and forms answered.", ["name", "outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "callboard_answer_seconds", "From arrival to answer.", ["name"], buckets=ANSWERED, registry=self.registry
        )
        self._pages = Histogram(
            "callboard_page_lateness_seconds", "How late pages went out.", buckets=LATE, registry=self.registry
        )
        self._outbox = Gauge("callboard_outbox", "Messages by state.", ["state"], registry=self.registry)
        self._given_up = Gauge("callboard_due_given_up", "Due rows that kept failing.", registry=self.registry)
        self._tick = Gauge("callboard_tick_age_seconds", "Since the last tick; -1 before it.", registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        self._in_doubt = gauge("callboard_outbox_in_doubt", "Messages whose answer was lost, to be looked up.")
        self._oldest_due = gauge("callboard_outbox_oldest_due_seconds", "How late the message is that waits longest.")
        self._oldest_page = gauge("callboard_page_oldest_due_seconds", "How late the page is that waits longest.")
        self._unsealed = gauge("callboard_unsealed_oldest_seconds", "The age of the oldest entry without a seal.")
        self._calls = Counter("callboard_slack_calls", "Web API calls.", ["outcome"], registry=self.registry)
        self._database = gauge("callboard_database_up", "1 while the database can be written to.")
        self._slack_up = gauge("callboard_slack_up", "1 while Slack takes the tokens and brings what people do.")
        self._slack_age = gauge("callboard_slack_answer_age_seconds", "Since Slack last took a call; -1 before it.")
        self._socket = gauge("callboard_socket_up", "1 while Socket Mode is connected; -1 without Socket Mode.")
        self._each = gauge(
            "callboard_workspace_up", "1 for each of several where Slack takes the token.", ["workspace"]
        )
        self._skew = gauge("callboard_clock_skew_seconds", "How far our clock is ahead of Slack's.")

        self._signs = Counter(
            "callboard_life_signs",
            "Signs of life sent to CALLBOARD_HEARTBEAT_URL.",
            ["outcome"],
            registry=self.registry,
        )

    def gave_sign(self, taken: bool) -> None:  # noqa: FBT001 - whether it was taken is all there is to say
        """Count a sign of life, taken or not."""
        self._signs.labels("taken" if taken else "failed").inc()

    def answered(self, name: str, outcome: str, seconds: float) -> None:
        """Count an answer: `done`, `refused`, `failed` or `late`, after so many seconds."""
        self._answers.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)

    def called(self, outcome: str) -> None:
        """Count a call of Slack's Web API: `taken`, `limited`, `refused` or `failed`."""
        self._calls.labels(outcome).inc()

    def paged(self, lateness: float) -> None:
        """Count a page that a medium has accepted, `lateness` seconds after it was due."""
        self._pages.observe(max(lateness, 0))

    def measured(self, counts: Counts, tick_age: float | None) -> None:
        for state, count in counts.outbox.items():
            self._outbox.labels(state).set(count)
        self._given_up.set(counts.given_up)
        self._tick.set(-1 if tick_age is None else tick_age)
        self._database.set(not counts.error)
        if not counts.error:
            self._in_doubt.set(counts.in_doubt)
            self._oldest_due.set(counts.oldest_due)
            self._oldest_page.set(counts.oldest_page)
            self._unsealed.set(counts.unsealed)
        if signs := counts.slack:
            self._slack_up.set(not signs.trouble)
            self._slack_age.set(-1 if signs.age is None else signs.age)
            self._socket.set(-1 if signs.connected is None else signs.connected)
            self._skew.set(signs.skew or 0)
            self._measure_each(signs.workspaces)

    def _measure_each(self, workspaces: Mapping[str, str]) -> None:
        """Where there are several: those that are gone are told no more."""
        self._each.clear()
        for team, why in workspaces.items():
            self._each.labels(team).set(not why)

    def text(self) -> bytes:
        return generate_latest(self.registry)
