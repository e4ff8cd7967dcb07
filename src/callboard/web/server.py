"""How the server listens: deadlines for whoever sends or takes slowly, and room for whoever comes next.

Where there are too many connections, those are let go that wait: first those of the address that has the most.
"""

from __future__ import annotations

import itertools
import os
import signal
from asyncio import TimerHandle, Transport
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from socket import socket
from threading import Timer
from types import FrameType
from typing import Any, NamedTuple, cast

import structlog
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server as UvicornServer

from callboard.web.headers import ALWAYS, LATER, SOON

with suppress(ImportError):  # Windows has no such limits
    import resource

log = structlog.get_logger()

IDLE = 75
"""Seconds that a connection is kept for the next request: longer than proxies do, so that they lose none."""
STOP_WITHIN = 5
"""Seconds for requests that are under way when the server stops."""
END_WITHIN = 9.0
"""Seconds until a process that was asked to stop ends, whatever still runs in it: after 10, Docker kills."""
LONGEST_HEAD = 65_536
MOST_QUEUED = 16
"""Requests that may come before the first one is answered."""
MOST, LEAST = 1_000, 16
FILES = 4_096
"""Open files to ask the system for; half of what it gives may be connections."""
TURN = itertools.count()


class Within(NamedTuple):
    """Seconds for the head of a request, for its body, and for a client to take what it is sent."""

    head: float = 10.0
    body: float = 30.0
    taken: float = 30.0


class Server(UvicornServer):
    """Stops in good order when it is asked to, and ends at once when it is asked again."""

    leave: Callable[[], object] = staticmethod(lambda: None)
    """Called when it begins to stop, before requests that are under way are waited for."""
    _is_over = False

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        if self.should_exit:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        self.should_exit = True
        timer = Timer(END_WITHIN, self._end)
        timer.daemon = True
        timer.start()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self.leave()
        await super().shutdown(sockets)
        self._is_over = True

    def _end(self) -> None:
        """Threads that do not end are left to the system: whatever is under way may be killed at any moment."""
        if not self._is_over:
            log.error("web.not_stopped", within=END_WITHIN)
        os._exit(not self._is_over)


def server(app: ASGIApp, host: str, port: int, most: int = MOST, within: Within = Within()) -> Server:  # noqa: B008 - it is frozen
    """Make the server. It holds at most so many connections, and fewer where the system gives fewer."""
    connection = partial(Connection, most=max(min(most, open_files() // 2), LEAST), within=within)
    config = Config(
        app, host=host, port=port, http=cast("Any", connection), ws="none", log_config=None, access_log=False,
        timeout_keep_alive=IDLE, timeout_graceful_shutdown=STOP_WITHIN, server_header=False,
    )  # fmt: skip
    return Server(config)


def open_files() -> int:
    """How many files this process may have open; asks for more than programs usually get."""
    try:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
        if soft == resource.RLIM_INFINITY or soft >= wanted:
            return FILES if soft == resource.RLIM_INFINITY else soft
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (NameError, OSError, ValueError):
        return MOST
    return wanted


class Connection(HttpToolsProtocol):
    """One connection, which is let go when it is late, sends too much, or is in the way of others."""

    def __init__(self, *given: Any, most: int, within: Within, **named: Any) -> None:
        super().__init__(*given, **named)
        self.turn = next(TURN)
        self.served = False
        self._most, self._within = most, within
        self._reading: TimerHandle | None = None
        self._writing: TimerHandle | None = None
        self._useless = 0
        """Bytes since the last head or piece of a body that was whole."""

    @property
    def host(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def waits(self) -> bool:
        """Whether it waits for its client, and nobody is at work on an answer."""
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete or cycle.more_body

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # whatever is not taken yet has its deadline, also while it hangs up
        self._read_within(self._within.head)
        others = cast("set[Connection]", self.connections)
        if len(others) > self._most and not _let_go(others, self._most):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_reading()
        self._stop_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._useless += len(data)
        if self.waits and self._reading is None:  # line ends alone begin no request
            self._read_within(self._within.head)
        super().data_received(data)
        if self._useless > LONGEST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        if self._reading is None:
            self._read_within(self._within.head)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._useless = 0
        self._read_within(self._within.body)
        super().on_headers_complete()
        if len(self.pipeline) > MOST_QUEUED:
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        self._useless = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stop_reading()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.served = True
        super().on_response_complete()

    def shutdown(self) -> None:
        if self.waits or self.cycle.scope["state"].get("endless"):
            self.transport.close()
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        self._writing = self.loop.call_later(self._within.taken, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stop_writing()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence says less
        self._refuse(HTTPStatus.BAD_REQUEST)

    def _read_within(self, seconds: float) -> None:
        self._stop_reading()
        self._reading = self.loop.call_later(seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading.cancel()
        self._reading = None

    def _stop_writing(self) -> None:
        if self._writing:
            self._writing.cancel()
        self._writing = None

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why, where nothing was said yet, and hang up."""
        if self.transport.is_closing():
            return
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            text = f"{status.phrase}\n".encode()
            later = SOON if status in LATER else {}
            always = {
                **ALWAYS,
                **later,
                "Content-Type": "text/plain",
                "Content-Length": str(len(text)),
                "Connection": "close",
            }
            head = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name}: {value}" for name, value in always.items())]
            self.transport.write("\r\n".join([*head, "", ""]).encode() + text)
        self.transport.close()


def _let_go(connections: Iterable[Connection], most: int) -> bool:
    """Hang up on some that wait: of the address with the most, those never served, the oldest. False for none."""
    waiting = [one for one in connections if one.waits]
    per_host = Counter(one.host for one in waiting)
    ordered: Callable[[Connection], Any] = lambda one: (-per_host[one.host], one.served, one.turn)  # noqa: E731
    chosen = sorted(waiting, key=ordered)[: max(most // 20, 1)]
    for one in chosen:
        one.transport.abort()
    if chosen:
        log.warning("web.crowded", let_go=len(chosen), most=per_host.most_common(1)[0][0])
    return bool(chosen)
