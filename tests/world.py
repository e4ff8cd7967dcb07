"""The world a story happens in: the bot, a clock that moves when told, and a Slack of our own to talk to."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlmodel import col, select

from callboard.app import routes, sections
from callboard.cli import tokens
from callboard.core.timeline import STANDS, Entry, Numbered
from callboard.planfile.times import show_span
from callboard.planning import audit
from callboard.plans import service as plans
from callboard.rehearsal.stage import PATIENCE, Stage, until
from callboard.settings import Settings
from callboard.slack import manifest
from slack_standin import ChannelSpec, Sandbox, UserSpec, WorkspaceSpec
from tests import snapshot
from tests.contract import published
from tests.snapshot import Snapshot

__all__ = ["BEGUN", "MORNING", "NIGHT", "PATIENCE", "PEOPLE", "PLAN", "World", "at", "keys", "manifest_of", "until"]

MORNING = datetime(2025, 11, 13, 9, 0, tzinfo=UTC)
NIGHT = datetime(2025, 11, 13, 2, 30, tzinfo=UTC)
CHECKED = ("chat.postMessage", "chat.postEphemeral", "chat.update", "views.open", "views.push", "views.update",
           "views.publish", "conversations.canvases.create", "canvases.edit", "canvases.sections.lookup")  # fmt: skip

PLAN = """\
callboard: 1
key: release
name: Release
timezone: UTC
from: 2025-11-13 09:00
to: 2025-11-15 18:00
channels: {coordination: "#release", urgent: "#urgent"}
people:
  olga: {name: Omega lead, slack: UOLGA, deputies: [pa]}
  pa: {name: Person A, slack: UPA}
  pb: {name: Person B, slack: UPB}
  sara: {name: Sigma lead, slack: USARA}
  sc: {name: Person C, slack: USC}
  amp: {name: Amp, slack: UAMP, roles: [coordinator]}
  exec: {name: Executive, slack: UEXEC, roles: [executive]}
  stan: {name: Stakeholder, slack: USTAN, roles: [stakeholder]}
teams:
  omega: {name: Omega, lead: olga, members: [pa, pb], channel: "#omega"}
  sigma: {name: Sigma, lead: sara, members: [sc], channel: "#sigma"}
escalation:
  default:
    steps:
      - {level: Team lead, notify: [lead], respond_within: 5m}
      - {level: Managing engineer, notify: [coordinator], respond_within: 5m}
      - {level: Executive, notify: [executive], respond_within: 15m, repeat_every: 15m}
    idle_after: 15m
    resolve_within: 1h
blockers:
  severities: {normal: default, critical: default}
  categories: [service down, access denied]
  checklist: [Coordinator told, Workaround found]
"""
PEOPLE = ("olga", "pa", "pb", "sara", "sc", "amp", "exec", "stan")

SCOPES = ("tasks", "gates", "blockers", "plan", "jobs", "runs", "emergencies", "board")
MODELS: dict[str, Any] = {model.subjects: model for model in Numbered.__subclasses__() if "subjects" in vars(model)}
"""What people call by its number or key."""

BEGUN: dict[tuple[Any, ...], Snapshot | None] = {}
"""What worlds begin with that were wanted more than once."""


class World(Stage):
    """A stage whose plan is applied, and what everybody sees there. All of it runs for real, over loopback."""

    def __init__(
        self, database_url: str, plan: str = PLAN, *, at: datetime = MORNING, people: Any = PEOPLE,
        patience: float = PATIENCE, mirrors: Path | None = None,
    ) -> None:  # fmt: skip
        self._mirrors = mirrors
        spec = WorkspaceSpec(
            users=[UserSpec(name=name, is_admin=name == "amp") for name in (*people, "stranger")],
            channels=[ChannelSpec(name=name) for name in ("release", "urgent", "omega")]
            + [ChannelSpec(name="sigma", private=True), ChannelSpec(name="elsewhere", bot=False)],
        )
        super().__init__(spec.with_manifest(manifest_of()), database_url, at, patience=patience)
        self.plan = plan
        self._key = (database_url.partition(":")[0], plan, at, tuple(people), type(self))
        self._begun: Snapshot | None = None

    async def open(self) -> None:
        state, fresh = self.slack.workspace.state, self._key in BEGUN and snapshot.empty(self.database_url)
        self._begun = BEGUN.get(self._key) if fresh else None
        if self._begun:
            self._begun.restore(self.database_url, state)
        await super().open()
        if fresh and not self._begun:
            BEGUN[self._key] = Snapshot.of(self.database_url, state)
        elif self.plan:
            BEGUN.setdefault(self._key, None)

    def prepare(self) -> None:
        if self.plan and not self._begun:
            self.apply(self.plan)

    async def close(self) -> None:
        await super().close()
        self.keeps_the_contract()

    def keeps_the_contract(self) -> None:
        """Whatever was sent to Slack is what Slack takes."""
        for method in CHECKED:
            for call in self.slack.record.calls(method):
                wrong = published.check_call(method, _unseen(call["arguments"]))
                assert not wrong, (method, wrong, call["arguments"])

    def settings(self) -> Settings:
        given = {
            "slack_signing_secret": SecretStr(self.slack.spec.signing_secret), "mirrors": self._mirrors,
            "repository_schemes": ("file",), "fallback_schemes": ("json",), "hosts": ("127.0.0.0/8",),
        }  # fmt: skip
        return super().settings().model_copy(update=given)

    def apply(self, text: str) -> None:
        """Apply a plan file, as `callboard apply` does."""
        checked = plans.check(text, "plan.yml", sections())
        assert not checked.errors, checked.errors
        self.app.db.transact(plans.apply, checked, author="test", workspace=self.slack.spec.team_id)

    async def says(self, person: str, text: str, channel: str = "omega") -> Any:
        return await super().says(person, text, channel)

    async def clicks(self, person: str, label: str, message: Any, *, value: Any = None) -> Any:
        """Click a button of a message, or of the last one in their DM that has these words."""
        shown = self.dm(person).expect(message) if isinstance(message, str) else message
        outcome = await self.slack.click(person, shown.channel, shown.ts, label, value=value)
        await self.settled()
        return outcome

    async def until(self, instant: str | datetime) -> None:
        """Let time pass until a moment, in UTC where it is written."""
        await super().until(at(instant) if isinstance(instant, str) else instant)

    async def advance(self, **span: float) -> None:
        """Let time pass, stopping at every instant at which something is due on the way."""
        await self.until(self.clock.now() + timedelta(**span))

    async def jump(self, **span: float) -> None:
        """Let time pass while nobody looks, as in an outage."""
        self.clock.advance(timedelta(**span))
        await self.settled()

    async def opens(self, person: str, text: str, channel: str = "omega") -> str:
        """Type what opens a form; what the form says."""
        await self.says(person, text, channel)
        return str((await self.opened(person)).shown)

    async def signs(self, person: str, gate: str, rest: str = "") -> str:
        """Type `/gate sign`, read the confirmation, and sign; what the person read."""
        shown = await self.opens(person, f"/gate sign {gate} {rest}".strip(), "release")
        await self.submits(person, {"Confirm": "yes"})
        return shown

    async def completes(self, person: str, *tasks: str) -> Any:
        """Tick what the tasks ask for, and complete them; the last answer."""
        answer = None
        for task in tasks:
            if self.row("task", task).criteria:
                await self.says(person, f"/task tick {task} all")
            answer = await self.says(person, f"/task complete {task}")
        return answer

    def token(self, person: str, *scopes: str, lasts: timedelta = timedelta(days=90), plan: str = "release") -> str:
        """A token of the automation API."""
        scope = ",".join(scopes or SCOPES)
        return self.app.db.transact(tokens.create, plan, person, scope, show_span(lasts), "", "test")

    def row(self, kind: str, key: str | int, plan_id: int = 1) -> Any:
        """A gate, a task, a lock... as it now is, by its key or its number."""
        model = MODELS[kind]
        named = model.id == key if isinstance(key, int) else (model.key == key) & (model.plan_id == plan_id)
        return self.app.db.transact(lambda tx: tx.session.exec(select(model).where(named)).one())

    def entries(self, kind: str, verb: str = "", about: str | int | None = None) -> list[Entry]:
        """What the timeline has of a kind of subject, or of one of them."""
        wanted = select(Entry).where(Entry.subject_kind == kind, Entry.verb != STANDS).order_by(col(Entry.id))
        if verb:
            wanted = wanted.where(Entry.verb == verb)
        if about is not None:
            number = about if isinstance(about, int) else self.row(kind, about).id
            wanted = wanted.where(Entry.subject_id == number)
        return self.app.db.transact(lambda tx: list(tx.session.exec(wanted)))

    def verbs(self, kind: str, about: str | int) -> list[str]:
        """What has happened to one of a kind, in order."""
        return [entry.verb for entry in self.entries(kind, about=about)]

    def verified(self, plan_id: int = 1) -> list[str]:
        """What an audit finds wrong with the sealed timeline, and with what it vouches for."""
        key = self.app.db.transact(lambda tx: plans.plan(tx, plan_id).key)
        return [each for finding in self.app.db.transact(audit.verify, key) for each in finding.wrong]

    def dm(self, person: str) -> Conversation:
        return Conversation(f"the DM of {person}", self.slack.dm(person))

    def channel(self, name: str) -> Conversation:
        messages = self.slack.messages(name)
        return Conversation(f"#{name}", [one for one in messages if one.thread_ts in (None, "", one.ts)])

    def thread(self, message: Any) -> Conversation:
        replies = self.slack.threads(message.channel, message.ts)
        return Conversation("the thread", [one for one in replies if one.ts != message.ts])

    def card(self, number: int = 1, channel: str = "omega") -> Any:
        return self.channel(channel).expect(f"Blocker {number}")


def at(instant: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


class Conversation:
    """Messages one may have expectations of."""

    def __init__(self, name: str, messages: Any) -> None:
        self.name = name
        self.messages = list(messages)

    def expect(self, *words: str) -> Any:
        """The last message that holds all these words."""
        for message in reversed(self.messages):
            if all(word in message.shown for word in words):
                return message
        said = "\n---\n".join(message.shown for message in self.messages)
        raise AssertionError(f"nothing in {self.name} holds {words}:\n{said}")

    def expect_nothing(self, *words: str) -> None:
        found = [m.shown for m in self.messages if all(word in m.shown for word in words)]
        assert not found, f"{self.name} holds {words}: {found}"

    def count(self, *words: str) -> int:
        return sum(all(word in message.shown for word in words) for message in self.messages)

    def __len__(self) -> int:
        return len(self.messages)


def keys(slack: Sandbox) -> Counter[str]:
    """How often each message of the outbox stands in Slack."""
    rooms = slack.workspace.state.messages.values()
    marked = [one.metadata for room in rooms for one in room.values() if one.metadata]
    return Counter(metadata["event_payload"]["key"] for metadata in marked)


@cache
def manifest_of() -> dict[str, Any]:
    return manifest.build(routes())


SEEN: set[str] = set()


def _unseen(arguments: dict[str, Any]) -> dict[str, Any]:
    """A call with those of its blocks that no call has had before: most messages are shown again and again."""
    blocks = arguments.get("blocks")
    if not blocks:
        return arguments
    every = json.loads(blocks) if isinstance(blocks, str) else blocks
    written = [json.dumps(block) for block in every]
    unseen = [block for block, text in zip(every, written, strict=True) if text not in SEEN]
    SEEN.update(written)
    return {**arguments, "blocks": unseen or every[:1]}
