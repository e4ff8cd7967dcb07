"""The process in which schemas and parameters are checked: it starts on demand, and ends what takes too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callboard.core.workshop import Away, Workshop

DEADLINE = 1.0
PROGRAM = str(Path(__file__).with_name("schemas.py"))
TOO_LONG = "takes too long to check. Write its schema simpler, or send less."
AWAY = "I can't check schemas just now. Nothing changed. Send it again in a minute."


@dataclass(frozen=True)
class Verdict:
    """Why a schema, or parameters for it, are refused; empty where they are not."""

    schema: Mapping[str, Any]
    sentence: str


class Examiner:
    """Answers one question after the other; what takes more than `deadline` seconds of work is refused."""

    def __init__(self, deadline: float = DEADLINE) -> None:
        self.deadline = deadline
        self._workshop = Workshop(PROGRAM, by_work=True)

    async def schema(self, name: str, schema: Mapping[str, Any]) -> Verdict:
        """Whether this can describe the parameters of a type."""
        return Verdict(schema, await self._asked({"name": name, "schema": schema}))

    async def params(self, name: str, schema: Mapping[str, Any], params: Mapping[str, Any]) -> Verdict:
        """Whether a type takes these parameters."""
        return Verdict(schema, await self._asked({"name": name, "schema": schema, "params": params}))

    def close(self) -> None:
        """End the process; the next question starts another."""
        self._workshop.close()

    async def _asked(self, question: Mapping[str, Any]) -> str:
        try:
            return str(await self._workshop.ask(question, self.deadline))
        except TimeoutError:
            return f"{question['name']} {TOO_LONG}"
        except Away:
            return AWAY


EXAMINER = Examiner()
"""One for all: what it costs is memory."""
