"""What people asked and were answered, one JSON object a line, in the form that Elle and Porcupine read.

`process` is a person, and another one after each operation whose outcome nobody knows. `type` is invoke, then ok (it
was done), fail (it was refused: no effect) or info (nobody knows). `f` is the verb, `value` has what it was about and
what was said, `time` is in nanoseconds since the start, `index` counts lines.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

INVOKE, OK, FAIL, INFO = "invoke", "ok", "fail", "info"
FAULTY = ("Something went wrong", "disk of my database is full")
"""Refused for a fault: done after all where it is delivered again later."""


@dataclass(frozen=True)
class Op:
    """One operation, from its question to its answer; seconds since the start. `answers` are all that it was given."""

    index: int
    process: int
    f: str
    value: dict[str, Any]
    type: str
    invoked: float
    completed: float
    answers: tuple[str, ...] = ()

    def after(self, times: Mapping[str, int]) -> Op:
        """What is known of it where it was delivered so many `times`: an answer for a fault is that of one try."""
        faulty = self.type == FAIL and is_faulty(str(self.value.get("said", "")))
        return replace(self, type=INFO) if faulty and times.get(str(self.value.get("delivery")), 1) > 1 else self

    @property
    def by(self) -> str:
        return str(self.value["by"])

    @property
    def about(self) -> Any:
        """The number or key of what it is about; after a raise or a lock, the number that was answered."""
        return self.value.get("about")

    @property
    def token(self) -> str:
        """Words that no other operation says."""
        return str(self.value.get("token", ""))


def is_faulty(said: str) -> bool:
    return any(words in said for words in FAULTY)


@dataclass
class Recorder:
    """Writes each line as it happens."""

    path: Path
    began: float = field(default_factory=time.monotonic)
    lines: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        self._file = self.path.open("w")

    def now(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def add(self, process: int, kind: str, f: str, value: dict[str, Any]) -> None:
        self._file.write(
            json.dumps({
                "index": self.lines, "process": process, "type": kind, "f": f, "value": value,
                "time": time.monotonic_ns() - int(self.began * 1e9),
            }) + "\n"
        )  # fmt: skip
        self.lines += 1
        self.done += kind == OK

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[Op]:
    """The operations of a file, in the order in which they were asked."""
    with path.open() as lines:
        return list(operations(map(json.loads, lines)))


def operations(lines: Iterable[dict[str, Any]]) -> Iterator[Op]:
    """Pairs of lines as operations, without what was never sent; what was never answered is info at the end."""
    asked: dict[int, dict[str, Any]] = {}
    done: list[Op] = []
    last = 0.0
    for line in lines:
        last = line["time"] / 1e9
        if line["type"] == INVOKE:
            asked[line["process"]] = line
        else:
            question = asked.pop(line["process"])
            if not line["value"].get("never"):
                done.append(_op(question, line, last))
    done += [_op(line, {**line, "type": INFO}, last) for line in asked.values()]
    yield from sorted(done, key=lambda op: op.index)


def _op(asked: dict[str, Any], answered: dict[str, Any], at: float) -> Op:
    value = {name: kept for name, kept in answered["value"].items() if name != "answers"}
    return Op(
        asked["index"], asked["process"], asked["f"], value, answered["type"], asked["time"] / 1e9, at,
        tuple(answered["value"].get("answers", ())),
    )  # fmt: skip
