"""A small bot on the Slack layer, and the sandbox in which people talk to it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import col, select

from callboard import blocks as b
from callboard.blocks import forms
from callboard.core import timeline
from callboard.core.db import Database
from callboard.core.errors import Refused, WhichPlan
from callboard.core.timeline import Entry, Subject
from callboard.slack import manifest
from callboard.slack.answers import Done, Errors, Modal, Say
from callboard.slack.app import Account, SlackApp
from callboard.slack.grammar import Command, Number, Person, Text, Verb, When
from callboard.slack.routes import Hears, Interaction, Routes
from callboard.web import app as web
from callboard.web.health import Health, Metrics
from slack_standin import ChannelSpec, RateLimits, Sandbox, UserSpec, WorkspaceSpec
from slack_standin.server import Server
from tests.contract import published
from tests.world import PATIENCE

PLANS = {"harbor": "Harbor 2.0", "quay": "Quay"}


async def until(condition, within=30.0):
    """Wait for something that the sandbox does not see."""
    async with asyncio.timeout(within):
        while not (value := condition()):  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
        return value


def objections(record):
    """What Slack's contract has against anything the bot sent."""
    found = []
    for entry in record.of("request"):
        if entry["method"] == "response_url":
            found += published.check_blocks(entry["arguments"].get("blocks") or [])
        else:
            found += published.check_call(entry["method"], entry["arguments"])
    for entry in record.of("ack"):
        payload = entry["answer"]["payload"] or {}
        found += published.check_blocks(payload.get("blocks") or [])
        found += published.check_view(payload["view"]) if "view" in payload else []
    return found


@dataclass
class Bot:
    """What the small bot was asked, what it did, and the gate that its slow verb waits at."""

    db: Database
    sandbox: Sandbox
    app: SlackApp | None = None
    web: Server | None = None
    asked: list[Any] = field(default_factory=list)
    counted: list[Any] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    async def done(self) -> list[str | None]:
        """What has been committed."""
        return await self.db.read(
            lambda tx: [entry.said for entry in tx.session.exec(select(Entry).order_by(col(Entry.id)))]
        )

    def routes(self) -> Routes:
        quiet = Command("quiet", "Says nothing", (Verb("now", self.say("now"), "at once"),))
        hears = [Hears("message", self.hear), Hears("app_home_opened", self.hear)]
        return Routes([self.board(), quiet], self.interactions(), hears)

    def board(self) -> Command:
        return Command(
            "board", "Puts things on the board",
            verbs=(
                Verb("ack", self.write, "takes it", (Number("number"), Text("why", optional=True)), aliases=("take",)),
                Verb("hand", self.write, "hands it on", (Number("number"), Person("to"))),
                Verb("snooze", self.write, "leaves it alone", (Number("number"), When("when"))),
                Verb("list", self.show, "what is on it", reads=True),
                Verb("refuse", self.refuse, "refuses"),
                Verb("break", self.fail, "breaks"),
                Verb("wait", self.wait, "takes its time"),
                Verb("tell", self.write, "tells everybody", (Text("text"),)),
                Verb("form", self.form, "opens a form", reads=True),
                Verb("buttons", self.buttons, "shows buttons", reads=True),
                Verb("planned", self.planned, "needs a plan", (Text("text", optional=True),)),
            ),
            otherwise=Verb("", self.write, "puts it on the board", (Text("text"),)),
            examples=("mongo refuses TLS", "ack 12"),
        )  # fmt: skip

    def interactions(self):
        return [
            Interaction("button", "board.press", lambda tx, request: self.write(tx, request, {"text": request.value})),
            Interaction("button", "board.form", lambda tx, request: self.form(tx, request, {}), reads=True),
            Interaction("button", "board.refuse", lambda tx, request: self.refuse(tx, request, {})),
            Interaction("modal", "board.form", self.submit),
            Interaction("closed", "board.form", lambda tx, request: self.write(tx, request, {"text": "closed"})),
            Interaction("shortcut", "board.keep", self.keep, title="Keep this", description="Puts it on the board"),
        ]

    def write(self, tx, request, arguments):
        self.asked.append((request, dict(arguments)))
        said = " ".join(str(value) for value in arguments.values() if value is not None)
        timeline.record(tx, 1, Subject("board", 1), "wrote", actor=request.user, said=said)
        return Say(f"On the board: {said}", everyone=said.startswith("hear ye"))

    def say(self, words):
        return lambda _tx, _request, _arguments: Say(words)

    def show(self, tx, request, _arguments):
        self.asked.append((request, {}))
        return Say(f"{len(tx.session.exec(select(Entry)).all())} on the board")

    def refuse(self, tx, request, arguments):
        self.write(tx, request, {"text": "half done"})
        raise Refused("Not while the curtain is up: wait for the interval.")

    def fail(self, tx, request, arguments):
        self.write(tx, request, {"text": "half done"})
        raise RuntimeError("a fault of the program")

    def wait(self, tx, request, arguments):
        assert self.gate.wait(timeout=10)
        return self.write(tx, request, {"text": "after a while"})

    def planned(self, tx, request, arguments):
        if request.plan is None:
            raise WhichPlan("You are in two plans: which one?", list(PLANS.items()))
        return self.write(tx, request, {"plan": request.plan, "text": arguments["text"]})

    def form(self, _tx, _request, _arguments):
        fields = [
            forms.text_input("What", "what", multiline=True),
            forms.select_input("Severity", "severity", [("High", "high"), ("Low", "low")], initial="low"),
            forms.user_input("Who", "who", optional=True),
            forms.checkboxes_input("Done", "done", [("Told", "0"), ("Fixed", "1")]),
            forms.datetime_input("Until", "until", optional=True),
            b.actions(
                b.button("Press", "board.press:in-form", "pressed in the form"), b.button("Another", "board.form", "1")
            ),
        ]
        return Modal(forms.modal("A new entry", fields, callback_id="board.form", submit="Put it there",
                             private={"number": 12}, notify_on_close=True))  # fmt: skip

    def buttons(self, _tx, _request, _arguments):
        row = b.actions(b.button("Press", "board.press", "pressed"), b.button("Refuse", "board.refuse", "1"),
                        b.button("Form", "board.form", "1"), b.button("Former", "board.former", "1"),
                        b.overflow("board.press:menu", [("More", "more"), ("Less", "less")]),
                        b.element("button", "link", text=b.plain("Docs", 75), url="https://example.com"))  # fmt: skip
        return Say("Buttons", [b.section("Buttons"), row])

    def submit(self, tx, request):
        what = request.values["what"]
        self.write(tx, request, {"text": what})
        if what in ("wait", "refuse later"):
            assert self.gate.wait(timeout=10)
        if what in ("refuse", "refuse later"):
            raise Refused("Not while the curtain is up.")
        if what == "break":
            raise RuntimeError("a fault of the program")
        if what == "say":
            return Say("It is on the board.")
        if what == "more":
            return self.form(tx, request, {})
        return Errors({"what": "Say it in other words."}) if what == "wrong" else Done()

    def keep(self, tx, request):
        return self.write(tx, request, {"text": request.message_text})

    def hear(self, tx, _workspace, event):
        said = event.get("text", event["type"])
        if said == "trip":
            raise RuntimeError("a fault of the program")
        timeline.record(tx, 1, Subject("board", 1), "heard", actor=event["user"], said=f"heard {said}")


@pytest.fixture(params=["http", "socket"])
def way(request):
    """How Slack reaches the bot."""
    return request.param


@pytest.fixture
def patience():
    """Seconds before it says that it takes longer; the stories of slowness shorten it."""
    return PATIENCE


@pytest.fixture
def ping_every():
    """Seconds between two pings; the stories of lost connections shorten it."""
    return 5.0


@pytest.fixture
def renew_after():
    """Seconds after which a connection that brings nothing is replaced."""
    return 300.0


@pytest.fixture
async def bot(db, way, patience, ping_every, renew_after):
    """The small bot, connected to a sandbox of its own; what it sent is held against Slack's contract."""
    spec = WorkspaceSpec(
        users=[UserSpec(name="olga", email="olga@example.com"), UserSpec(name="pa", email="pa@example.com")],
        channels=[ChannelSpec(name="ops"), ChannelSpec(name="elsewhere", bot=False)],
    )
    bot = Bot(db, Sandbox(spec, limits=RateLimits.off()))
    spec = spec.with_manifest(manifest.build(bot.routes()))
    async with Sandbox(
        spec, limits=RateLimits.off(), retries=(0, 0, 0), ack_within=2 * PATIENCE, trigger_lifetime=2 * PATIENCE
    ) as sandbox:
        bot.sandbox = sandbox
        account = Account(
            bot_token=spec.bot_token, api_url=sandbox.api_url, patience=patience, ping_every=ping_every,
            renew_after=renew_after,
            app_token=spec.app_token if way == "socket" else "",
            signing_secret=spec.signing_secret if way == "http" else "",
        )  # fmt: skip
        bot.app = SlackApp(
            db, account, bot.routes(), is_plan_key=lambda _tx, _workspace, key: key in PLANS,
            observe=lambda *counted: bot.counted.append(counted),
        )  # fmt: skip
        await bot.app.start()
        bot.web = Server(web.build(bot.app, Health(db, lambda: 0.0), Metrics()))
        address = await bot.web.start("127.0.0.1", 0)
        if way == "http":
            sandbox.courier.request_url = f"{address}/slack/events"
        else:
            await sandbox.connected()
        await until(lambda: bot.app.trouble() == "")
        yield bot
        bot.gate.set()
        await bot.app.stop()
        await bot.web.stop()
        assert objections(sandbox.record) == []
        assert sandbox.record.of("warning") == []
