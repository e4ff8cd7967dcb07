"""What there is in the workspace: people, conversations, messages, views; plain records that a snapshot can keep."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]
Kind = Literal["channel", "group", "im", "mpim"]


class User(BaseModel):
    """Somebody in the workspace, the bot included."""

    id: str
    name: str
    real_name: str
    email: str | None = None
    tz: str = "UTC"
    title: str = ""
    is_bot: bool = False
    deleted: bool = False


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
        """The labels of the buttons."""
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
    access: dict[str, str] = Field(default_factory=dict)


class UserGroup(BaseModel):
    """Some people under one handle, mentioned together."""

    id: str
    handle: str
    name: str
    description: str = ""
    users: list[str] = Field(default_factory=list)
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
        """`modal` or `home`."""
        return str(self.body["type"])

    @property
    def title(self) -> str:
        """The title as shown; empty for a Home."""
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """The app's name for the view."""
        return str(self.body.get("callback_id", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks, each with a block_id."""
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
    """The interactive elements of a block."""
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
