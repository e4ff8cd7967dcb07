"""What GitHub and GitLab tell over HTTP: `POST /hooks/github`, `POST /hooks/gitlab`."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callboard.branches import service
from callboard.branches.forges import CONTEXT
from callboard.branches.models import ForgeNews
from callboard.branches.service import Replayed
from callboard.core.db import Database

CHECKS = ("status", "check_run")
STATES = ("opened", "reopened", "locked")
LONGEST = 25_000_000
Read = Callable[[str, Mapping[str, str], bytes], ForgeNews | None]
log = structlog.get_logger()


class Forged(Exception):
    """It does not come from where it says, or that cannot be told."""


class Unreadable(Exception):
    """It is not what such a request is documented to be."""


def github(secret: str, headers: Mapping[str, str], body: bytes) -> ForgeNews | None:
    """What GitHub tells; None for an event that is of no concern. Raises Forged, Unreadable."""
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get("x-hub-signature-256", "").encode()
    if not secret or not hmac.compare_digest(f"sha256={signed}".encode(), given):
        raise Forged
    event, said = headers.get("x-github-event", ""), _read(body)
    try:
        place = said["repository"]
        told: dict[str, Any] = {
            "forge": "github", "digest": f"github:{signed}", "project": str(place["full_name"]),
            "addresses": (place.get("clone_url", ""), place.get("ssh_url", ""), place.get("html_url", "")),
        }  # fmt: skip
        if event == "push":
            return ForgeNews(**told)
        if event in CHECKS:
            return _checked(told, said, event)
        if event != "pull_request":
            return None
        pull = said["pull_request"]
        head, base = pull["head"], pull["base"]
        return ForgeNews(
            **told, pull=int(pull["number"]), head=str(head["sha"]), branch=str(head["ref"]), base=str(base["ref"]),
            author=str(pull["user"]["login"]), open=pull["state"] == "open",
            fork=(head.get("repo") or {}).get("full_name") != base["repo"]["full_name"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as wrong:
        raise Unreadable(str(wrong)) from wrong


def gitlab(secret: str, headers: Mapping[str, str], body: bytes) -> ForgeNews | None:
    """What GitLab tells; None for an event that is of no concern. Raises Forged, Unreadable."""
    given = headers.get("x-gitlab-token", "").encode()
    if not secret or not hmac.compare_digest(secret.encode(), given):
        raise Forged
    event, said = headers.get("x-gitlab-event", ""), _read(body)
    mark = headers.get("idempotency-key") or hashlib.sha256(body).hexdigest()
    try:
        place = said["project"]
        told: dict[str, Any] = {
            "forge": "gitlab", "digest": f"gitlab:{mark}"[:200], "project": str(place["id"]),
            "addresses": (place.get("git_http_url", ""), place.get("git_ssh_url", ""), place.get("web_url", "")),
        }  # fmt: skip
        if event == "Push Hook":
            return ForgeNews(**told)
        if event == "Pipeline Hook":
            pipeline = said["object_attributes"]
            return ForgeNews(**told, head=str(pipeline["sha"]), check="pipeline", state=str(pipeline["status"]))
        if event != "Merge Request Hook":
            return None
        merge = said["object_attributes"]
        return ForgeNews(
            **told, pull=int(merge["iid"]), head=str(merge["last_commit"]["id"]), branch=str(merge["source_branch"]),
            base=str(merge["target_branch"]), author=_author(said), open=merge["state"] in STATES,
            fork=merge["source_project_id"] != merge["target_project_id"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as wrong:
        raise Unreadable(str(wrong)) from wrong


def router(db: Database, secrets: Mapping[str, str]) -> APIRouter:
    """The routes that forges call; `secrets` has what each of them signs with."""
    routes = APIRouter(prefix="/hooks", include_in_schema=False)

    @routes.post("/github")
    async def from_github(request: Request) -> Response:
        """A push, or a pull request."""
        return await _received(db, github, secrets.get("github", ""), request)

    @routes.post("/gitlab")
    async def from_gitlab(request: Request) -> Response:
        """A push, or a merge request."""
        return await _received(db, gitlab, secrets.get("gitlab", ""), request)

    return routes


def _checked(told: dict[str, Any], said: dict[str, Any], event: str) -> ForgeNews | None:
    """What a check of GitHub says, by either of its two ways; what we have said ourselves is no news."""
    if event == "status":
        name, head, state = said["context"], said["sha"], said["state"]
    else:
        check = said["check_run"]
        name, head, state = check["name"], check["head_sha"], check.get("conclusion") or check["status"]
    return None if name == CONTEXT else ForgeNews(**told, head=str(head), check=str(name), state=str(state))


def _author(said: dict[str, Any]) -> str:
    """Who wrote the newest commit: the `user` of such a request is whoever did something to it last."""
    author = said["object_attributes"]["last_commit"].get("author") or {}
    return str(author.get("email") or said["user"]["username"])


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as wrong:
        raise Unreadable(str(wrong)) from wrong
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


async def _received(db: Database, read: Read, secret: str, request: Request) -> Response:
    forge = read.__name__
    if not secret:
        return _said(503, f"CALLBOARD_{forge.upper()}_SECRET is not set where Callboard runs: nothing can be verified.")
    body = await _body(request)
    if body is None:
        return _said(413, f"A request has at most {LONGEST:,} bytes.")
    try:
        told = read(secret, request.headers, body)
        found = await db.write(service.received, told) if told else 0
    except Forged:
        log.warning("hook.forged", forge=forge)
        return _said(401, "This is not signed with the secret that Callboard knows.")
    except Unreadable as wrong:
        return _said(422, f"This is no request that {forge} is documented to send: {str(wrong)[:200]}.")
    except Replayed:
        log.warning("hook.again", forge=forge)
        return _said(409, "This very request was received before; it is not done again.")
    log.info("hook.received", forge=forge, repositories=found)
    return JSONResponse({"repositories": found}, 202)


async def _body(request: Request) -> bytes | None:
    """The body, read no further than it may be long."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > LONGEST:
            return None
    return bytes(found)


def _said(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status)
