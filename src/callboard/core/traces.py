"""The id that follows a request from its arrival to its deliveries, and spans under it for whoever collects traces."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

import structlog


class Recorder(Protocol):
    """Records how long something took. The `first` span of a trace is that of the request, or of what came due."""

    def span(self, name: str, trace: str, about: dict[str, str], *, first: bool) -> AbstractContextManager[object]: ...

    def close(self) -> None: ...


class Spans:
    """Spans of the present trace; nothing happens while nobody records, or outside of a trace."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None

    def span(self, name: str, *, first: bool = False, **about: str) -> AbstractContextManager[object]:
        trace = current() if self.recorder else ""
        return self.recorder.span(name, trace, about, first=first) if self.recorder and trace else nullcontext()


def begin() -> None:
    """Give an id to what arrives. It is in every log line, entry and message that comes of it."""
    structlog.contextvars.bind_contextvars(trace=_new())


@contextmanager
def begun() -> Iterator[None]:
    """Give an id to what is done within, and to nothing after it."""
    with structlog.contextvars.bound_contextvars(trace=_new()):
        yield


def current() -> str:
    """The present id; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("trace", ""))


def _new() -> str:
    return secrets.token_hex(8)
