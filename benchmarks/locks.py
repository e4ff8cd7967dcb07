"""Two hundred people at once want overlapping locks, by HTTP, Slack and git: how fast, and none twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from sqlmodel import col, select

from benchmarks.crowd import Rush, Rushed, doubly_held, lost
from benchmarks.databases import Store
from benchmarks.harness import SECRET, Stage
from benchmarks.plan import TEAMS
from benchmarks.report import Table, ms, quantile
from benchmarks.servers import Server, Wrong, working
from callboard.app import database
from callboard.cli import tokens as issuing
from callboard.core import seal
from callboard.core.timeline import Entry
from callboard.locks.models import Lock
from callboard.settings import Settings

PEOPLE, CLIENTS, PROCESSES = 200, 4, 3
PEACE, WAR, KILLS = 15.0, 20.0, 3
SEALED_WITHIN = 60.0
HEADS = ("locks/s", "answers/s", "p50", "p95", "had", "refused", "with git", "sent again")


def run(stage: Stage) -> None:
    """Print the table."""
    table = Table(
        f"{PEOPLE} people at once ask for overlapping locks: a quarter in Slack, the rest as git does", *HEADS
    )
    for label, store in stage.databases():
        processes = 1 if label == "SQLite" else PROCESSES
        with stage.tried(), ExitStack() as stack:
            servers = [stack.enter_context(stage.bot(store, (PEOPLE + CLIENTS) // TEAMS + 1))]
            servers += [stack.enter_context(stage.beside(store)) for _ in range(processes - 1)]
            people = _people(store)
            peace = _rush(stage, servers, people, max(PEACE * stage.share, 5.0))
            _line(table, f"{label}, {_count(processes, 'process', 'es')}", peace)
            kill = partial(_kill, stage, store, servers)
            war = _rush(stage, servers, people, max(WAR * stage.share, 10.0), kill)
            _line(table, f"{label}, {_count(KILLS, 'kill', 's')}", war)
            _verify(table, label, store, peace, war)


def _people(store: Store) -> list[list[str]]:
    """Whom the plan names, each with a token."""
    db = database(Settings(database_url=store.url))
    handles = [f"member-{number:03}" for number in range(PEOPLE + CLIENTS)]
    tokens = db.transact(
        lambda tx: [issuing.create(tx, "bench", one, "locks", "1d", "", "bench") for one in handles]
    )  # fmt: skip
    db.close()
    return [
        [handle, f"Member {number}", f"U0MEMBER{number:03}", f"C0TEAM{number % TEAMS:03}", token]
        for number, (handle, token) in enumerate(zip(handles, tokens, strict=True))
    ]


def _rush(
    stage: Stage, servers: list[Server], people: list[list[str]], seconds: float,
    meanwhile: Callable[[], None] | None = None,
) -> Rushed:  # fmt: skip
    folder = stage.folder / f"rush-{time.monotonic_ns()}"
    rush = Rush(
        ports=[server.port for server in servers], secret=SECRET, workspace="T0BENCH", plan="bench", people=people,
        folder=str(folder), seconds=seconds, clients=CLIENTS, seed=time.time_ns(),
    )  # fmt: skip
    with working("benchmarks.crowd", rush, servers[0]) as said:
        if meanwhile:
            meanwhile()
    return Rushed(**{**said, "granted": {int(number): who for number, who in said["granted"].items()}})


def _kill(stage: Stage, store: Store, servers: list[Server]) -> None:
    """End one server after the other, and start it again."""
    for number in range(KILLS):
        time.sleep(1.0)
        stage.kill(store, servers[number % len(servers)])


def _line(table: Table, label: str, done: Rushed) -> None:
    table.row(
        label, f"{len(done.granted) / done.took:.0f}", f"{len(done.seconds) / done.took:.0f}",
        *(ms(quantile(done.seconds, share)) for share in (0.5, 0.95)), str(len(done.granted)), str(done.refused),
        str(done.by_git), str(done.resent),
    )  # fmt: skip


def _verify(table: Table, label: str, store: Store, *rushes: Rushed) -> None:
    """From the sealed timeline: nobody held what another had, and whoever was told that they have a lock had it."""
    end = time.monotonic() + SEALED_WITHIN
    while store.one("SELECT count(*) FROM timeline WHERE seq IS NULL") and time.monotonic() < end:
        time.sleep(0.1)
    db = database(Settings(database_url=store.url))
    wanted = select(Entry).where(Entry.subject_kind == "lock", col(Entry.seq).is_not(None)).order_by(col(Entry.seq))
    entries = db.transact(lambda tx: tx.session.exec(wanted).all())
    states = db.transact(lambda tx: {one.number: one.state for one in tx.session.exec(select(Lock))})
    broken = db.transact(seal.verify, 1)[1]
    db.close()
    twice, gone = list(doubly_held(entries)), [number for rush in rushes for number in lost(rush, entries, states)]
    if twice or gone or broken:
        raise Wrong(f"held twice: {twice[:3]}, lost: {gone[:3]}, the seal: {broken[:3]}")
    had = sum(one.verb == "acquired" for one in entries)
    told, late = sum(len(rush.granted) for rush in rushes), sum(rush.late for rush in rushes)
    table.note(
        f"{label}: {len(entries)} sealed entries, {had} locks had: at no instant two held what overlaps, "
        f"and each of the {told} that somebody was told of is there; {late} answers came late"
    )


def _count(number: int, word: str, plural: str) -> str:
    return f"{number} {word}{plural if number > 1 else ''}"
