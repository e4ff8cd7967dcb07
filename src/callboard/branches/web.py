"""What GitHub and GitLab report to `POST /hooks/...`."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callboard.branches import service
from callboard.branches.models import ForgeNews
from callboard.branches.statuses import CONTEXT
from callboard.core.db import Database
from callboard.core.words import storable
from callboard.web.door import Door, Look
from callboard.web.fields import instant
from callboard.web.limits import Callers

CHECKS = ("status", "check_run")
GITHUB = ("push", "pull_request", "merge_group", *CHECKS)
GITLAB = ("Push Hook", "Merge Request Hook", "Pipeline Hook")
SYSTEM, SYSTEM_EVENTS = "System Hook", {"push": "Push Hook", "merge_request": "Merge Request Hook"}
SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
FORGED = "This request is not signed with the secret that Callboard has."
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
UNFOLLOWED = "No plan that runs has a repository whose `clone` is {}, so nothing was done."
QUEUED = re.compile(r"/pr-([0-9]{1,9})-[^/]*$")
BATCH = re.compile(r"(?:Merge|Try|Auto merge of)((?: #[0-9]{1,9}\b)+)")
"""How a commit begins that bors makes of requests."""
BORS = re.compile(r"refs/heads/(staging|trying|auto|try|automation/bors/[a-z-]+)")
OPEN = ("opened", "reopened", "locked")
LONGEST_BODY = 25_000_000
Read = Callable[[str, Mapping[str, str], bytes], ForgeNews | None]
log = structlog.get_logger()


class Forged(Exception):
    """A request is not signed with the secret."""


class Unreadable(Exception):
    """A request is no JSON, whoever has signed it."""


def github(secret: str, headers: Mapping[str, str], body: bytes) -> ForgeNews | None:
    """What GitHub reports; None for an event that does not matter here.

    Raises Forged and Unreadable; KeyError and its like where an event that matters is not as GitHub documents it.
    """
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get("x-hub-signature-256", "").encode()
    if not secret or not hmac.compare_digest(f"sha256={signed}".encode(), given):
        raise Forged
    event, report = headers.get("x-github-event", ""), _read(headers, body)
    if event not in GITHUB:
        return None
    place = report["repository"]
    known: dict[str, Any] = {
        "forge": "github", "digest": f"github:{signed}", "project": storable(place["full_name"]),
        "addresses": [storable(place.get(name) or "") for name in ("clone_url", "ssh_url", "html_url")],
    }  # fmt: skip
    if event == "push":
        return ForgeNews(**known, **_bors(report))
    if event in CHECKS:
        return _github_check(known, report, event)
    if event == "merge_group":
        return _github_queue(known, report)
    pull = report["pull_request"]
    head, base = pull["head"], pull["base"]
    return ForgeNews(
        **known, pull=_number(pull["number"]), head=storable(head["sha"]), branch=storable(head["ref"]),
        author=storable((pull.get("user") or {}).get("login") or ""), open=pull["state"] == "open",
        fork=(head.get("repo") or {}).get("full_name") != base["repo"]["full_name"],
        base=storable(base.get("ref") or ""), as_of=instant(pull.get("updated_at")),
    )  # fmt: skip


def gitlab(secret: str, headers: Mapping[str, str], body: bytes) -> ForgeNews | None:
    """What GitLab reports; None for an event that does not matter here. Raises what `github` does."""
    if not _is_token(secret, headers):
        raise Forged
    event, report = headers.get("x-gitlab-event", ""), _read(headers, body)
    if event == SYSTEM:  # whatever it is about
        event = SYSTEM_EVENTS.get(str(report.get("object_kind") or report.get("event_name")), "")
    if event not in GITLAB:
        return None
    mark = headers.get("idempotency-key") or hashlib.sha256(body).hexdigest()
    place = report["project"]
    known: dict[str, Any] = {
        "forge": "gitlab", "digest": storable(f"gitlab:{mark}")[:200], "project": storable(place["id"]),
        "addresses": [storable(place.get(name) or "") for name in ("git_http_url", "git_ssh_url", "web_url")],
    }  # fmt: skip
    if event == "Push Hook":
        return ForgeNews(**known)
    if event == "Pipeline Hook":
        pipeline = report["object_attributes"]
        return ForgeNews(
            **known, head=storable(pipeline["sha"]), check="pipeline", state=storable(pipeline["status"]),
            as_of=_gitlab_last(pipeline, report.get("builds")),
        )  # fmt: skip
    merge = report["object_attributes"]
    return ForgeNews(
        **known, pull=_number(merge["iid"]), head=storable(merge["last_commit"]["id"]),
        branch=storable(merge["source_branch"]), author=_gitlab_author(report), open=merge["state"] in OPEN,
        fork=merge["source_project_id"] != merge["target_project_id"], base=storable(merge.get("target_branch") or ""),
        as_of=instant(merge.get("updated_at")),
    )  # fmt: skip


def doors(secrets: Mapping[str, str], callers: Callers) -> tuple[Door, ...]:
    """Lets in whoever may have signed as GitHub does, and whoever has GitLab's token."""

    async def of_github(request: Request) -> Response | None:
        return _closed("github", secrets) or (
            None if SIGNATURE.fullmatch(request.headers.get("x-hub-signature-256", "")) else _refusal(401, FORGED)
        )

    async def of_gitlab(request: Request) -> Response | None:
        if closed := _closed("gitlab", secrets):
            return closed
        if _is_token(secrets["gitlab"], request.headers):
            return None
        barred = callers.barred(request)
        callers.was_wrong(request)
        answer = _refusal(barred.status, barred.detail) if barred else _refusal(401, FORGED)
        answer.headers.update(barred.headers if barred else {})
        return answer

    looks: dict[str, Look] = {"github": of_github, "gitlab": of_gitlab}
    return tuple(Door(f"/hooks/{forge}", look, _refusal, LONGEST_BODY) for forge, look in looks.items())


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


def _closed(forge: str, secrets: Mapping[str, str]) -> Response | None:
    if secrets.get(forge):
        return None
    return _refusal(404, f"Set CALLBOARD_{forge.upper()}_SECRET where Callboard runs: it verifies requests.")


def _is_token(secret: str, headers: Mapping[str, str]) -> bool:
    given = headers.get("x-gitlab-token", "").encode()
    return bool(secret) and hmac.compare_digest(secret.encode(), given)


def _github_queue(known: dict[str, Any], report: dict[str, Any]) -> ForgeNews | None:
    """What GitHub's merge queue asks to check; its branch ends with the last request in it, `pr-7-0a1b`."""
    if report.get("action") != "checks_requested":
        return None
    group = report["merge_group"]
    branch, base = (storable(group.get(name) or "").removeprefix("refs/heads/") for name in ("head_ref", "base_ref"))
    last = QUEUED.search(branch)
    batch = [int(last[1]) if last else 0]
    return ForgeNews(**known, queued=str(group["head_sha"]), branch=branch, batch=batch, base=base)


def _bors(report: Mapping[str, Any]) -> dict[str, Any]:
    """What bors asks to check: it pushes what would be merged to a branch of its own, and waits for statuses."""
    branch = BORS.fullmatch(str(report.get("ref")))
    found = BATCH.match(str((report.get("head_commit") or {}).get("message"))) if branch else None
    if not branch or not found:
        return {}
    batch = list(map(int, re.findall("[0-9]+", found[1])))
    return {"queued": storable(report["after"]), "branch": branch[1], "batch": batch}


def _github_check(known: dict[str, Any], report: dict[str, Any], event: str) -> ForgeNews | None:
    """What a check of GitHub says, in either of its two forms; None for our own status."""
    if event == "status":
        name, head, state, as_of = report["context"], report["sha"], report["state"], report.get("updated_at")
    else:
        check = report["check_run"]
        name, head, state = check["name"], check["head_sha"], check.get("conclusion") or check["status"]
        as_of = check.get("completed_at") or check.get("started_at")
    if name == CONTEXT:
        return None
    return ForgeNews(**known, head=storable(head), check=storable(name), state=storable(state), as_of=instant(as_of))


def _gitlab_last(pipeline: Mapping[str, Any], builds: Any) -> datetime | None:
    """The last that has happened in a pipeline. One that runs has no time of its own; a restart makes new builds."""
    own = builds if isinstance(builds, list) else []
    parts = [pipeline, *(build for build in own if isinstance(build, dict))]
    times = (instant(part.get(name)) for part in parts for name in ("created_at", "started_at", "finished_at"))
    return max(filter(None, times), default=None)


def _gitlab_author(report: dict[str, Any]) -> str:
    """Who wrote the newest commit: the `user` of such a request is whoever touched the request last."""
    author = report["object_attributes"]["last_commit"].get("author") or {}
    return storable(author.get("email") or (report.get("user") or {}).get("username") or "")


def _read(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The JSON of a body, or of its form: GitHub sends either. Empty for JSON that is no object."""
    try:
        text = body.decode()
        if headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
            text = parse_qs(text, strict_parsing=True)["payload"][0]
        report = json.loads(text)
    except (KeyError, ValueError, RecursionError) as wrong:
        raise Unreadable from wrong
    return report if isinstance(report, dict) else {}


def _number(value: Any) -> int:
    number = int(value)
    if not 0 < number < 2**31:
        raise ValueError(f"{number} is no number of a request")
    return number


async def _received(db: Database, read: Read, secret: str, request: Request) -> Response:
    forge = read.__name__
    try:
        news = read(secret, request.headers, await request.body())
    except Forged:
        log.warning("hook.forged", forge=forge)
        return _refusal(401, FORGED)
    except Unreadable:
        return _refusal(422, f"This is no JSON. Set the content type of the webhook to {JSON}.")
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as wrong:
        log.warning("hook.undocumented", forge=forge, error=storable(wrong)[:200])
        return _ignored(f"{forge} does not document such a request: {storable(wrong)[:200]}.")
    if news is None:
        return _ignored("Callboard does not need this event.")
    return _told(news, await db.write(service.received, news))


def _told(news: ForgeNews, count: int | None) -> Response:
    """What became of news: of how many repositories they are; None for what was received before."""
    if count is None:
        log.info("hook.again", forge=news.forge)
        return _ignored("This request was received before.")
    log.info("hook.received", forge=news.forge, repositories=count)
    if not count:
        return _ignored(UNFOLLOWED.format(next(filter(None, news.addresses), news.project)))
    return JSONResponse({"repositories": count}, 202)


def _ignored(why: str) -> Response:
    """Nothing was done. That is no failure: GitLab switches a webhook off that fails a few times."""
    return JSONResponse({"repositories": 0, "ignored": why})


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status)
