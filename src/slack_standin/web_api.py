"""The Web API: reads a request, checks token, scopes, limits and faults, answers, and puts it all on the record."""

import asyncio
import json
import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slack_standin.answers import Triggers
from slack_standin.faults import Fault, Faults
from slack_standin.methods import METHODS, Arguments, Method
from slack_standin.methods.registry import Call
from slack_standin.record import Record
from slack_standin.state import Json, SlackError, refuse_if
from slack_standin.uploads import Uploads
from slack_standin.views import Views
from slack_standin.workspace import Workspace

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass(frozen=True)
class RateLimits:
    """The figures: `message_rate` per second and channel with `message_burst`, a workspace cap, tiers per minute."""

    enforced: bool = True
    message_rate: float = 1.0
    message_burst: int = 4
    workspace_per_minute: int = 600
    tiers: dict[int, int] = field(default_factory=lambda: dict(PER_MINUTE))

    @classmethod
    def off(cls) -> "RateLimits":
        """No limits at all."""
        return cls(enforced=False)

    def changed(self, **figures: object) -> "RateLimits":
        """The same with some figures changed; an unknown name is a TypeError."""
        return replace(self, **figures)  # type: ignore[arg-type]


@dataclass
class _Bucket:
    full: float
    per_second: float
    left: float
    at: datetime

    def take(self, now: datetime) -> float:
        """0 when there was one to take, else the seconds until there will be."""
        self.left = min(self.full, self.left + max(0.0, (now - self.at).total_seconds()) * self.per_second)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0
        return (1 - self.left) / self.per_second


class Meter:
    """Counts requests against the limits, in plan time."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def use(self, limits: RateLimits) -> None:
        """Go on with other figures, buckets full."""
        self.limits = limits
        self._buckets.clear()

    def wait(self, method: str, tier: int | None, channel: str, now: datetime) -> int:
        """Seconds the app must wait (for `Retry-After`), 0 when the request is within the limits."""
        if not self.limits.enforced:
            return 0
        if method == "chat.postMessage":
            per_minute = self.limits.workspace_per_minute
            return self._take(
                (method, channel), self.limits.message_burst, self.limits.message_rate, now
            ) or self._take((method, "*"), per_minute, per_minute / 60, now)
        if tier is None or tier not in self.limits.tiers:
            return 0
        per_minute = self.limits.tiers[tier]
        return self._take((method, ""), per_minute, per_minute / 60, now)

    def _take(self, key: tuple[str, str], full: float, per_second: float, now: datetime) -> int:
        bucket = self._buckets.setdefault(key, _Bucket(full, per_second, full, now))
        return math.ceil(bucket.take(now))


class Hangup(Response):
    """Cuts the connection instead of answering; where there is none to cut, a 502."""

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        if hang_up := scope.get("sandbox.hang_up"):
            hang_up()
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            await Response(status_code=502)(scope, receive, send)


@dataclass
class WebApi:
    """Everything a request needs."""

    workspace: Workspace
    views: Views
    triggers: Triggers
    tickets: set[str]
    uploads: Uploads
    meter: Meter
    faults: Faults
    record: Record

    async def answer(self, request: Request) -> Response:
        """Answer `/api/{method}`."""
        name = request.path_params["method"]
        arguments = await _arguments(request)
        entry = self.record.add("request", name, dict(arguments))
        channel = self.workspace.place(arguments.text("channel") or arguments.text("channel_id"))
        fault = self.faults.take(name, channel, self.workspace.now())
        response, answer = await self._with_fault(fault, request, name, arguments, channel)
        entry["answer"] = answer
        self.record.stir()
        return response

    async def _with_fault(
        self, fault: Fault | None, request: Request, name: str, arguments: Arguments, channel: str
    ) -> tuple[Response, Json]:
        if fault is not None:
            self.record.add("fault", name, {"kind": fault.kind, "fault": fault.id, "channel": channel})
            if refused := self._refused(fault):
                return refused
            if fault.kind == "slow":
                await asyncio.sleep(fault.delay)
        answer, status, headers = self._answer(request, name, arguments, channel)
        if fault is not None and fault.kind == "lost":
            await asyncio.sleep(fault.delay)
            return Hangup(), answer | {"lost": True}
        return JSONResponse(answer, status, headers), answer

    def _refused(self, fault: Fault) -> tuple[Response, Json] | None:
        if fault.kind == "dropped":
            return Hangup(), {"dropped": True}
        if fault.kind == "broken":
            return Response("internal error", fault.status), {"status": fault.status}
        if fault.kind == "ratelimited":
            wait = str(fault.wait(self.workspace.now()))
            answer: Json = {"ok": False, "error": "ratelimited"}
            return JSONResponse(answer, 429, {"Retry-After": wait}), answer | {"retry_after": int(wait)}
        if fault.kind == "error":
            answer = {"ok": False, "error": fault.code}
            return JSONResponse(answer), answer
        return None

    def _answer(
        self, request: Request, name: str, arguments: Arguments, channel: str
    ) -> tuple[Json, int, dict[str, str]]:
        method = METHODS.get(name)
        if method is None:
            return {"ok": False, "error": "unknown_method", "req_method": name}, 200, {}
        headers: dict[str, str] = {}
        try:
            self._authorise(method, request, arguments)
            scopes = set(self.workspace.spec.scopes)
            headers = {"X-OAuth-Scopes": ",".join(sorted(scopes)), "X-Accepted-OAuth-Scopes": ",".join(method.scopes)}
            wait = self.meter.wait(name, method.tier, channel, self.workspace.now())
            if wait:
                return {"ok": False, "error": "ratelimited"}, 429, headers | {"Retry-After": str(wait)}
            self._complete(method, arguments)
            base_url = str(request.base_url).rstrip("/")
            call = Call(
                self.workspace, arguments, scopes, base_url, self.views, self.triggers, self.tickets, self.uploads
            )
            if method.scopes:
                call.need(*method.scopes)
            answer = {"ok": True, **method.answer(call)}
        except SlackError as error:
            answer = {"ok": False, "error": error.code, **error.more}
            if error.messages:
                answer["response_metadata"] = {"messages": error.messages}
            return answer, 200, headers
        if call.warnings:
            answer |= {"warning": ",".join(call.warnings)}
            answer["response_metadata"] = {**answer.get("response_metadata", {}), "warnings": call.warnings}
        return answer, 200, headers

    def _authorise(self, method: Method, request: Request, arguments: Arguments) -> None:
        if method.token == "none":  # noqa: S105 (a kind of token)
            return
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        token = bearer or arguments.text("token")
        spec = self.workspace.spec
        refuse_if(not token, "not_authed")
        refuse_if(token not in {spec.bot_token, spec.app_token}, "invalid_auth")
        refuse_if(self.workspace.revoked, "token_revoked")
        if token != (spec.app_token if method.token == "app" else spec.bot_token):  # noqa: S105
            raise SlackError("not_allowed_token_type")

    def _complete(self, method: Method, arguments: Arguments) -> None:
        missing = [name for name in method.required if arguments.get(name) in (None, "")]
        refuse_if(missing, "invalid_arguments", *(f"[ERROR] missing required field: {name}" for name in missing))
        unknown = sorted(name for name in arguments if name not in method.known)
        if unknown:
            self.record.add("warning", method.name, {"unknown_arguments": unknown})


async def _arguments(request: Request) -> Arguments:
    arguments = Arguments(request.query_params)
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        try:
            sent = json.loads(body or b"{}")
        except ValueError:
            sent = {}
        arguments.update(sent if isinstance(sent, dict) else {})
    else:
        arguments.update(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return arguments
