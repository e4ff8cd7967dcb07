"""The stand-in for Slack as a process of its own, and how it is asked: lines of JSON over a socket.

In it people act; faults are made; and in the end it writes down what was posted, edited and asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import Counter, deque
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from callboard.core.clock import SystemClock
from slack_standin import NotPossibleError, Outcome, RateLimits, Sandbox
from tests.chaos import company
from tests.serving.house import NURSERY

LINE = 2**26
KEPT = 3_000_000
"""Entries of the record; whoever needs more plays more parts."""
FASTER = 10
LIMITS = RateLimits(
    workspace_per_minute=600 * FASTER, tiers={tier: most * FASTER for tier, most in RateLimits().tiers.items()}
)
"""Slack's figures for each channel; those of the workspace would keep people from doing much in a minute."""
ANSWERED_WITHIN, LATE_WITHIN = 2.5, 10.0
STILL = "Still working"
READ = 400
SENT = {"command": "slash_commands", "submit": "interactive", "take": "interactive"}


class Desk:
    """What the process does."""

    def __init__(self, folder: Path) -> None:
        self.slack = Sandbox(company.workspace(), clock=SystemClock().now, limits=LIMITS)
        self.slack.record._entries = deque(maxlen=KEPT)
        self.slack.courier.deliveries = deque(maxlen=KEPT)
        self._folder = folder
        self._ended = asyncio.Event()
        self._outcomes: dict[int | None, Outcome] = {}

    async def live(self, pipe: Connection) -> None:
        """Say where it listens, and serve until it is told to end."""
        await self.slack.serve()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LINE)
        pipe.send((self.slack.url, server.sockets[0].getsockname()[1]))
        await self._ended.wait()
        await self.slack.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks = set()
        while line := await reader.readline():
            task = asyncio.create_task(self._answer(json.loads(line), writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        self._ended.set()

    async def _answer(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        try:
            said = await getattr(self, asked["deed"])(**asked["how"])
        except NotPossibleError as error:
            said = {"ok": False, "text": str(error), "never": True}
        writer.write(json.dumps({"id": asked["id"], "said": said}).encode() + b"\n")

    async def command(self, by: str, channel: str, text: str) -> dict[str, Any]:
        outcome = await self.slack.command(by, channel, text)
        said = self._outcome("command", by, outcome)
        self._outcomes[said["delivery"]] = outcome
        return await self._late(said, outcome, 1)

    async def _late(self, said: dict[str, Any], outcome: Outcome, known: int) -> dict[str, Any]:
        """Wait for the answer that was promised: it comes over the `response_url`, below what is `known`."""
        if said["ok"] and STILL in said["text"]:
            with contextlib.suppress(TimeoutError):
                await self.slack.until(lambda: len(outcome.messages) > known, LATE_WITHIN)
                said["text"] = outcome.messages[-1].shown
        return said

    async def submit(self, by: str, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in and submit the form that opens, if it does so in time."""
        try:
            await self.slack.until(lambda: self.slack.views(by), ANSWERED_WITHIN)
        except TimeoutError:
            return {"ok": False, "text": "no form opened", "never": True}
        outcome = await self.slack.submit(by, values)
        left = outcome.view.shown if outcome.view else ""
        return self._outcome("submit", by, outcome) | {"text": outcome.text or left}

    async def close_forms(self, by: str) -> dict[str, Any]:
        while self.slack.views(by):
            await self.slack.close_view(by, everything=True)
            self.slack.modals.clear(self.slack.workspace.user(by).id)
        return {}

    async def take(self, by: str, place: int) -> dict[str, Any]:
        """Click `Take it` in one of the newest pages, which may be an old button; what is answered comes later."""
        pages = [message for message in self.slack.dm(by)[-10:] if "Take it" in message.buttons]
        if not pages:
            return {"ok": False, "text": "no page", "never": True}
        page = pages[place % len(pages)]
        outcome = await self.slack.click(by, "dm", page.ts, "Take it")
        try:
            if outcome.ok:
                await self.slack.until(lambda: outcome.messages, ANSWERED_WITHIN)
        except TimeoutError:
            outcome.ok, outcome.failure = False, "no words within the time"
        return self._outcome("take", by, outcome)

    def _outcome(self, deed: str, by: str, outcome: Outcome) -> dict[str, Any]:
        kind, person = SENT[deed], company.ident(by)
        recent = itertools.islice(reversed(self.slack.courier.deliveries), 2000)
        sent = next((one.id for one in recent if one.kind == kind and _by(one.payload) == person), None)
        return {"ok": outcome.ok, "text": outcome.text, "delivery": sent, "errors": outcome.errors}

    async def again(self, delivery: int) -> dict[str, Any]:
        outcome = self._outcomes.get(delivery)
        known = len(outcome.messages) if outcome else 0
        ack = await self.slack.courier.again(delivery)
        said = {"ok": ack.ok, "text": _said(ack.payload) if ack.ok else ack.error}
        return await self._late(said, outcome, known) if outcome else said

    async def look(self, by: str) -> dict[str, Any]:
        """Open the Home: an event, which Slack sends again where nobody takes it."""
        await self.slack.open_home(by)
        return {"ok": True, "text": ""}

    async def old(self, place: float) -> dict[str, Any]:
        """Deliver something from earlier once more, whatever has happened since."""
        known = self.slack.courier.deliveries
        return await self.again(known[int(place * len(known))].id) if known else {}

    async def fault(self, method: str, kind: str, **how: Any) -> dict[str, Any]:
        return {"fault": self.slack.fault(method, kind, **how).id}  # type: ignore[arg-type]

    async def disturb(self, kind: str, times: int, only: str | None = None) -> dict[str, Any]:
        self.slack.disturb(kind, times, only)  # type: ignore[arg-type]
        return {}

    async def sockets(self, what: str) -> dict[str, Any]:
        sockets = self.slack.sockets
        if what in ("stall", "resume"):
            sockets.stall(stalled=what == "stall")
        else:
            await (sockets.cut() if what == "cut" else sockets.disconnect())
        return {}

    async def aim(self, url: str) -> dict[str, Any]:
        self.slack.courier.request_url = url
        return {}

    async def calm(self) -> dict[str, Any]:
        self.slack.faults.clear()
        self.slack.courier.disturbances.clear()
        return {}

    async def connections(self) -> dict[str, Any]:
        return {"number": len(self.slack.sockets.connections)}

    async def write_down(self) -> dict[str, Any]:
        """Write what the checker reads to `slack.json`."""
        rooms = self.slack.workspace.state.messages
        messages = [
            {"channel": one.channel, "ts": one.ts, "key": _key(one.metadata), "text": one.shown[:READ]}
            for room in rooms.values() for one in room.values() if one.metadata
        ]  # fmt: skip
        asked = [_shortened(entry) for entry in self.slack.record.of("request") if entry["method"] in SHOWN]
        faults = [entry["method"] for entry in self.slack.record.of("fault")]
        times = Counter(str(entry["arguments"]["delivery"]) for entry in self.slack.record.of("ack"))
        written = {"messages": messages, "asked": asked, "faults": len(faults), "times": times}
        (self._folder / "slack.json").write_text(json.dumps(written))
        return {}


SHOWN = ("chat.postMessage", "chat.update")


def _shortened(entry: dict[str, Any]) -> dict[str, Any]:
    arguments, answer = entry["arguments"], entry["answer"] or {}
    metadata = arguments.get("metadata")
    metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
    return {
        "at": entry["at"], "method": entry["method"], "channel": answer.get("channel") or arguments.get("channel"),
        "ts": answer.get("ts") or arguments.get("ts"), "key": _key(metadata), "text": _shown(arguments)[:READ],
        "ok": bool(answer.get("ok")),
    }  # fmt: skip


def _shown(arguments: dict[str, Any]) -> str:
    blocks = arguments.get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    return "\n".join(_words(blocks)) or str(arguments.get("text", ""))


def _words(node: Any) -> list[str]:
    if isinstance(node, list):
        return [word for item in node for word in _words(item)]
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            return [node["text"]]
        return [word for key, value in node.items() if key != "metadata" for word in _words(value)]
    return []


def _said(payload: dict[str, Any]) -> str:
    """What an answer says, as its reader sees it."""
    return "\n".join(_words(payload.get("blocks") or [])) or "\n".join(_words(payload))


def _key(metadata: dict[str, Any] | None) -> str:
    return str(((metadata or {}).get("event_payload") or {}).get("key", ""))


def _by(payload: dict[str, Any]) -> str:
    return str(payload.get("user_id") or (payload.get("user") or {}).get("id", ""))


def _run(folder: Path, pipe: Connection) -> None:
    asyncio.run(Desk(folder).live(pipe))


class Slack:
    """The other end: `await slack.ask("command", by=..., channel=..., text=...)`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._asked = itertools.count()
        self.url = ""

    async def start(self) -> None:
        here, there = NURSERY.Pipe()
        self._process = NURSERY.Process(target=_run, args=(self._folder, there), daemon=True)
        await asyncio.to_thread(self._process.start)
        there.close()  # so that it is missed where the process ends
        self.url, port = await asyncio.to_thread(here.recv)
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=LINE)
        self._hearing = asyncio.create_task(self._hear(reader))

    @property
    def api(self) -> tuple[str, int]:
        """Where its Web API listens."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    async def ask(self, deed: str, **how: Any) -> dict[str, Any]:
        number = next(self._asked)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps({"id": number, "deed": deed, "how": how}).encode() + b"\n")
        return await answer

    async def close(self) -> None:
        self._writer.close()
        await asyncio.to_thread(self._process.join, 10)
        if self._process.exitcode is None:
            self._process.kill()
        self._hearing.cancel()

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            heard = json.loads(line)
            self._answers.pop(heard["id"]).set_result(heard["said"])
