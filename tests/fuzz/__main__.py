"""`python -m tests.fuzz TARGET --seconds N`: atheris looks for inputs that a target does not take.

`gates`, `locks` and `climbs` are stories instead, which hypothesis tells: longer ones than in the suite, and more.

What it finds is left in the folder of the corpus; small ones belong into `found/`, where the suite tries them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

NAMES = ("plan", "command", "webhook", "lfs")
STORIES = {
    "gates": "tests.gates.test_signatures", "locks": "tests.locks.test_any_order",
    "climbs": "tests.escalation.test_any_order",
}  # fmt: skip
REOPENED_EVERY = 2_000
"""Inputs, after which a target begins anew: what has piled up slows it down."""
LONGEST = 20_000
PATIENCE = 120
"""Seconds that one input may take."""


def main(arguments: Sequence[str]) -> None:
    """Look for as long as was asked; ends by itself, with a traceback where an input was not taken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=(*NAMES, *STORIES))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, default=Path(".fuzz"))
    asked = parser.parse_args(arguments)
    if asked.target in STORIES:
        tell(asked.target, asked.seconds)
    else:
        hunt(asked)


def hunt(asked: argparse.Namespace) -> None:
    try:
        import atheris
    except ModuleNotFoundError:
        sys.exit("Install atheris first: pip install 'callboard[fuzz]', where it has wheels. The suite does without.")
    with atheris.instrument_imports(include=["callboard"]):
        from tests.fuzz.targets import TARGETS, found
    target, runner = TARGETS[asked.target], asyncio.Runner()
    corpus = asked.corpus / asked.target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate([*target.seeds, *found(asked.target)]):
        (corpus / f"seed-{number}").write_bytes(seed)
    opened: Any = None
    takes: Any = None
    count = 0

    def one(given: bytes) -> None:
        nonlocal opened, takes, count
        if opened is None or takes is None or count % REOPENED_EVERY == 0:
            if opened is not None:
                runner.run(opened.__aexit__(None, None, None))
            opened = target.opened()
            takes = runner.run(opened.__aenter__())
        count += 1
        runner.run(takes(given))

    limits = [f"-max_total_time={asked.seconds}", f"-max_len={LONGEST}", f"-timeout={PATIENCE}", "-rss_limit_mb=4000"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={corpus}-", str(corpus)], one)
    atheris.Fuzz()


def tell(name: str, seconds: int) -> None:
    """Tell stories for so long; ends with the shortest one that goes wrong."""
    from hypothesis import HealthCheck, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.fuzz.targets import migrated

    longer = settings(
        max_examples=20, stateful_step_count=60, deadline=None, database=None, suppress_health_check=[*HealthCheck]
    )
    end, told = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        with migrated() as url:
            run_state_machine_as_test(import_module(STORIES[name]).begins(url), settings=longer)
        told += longer.max_examples
        sys.stdout.write(f"{told} stories\n")


if __name__ == "__main__":
    main(sys.argv[1:])
