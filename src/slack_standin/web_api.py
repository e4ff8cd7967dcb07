"""The Web API: checks token, scopes, limits and faults of a request, has its method answer, and puts it on the record.

Also the methods about the app itself: auth.test, api.test, bots.info, team.info.
"""

import asyncio
import json
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slack_standin.methods import (  # noqa: F401 (each family declares its methods)
    METHODS,
    Arguments,
    Call,
    Method,
    canvases,
    chat,
    conversations,
    files,
    history,
    method,
    pins_bookmarks_reactions,
    users,
    views,
)  # fmt: skip
from slack_standin.rate_limits_and_faults import Fault
from slack_standin.state import Json, SlackError, refuse_if

if TYPE_CHECKING:
    from slack_standin.sandbox import Sandbox


class Hangup(Response):
    """Cuts the connection instead of answering; where there is none to cut, a 502."""

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        if hang_up := scope.get("sandbox.hang_up"):
            hang_up()
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            await Response(status_code=502)(scope, receive, send)


class WebApi:
    """Answers `/api/{method}`."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._workspace = sandbox.workspace

    async def answer(self, request: Request) -> Response:
        name, record = request.path_params["method"], self._sandbox.record
        arguments, unread = await _arguments(request, METHODS.get(name))
        entry = record.add("request", name, dict(arguments))
        channel = self._workspace.place(arguments.text("channel") or arguments.text("channel_id"))
        fault = self._sandbox.faults.take(name, channel, self._workspace.now())
        if fault is not None:
            record.add("fault", name, {"kind": fault.kind, "fault": fault.id, "channel": channel})
        response, answer = self._refused(fault) if fault else (None, {})
        if response is None:
            response, answer = await self._answered(fault, request, name, arguments, channel, unread)
        entry["answer"] = answer
        record.stir()
        return response

    def _refused(self, fault: Fault) -> tuple[Response | None, Json]:
        match fault.kind:
            case "dropped":
                return Hangup(), {"dropped": True}
            case "broken":
                return Response("internal error", fault.status), {"status": fault.status}
            case "ratelimited":
                wait, answer = fault.wait(self._workspace.now()), {"ok": False, "error": "ratelimited"}
                return JSONResponse(answer, 429, {"Retry-After": str(wait)}), answer | {"retry_after": wait}
            case "error":
                answer = {"ok": False, "error": fault.code}
                return JSONResponse(answer), answer
            case "foreign" if not fault.carried:
                return _foreign(fault), {"status": fault.status, "foreign": True}
        return None, {}

    async def _answered(
        self, fault: Fault | None, request: Request, name: str, arguments: Arguments, channel: str, unread: str
    ) -> tuple[Response, Json]:
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.delay)
        answer, status, headers = self._answer(request, name, arguments, channel, unread)
        if fault is not None and fault.kind == "lost":
            await asyncio.sleep(fault.delay)
            return Hangup(), answer | {"lost": True}
        if fault is not None and fault.kind == "foreign":
            return _foreign(fault), answer | {"lost": True}
        return JSONResponse(answer, status, headers), answer

    def _answer(
        self, request: Request, name: str, arguments: Arguments, channel: str, unread: str
    ) -> tuple[Json, int, dict[str, str]]:
        found = METHODS.get(name)
        if found is None:
            return {"ok": False, "error": "unknown_method", "req_method": name}, 200, {}
        scopes = set(self._workspace.spec.scopes)
        headers = {"Date": format_datetime(self._workspace.now(), usegmt=True)}
        call = Call(self._sandbox, arguments, scopes, str(request.base_url).rstrip("/"))
        try:
            refuse_if(unread, unread)
            self._authorise(found, request, arguments)
            headers["X-OAuth-Scopes"] = ",".join(sorted(scopes))
            headers["X-Accepted-OAuth-Scopes"] = ",".join(found.scopes)
            if wait := self._sandbox.meter.wait(name, found.tier, channel, self._workspace.now()):
                return {"ok": False, "error": "ratelimited"}, 429, headers | {"Retry-After": str(wait)}
            self._complete(found, arguments)
            if found.scopes:
                call.need(*found.scopes)
            answer = {"ok": True, **found.answer(call)}
            if arguments.odd:
                self._sandbox.record.add("warning", name, {"not_booleans": arguments.odd})
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
        token, spec = bearer or arguments.text("token"), self._workspace.spec
        refuse_if(not token, "not_authed")
        refuse_if(token not in {spec.bot_token, spec.app_token}, "invalid_auth")
        refuse_if(self._workspace.revoked, "token_revoked")
        wanted = spec.app_token if method.token == "app" else spec.bot_token  # noqa: S105
        refuse_if(token != wanted, "not_allowed_token_type")

    def _complete(self, method: Method, arguments: Arguments) -> None:
        missing = [name for name in method.required if arguments.get(name) in (None, "")]
        refuse_if(missing, "invalid_arguments", *(f"[ERROR] missing required field: {name}" for name in missing))
        if unknown := sorted(name for name in arguments if name not in method.known):
            self._sandbox.record.add("warning", method.name, {"unknown_arguments": unknown})


def _foreign(fault: Fault) -> Response:
    return Response(fault.body, fault.status, fault.headers, fault.content_type)


async def _arguments(request: Request, method: Method | None) -> tuple[Arguments, str]:
    """What was sent, and the error where it cannot be read: each content type in its way, as Slack documents it."""
    arguments, body = Arguments(request.query_params), await request.body()
    if not body:
        return arguments, ""
    match request.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "application/json":
            try:
                sent = json.loads(body)
            except ValueError:
                return arguments, "invalid_json"
            if not isinstance(sent, dict):
                return arguments, "json_not_object"
            if method is None or method.json:
                arguments.update(sent)
        case "application/x-www-form-urlencoded" | "multipart/form-data":
            arguments.update(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        case "":
            return arguments, "missing_post_type"
        case _:
            return arguments, "invalid_post_type"
    return arguments, ""


@method("api.test", tier=4, token="none", optional="error foo")  # noqa: S106 (a kind of token)
def api_test(call: Call) -> Json:
    error = call.arguments.text("error")
    refuse_if(error, error)
    return {"args": {name: value for name, value in call.arguments.items() if name != "token"}}


@method("auth.test", tier=None)
def auth_test(call: Call) -> Json:
    """Who the token is."""
    spec = call.workspace.spec
    names = {"team": spec.name, "user": call.workspace.state.users[spec.bot_user_id].name}
    ids = {"team_id": spec.team_id, "user_id": spec.bot_user_id, "bot_id": spec.bot_id, "app_id": spec.app_id}
    return {"url": f"{call.base_url}/", **names, **ids, "is_enterprise_install": False}


@method("auth.revoke", tier=3, optional="test")
def auth_revoke(call: Call) -> Json:
    """Take back the token that asks."""
    if not call.arguments.flag("test"):
        call.sandbox.revoke()
    return {"revoked": not call.arguments.flag("test")}


@method("team.info", "team:read", optional="team domain")
def team_info(call: Call) -> Json:
    spec = call.workspace.spec
    return {"team": {"id": spec.team_id, "name": spec.name, "domain": spec.domain, "email_domain": ""}}


@method("bots.info", "users:read", optional="bot team_id")
def bots_info(call: Call) -> Json:
    spec = call.workspace.spec
    refuse_if(call.arguments.text("bot", spec.bot_id) != spec.bot_id, "bot_not_found")
    bot = {"id": spec.bot_id, "app_id": spec.app_id, "user_id": spec.bot_user_id, "name": spec.bot_name}
    return {"bot": bot | {"deleted": False, "updated": 0, "icons": {}}}
