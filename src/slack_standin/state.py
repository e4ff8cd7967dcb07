"""What there is in the workspace: people, conversations, messages, views; plain records that a snapshot can keep."""

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from slack_standin.clock import AnyClock, SandboxClock
from slack_standin.workspace_spec import GroupSpec, UserSpec

Json = dict[str, Any]
Kind = Literal["channel", "group", "im", "mpim"]


class User(UserSpec):
    """Somebody in the workspace, the bot included."""


class Conversation(BaseModel):
    """A channel (public `channel`, private `group`), a DM with the bot (`im`) or a group DM (`mpim`)."""

    id: str
    name: str
    kind: Kind = "channel"
    members: list[str] = Field(default_factory=list)
    archived: bool = False
    topic: str = ""
    purpose: str = ""
    created: int = 0
    pins: list[Json] = Field(default_factory=list)
    bookmarks: list[Json] = Field(default_factory=list)
    canvas: str = ""

    @property
    def person(self) -> str:
        """The human side of a DM."""
        return self.members[0]


class Message(BaseModel):
    """One message; `only_for` is who alone sees an ephemeral one. `ts` is Slack's id, in seconds of plan time."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = Field(default_factory=list)
    attachments: list[Json] = Field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    edited: str | None = None
    only_for: str | None = None
    bot_id: str | None = None
    notice: bool = False
    reactions: dict[str, list[str]] = Field(default_factory=dict)
    files: list[Json] = Field(default_factory=list)

    @property
    def shown(self) -> str:
        """Everything a reader sees, blocks flattened to lines: what tests look for words in."""
        return "\n".join(_texts(self.blocks)) or self.text

    @property
    def actions(self) -> list[Json]:
        """The interactive elements, in order, each with its `block_id`."""
        return [{**element, "block_id": block["block_id"]} for block in self.blocks for element in elements(block)]

    @property
    def buttons(self) -> list[str]:
        return [action["text"]["text"] for action in self.actions if action["type"] == "button"]


class File(BaseModel):
    """A file that somebody, or the bot, uploaded; a canvas is one too, with its text in `content`."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    id: str
    name: str
    user: str
    content: bytes = b""
    title: str = ""
    mimetype: str = "text/plain"
    created: int = 0
    channels: list[str] = Field(default_factory=list)
    canvas: bool = False
    edits: int = 0
    access: dict[str, str] = Field(default_factory=dict)
    pending: int = 0
    """How many more times `files.info` is asked until Slack has looked at what the app uploaded and shared nowhere."""


class UserGroup(GroupSpec):
    """Some people, now by their ids, under one handle, mentioned together."""

    description: str = ""
    channels: list[str] = Field(default_factory=list)
    disabled: bool = False
    created: int = 0


class View(BaseModel):
    """A modal or a Home; `body` is what the app sent, `values` what the person has filled in."""

    id: str
    user: str
    body: Json
    values: dict[str, dict[str, Json]] = Field(default_factory=dict)
    hash: str = ""
    root: str = ""
    previous: str | None = None

    @property
    def type(self) -> str:
        return str(self.body["type"])

    @property
    def title(self) -> str:
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        return str(self.body.get("callback_id", ""))

    @property
    def blocks(self) -> list[Json]:
        return list(self.body["blocks"])

    @property
    def shown(self) -> str:
        """Title and blocks, flattened to lines."""
        return "\n".join([self.title, *_texts(self.blocks)])


class State(BaseModel):
    """Everything that outlives a restart."""

    users: dict[str, User] = Field(default_factory=dict)
    conversations: dict[str, Conversation] = Field(default_factory=dict)
    messages: dict[str, dict[str, Message]] = Field(default_factory=dict)
    views: dict[str, View] = Field(default_factory=dict)
    files: dict[str, File] = Field(default_factory=dict)
    groups: dict[str, UserGroup] = Field(default_factory=dict)
    stacks: dict[str, list[str]] = Field(default_factory=dict)
    homes: dict[str, str] = Field(default_factory=dict)
    read: dict[str, dict[str, str]] = Field(default_factory=dict)
    last_ts: int = 0
    serial: int = 0
    clock: str | None = None
    rate: float = 1.0


def elements(block: Json) -> Iterator[Json]:
    candidates = [*block.get("elements", []), block.get("accessory"), block.get("element")]
    for element in candidates:
        if isinstance(element, dict) and element.get("action_id"):
            yield element


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _texts(item)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
            return
        for key, value in node.items():
            if key not in {"confirm", "placeholder", "metadata"}:
                yield from _texts(value)


class SlackError(Exception):
    """An `ok: false` answer; `code` is one of Slack's, `messages` say where and what."""

    def __init__(self, code: str, *messages: str, **more: str) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.more = more


def refuse_if(wrong: object, code: str, *messages: str) -> None:
    """Raise a SlackError where something is wrong."""
    if wrong:
        raise SlackError(code, *messages)


class NotPossibleError(Exception):
    """Something a person of this workspace could not do: no such button, not in that channel."""


SOON = 0.5


def resumed(path: Path | None, clock: AnyClock) -> State | None:
    """The state kept at `path`, the clock set to where it stood; None when there is none."""
    if path is None or not path.exists():
        return None
    state = State.model_validate_json(path.read_text("utf-8"))
    if isinstance(clock, SandboxClock) and state.clock:
        clock.set(datetime.fromisoformat(state.clock), state.rate)
    return state


class Snapshot:
    """Writes the state half a second after the first change since the last writing, and at the end."""

    def __init__(self, path: Path, state: State, clock: AnyClock) -> None:
        self._path = path
        self._state = state
        self._clock = clock
        self._pending: asyncio.TimerHandle | None = None
        self.written = asyncio.Event()

    def soon(self) -> None:
        """Something has changed."""
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SOON, self.write)

    def write(self) -> None:
        """Write now, atomically: a crash leaves the old snapshot or the new one."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if isinstance(self._clock, SandboxClock):
            self._state.clock, self._state.rate = self._clock.now().isoformat(), self._clock.rate
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            file.write(self._state.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self.written.set()
