"""`python -m benchmarks [--quick] [NAME...]`: measures Callboard on this machine, next to what it is compared with."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    alerts,
    api,
    backups,
    board,
    climbs,
    commands,
    emergencies,
    footprint,
    forecasts,
    growth,
    limits,
    locks,
    month,
    pages,
    plans,
    radar,
    rehearsals,
    replicas,
    runbooks,
    standups,
    texts,
    workspaces,
)
from benchmarks.databases import Store, postgres_server
from benchmarks.harness import Stage
from benchmarks.report import machine
from benchmarks.servers import free_port

BENCHMARKS: dict[str, Callable[[Stage], None]] = {
    "commands": commands.run,
    "climbs": climbs.run,
    "pages": pages.run,
    "plans": plans.run,
    "standups": standups.run,
    "api": api.run,
    "locks": locks.run,
    "radar": radar.run,
    "growth": growth.run,
    "footprint": footprint.run,
    "alerts": alerts.run,
    "runbooks": runbooks.run,
    "emergencies": emergencies.run,
    "texts": texts.run,
    "workspaces": workspaces.run,
    "board": board.run,
    "forecasts": forecasts.run,
    "rehearsal": rehearsals.run,
    "replicas": replicas.run,
    "limits": limits.run,
    "month": month.run,
    "backups": backups.run,
}


def main() -> int:
    """Run what was asked for; 1 when something measured was wrong, however fast or slow the rest is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all without")
    parser.add_argument("--quick", action="store_true", help="a tenth of the load")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="callboard-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        with postgres_server(folder / "postgres") as postgres:
            print(machine(Store(postgres).one("SHOW server_version")), flush=True)
            stage = Stage(folder, 0.1 if asked.quick else 1.0, postgres, free_port())
            with stage.web_api():
                for name in asked.names or BENCHMARKS:
                    with stage.tried():
                        BENCHMARKS[name](stage)
    print(f"\n{time.monotonic() - began:.0f} s in all", flush=True)
    return 1 if stage.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
