"""Delivery to the app over Socket Mode or signed HTTP: three seconds to acknowledge, redeliveries, disturbances."""

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
from slack_standin.record import Record
from slack_standin.socket_mode import Sockets
from slack_standin.state import Json, SlackError
from slack_standin.workspace_spec import WorkspaceSpec

Kind = Literal["slash_commands", "interactive", "events_api"]
DisturbanceKind = Literal["duplicated", "dropped", "reordered"]
REASONS = {"operation_timeout": "timeout", "dispatch_failed": "http_error"}
Answered = tuple[bool, Json, bool]
"""Whether the app acknowledged, with which payload, and whether it wants to be asked again."""


@dataclass(frozen=True)
class Delivery:
    """Something that was sent to the app; kept so that it can be sent again."""

    id: int
    kind: Kind
    payload: Json


Post = Callable[[Delivery, int, str], Awaitable[Answered]]


@dataclass(frozen=True)
class Ack:
    """How the app answered: acknowledged with `payload`, or not, because of `error` (Slack's name for it)."""

    ok: bool
    payload: Json
    error: str = ""
    seconds: float = 0.0
    retry: bool = True


@dataclass
class Disturbance:
    """duplicated: sent twice at once; dropped: not sent; reordered: an event sent only after the next one.

    Holds for `times` deliveries, only for those of one kind (`events_api`, `slash_commands`, `interactive`) if given.
    """

    kind: DisturbanceKind
    times: int = 1
    only: str | None = None


class Disturbances:
    """The disturbances in force, and the events that are held back by them."""

    def __init__(self) -> None:
        self.rules: list[Disturbance] = []
        self._delivered = asyncio.Event()

    def add(self, kind: DisturbanceKind, times: int = 1, only: str | None = None) -> Disturbance:
        if kind not in {"duplicated", "dropped", "reordered"}:
            raise TypeError(f"a delivery is duplicated, dropped or reordered, not {kind!r}")
        made = Disturbance(kind, times, "events_api" if kind == "reordered" else only)
        self.rules.append(made)
        return made

    def take(self, kind: DisturbanceKind, delivery: str) -> bool:
        """Whether this delivery is disturbed so; uses the disturbance up by one."""
        for rule in self.rules:
            if rule.kind == kind and rule.only in {None, delivery}:
                rule.times -= 1
                self.rules = [rule for rule in self.rules if rule.times > 0]
                return True
        return False

    async def wait_for_the_next(self) -> None:
        """Stand back until another event has been delivered."""
        await self._delivered.wait()

    def let_go(self) -> None:
        """An event has been delivered: those that were held back may follow."""
        self._delivered.set()
        self._delivered = asyncio.Event()

    def clear(self) -> None:
        """Lift everything; what is held back goes out."""
        self.rules.clear()
        self.let_go()


class Courier:
    """Sends one payload at a time to one place, each with its own wait."""

    def __init__(
        self, spec: WorkspaceSpec, sockets: Sockets, record: Record, ack_within: float, retries: list[float]
    ) -> None:
        """`ack_within` and the pauses before each redelivery (`retries`) are real seconds."""
        self._spec = spec
        self.sockets = sockets
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

    async def idle(self) -> int:
        """Wait until no event is under way; how many were."""
        waited = 0
        while self._running:
            waited += len(self._running)
            await asyncio.wait(self._running)
        return waited

    async def close(self) -> None:
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
        post: Post = self._by_http if self.request_url else self._by_socket
        if self._disturbed("dropped", delivery):
            post = _nowhere
        ok, payload, again, error = False, Json(), True, "dispatch_failed"
        try:
            async with asyncio.timeout(self.ack_within):
                ok, payload, again = await post(delivery, retry, reason)
        except TimeoutError:
            error = "operation_timeout"
        # ValueError: it said that it sends JSON, and did not.
        except (OSError, aiohttp.ClientError, ValueError):
            pass
        ack = Ack(ok, payload, "" if ok else error, elapsed() - started, again)
        answer = {"ok": ack.ok, "error": ack.error, "payload": ack.payload, "seconds": round(ack.seconds, 4)}
        entry["answer"] = answer
        self._record.add("ack", name, {"delivery": delivery.id, "retry": retry}, answer)
        return ack

    async def _by_socket(self, delivery: Delivery, retry: int, reason: str) -> Answered:
        answer = await self.sockets.send(delivery.kind, delivery.payload, retry=retry, reason=reason)
        return True, await answer, True

    async def _by_http(self, delivery: Delivery, retry: int, reason: str) -> Answered:
        body, content_type = _encoded(delivery)
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
        return await self._post(str(self.request_url), body, content_type, headers)

    async def _post(self, url: str, body: bytes, content_type: str, headers: dict[str, str]) -> Answered:
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


async def _nowhere(*_: object) -> Answered:
    raise TimeoutError


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
