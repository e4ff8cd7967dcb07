"""How long `callboard serve` takes to start, and how much memory it holds."""

from __future__ import annotations

import statistics
import time

from benchmarks.harness import Stage
from benchmarks.report import Table, s

IDLE, SETTLE = 3.0, 2.0
COMMANDS, AT_ONCE = 1_000, 16
STARTS = 7
HEADS = ("fastest start", "median", "idle memory", "idle PSS", "after load", "commands")


def run(stage: Stage) -> None:
    """Print the table."""
    table = Table("callboard serve: from process start to /readyz 200, and resident memory", *HEADS)
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store) as server:
            took = [server.ready_in]
            for _ in range(STARTS - 1):
                stage.kill(store, server)
                took.append(server.ready_in)
            time.sleep(IDLE)
            idle, share = server.memory(), server.share()
            shots = stage.fire(server, stage.some(COMMANDS), AT_ONCE)
            time.sleep(SETTLE)
            held = (f"{size:.0f} MB" for size in (idle, share, server.memory()))
            table.row(label, s(min(took)), s(statistics.median(took)), *held, str(len(shots.seconds)))
