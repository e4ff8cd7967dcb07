"""The control API under /sandbox: people act, faults are made, the record is read, from another process."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, HTTPException

from slack_standin.clock import SandboxClock, elapsed
from slack_standin.people import Outcome
from slack_standin.state import Json, Message

if TYPE_CHECKING:
    from slack_standin.sandbox import Sandbox

ACTS = (
    "command", "click", "click_in_view", "submit", "close_view", "shortcut", "open_home", "say", "edit", "react",
    "upload", "options", "write_canvas",
)  # fmt: skip
WALK, STOP, LOOK = 10.0, 1.0, 0.05
"""Real seconds that a jump may take, that the app gets for what is due at one instant, and between two looks."""


def control_routes(sandbox: "Sandbox") -> APIRouter:
    """The routes; every body is a JSON object with the arguments of the method of the same name."""
    routes = APIRouter(tags=["control"])
    for add in (_acts, _faults, _deliveries, _membership, _settings, _reading, _time):
        add(routes, sandbox)
    return routes


def _acts(routes: APIRouter, sandbox: "Sandbox") -> None:
    @routes.post("/act/{verb}")
    async def act(verb: str, body: Json) -> Json:
        """One of `ACTS`: what somebody does by hand on the page."""
        if verb not in ACTS:
            raise HTTPException(404, f"there is no act {verb!r}, only {', '.join(ACTS)}")
        done = await _called(getattr(sandbox, verb), body)
        if isinstance(done, Outcome):
            return done.as_json()
        if isinstance(done, Message):
            return {"ok": True, "message": done.model_dump()}
        return {"ok": True, "file" if verb == "upload" else verb: done}


def _faults(routes: APIRouter, sandbox: "Sandbox") -> None:
    @routes.post("/fault")
    async def fault(body: Json) -> Json:
        """method, kind, channel, seconds or times, share, and what the kind needs: `Fault` has it."""
        made = await _called(sandbox.fault, body)
        return {"ok": True, "fault": made.id}

    @routes.get("/fault")
    async def faults() -> list[Json]:
        return [dataclasses.asdict(rule) for rule in sandbox.faults.rules]

    @routes.delete("/fault")
    async def clear_faults(fault: int | None = None) -> Json:
        sandbox.faults.clear(fault)
        return {"ok": True}


def _deliveries(routes: APIRouter, sandbox: "Sandbox") -> None:
    @routes.post("/redeliver")
    async def redeliver(body: Json) -> Json:
        """delivery: its number; the last one when left out."""
        try:
            ack = await sandbox.courier.again(body.get("delivery"))
        except LookupError as error:
            raise HTTPException(404, str(error)) from error
        return {"ok": ack.ok, "error": ack.error, "payload": ack.payload}

    @routes.get("/deliveries")
    async def deliveries(limit: int = 100) -> list[Json]:
        return [dataclasses.asdict(delivery) for delivery in list(sandbox.courier.deliveries)[-limit:]]

    @routes.post("/disturb")
    async def disturb(body: Json) -> Json:
        """Kind (duplicated, dropped, reordered), times, only (events_api, slash_commands, interactive)."""
        await _called(sandbox.disturb, body)
        return {"ok": True}

    @routes.delete("/disturb")
    async def calm() -> Json:
        sandbox.courier.disturbances.clear()
        return {"ok": True}

    @routes.post("/sockets/{deed}")
    async def sockets(deed: Literal["cut", "disconnect", "stall", "resume"], body: Json | None = None) -> Json:
        """cut, disconnect (reason: refresh_requested, warning, link_disabled), stall, resume."""
        if deed == "cut":
            await sandbox.sockets.cut()
        elif deed == "disconnect":
            await sandbox.sockets.disconnect(**(body or {}))
        else:
            sandbox.sockets.stall(stalled=deed == "stall")
        return {"ok": True, "connections": len(sandbox.sockets.connections)}


def _membership(routes: APIRouter, sandbox: "Sandbox") -> None:
    @routes.post("/channel")
    async def channel(body: Json) -> Json:
        """channel, with bot: true or false, archived: true or false, remove: a person."""
        if "bot" in body:
            (sandbox.add_bot if body["bot"] else sandbox.remove_bot)(body["channel"])
        if "archived" in body:
            sandbox.archive(body["channel"], archived=body["archived"])
        if "remove" in body:
            sandbox.remove(body["remove"], body["channel"])
        return {"ok": True}

    @routes.post("/deactivate")
    async def deactivate(body: Json) -> Json:
        """user: somebody who leaves the workspace."""
        await _called(sandbox.reactivate if body.pop("active", False) else sandbox.deactivate, body)
        return {"ok": True}


def _settings(routes: APIRouter, sandbox: "Sandbox") -> None:
    @routes.post("/settings")
    async def settings(body: Json) -> Json:
        """revoked, history_lag and ack_within (seconds), request_url, canvases, limits (figures of RateLimits)."""
        if "revoked" in body:
            sandbox.revoke(revoked=body["revoked"])
        if "history_lag" in body:
            sandbox.workspace.history_lag = body["history_lag"]
        if "ack_within" in body:
            sandbox.courier.ack_within = body["ack_within"]
        if "canvases" in body:
            sandbox.spec.canvases = body["canvases"]
        if "request_url" in body:
            if body["request_url"] and not await sandbox.courier.verified(body["request_url"]):
                raise HTTPException(409, "the request URL did not say the challenge back")
            sandbox.courier.request_url = body["request_url"]
        if "limits" in body:
            sandbox.use_limits(dataclasses.replace(sandbox.meter.limits, **body["limits"]))
        return {"ok": True}


def _reading(routes: APIRouter, sandbox: "Sandbox") -> None:
    @routes.get("/record")
    async def record(kind: str | None = None, method: str | None = None, limit: int = 1000) -> list[Json]:
        fitting = [
            entry for entry in sandbox.record if kind in (None, entry["kind"]) and method in (None, entry["method"])
        ]
        return fitting[-limit:]

    @routes.delete("/record")
    async def forget() -> Json:
        sandbox.record.clear()
        return {"ok": True}

    @routes.get("/messages")
    async def messages(channel: str) -> list[Message]:
        return sandbox.messages(channel)

    @routes.get("/ephemerals")
    async def ephemerals(user: str, channel: str) -> list[Message]:
        return sandbox.ephemerals(user, channel)

    @routes.get("/dm")
    async def dm(user: str) -> list[Message]:
        return sandbox.dm(user)

    @routes.get("/views")
    async def views(user: str) -> Json:
        home = sandbox.home(user)
        return {"modals": [modal.model_dump() for modal in sandbox.views(user)], "home": home and home.model_dump()}


def _time(routes: APIRouter, sandbox: "Sandbox") -> None:
    @routes.get("/clock")
    async def clock() -> Json:
        due = await sandbox.next_due() if sandbox.next_due else None
        own = isinstance(sandbox.clock, SandboxClock)
        rate = sandbox.clock.rate if isinstance(sandbox.clock, SandboxClock) else 1.0
        return {"now": sandbox.clock.now().isoformat(), "rate": rate, "own": own, "next_due": due and due.isoformat()}

    @routes.post("/clock")
    async def turn(body: Json) -> Json:
        """Rate (0 pauses), jump (seconds), jump_to (ISO instant)."""
        if not isinstance(sandbox.clock, SandboxClock):
            raise HTTPException(409, "this sandbox's time is not its own")
        try:
            if "rate" in body:
                sandbox.clock.run(body["rate"])
            if "jump" in body:
                await _pass(sandbox, sandbox.clock, sandbox.clock.now() + timedelta(seconds=body["jump"]))
            if "jump_to" in body:
                await _pass(sandbox, sandbox.clock, datetime.fromisoformat(body["jump_to"]))
        except ValueError as error:
            raise HTTPException(409, str(error)) from error
        return await clock()


async def _pass(sandbox: "Sandbox", clock: SandboxClock, to: datetime) -> None:
    """Skip ahead, but stop where the app does something, as if nobody had skipped; in `WALK` seconds, not for ever."""
    if to < clock.now():
        raise ValueError("time does not run backwards")
    patience = elapsed() + WALK
    while sandbox.next_due and elapsed() < patience and (due := await sandbox.next_due()) and due < to:
        _reach(clock, due)
        if not await _got_on(sandbox.next_due, clock):
            break
    _reach(clock, to)


def _reach(clock: SandboxClock, at: datetime) -> None:
    """Go to an instant, unless it has passed meanwhile: the clock runs while the app does what is due."""
    with suppress(ValueError):
        clock.jump_to(at)


async def _got_on(next_due: Callable[[], Awaitable[datetime | None]], clock: SandboxClock) -> bool:
    """Whether the app has done within `STOP` seconds what is due now."""
    stop = elapsed() + STOP
    while (due := await next_due()) is not None and due <= clock.now():
        if elapsed() > stop:
            return False
        await asyncio.sleep(LOOK)
    return True


async def _called(act: Callable[..., Any], body: Json) -> Any:
    try:
        done = act(**body)
    except TypeError as error:
        raise HTTPException(422, str(error)) from error
    return await done if isinstance(done, Awaitable) else done
