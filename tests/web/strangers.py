"""Requests as no client of ours sends them, straight into the application; and every route that there is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from itertools import chain
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from pydantic import SecretStr

from tests.world import World

SECRET = "between us"
THERE = {
    "plan": "release", "key": "O-1", "number": "1", "name": "Release.Import.Run", "secret": "made-up", "id": "1",
    "repository": "harbor", "rest": "elsewhere", "run": "go-live", "step": "deploy", "token": "made-up",
    "file": "board.css",
    "figure": "tasks_completed",
}  # fmt: skip


class Open(World):
    """A world whose webhooks are open."""

    def settings(self):
        secrets = dict.fromkeys(("github_secret", "gitlab_secret", "sentry_secret"), SecretStr(SECRET))
        return super().settings().model_copy(update=secrets)


def every_route(app) -> list[tuple[str, str]]:
    """The method and path of every route."""
    routes = (*app.web.first.routes, *app.api.routes)
    routers = [[route] if hasattr(route, "path") else route.original_router.routes for route in routes]
    return [(method, route.path) for route in chain(*routers) for method in sorted(route.methods)]


def filled(path: str, **other: str) -> str:
    """An address with names of things; some of which are others."""
    return path.replace(":path", "").format(**THERE | other)


async def asks(
    web,
    method: str,
    address: str,
    headers: Any = (),
    body: Any = b"",
    *,
    endless: bool = False,
    client: str = "192.0.2.1",
) -> SimpleNamespace:
    """Send a request as it comes off the wire; what was answered, and how much of the body was read."""
    path, _, query = address.partition("?")
    raw = [(name.lower().encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers]
    scope = {
        "type": "http", "method": method, "path": unquote_to_bytes(path).decode(errors="replace"), "root_path": "",
        "raw_path": path.encode(), "query_string": query.encode(), "http_version": "1.1", "scheme": "http",
        "client": (client, 9), "server": ("callboard", 80), "headers": raw, "state": {},
    }  # fmt: skip
    answer = SimpleNamespace(status=0, headers=[], body=b"", read=0)

    async def receive():
        chunk = b"x" * 65_536 if endless else body
        answer.read += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": endless}

    async def send(message):
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(name.decode().lower(), value.decode()) for name, value in message["headers"]]
        answer.body += message.get("body", b"")

    await web(scope, receive, send)
    return answer


def credentials(path: str, token: str, body: bytes = b"", who: str = "amp") -> list[tuple[str, str]]:
    """The headers of somebody who may, at this path."""
    if path.startswith("/lfs/"):
        return [("Authorization", "Basic " + base64.b64encode(f"{who}:{token}".encode()).decode())]
    if path == "/hooks/gitlab":
        return [("X-Gitlab-Token", SECRET), ("X-Gitlab-Event", "Push Hook")]
    if path == "/hooks/github":
        return [("X-Hub-Signature-256", f"sha256={_signed(SECRET, body)}"), ("X-GitHub-Event", "push")]
    if path.startswith("/hooks/sentry"):
        return [("Sentry-Hook-Signature", _signed(SECRET, body)), ("Sentry-Hook-Resource", "issue")]
    if path == "/slack/events":
        return of_slack(body)
    return [("Authorization", f"Bearer {token}")]


def of_slack(body: bytes, secret: str = "sandbox-signing-secret", at: float = 0) -> list[tuple[str, str]]:
    """The headers of Slack, signed now or then."""
    stamp = str(int(at or time.time()))
    proof = _signed(secret, b"v0:%b:%b" % (stamp.encode(), body))
    return [("X-Slack-Request-Timestamp", stamp), ("X-Slack-Signature", f"v0={proof}")]


def command(text: str, team: str) -> dict[str, Any]:
    """A `/blocker` as Slack sends it."""
    form = {"command": "/blocker", "text": text, "user_id": "UPA", "team_id": team, "channel_id": "COMEGA",
            "channel_name": "omega", "trigger_id": "1.2"}  # fmt: skip
    body = urlencode(form).encode()
    return {"content": body, "headers": dict(of_slack(body)) | {"content-type": "application/x-www-form-urlencoded"}}


def holed(good: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A body with a hole in the place of each of its fields, one after the other."""
    for name, value in good.items():
        yield good | {name: "$"}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from (good | {name: [inner]} for inner in holed(value[0]))


def sample(described: Any, schema: Any) -> Any:
    """What is right by a schema of the description of the API."""
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema and "examples" not in schema:
        return sample(described, schema["anyOf"][0])
    if "properties" in schema:
        return {name: sample(described, part) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [sample(described, schema["items"])]
    if schema.get("format") == "date-time":
        return "2025-11-13T09:00:00Z"
    usual = {"string": "abcd", "integer": 1, "object": {}, "boolean": True}[schema.get("type", "string")]
    return schema["examples"][0] if "examples" in schema else schema.get("default", usual)


def half_a_body(path: str) -> bytes:
    """The beginning of a request of which the door believes that it may be right."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Length: 99", *map(": ".join, of_slack(b"x"))]
    return "\r\n".join([*lines, "", "half"]).encode()


def detail(path: str, answer: SimpleNamespace) -> str:
    """The sentence of a refusal, as the protocol of a path has it."""
    kinds = dict(answer.headers)
    kind = kinds["content-type"].partition(";")[0]
    if path.startswith("/api/"):
        assert kind == "application/problem+json", (path, kind)
        return str(json.loads(answer.body)["detail"])
    if path.startswith("/lfs/"):
        assert kind == "application/vnd.git-lfs+json", (path, kind)
        return str(json.loads(answer.body)["message"])
    return str(json.loads(answer.body)["detail"]) if path.startswith("/hooks/") else answer.body.decode()


def _signed(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
