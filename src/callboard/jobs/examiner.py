"""The process in which schemas and parameters are checked: it starts on demand, and ends where one takes too long."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE, STARTS_WITHIN = 1.0, 30.0
MOST_WAITING = 50
PROGRAM = [sys.executable, "-P", str(Path(__file__).with_name("schemas.py"))]
TOO_LONG = "takes too long to check. Write its schema simpler, or send less."
AWAY = "I can't check schemas just now. Nothing changed. Send it again in a minute."


@dataclass(frozen=True)
class Verdict:
    """Why a schema, or parameters for it, are refused; empty where they are not."""

    schema: Mapping[str, Any]
    sentence: str


class Examiner:
    """Answers one question after the other. A question that takes longer than `deadline` seconds ends the process."""

    def __init__(self, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        self._process: subprocess.Popen[str] | None = None
        self._queue = ThreadPoolExecutor(1, "examiner")
        self._waiting = 0

    async def schema(self, name: str, schema: Mapping[str, Any]) -> Verdict:
        """Whether this can describe the parameters of a type."""
        return Verdict(schema, await self._asked({"name": name, "schema": schema}))

    async def params(self, name: str, schema: Mapping[str, Any], params: Mapping[str, Any]) -> Verdict:
        """Whether a type takes these parameters."""
        return Verdict(schema, await self._asked({"name": name, "schema": schema, "params": params}))

    def close(self) -> None:
        """End the process; the next question starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    async def _asked(self, question: Mapping[str, Any]) -> str:
        if self._waiting >= MOST_WAITING:
            return AWAY
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._queue.submit(self._answer, question))
        finally:
            self._waiting -= 1

    def _answer(self, question: Mapping[str, Any]) -> str:
        try:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
                )
                self._said("", STARTS_WITHIN)
            sentence = self._said(f"{json.dumps(question)}\n", self._deadline)
        except TimeoutError:
            return f"{question['name']} {TOO_LONG}"
        except (OSError, ValueError):
            self.close()
            return AWAY
        return sentence

    def _said(self, line: str, within: float) -> str:
        """The answer to a line. Raises TimeoutError once the process was ended for it, and ValueError without one."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ValueError("no process")
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(within, end)
        timer.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            return str(json.loads(process.stdout.readline()))
        except (OSError, ValueError):
            if not late.is_set():
                raise
            self.close()
            raise TimeoutError from None
        finally:
            timer.cancel()


EXAMINER = Examiner()
"""One for all: what it costs is memory."""
