"""Socket Mode: apps.connections.open, the sockets an app holds open, and the envelopes that go over them."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from slack_standin.methods import Call, method
from slack_standin.state import Json

MOST = 10


@method("apps.connections.open", token="app")  # noqa: S106 (a kind of token)
def connections_open(call: Call) -> Json:
    """An address for one Socket Mode connection."""
    ticket = secrets.token_urlsafe(12)
    call.sandbox.sockets.tickets.add(ticket)
    scheme = call.base_url.replace("http", "ws", 1)
    return {"url": f"{scheme}/link/?ticket={ticket}&app_id={call.workspace.spec.app_id}"}


class Connection:
    """One open socket and the envelopes that wait for their acknowledgement on it."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.waiting: dict[str, asyncio.Future[Json]] = {}
        self.stalled = False

    async def send(self, envelope: Json) -> "asyncio.Future[Json]":
        """Send an envelope; the future becomes its acknowledgement's payload."""
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self.waiting[envelope["envelope_id"]] = answer
        if not self.stalled:
            await self.websocket.send_json(envelope)
        return answer

    def heard(self, frame: Json) -> None:
        answer = self.waiting.pop(str(frame.get("envelope_id")), None)
        if answer is not None and not answer.done():
            answer.set_result(frame.get("payload") or {})

    def lost(self) -> None:
        """The socket is gone; whatever waited will wait in vain."""
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection was lost"))
                # Read, so that nobody is told about an exception nobody asked for.
                answer.exception()
        self.waiting.clear()


class Sockets:
    """The app's connections; each envelope goes to one of them in turn."""

    def __init__(self, app_id: str, opened: Callable[[], None], troubled: Callable[[str], None]) -> None:
        """`opened` hears of each new connection, `troubled` of what is made to go wrong with them."""
        self.app_id = app_id
        self.tickets: set[str] = set()
        self.connections: deque[Connection] = deque()
        self.most = 0
        """How many there were at once."""
        self._opened, self._troubled = opened, troubled

    async def serve(self, websocket: WebSocket) -> None:
        """Hold one connection until it ends; a ticket works once."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self.tickets or len(self.connections) >= MOST:
            await websocket.close(4400)
            return
        self.tickets.discard(ticket)
        await websocket.accept()
        connection = Connection(websocket)
        self.connections.append(connection)
        self.most = max(self.most, len(self.connections))
        try:
            await websocket.send_json(self._hello())
            self._opened()
            while True:
                frame = await websocket.receive_json()
                if isinstance(frame, dict):
                    connection.heard(frame)
        except (WebSocketDisconnect, RuntimeError, ValueError):
            pass
        finally:
            self._forget(connection)

    def _hello(self) -> Json:
        debug = {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060}
        info = {"app_id": self.app_id}
        return {"type": "hello", "num_connections": len(self.connections), "debug_info": debug, "connection_info": info}

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        connection.lost()

    async def send(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> "asyncio.Future[Json]":
        """Send to the next connection; ConnectionError when there is none."""
        if not self.connections:
            raise ConnectionError("no socket is open")
        self.connections.rotate(-1)
        envelope: Json = {"envelope_id": secrets.token_hex(16), "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        try:
            return await self.connections[0].send(envelope)
        except (RuntimeError, WebSocketDisconnect) as error:
            raise ConnectionError(str(error)) from error

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection that it ends, and end it; `warning` says that it soon will, and leaves it open."""
        self._troubled(f"disconnect: {reason}")
        for connection in list(self.connections):
            frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            with suppress(WebSocketDisconnect):  # its client may be leaving at this very moment
                await connection.websocket.send_json(frame)
            if reason != "warning":
                await self._close(connection, 1000)

    async def cut(self) -> None:
        """Close every connection without a word."""
        self._troubled("cut")
        await self.close()

    async def close(self) -> None:
        for connection in list(self.connections):
            await self._close(connection, 1011)

    def stall(self, *, stalled: bool = True) -> None:
        """Let connections stay open and carry nothing."""
        self._troubled("stall" if stalled else "resume")
        for connection in self.connections:
            connection.stalled = stalled

    async def _close(self, connection: Connection, code: int) -> None:
        self._forget(connection)
        if connection.websocket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect):
                await connection.websocket.close(code)
