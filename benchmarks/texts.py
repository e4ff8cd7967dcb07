"""What ten times the text costs: every kind that has stalled a reader, typed after every slash command."""

from __future__ import annotations

import time

from benchmarks.harness import Stage
from benchmarks.report import Table, ms, times
from callboard import app
from callboard.slack.grammar import Command
from callboard.slack.intents import understand
from tests.texts import PIECES, text

SHORT, LONG, AIM, TURNS = 10_000, 100_000, 15, 3
TOO_QUICK = 0.002
"""Below this a ratio says nothing."""


def run(stage: Stage) -> None:
    """Print for each command the kind of text that grows most."""
    table = Table(f"{LONG:,} characters next to {SHORT:,}; aim {AIM} x at most", "short", "long", "ratio", "kind")
    for word, command in app.routes().commands.items():
        figures = {
            kind: _both(command, piece) for kind, piece in list(PIECES.items())[:: 1 if stage.share == 1 else 10]
        }
        worst = max(figures, key=lambda kind: figures[kind][1] / max(figures[kind][0], TOO_QUICK))
        short, long = figures[worst]
        table.row(f"/{word}", ms(short), ms(long), times(long, max(short, TOO_QUICK)), worst[:12])


def _both(command: Command, piece: str) -> tuple[float, float]:
    """The CPU seconds for the short text and the long one, the least of several turns, one after the other."""
    taken = [(_one(command, text(piece, SHORT)), _one(command, text(piece, LONG))) for _ in range(TURNS)]
    return min(short for short, _ in taken), min(long for _, long in taken)


def _one(command: Command, typed: str) -> float:
    began = time.thread_time()
    understand(command, typed)
    return time.thread_time() - began
