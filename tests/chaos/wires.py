"""Wires between the bot, its database and Slack, which can be cut, hung and mended."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence

Address = str | tuple[str, int]
"""A socket's path, or host and port."""
CHUNK = 65_536
CONNECT_WITHIN = 2.0


class Wire:
    """Listens on a port of its own and carries each connection to the first address that takes it, in turn.

    What is under way when it is cut is lost. What is held up when it hangs is lost when it is mended.
    """

    def __init__(self, addresses: Callable[[], Sequence[Address]]) -> None:
        self._addresses = addresses
        self._turn = itertools.count()
        self._ends: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._is_cut = False
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Lose everything, and take nothing more."""
        self._is_cut = True
        self._lose()

    def hang(self) -> None:
        """Carry nothing, and say nothing."""
        self._flows.clear()

    def mend(self) -> None:
        if not self._flows.is_set():
            self._lose()
        self._is_cut = False
        self._flows.set()

    async def close(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()

    def _lose(self) -> None:
        for end in list(self._ends):
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            await self._flows.wait()
            if self._is_cut or writer.transport.is_closing():
                return
            back, there = await self._connected()
            self._ends.add(there)
            await asyncio.gather(self._pump(reader, there), self._pump(back, writer))
        except OSError:
            pass
        finally:
            for end in filter(None, (writer, there)):
                self._ends.discard(end)
                end.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = self._addresses()
        first = next(self._turn)
        for place in range(len(addresses)):
            address = addresses[(first + place) % len(addresses)]
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_WITHIN):
                    if isinstance(address, str):
                        return await asyncio.open_unix_connection(address)
                    return await asyncio.open_connection(*address)
        raise ConnectionRefusedError("nobody listens")

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while some := await reader.read(CHUNK):
            await self._flows.wait()
            if writer.transport.is_closing():
                raise ConnectionResetError
            writer.write(some)
            await writer.drain()
        raise ConnectionResetError("the other end hung up")
