"""What may hang is done in a process of its own, with a hard time limit: the system ends whatever takes longer.

The process imports what it needs once, and forks for each question. `Workshop` asks, `serve` is what the process runs.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol

STARTS_WITHIN = 30.0
MARGIN = 0.5
"""Seconds after its limit until a question counts as unanswered, where nobody says that it was ended."""
BUSY = 20
"""How many times as long as its limit of work a question may take on a machine that has other work."""
CAN_FORK = hasattr(os, "fork")


class Away(Exception):
    """The process does not run, or takes nothing more: the question was not begun."""


class Starting(Away):
    """The process is not ready yet, and goes on starting."""


class Respondent(Protocol):
    """Whoever answers questions, in a process of its own or here."""

    async def ask(self, question: Any, within: float) -> Any: ...


class Workshop:
    """Answers up to `at_once` questions at a time. The process starts with the first one, and ends with this one."""

    def __init__(
        self, program: str, *, at_once: int = 1, waiting: int = 50, environment: Mapping[str, str] | None = None,
        by_work: bool = False,
    ) -> None:  # fmt: skip
        """`program` is the file that the process runs; beyond `waiting` questions none is taken.

        `by_work` limits the seconds in which the process works, not those that pass: a busy machine ends nothing.
        """
        self._timer = signal.ITIMER_PROF if by_work and CAN_FORK else signal.ITIMER_REAL if CAN_FORK else 0
        self._patience = BUSY if by_work else 1
        self._program = program
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._is_ready = threading.Event()
        self._threads = ThreadPoolExecutor(at_once, "workshop")
        self._most = at_once + waiting
        self._inside = 0
        self._lock = threading.Lock()
        self._questions: dict[int, Future[Any]] = {}
        self._asked = 0

    async def start(self, within: float) -> None:
        """Have the process ready. Raises Starting where it is not within so many seconds."""
        await asyncio.wrap_future(self._threads.submit(self.ready, within))

    async def ask(self, question: Any, within: float) -> Any:
        """The answer. Raises TimeoutError where none came within so many seconds, Away where nothing was begun."""
        if self._inside >= self._most:
            raise Away
        self._inside += 1
        try:
            return await asyncio.wrap_future(self._threads.submit(self._answer, question, within))
        finally:
            self._inside -= 1

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def ready(self, within: float) -> subprocess.Popen[str]:
        """The process, once it is ready. One that needs longer goes on starting: whoever asks later meets it."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process, self._is_ready = self._started()
            process, is_ready = self._process, self._is_ready
        if not is_ready.wait(within):
            raise Starting
        if process.poll() is not None:
            raise Away
        return process

    def _answer(self, question: Any, within: float) -> Any:
        number, answer = self._begin(question, within)
        try:
            return answer.result(within * self._patience + MARGIN)
        except TimeoutError:
            if not CAN_FORK:
                self.close()
            raise
        finally:
            self._questions.pop(number, None)

    def _begin(self, question: Any, within: float) -> tuple[int, Future[Any]]:
        process = self.ready(STARTS_WITHIN)
        with self._lock:
            self._asked += 1
            number, answer = self._asked, Future[Any]()
            self._questions[number] = answer
            try:
                process.stdin.write(f"{json.dumps([number, self._timer, within, question])}\n")  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
            except (OSError, ValueError) as error:
                del self._questions[number]
                raise Away from error
            return number, answer

    def _started(self) -> tuple[subprocess.Popen[str], threading.Event]:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, env=self._environment,
            )  # fmt: skip
        except OSError as error:
            raise Away from error
        is_ready = threading.Event()
        threading.Thread(target=self._read, args=(process, is_ready), daemon=True, name="workshop").start()
        return process, is_ready

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        """Hand out the answers of a process until it ends; what it leaves unanswered nobody knows."""
        with process:
            for line in process.stdout or ():
                with suppress(ValueError):
                    number, *answer = json.loads(line)
                    ready.set()
                    self._settle(number, answer)
        ready.set()
        with self._lock:
            left = list(self._questions.values()) if self._process in (None, process) else []
        for question in left:
            with suppress(Exception):
                question.set_exception(TimeoutError())

    def _settle(self, number: int, answer: list[Any]) -> None:
        """A question has its answer, or was ended without one."""
        if (question := self._questions.get(number)) and not question.done():
            if answer:
                question.set_result(answer[0])
            else:
                question.set_exception(TimeoutError())


def limit_memory(most: int) -> None:
    """Let this process and its forks have so many bytes, where the system can hold them to it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer each question, a line of JSON, with a line. Ends with whoever asks."""
    gc.freeze()
    forks: dict[int, int] = {}
    if CAN_FORK:
        signal.signal(signal.SIGCHLD, lambda *_: _tell_ended(forks))
    _say(0, "ready")
    for line in sys.stdin:
        number, timer, within, question = json.loads(line)
        if not CAN_FORK:
            _say(number, answer(question))
            continue
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # until it is known which question a fork has
        fork = os.fork()
        if fork == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            signal.setitimer(timer, within)  # nothing handles the alarm: the system ends the process
            try:
                _say(number, answer(question))
                os._exit(0)
            finally:
                os._exit(1)
        forks[fork] = number
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _tell_ended(forks: dict[int, int]) -> None:
    """Say of each fork that ended without an answer that there will be none."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            number = forks.pop(ended[0], None)
            if ended[1] and number is not None:
                _say(number)


def _say(number: int, *answer: Any) -> None:
    os.write(1, f"{json.dumps([number, *answer])}\n".encode())
