"""Twelve workers share jobs over HTTP: how many a minute, how fast, and none lost or done twice, whoever is killed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from functools import partial

from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.report import Table, ms, quantile
from benchmarks.servers import Server, Wrong, python, working
from benchmarks.workers import Done, Shift

WORKERS, MINUTE, FLAT_OUT, KILLING, DEATHS = 12, 60.0, 20.0, 20.0, 5
WORK = 0.25
KILLS = 2
P95, RATE = 0.1, 100
HEADS = ("jobs", "a minute", "claim p50", "claim p95", "complete p50", "complete p95", "sent again", "deaths")
DOUBLE = "SELECT count(*) FROM (SELECT subject_id FROM timeline WHERE subject_kind = 'job' AND verb = 'completed' "
COUNTS = {
    "jobs": "SELECT count(*) FROM jobs",
    "jobs completed": "SELECT count(*) FROM jobs WHERE state = 'completed'",
    "timeline entries `completed`": "SELECT count(*) FROM timeline WHERE subject_kind = 'job' AND verb = 'completed'",
    "jobs with such an entry": f"{DOUBLE} GROUP BY subject_id) AS each_job",
}


def run(stage: Stage) -> None:
    """Print the table."""
    os.environ["CALLBOARD_API_RATE"] = "10000000"
    table = Table(f"{WORKERS} workers over HTTP: create, claim, complete; one token, a key with each request", *HEADS)
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store) as server:
            token = _token(store)
            peace = _shift(server, token, max(MINUTE * stage.share, 6.0), each=WORK)
            _line(table, f"{label}, a job is {ms(WORK)} of work", peace)
            haste = _shift(server, token, max(FLAT_OUT * stage.share, 6.0))
            _line(table, f"{label}, a job is no work: flat out", haste)
            kill = partial(_kill, stage, store, server)
            war = _shift(server, token, max(KILLING * stage.share, 9.0), deaths=DEATHS, meanwhile=kill)
            _line(table, f"{label}, {DEATHS} of 100 workers die, the server {KILLS} times", war)
            _verify(store, peace, haste, war)
            table.note(_verdict(peace))
    table.note("Afterwards each job that was created was completed, once, by one claim.")


def _token(store: Store) -> str:
    asked = ("token", "create", "--plan", "bench", "--person", "member-000", "--scope", "jobs")
    environment = {**os.environ, "DATABASE_URL": store.url}
    said = subprocess.run(python("callboard", *asked), env=environment, capture_output=True, text=True, check=True)
    return said.stdout.strip()


def _shift(
    server: Server,
    token: str,
    seconds: float,
    *,
    each: float = 0.0,
    deaths: int = 0,
    meanwhile: Callable[[], None] | None = None,
) -> Done:
    shift = Shift(port=server.port, token=token, workers=WORKERS, seconds=seconds, each=each, deaths=deaths)
    with working("benchmarks.workers", shift, server) as said:
        if meanwhile:
            meanwhile()
    return Done(**said)


def _kill(stage: Stage, store: Store, server: Server) -> None:
    """End the server and start it again; what is started last serves on."""
    for _ in range(KILLS):
        time.sleep(2.0)
        stage.kill(store, server)


def _line(table: Table, label: str, done: Done) -> None:
    table.row(
        label, str(len(done.done)), f"{done.in_time / done.worked * 60:.0f}",
        *(ms(quantile(each, share)) for each in (done.claims, done.completes) for share in (0.5, 0.95)),
        str(done.resent), str(done.deaths),
    )  # fmt: skip


def _verify(store: Store, *shifts: Done) -> None:
    created = sum(len(each.created) for each in shifts)
    twice = [number for each in shifts for number, claims in each.done.items() if len(set(claims)) > 1]
    if twice:
        raise Wrong(f"{len(twice)} jobs were done twice, the first of them {twice[0]}")
    for what, query in COUNTS.items():
        found = store.one(query)
        if found != created:
            raise Wrong(f"{created} jobs were created, but there are {found} {what}")


def _verdict(done: Done) -> str:
    rate, slow = done.in_time / done.worked * 60, max(quantile(done.claims, 0.95), quantile(done.completes, 0.95))
    return f"The aims: {RATE} a minute ({rate / RATE:.0f} times that), p95 under {ms(P95)} ({ms(slow)})."
