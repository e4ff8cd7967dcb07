"""What a sandbox workspace is made of: its people, channels, and the one app that is installed in it."""

import re
from collections.abc import Mapping
from typing import Any, Literal, Self, TypeVar
from zlib import crc32
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

EVENTS = (
    "app_home_opened", "app_mention", "member_joined_channel", "member_left_channel",
    "message.channels", "message.groups", "message.im", "message.mpim", "reaction_added", "reaction_removed",
)  # fmt: skip
SCOPES = (
    "app_mentions:read", "bookmarks:read", "bookmarks:write", "canvases:read", "canvases:write", "channels:history",
    "channels:join", "channels:manage", "channels:read", "chat:write", "chat:write.public", "commands", "files:read",
    "files:write", "groups:history", "groups:read", "groups:write", "im:history", "im:read", "im:write",
    "mpim:history", "mpim:read", "mpim:write", "pins:read", "pins:write", "reactions:read", "reactions:write",
    "team:read", "usergroups:read", "usergroups:write", "users:read", "users:read.email",
)  # fmt: skip


def identifier(prefix: str, name: str) -> str:
    """`U`, `be-lead` -> `UBELEAD`: readable, and of the form that Slack's have; other letters become a figure."""
    other = "" if name.isascii() else f"{crc32(name.encode()):08X}"
    return prefix + re.sub(r"[^A-Z0-9]", "", name.upper()) + other


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class UserSpec(_Spec):
    """A person; `name` is the handle, `id` defaults to one made of it.

    A guest is `is_restricted` (several channels) or `is_ultra_restricted` (one). Who has the `team_id` of another
    workspace is met in channels that are shared with it.
    """

    name: str
    id: str = ""
    real_name: str = ""
    email: str | None = None
    tz: str = "UTC"
    title: str = ""
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    team_id: str = ""
    email_confirmed: bool = True
    deleted: bool = False

    @model_validator(mode="after")
    def _defaults(self) -> Self:
        self.id = self.id or identifier("U", self.name)
        self.real_name = self.real_name or self.name
        self.is_restricted = self.is_restricted or self.is_ultra_restricted
        ZoneInfo(self.tz)
        return self


class ChannelSpec(_Spec):
    """A channel; `members` are handles or ids, None means everybody but guests and people of other workspaces.

    `bot` says whether the app is in it.
    """

    name: str
    id: str = ""
    private: bool = False
    archived: bool = False
    members: list[str] | None = None
    bot: bool = True
    topic: str = ""

    @model_validator(mode="after")
    def _defaults(self) -> Self:
        self.name = self.name.removeprefix("#")
        self.id = self.id or identifier("C", self.name)
        return self


class GroupSpec(_Spec):
    """A user group; `users` are handles or ids."""

    handle: str
    id: str = ""
    name: str = ""
    users: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _defaults(self) -> Self:
        self.handle = self.handle.removeprefix("@")
        self.id = self.id or identifier("S", self.handle)
        self.name = self.name or self.handle
        return self


class CommandSpec(_Spec):
    """A slash command as the manifest declares it."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


class ShortcutSpec(_Spec):
    """A shortcut on a message (`message`) or anywhere (`global`)."""

    name: str
    callback_id: str
    description: str = ""
    type: Literal["message", "global"] = "message"


S = TypeVar("S", bound=_Spec)


def _known(kind: type[S], written: Mapping[str, Any]) -> S:
    """What a manifest says of a command or a shortcut, as far as it matters here."""
    return kind(**{key: value for key, value in written.items() if key in kind.model_fields})


class WorkspaceSpec(_Spec):
    """The workspace and its app. Without `request_url` the app is spoken to by Socket Mode."""

    team_id: str = "T0SANDBOX"
    name: str = "Sandbox"
    domain: str = "sandbox"
    users: list[UserSpec] = Field(default_factory=list)
    channels: list[ChannelSpec] = Field(default_factory=list)
    groups: list[GroupSpec] = Field(default_factory=list)
    app_id: str = "A0SANDBOX"
    bot_name: str = "bot"
    bot_user_id: str = "U0BOT"
    bot_id: str = "B0BOT"
    bot_token: str = "xoxb-sandbox"  # noqa: S105 (opens nothing but this sandbox)
    app_token: str = "xapp-sandbox"  # noqa: S105
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105
    verification_token: str = "sandbox-verification"  # noqa: S105
    request_url: str | None = None
    scopes: list[str] = Field(default_factory=lambda: list(SCOPES))
    events: list[str] = Field(default_factory=lambda: list(EVENTS))
    commands: list[CommandSpec] = Field(default_factory=list)
    shortcuts: list[ShortcutSpec] = Field(default_factory=list)
    messages_tab: bool = True
    home_tab: bool = True
    canvases: Literal["on", "free", "off"] = "on"
    """`free`: as on Slack's free plan, no document of a channel, and none by itself."""

    def with_manifest(self, manifest: Mapping[str, Any]) -> Self:
        """The same workspace with the app that a Slack app manifest describes (commands, shortcuts, scopes, events)."""
        features, home = manifest.get("features", {}), manifest.get("features", {}).get("app_home", {})
        update: dict[str, Any] = {
            "commands": [_known(CommandSpec, command) for command in features.get("slash_commands", [])],
            "shortcuts": [_known(ShortcutSpec, shortcut) for shortcut in features.get("shortcuts", [])],
            "events": list(manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])),
            "messages_tab": home.get("messages_tab_enabled", True), "home_tab": home.get("home_tab_enabled", True),
        }  # fmt: skip
        if name := features.get("bot_user", {}).get("display_name"):
            update["bot_name"] = name
        if scopes := manifest.get("oauth_config", {}).get("scopes", {}).get("bot"):
            update["scopes"] = list(scopes)
        return self.model_copy(update=update)
