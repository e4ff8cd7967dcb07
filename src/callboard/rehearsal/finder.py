"""Has a plan read by a process of its own, with limits of time and memory: never by the bot itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callboard.core.workshop import Workshop

PROGRAM = str(Path(__file__).with_name("program.py"))
WITHIN = 20.0
"""Seconds of work for one plan."""


class Finder:
    """Answers one question after the other; the process ends with its answer, and its memory with it."""

    def __init__(self, within: float = WITHIN, program: str = PROGRAM) -> None:
        self._within = within
        self._workshop = Workshop(program, by_work=True)

    async def __call__(self, question: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What will or may go wrong. Raises TimeoutError where it takes too long, Away where nothing was begun."""
        try:
            found: list[dict[str, Any]] = await self._workshop.ask(dict(question), self._within)
        finally:
            self._workshop.close()
        return found
