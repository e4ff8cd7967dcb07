"""What is printed: the machine, tables, and figures as people read them."""

from __future__ import annotations

import math
import os
import platform
import sqlite3
from collections.abc import Sequence

LABEL, CELL = 58, 13


class Table:
    """A table that is printed as it grows."""

    def __init__(self, title: str, *heads: str) -> None:
        self._cells = len(heads)
        print(f"\n{title}\n{'':{LABEL}}{''.join(f'{head:>{CELL}}' for head in heads)}", flush=True)

    def row(self, label: str, *cells: str) -> None:
        """Add a line; missing cells stay empty."""
        print(f"  {label:{LABEL - 2}}{''.join(f'{cell:>{CELL}}' for cell in cells)}", flush=True)

    def note(self, sentence: str) -> None:
        """Add a sentence under the table."""
        print(f"  {sentence}", flush=True)


def machine(postgres: str) -> str:
    """What this was measured on."""
    return (
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL), PostgreSQL {postgres} (durable defaults: fsync on)"
    )


def quantile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that this share of all do not exceed; not a number where there are none."""
    ordered = sorted(figures) or [math.nan]
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def ms(seconds: float) -> str:
    """Milliseconds."""
    return f"{seconds * 1e3:.1f} ms"


def s(seconds: float) -> str:
    """Seconds."""
    return f"{seconds:.2f} s"


def times(one: float, other: float) -> str:
    """How many times the other this one is."""
    return f"{one / other:.2f} x"
