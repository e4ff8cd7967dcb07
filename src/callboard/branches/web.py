"""GitHub and GitLab over HTTP: what they report to `POST /hooks/...`, and the status that a commit is given."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callboard.branches import service
from callboard.branches.models import ForgeNews
from callboard.core.courier import Accepted, Final, Later, Passing
from callboard.core.db import Database
from callboard.core.outbox import Delivery, Message

CONTEXT = "callboard"
CHECKS = ("status", "check_run")
OPEN = ("opened", "reopened", "locked")
LONGEST_BODY = 25_000_000
LONGEST = {"github": 140, "gitlab": 255}
STATES: dict[str, dict[str, str]] = {"github": {}, "gitlab": {"failure": "failed", "error": "failed"}}
WITHIN = aiohttp.ClientTimeout(total=8)
MADE, MANY, FAULT = (200, 201), (403, 429), 500
Read = Callable[[str, Mapping[str, str], bytes], ForgeNews | None]
log = structlog.get_logger()


class Forged(Exception):
    """A request is not signed with the secret."""


class Forge:
    """A forge as a medium of the outbox. An address is `PROJECT@COMMIT`; a message's title is the status.

    A status replaces the one before it, so sending it twice does no harm.
    """

    def __init__(self, name: str, api: str, token: str) -> None:
        self.name = name
        self._api = api.rstrip("/")
        self._token = token

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:  # noqa: ARG002
        url, headers, body = self._call(delivery.address, message)
        try:
            async with (
                aiohttp.ClientSession(timeout=WITHIN) as session,
                session.post(url, headers=headers, json=body) as answer,
            ):
                self._judge(answer.status, answer.headers, (await answer.text())[:300])
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Passing(f"{self.name} does not answer: {type(error).__name__}") from error
        return Accepted()

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        return await self.post(delivery, message, None)

    async def find(self, delivery: Delivery) -> Accepted | None:  # noqa: ARG002
        """A status whose answer was lost is set again."""
        return None

    def _call(self, address: str, message: Message) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
        project, _, commit = address.rpartition("@")
        body = {
            "state": STATES[self.name].get(message.title, message.title),
            "context" if self.name == "github" else "name": CONTEXT,
            "description": message.text[: LONGEST[self.name]],
        }
        if self.name == "gitlab":
            url = f"{self._api}/projects/{quote(project, safe='')}/statuses/{quote(commit)}"
            return url, {"PRIVATE-TOKEN": self._token}, body
        headers = {
            "Authorization": f"Bearer {self._token}", "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "callboard",
        }  # fmt: skip
        return f"{self._api}/repos/{quote(project)}/statuses/{quote(commit)}", headers, body

    def _judge(self, status: int, headers: Mapping[str, str], answer: str) -> None:
        if status in MADE or (self.name == "gitlab" and "Cannot transition status" in answer):
            return  # GitLab refuses a status that is set already
        if status in MANY and headers.get("Retry-After", "").isdecimal():
            raise Later(float(headers["Retry-After"]))
        if status >= FAULT or status == MANY[-1]:
            raise Passing(f"{self.name} answers {status}")
        raise Final(f"{self.name} answers {status}: {_reason(answer)}")


def github(secret: str, headers: Mapping[str, str], body: bytes) -> ForgeNews | None:
    """What GitHub reports; None for an event that does not matter here. Raises Forged; or KeyError and its like."""
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get("x-hub-signature-256", "").encode()
    if not secret or not hmac.compare_digest(f"sha256={signed}".encode(), given):
        raise Forged
    event, report = headers.get("x-github-event", ""), _read(body)
    place = report["repository"]
    known: dict[str, Any] = {
        "forge": "github", "digest": f"github:{signed}", "project": str(place["full_name"]),
        "addresses": (place.get("clone_url", ""), place.get("ssh_url", ""), place.get("html_url", "")),
    }  # fmt: skip
    if event == "push":
        return ForgeNews(**known)
    if event in CHECKS:
        return _github_check(known, report, event)
    if event != "pull_request":
        return None
    pull = report["pull_request"]
    head, base = pull["head"], pull["base"]
    return ForgeNews(
        **known, pull=int(pull["number"]), head=str(head["sha"]), branch=str(head["ref"]),
        author=str(pull["user"]["login"]), open=pull["state"] == "open",
        fork=(head.get("repo") or {}).get("full_name") != base["repo"]["full_name"],
    )  # fmt: skip


def gitlab(secret: str, headers: Mapping[str, str], body: bytes) -> ForgeNews | None:
    """What GitLab reports; None for an event that does not matter here. Raises Forged; or KeyError and its like."""
    given = headers.get("x-gitlab-token", "").encode()
    if not secret or not hmac.compare_digest(secret.encode(), given):
        raise Forged
    event, report = headers.get("x-gitlab-event", ""), _read(body)
    mark = headers.get("idempotency-key") or hashlib.sha256(body).hexdigest()
    place = report["project"]
    known: dict[str, Any] = {
        "forge": "gitlab", "digest": f"gitlab:{mark}"[:200], "project": str(place["id"]),
        "addresses": (place.get("git_http_url", ""), place.get("git_ssh_url", ""), place.get("web_url", "")),
    }  # fmt: skip
    if event == "Push Hook":
        return ForgeNews(**known)
    if event == "Pipeline Hook":
        pipeline = report["object_attributes"]
        return ForgeNews(**known, head=str(pipeline["sha"]), check="pipeline", state=str(pipeline["status"]))
    if event != "Merge Request Hook":
        return None
    merge = report["object_attributes"]
    return ForgeNews(
        **known, pull=int(merge["iid"]), head=str(merge["last_commit"]["id"]), branch=str(merge["source_branch"]),
        author=_gitlab_author(report), open=merge["state"] in OPEN,
        fork=merge["source_project_id"] != merge["target_project_id"],
    )  # fmt: skip


def router(db: Database, secrets: Mapping[str, str]) -> APIRouter:
    """The routes that forges call; `secrets` holds what each of them signs with."""
    routes = APIRouter(prefix="/hooks", include_in_schema=False)

    @routes.post("/github")
    async def from_github(request: Request) -> Response:
        return await _received(db, github, secrets.get("github", ""), request)

    @routes.post("/gitlab")
    async def from_gitlab(request: Request) -> Response:
        return await _received(db, gitlab, secrets.get("gitlab", ""), request)

    return routes


def _github_check(known: dict[str, Any], report: dict[str, Any], event: str) -> ForgeNews | None:
    """What a check of GitHub says, in either of its two forms; None for our own status."""
    if event == "status":
        name, head, state = report["context"], report["sha"], report["state"]
    else:
        check = report["check_run"]
        name, head, state = check["name"], check["head_sha"], check.get("conclusion") or check["status"]
    return None if name == CONTEXT else ForgeNews(**known, head=str(head), check=str(name), state=str(state))


def _gitlab_author(report: dict[str, Any]) -> str:
    """Who wrote the newest commit: the `user` of such a request is whoever touched the request last."""
    author = report["object_attributes"]["last_commit"].get("author") or {}
    return str(author.get("email") or report["user"]["username"])


def _read(body: bytes) -> dict[str, Any]:
    report = json.loads(body)
    if not isinstance(report, dict):
        raise TypeError("no object")
    return report


async def _received(db: Database, read: Read, secret: str, request: Request) -> Response:
    forge = read.__name__
    if not secret:
        return _refusal(503, f"Set CALLBOARD_{forge.upper()}_SECRET where Callboard runs: it verifies requests.")
    body = await _body(request)
    if body is None:
        return _refusal(413, f"A request has at most {LONGEST_BODY:,} bytes.")
    try:
        news = read(secret, request.headers, body)
    except Forged:
        log.warning("hook.forged", forge=forge)
        return _refusal(401, "This request is not signed with the secret that Callboard has.")
    except (KeyError, TypeError, ValueError) as wrong:
        return _refusal(422, f"{forge} does not document such a request: {str(wrong)[:200]}.")
    count = await db.write(service.received, news) if news else 0
    if count is None:
        log.warning("hook.again", forge=forge)
        return _refusal(409, "This request was received before. Nothing was done again.")
    log.info("hook.received", forge=forge, repositories=count)
    return JSONResponse({"repositories": count}, 202)


async def _body(request: Request) -> bytes | None:
    """The body; None, and no more is read, once it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    return bytes(body)


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status)


def _reason(answer: str) -> str:
    try:
        return str(json.loads(answer)["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return answer[:200]
