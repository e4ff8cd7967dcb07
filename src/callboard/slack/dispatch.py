"""From what Slack delivers to the verb that answers it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from callboard.blocks.fit import worded
from callboard.blocks.markup import clip, mention, unescape
from callboard.core import outbox, traces
from callboard.core.db import Database, Tx
from callboard.core.errors import Refused, WhichPlan
from callboard.core.words import lasted
from callboard.slack import answers, asked_plan, requests
from callboard.slack import help as helping
from callboard.slack.answers import Answer, Body, Done, Errors, Refusal, Reply, Say, Trouble
from callboard.slack.clients import Clients
from callboard.slack.conversation import Conversation, Topic, is_aside, is_direct, is_for_the_bot, name_of, read
from callboard.slack.files import fetched
from callboard.slack.idempotency import Deed, Once, Run
from callboard.slack.parser import IsPlanKey, Line
from callboard.slack.requests import Payload, Request
from callboard.slack.routes import ClickedAtHome, Hears, Interaction, Routes
from callboard.slack.web_api import Errands, WebApi, ranked

Observe = Callable[[str, str, float], None]

log = structlog.get_logger()

OUTCOMES: dict[type, str] = {Refusal: "refused", Errors: "refused", Trouble: "failed"}
GOODBYES = {"app_uninstalled", "tokens_revoked"}
NOT_HERE = "Callboard is not installed in this workspace. Ask an admin to install it."
LATELY = timedelta(hours=8)
STALE, LONGEST_LINE = timedelta(hours=1), 300
OLD_QUESTION = "That was asked {} ago, so your click did nothing. If you still mean it, type `{}`."
FIRST = "{} clicked first. They read: {}"
OLD_BUTTON = "This button is from another version of Callboard and no longer works. Type the command: `help` shows how."


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """Finds who answers, runs it once, and says after `patience` seconds that it takes longer.

    `observe(name, outcome, seconds)` is told of every command, click and form: done, refused, failed or late.
    """

    db: Database
    routes: Routes
    api: WebApi
    """Of the app, where no workspace is known."""
    clients: Clients
    once: Once
    errands: Errands
    is_plan_key: IsPlanKey
    observe: Observe
    prefix: str = ""
    patience: float = 2.0

    async def is_stranger(self, body: Payload) -> bool:
        """Whether something comes from a workspace in which Callboard is not installed, and is not its goodbye."""
        workspace = requests.workspace(body)
        if self.clients.of(workspace) or (body.get("event") or {}).get("type") in GOODBYES:
            return False
        return await self.clients.sought(workspace) is None

    def _api(self, workspace: str) -> WebApi:
        client = self.clients.of(workspace)
        return client.api if client else self.api

    async def command(self, body: Payload) -> Body:
        request = requests.command(body)
        reply = answers.ToCommand(request, self._api(request.workspace), self.errands)
        if sentence := requests.too_long(request.text):
            return reply.now(Refusal(sentence))
        return await self._typed(request, requests.key("command", body), reply)

    async def action(self, body: Payload) -> Body:
        name = str(body["actions"][0].get("action_id", ""))
        word = name.partition(":")[0]
        if word == "link":
            return None
        request = requests.action(body)
        reply = self._to_click(request, body)
        if word == answers.AGAIN:
            return await self._again(request, requests.key("action", body), reply, requests.age(body))
        return await self._interaction("button", name, request, requests.key("action", body), reply)

    async def shortcut(self, body: Payload) -> Body:
        request = requests.shortcut(body)
        key = requests.key("shortcut", body)
        return await self._interaction("shortcut", body["callback_id"], request, key, self._to_click(request, body))

    async def submission(self, body: Payload) -> Body:
        request, key, view = requests.view(body), requests.key("submission", body), body["view"]
        reply = answers.ToForm(view, self._api(request.workspace), request.user)
        texts = {block: value for block, value in request.values.items() if isinstance(value, str)}
        if wrong := {
            block: sentence for block, text in texts.items() if (sentence := requests.too_long(unescape(text)))
        }:
            return reply.now(Errors(wrong))
        return await self._interaction("modal", view.get("callback_id", ""), request, key, reply)

    async def closed(self, body: Payload) -> Body:
        name, request = body["view"].get("callback_id", ""), requests.view(body)
        if self.routes.interaction("closed", name) is None:
            return None
        key = requests.key("submission", body) + "/closed"
        return await self._interaction("closed", name, request, key, Reply())

    def wants(self, event: Payload) -> bool:
        """Whether anything comes of an event."""
        return event["type"] in GOODBYES or is_for_the_bot(event) or bool(self._hears(event))

    def _hears(self, event: Payload) -> list[Hears]:
        return [hearer for hearer in self.routes.hears.get(name_of(event), []) if hearer.matters(event)]

    async def event(self, body: Payload) -> bool:
        """Have an event heard; False when Slack had better deliver it again."""
        event = body["event"]
        if event["type"] in GOODBYES:
            log.error("slack.uninstalled", why=event["type"], workspace=body.get("team_id"))
        hears, is_question, aside = self._hears(event), is_for_the_bot(event), is_aside(body)
        if not hears and not is_question and not aside:
            return True
        workspace, told = requests.event(body)
        if event["type"] in GOODBYES:
            told = {**told, "event_time": body.get("event_time")}
        after = partial(self._converse, body, aside) if is_question or aside else None
        kind = "mention" if event["type"] == "app_mention" else "event"
        deed = Deed(key=requests.key(kind, body), run=partial(_hear, hears, workspace, told), after=after)
        traces.begin()
        task = self.once.start(deed)
        await asyncio.wait({task}, timeout=self.patience)
        return task.done() and not isinstance(task.result(), Trouble)

    async def _typed(
        self, request: Request, key: str, reply: Reply, *, literally: bool = False, shared: bool = False
    ) -> Body:
        """Run a line. Where others may click the same question, no receipt of a refusal speaks for them."""
        command = self.routes.commands.get(request.command.lstrip("/").removeprefix(self.prefix))
        if command is None:
            return reply.now(helping.overview(self.routes.commands.values(), self.prefix, self.routes.shortcuts))
        line = Line(command, request, self.is_plan_key, literally, self.routes.shortcuts, self.routes.commands)
        ahead = line.ahead()
        if ahead is not None:
            self.observe(f"/{command.word}", "done", 0.0)
            return reply.now(ahead)
        run = partial(_told_to_others, line, request.user) if shared and _is_seen_by_others(request) else line.run
        deed = Deed(
            key=key, run=run, reads=line.reads(), reopens=shared, explain=partial(_explained, request),
            name=f"/{command.word}",
        )  # fmt: skip
        return await self._attend(deed, reply)

    async def _again(self, request: Request, key: str, reply: Reply, age: timedelta) -> Body:
        """Run what a button holds. The buttons of one question share one effect, and what is old is not meant now."""
        typed = json.loads(request.value)
        if "k" in typed and age > STALE:
            line = helping.plain(f"{typed['c']} {typed['t']}".strip())
            return reply.now(Refusal(OLD_QUESTION.format(lasted(age), clip(line, LONGEST_LINE))))
        again = replace(request, command=typed["c"], text=typed["t"], plan=typed.get("p"), value="")
        shared = f"{request.workspace}/again/{typed['k']}" if "k" in typed else key
        return await self._typed(again, shared, reply, literally="l" in typed, shared="k" in typed)

    async def _interaction(self, kind: Any, name: str, request: Request, key: str, reply: Reply) -> Body:
        interaction = self.routes.interaction(kind, name)
        if interaction is None:
            log.warning("slack.unknown", kind=kind, name=name)
            return reply.now(Refusal(OLD_BUTTON))
        if interaction.files and kind == "shortcut" and request.files:
            reply = answers.ToSlow(request, self._api(request.workspace), self.errands)
        deed = Deed(
            key=key, run=partial(_interacted, interaction, request), reads=interaction.reads, reopens=kind == "modal",
            explain=partial(_explained, request), before=partial(self._with_files, interaction, request),
            name=interaction.id,
        )  # fmt: skip
        return await self._attend(deed, reply)

    async def _with_files(self, interaction: Interaction, request: Request) -> Run | None:
        """What is run once all is there that it asks for: files, and whether the person is an admin."""
        if not (interaction.files and request.files) and not interaction.ranks:
            return None
        api = self._api(request.workspace)
        files, is_admin = await asyncio.gather(
            fetched(api, request.files if interaction.files else ()),
            ranked(api, request.user) if interaction.ranks else _unasked(),
        )
        return partial(_interacted, interaction, replace(request, files=files or request.files, is_admin=is_admin))

    async def _attend(self, deed: Deed, reply: Reply) -> Body:
        traces.begin()
        began = time.monotonic()
        task = self.once.start(deed)
        try:
            await asyncio.wait({task}, timeout=self.patience)
        except asyncio.CancelledError:
            self.errands.run(_late(task, reply))
            raise
        outcome = OUTCOMES.get(type(task.result()), "done") if task.done() else "late"
        seconds = time.monotonic() - began
        self.observe(deed.name, outcome, seconds)
        log.info("slack.answered", name=deed.name, outcome=outcome, seconds=round(seconds, 4))
        if task.done():
            return reply.now(task.result())
        self.errands.run(_late(task, reply))
        return reply.waiting()

    def _to_click(self, request: Request, body: Payload) -> Reply:
        api = self._api(request.workspace)
        if request.response_url:
            return answers.ToClick(request, api, self.errands)
        return answers.ToView(request, api, self.errands, on_top=body.get("view", {}).get("type") == "modal")

    def _converse(self, body: Payload, aside: bool, _: Answer) -> None:  # noqa: FBT001 - of `partial`
        """Answer what was written to the bot: a mention in its thread, a direct message where it was written."""
        self.errands.run(self._whispered(body) if aside else self._conversed(body))

    async def _conversed(self, body: Payload) -> None:
        event, request = body["event"], read(body)
        topic = await self.db.read(self._topic, request.workspace, event)
        say = self._conversation.answer(request, topic)
        await self._api(request.workspace).post(channel=event["channel"], **_content(say), **_thread(event))

    async def _whispered(self, body: Payload) -> None:
        """Ask whoever says in the thread of a card that they take it, or that it is over, and nobody else."""
        event, request = body["event"], read(body)
        topic = await self.db.read(self._topic, request.workspace, event, aside=True)
        if topic and (say := self._conversation.aside(request, topic)):
            where = {"channel": event["channel"], "user": event["user"], **_thread(event)}
            await self._api(request.workspace).whisper(**where, **_content(say))

    @property
    def _conversation(self) -> Conversation:
        return Conversation(self.routes.commands, self.is_plan_key, self.prefix, self.routes.shortcuts)

    def _topic(self, tx: Tx, workspace: str, event: Payload, *, aside: bool = False) -> Topic | None:
        """What the message of ours is about in whose thread somebody writes, or that last asked them something.

        `aside`: only where people are paged for that.
        """
        stamp = event.get("thread_ts")
        if stamp:
            above = outbox.posted(tx, workspace, event["channel"], stamp)
        else:
            known = self.routes.topics if is_direct(event) else ()
            above = outbox.latest(tx, workspace, event["channel"], tx.now - LATELY, known)
        command = self.routes.topics.get(above.subject_kind) if above else None
        if above is None or command is None or command.called is None:
            return None
        if aside and not (command.waits and command.waits(tx, above.subject_id)):
            return None
        name = command.called(tx, above.subject_id)
        return None if name is None else Topic(command.word, name, under=bool(stamp))


def _is_seen_by_others(request: Request) -> bool:
    """Whether a button hangs where others can click it too."""
    return not request.is_private and not request.channel.startswith("D") and request.message is not None


def _told_to_others(line: Line, user: str, tx: Tx) -> Answer:
    """Run a line; whoever clicks the same after `user` reads that it is done, and by whom."""
    answer = line.run(tx)
    if type(answer) is not Say or answer.again:
        return answer
    return replace(answer, again=FIRST.format(mention(user), answer.text))


def _content(say: Say) -> dict[str, Any]:
    text, shown = worded(say.text, say.blocks)
    return {"text": text, **({"blocks": shown} if shown else {})}


def _thread(event: Payload) -> dict[str, Any]:
    thread = event.get("thread_ts") or (event["ts"] if event["type"] == "app_mention" else None)
    return {"thread_ts": thread} if thread else {}


async def _late(task: asyncio.Task[Answer], reply: Reply) -> None:
    await reply.late(await asyncio.shield(task))


def _hear(hears: list[Hears], workspace: str, event: Payload, tx: Tx) -> Answer:
    for hearer in hears:
        hearer.run(tx, workspace, event)
    return Done()


async def _unasked() -> None:
    return None


def _interacted(interaction: Interaction, request: Request, tx: Tx) -> Answer:
    answer = asked_plan.answered(tx, lambda: interaction.run(tx, request))
    if request.at_home and not interaction.reads:
        tx.publish(ClickedAtHome(request.workspace, request.user))
    return answer


def _explained(request: Request, refused: Refused) -> Refusal:
    return helping.on_which_plan(refused, request) if isinstance(refused, WhichPlan) else Refusal.of(refused)
