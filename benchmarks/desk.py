"""Somebody who types commands, and reads the answers."""

from __future__ import annotations

import asyncio
import time

from benchmarks.harness import SECRET
from benchmarks.load import Connection, command


class Desk:
    """Somebody who types, and reads the answer."""

    def __init__(self, port: int) -> None:
        self.port = port

    def says(self, user: str, word: str, text: str) -> str:
        """Type a command; the answer."""
        return asyncio.run(self._says(user, word, text))

    async def _says(self, user: str, word: str, text: str) -> str:
        body = {
            "team_id": "T0BENCH", "channel_id": "C0COORD", "channel_name": "coord", "user_id": user, "command": word,
            "text": text, "response_url": "", "trigger_id": str(time.time_ns()),
        }  # fmt: skip
        return await ask(self.port, command(SECRET, str(int(time.time())), body))


async def ask(port: int, request: bytes) -> str:
    """Send a request by itself; empty where nobody answers."""
    try:
        transport, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
        answer = await connection.ask(request)
    except OSError:
        return ""
    transport.close()
    return answer.decode(errors="replace") if answer.startswith(b"HTTP/1.1 200") else ""
