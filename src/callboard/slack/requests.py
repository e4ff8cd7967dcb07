"""What a person did in Slack, as a capability sees it: verified, read and the same for every way it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class File:
    """A file that somebody attached. `content` is there where the interaction asks for files; `wrong` says why not."""

    name: str
    url: str
    size: int = 0
    content: bytes | None = None
    wrong: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One thing a person did.

    Text that a person wrote (`text`, `message_text`, text fields in `values`) is escaped for Slack's markup, holds
    mentions as `<@U1>`, and rings nobody when it is quoted: show it as it is, don't escape it again.
    """

    workspace: str
    user: str
    channel: str = ""
    channel_name: str = ""
    command: str = ""
    """The slash word as it was typed, prefix and slash included: `/blocker`."""
    text: str = ""
    """What followed the slash word, without the plan's key."""
    plan: str | None = None
    """The plan's key, when the person named it (`harbor: mongo is down`)."""
    trigger_id: str = ""
    response_url: str = ""
    value: str = ""
    """Of the button, or of the option that was chosen."""
    suffix: str = ""
    """What followed the colon in the button's action id."""
    message: tuple[str, str] | None = None
    """(channel, ts) of the message with the button, or on which the shortcut was chosen."""
    message_text: str = ""
    thread_ts: str = ""
    message_is_own: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    """A form's inputs by block id: str, list of str, aware datetime, or None where left empty."""
    private: Mapping[str, Any] = field(default_factory=dict)
    """What the form carried along unseen."""
    files: tuple[File, ...] = ()
    """What was uploaded in a form, or hangs on the message on which the shortcut was chosen."""
    is_bot: bool = False
