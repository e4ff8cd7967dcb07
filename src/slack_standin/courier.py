"""Brings payloads to the app, over Socket Mode or signed HTTP, and waits three seconds for the acknowledgement."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from slack_standin.clock import elapsed, wall
from slack_standin.faults import DisturbanceKind, Disturbances
from slack_standin.record import Record
from slack_standin.sockets import Sockets
from slack_standin.spec import WorkspaceSpec
from slack_standin.state import Json, SlackError

Kind = Literal["slash_commands", "interactive", "events_api"]
REASONS = {"operation_timeout": "timeout", "dispatch_failed": "http_error"}


@dataclass(frozen=True)
class Delivery:
    """Something that was sent to the app; kept so that it can be sent again."""

    id: int
    kind: Kind
    payload: Json


@dataclass(frozen=True)
class Ack:
    """How the app answered: acknowledged with `payload`, or not, because of `error` (Slack's name for it)."""

    ok: bool
    payload: Json
    error: str = ""
    seconds: float = 0.0
    retry: bool = True


class Courier:
    """Sends one payload at a time to one place, each with its own wait."""

    def __init__(
        self, spec: WorkspaceSpec, sockets: Sockets, record: Record, ack_within: float, retries: list[float]
    ) -> None:
        """`ack_within` and the pauses before each redelivery (`retries`) are real seconds."""
        self._spec = spec
        self._sockets = sockets
        self._record = record
        self._session: aiohttp.ClientSession | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._sent = 0
        self.ack_within = ack_within
        self.retries = retries
        self.request_url = spec.request_url
        self.deliveries: deque[Delivery] = deque(maxlen=10_000)
        self.disturbances = Disturbances()

    async def send(self, kind: Kind, payload: Json) -> Ack:
        """Deliver once and wait for the acknowledgement."""
        return await self._send(self._kept(kind, payload))

    async def verified(self, url: str) -> bool:
        """Whether the app behind `url` says the challenge back, as Slack asks before it takes a request URL."""
        challenge = secrets.token_hex(16)
        payload = {"type": "url_verification", "token": self._spec.verification_token, "challenge": challenge}
        entry = self._record.add("delivery", "url_verification", {"url": url, "payload": payload})
        try:
            async with asyncio.timeout(self.ack_within):
                ok, answer, _ = await self._post(url, json.dumps(payload).encode(), "application/json", {})
        except (OSError, aiohttp.ClientError, ValueError):
            ok, answer = False, {}
        ok = ok and challenge in {answer.get("challenge"), answer.get("text")}
        entry["answer"] = {"ok": ok}
        return ok

    def _disturbed(self, kind: DisturbanceKind, delivery: Delivery) -> bool:
        if not self.disturbances.take(kind, delivery.kind):
            return False
        self._record.add("fault", "delivery", {"kind": kind, "delivery": delivery.id})
        return True

    async def again(self, delivery: int | None = None) -> Ack:
        """Deliver an earlier payload once more, the last one by default; LookupError when it is not kept."""
        for kept in reversed(self.deliveries):
            if delivery in (None, kept.id):
                return await self._deliver(kept, retry=1, reason="timeout")
        raise LookupError(f"there was no delivery {delivery}")

    def event(self, payload: Json) -> None:
        """Deliver an event in the background, and again when it is not acknowledged."""
        task = asyncio.get_running_loop().create_task(self._event(self._kept("events_api", payload)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def objected(self, where: str, error: SlackError) -> None:
        """Put on the record what was wrong with an acknowledgement."""
        self._record.add("warning", where, {"messages": error.messages}, {"ok": False, "error": error.code})

    async def close(self) -> None:
        """Give up what is under way."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _kept(self, kind: Kind, payload: Json) -> Delivery:
        self._sent += 1
        self.deliveries.append(Delivery(self._sent, kind, payload))
        return self.deliveries[-1]

    async def _send(self, delivery: Delivery) -> Ack:
        if self._disturbed("duplicated", delivery):
            first, _ = await asyncio.gather(self._deliver(delivery), self._deliver(delivery))
            return first
        return await self._deliver(delivery)

    async def _event(self, delivery: Delivery) -> None:
        if self.disturbances.take("reordered", "events_api"):
            event = delivery.payload["event"]["type"]
            self._record.add("fault", "delivery", {"kind": "reordered", "event": event})
            await self.disturbances.wait_for_the_next()
        ack = await self._send(delivery)
        self.disturbances.let_go()
        for attempt, pause in enumerate(self.retries, start=1):
            if ack.ok or not ack.retry:
                return
            await asyncio.sleep(pause)
            ack = await self._deliver(delivery, retry=attempt, reason=REASONS.get(ack.error, "http_error"))

    async def _deliver(self, delivery: Delivery, *, retry: int = 0, reason: str = "") -> Ack:
        name = str(delivery.payload.get("command") or delivery.payload.get("type"))
        arguments = {"delivery": delivery.id, "kind": delivery.kind, "retry": retry, "payload": delivery.payload}
        entry = self._record.add("delivery", name, arguments)
        started = elapsed()
        post: Callable[[Delivery, int, str], Awaitable[tuple[bool, Json, bool]]]
        post = self._by_http if self.request_url else self._by_socket
        if self._disturbed("dropped", delivery):
            post = self._nowhere
        try:
            async with asyncio.timeout(self.ack_within):
                ok, payload, again = await post(delivery, retry, reason)
            ack = Ack(ok, payload, "" if ok else "dispatch_failed", elapsed() - started, again)
        except TimeoutError:
            ack = Ack(ok=False, payload={}, error="operation_timeout", seconds=elapsed() - started)
        # ValueError: it said that it sends JSON, and did not.
        except (OSError, aiohttp.ClientError, ValueError):
            ack = Ack(ok=False, payload={}, error="dispatch_failed", seconds=elapsed() - started)
        answer = {"ok": ack.ok, "error": ack.error, "payload": ack.payload, "seconds": round(ack.seconds, 4)}
        entry["answer"] = answer
        self._record.add("ack", name, {"delivery": delivery.id, "retry": retry}, answer)
        return ack

    async def _nowhere(self, *_: object) -> tuple[bool, Json, bool]:
        raise TimeoutError

    async def _by_socket(self, delivery: Delivery, retry: int, reason: str) -> tuple[bool, Json, bool]:
        answer = await self._sockets.send(delivery.kind, delivery.payload, retry=retry, reason=reason)
        return True, await answer, True

    async def _by_http(self, delivery: Delivery, retry: int, reason: str) -> tuple[bool, Json, bool]:
        body, content_type = _encoded(delivery)
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
        return await self._post(str(self.request_url), body, content_type, headers)

    async def _post(self, url: str, body: bytes, content_type: str, headers: dict[str, str]) -> tuple[bool, Json, bool]:
        headers |= {"Content-Type": content_type, "User-Agent": "Slackbot 1.0", **self._signature(body)}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with self._session.post(url, data=body, headers=headers) as response:
            said = await response.text()
            again = response.headers.get("X-Slack-No-Retry") != "1"
            ok = response.status in range(200, 300)
            return ok, _read(said, response.content_type) if ok else {}, again

    def _signature(self, body: bytes) -> dict[str, str]:
        at = str(int(wall().timestamp()))
        signed = hmac.new(self._spec.signing_secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signed}"}


def _encoded(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), "application/json"
    fields = delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _read(said: str, content_type: str) -> Json:
    if not said.strip():
        return {}
    if "json" in content_type:
        payload = json.loads(said)
        return payload if isinstance(payload, dict) else {}
    return {"text": said}
