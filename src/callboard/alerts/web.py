"""Where monitoring reports: `POST /hooks/alertmanager`, `/hooks/alert`, `/hooks/sentry` and `/hooks/heartbeat/NAME`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callboard.alerts import payloads, service
from callboard.alerts.messages import IGNORED
from callboard.alerts.models import Incoming, Source
from callboard.alerts.payloads import Unreadable
from callboard.alerts.service import Receipt
from callboard.core.db import Database, Tx
from callboard.core.errors import Refused
from callboard.plans import service as plans
from callboard.web import tokens
from callboard.web.door import Door
from callboard.web.limits import Callers
from callboard.web.problems import Problem
from callboard.web.tokens import Barred

(SEND,) = SCOPES = ("alerts:send",)
LONGEST_BODY = 25_000_000
ASK = {"WWW-Authenticate": 'Basic realm="callboard"'}
UNNAMED = (
    "Send a token as bearer, or as the password of basic authentication: "
    "`callboard token create --scope alerts` makes one."
)
CLOSED = "Set CALLBOARD_SENTRY_SECRET where Callboard runs: it verifies requests."
FORGED = "This request is not signed with the secret that Callboard has."
SIGNATURE = re.compile("[0-9a-f]{64}")
OK, UNPROCESSABLE = 200, 422
MOST_SAID = 10
log = structlog.get_logger()
Read = Callable[[bytes], payloads.Batch]


def doors(sentry_secret: str, callers: Callers) -> tuple[Door, ...]:
    """Lets in whoever sends a token that was issued, and whoever may have signed as Sentry does."""

    async def with_token(request: Request) -> Response | None:
        secret = credentials(request)
        refused = await callers.unknown(request, secret) if secret else None
        if secret and not refused:
            return None
        return _problem(refused) if refused else _refusal(401, UNNAMED, ASK)

    async def signed(request: Request) -> Response | None:
        if not sentry_secret:
            return _refusal(404, CLOSED)
        return None if SIGNATURE.fullmatch(request.headers.get("sentry-hook-signature", "")) else _refusal(401, FORGED)

    return (
        Door("/hooks/alert", with_token, _refusal, LONGEST_BODY),  # and `/hooks/alertmanager`
        Door("/hooks/heartbeat/", with_token, _refusal, LONGEST_BODY),
        Door("/hooks/sentry", signed, _refusal, LONGEST_BODY),
    )


def router(db: Database, sentry_secret: str) -> APIRouter:
    """The routes that monitoring calls."""
    routes = APIRouter(prefix="/hooks", include_in_schema=False)

    @routes.post("/alertmanager")
    async def from_alertmanager(request: Request) -> Response:
        return await _received(db, request, Source.ALERTMANAGER, payloads.alertmanager)

    @routes.post("/alert")
    async def from_anything(request: Request) -> Response:
        return await _received(db, request, Source.WEBHOOK, payloads.webhook)

    @routes.post("/heartbeat/{name}")
    async def from_heartbeat(request: Request, name: str) -> Response:
        return await _answered(db, request, lambda tx, plan_id: _heard(tx, plan_id, name))

    @routes.post("/sentry")
    @routes.post("/sentry/{plan:path}")
    async def from_sentry(request: Request, plan: str = "") -> Response:
        return await _from_sentry(db, request, sentry_secret, plan)

    return routes


def credentials(request: Request) -> str:
    """The token that was sent, as bearer or as a password; empty for none."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    try:
        secret = base64.b64decode(given, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
    return secret if kind.lower() == "basic" else ""


async def _received(db: Database, request: Request, source: Source, read: Read) -> Response:
    """Keep what can be read of what was sent, and say what can't; the sender of nothing else is refused."""
    try:
        sent, unreadable = read(await request.body())
    except Unreadable as wrong:
        sent, unreadable = list[Incoming](), [str(wrong)]

    def keep(tx: Tx, plan_id: int) -> dict[str, Any]:
        if unreadable:
            service.unread(tx, plan_id, unreadable)
        answer = _receipt(service.receive(tx, plan_id, source, sent)) if sent else {}
        return answer | ({"unreadable": unreadable[:MOST_SAID]} if unreadable else {})

    for why in unreadable[:MOST_SAID]:
        log.warning("alerts.unreadable", source=source, why=why[:200])
    answer = await _answered(db, request, keep)
    return answer if sent or answer.status_code != OK else _refusal(UNPROCESSABLE, unreadable[0])


async def _answered(db: Database, request: Request, verb: Callable[[Tx, int], dict[str, Any]]) -> Response:
    """What a verb answers for the plan of the token. It is committed before anybody hears of it."""
    of, what = tokens.digest(credentials(request)), f"{request.method} {request.scope['path']}"[:200]

    def run(tx: Tx) -> dict[str, Any]:
        return verb(tx, tokens.bearer(tx, of, "", SEND).plan_id)

    try:
        return JSONResponse(await db.write(run))
    except Barred as barred:
        await db.write(tokens.refused, barred.bearer, what, barred.problem.detail)
        return _problem(barred.problem)
    except Problem as problem:
        return _problem(problem)
    except Refused as refused:
        return _refusal(404, refused.sentence)


def _heard(tx: Tx, plan_id: int, name: str) -> dict[str, Any]:
    row = service.heard(tx, plan_id, name)
    return {"heard": row.name, "missing_from": row.due_at.isoformat() if row.due_at else None}


def _receipt(receipt: Receipt) -> dict[str, Any]:
    answer: dict[str, Any] = {"received": receipt.received, "matched": receipt.matched}
    return answer | ({"ignored": f"They {IGNORED[receipt.why]}, and are counted."} if receipt.why else {})


async def _from_sentry(db: Database, request: Request, secret: str, plan: str) -> Response:
    body, headers = await request.body(), request.headers
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    if not secret or not hmac.compare_digest(signed, headers.get("sentry-hook-signature", "").encode()):
        log.warning("alerts.forged", source=Source.SENTRY)
        return _refusal(401, FORGED)
    try:
        sent, unreadable = payloads.sentry(body, headers.get("sentry-hook-resource", "")), list[str]()
    except Unreadable as wrong:  # it is Sentry's all the same, which switches hooks off that are refused
        sent, unreadable = [], [str(wrong)]
        log.warning("alerts.unreadable", source=Source.SENTRY, why=str(wrong)[:200])
    if not sent and not unreadable:
        return JSONResponse({"received": 0, "matched": 0, "ignored": "Callboard does not need this event."})

    def receive(tx: Tx, plan_id: int) -> Receipt:
        if unreadable:
            service.unread(tx, plan_id, unreadable)
            return Receipt(0, 0)
        return service.receive(tx, plan_id, Source.SENTRY, sent)

    try:
        answer = await db.write(lambda tx: _of_plans(tx, plan, lambda plan_id: receive(tx, plan_id)))
    except Refused as refused:
        return _refusal(404, refused.sentence)
    return JSONResponse(answer | ({"unreadable": unreadable} if unreadable else {}))


def _of_plans(tx: Tx, key: str, receive: Callable[[int], Receipt]) -> dict[str, Any]:
    """Let the plan of an address receive; else every one with rules for alerts, in one workspace."""
    meant = (
        [plans.called(tx, key)] if key else [plan for plan in plans.every(tx) if service.has_rules(tx, plan.id or 0)]
    )
    if len({plan.workspace for plan in meant}) > 1:
        each = " or ".join(f"/hooks/sentry/{plan.workspace}/{plan.key}" for plan in meant)
        raise Refused(f"Plans of several workspaces have `alerts`. Send it to {each}.")
    receipts = [receive(plan.id or 0) for plan in meant]
    if not receipts:
        return {"received": 0, "matched": 0, "ignored": "No plan here has `alerts`, so nobody hears of it."}
    return _receipt(max(receipts, key=lambda receipt: receipt.matched))


def _problem(problem: Problem) -> Response:
    return _refusal(problem.status, problem.detail, problem.headers)


def _refusal(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"detail": sentence}, status, dict(headers or {}))
