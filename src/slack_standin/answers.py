"""Answers to what a person did: in the acknowledgement itself, or later over a response_url."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_standin.blocks import check_blocks
from slack_standin.clock import elapsed
from slack_standin.state import Json, Message, SlackError, refuse_if
from slack_standin.workspace import Workspace

USES = 5
LIFETIME = timedelta(minutes=30)


@dataclass
class Occasion:
    """What is being answered: who did it, where, and to which message if it was a click."""

    user: str
    channel: str
    message: str | None = None
    thread_ts: str | None = None
    made: datetime | None = None
    uses: int = 0
    produced: list[Message] = field(default_factory=list)


class Replies:
    """Gives out response_urls and takes what is sent to them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._given: dict[str, Occasion] = {}
        self.base_url = "http://sandbox"

    def give(self, occasion: Occasion) -> str:
        """A response_url, good for 5 uses within 30 minutes of plan time."""
        occasion.made = self._workspace.now()
        for old in [key for key, one in self._given.items() if self._expired(one)]:
            del self._given[old]
        key = secrets.token_urlsafe(16)
        self._given[key] = occasion
        return f"{self.base_url}/respond/{key}"

    def _expired(self, occasion: Occasion) -> bool:
        return occasion.made is not None and self._workspace.now() - occasion.made > LIFETIME

    def use(self, key: str, payload: Json) -> None:
        """What the app posted to a response_url; SlackError when it is used up, too old, or wrong."""
        occasion = self._given.get(key)
        if occasion is None or self._expired(occasion):
            raise SlackError("expired_url")
        refuse_if(occasion.uses >= USES, "used_url")
        self.say(occasion, payload)
        occasion.uses += 1

    def say(self, occasion: Occasion, payload: Json) -> None:
        """Do what an answer asks for: a message (ephemeral by default), replace or delete the one that was clicked."""
        workspace = self._workspace
        original = workspace.message(occasion.channel, occasion.message) if occasion.message else None
        if payload.get("delete_original"):
            if original is not None:
                workspace.delete(original)
            return
        content = _content(payload)
        if payload.get("replace_original") and original is not None:
            occasion.produced.append(workspace.edit(original, **content))
            return
        everybody = payload.get("response_type") == "in_channel"
        message = workspace.post(
            workspace.state.conversations[occasion.channel], workspace.bot,
            thread_ts=payload.get("thread_ts") or occasion.thread_ts, only_for=None if everybody else occasion.user,
            bot_id=workspace.spec.bot_id, **content,
        )  # fmt: skip
        occasion.produced.append(message)


def _content(payload: Json) -> dict[str, Any]:
    blocks = payload.get("blocks") or []
    if problems := check_blocks(blocks):
        raise SlackError("invalid_blocks", *problems)
    text = str(payload.get("text") or "")
    refuse_if(not text and not blocks and not payload.get("attachments"), "no_text")
    return {"text": text, "blocks": blocks, "attachments": payload.get("attachments") or []}


@dataclass
class _Trigger:
    user: str
    made: float
    used: bool = False


class Triggers:
    """The trigger ids given out; they live `lifetime` real seconds."""

    def __init__(self, lifetime: float = 3.0) -> None:
        self.lifetime = lifetime
        self._given: dict[str, _Trigger] = {}

    def give(self, user: str) -> str:
        """A new one for what `user` just did."""
        now = elapsed()
        # Long expired ones are forgotten, so that a long run does not fill up.
        for old in [key for key, trigger in self._given.items() if now - trigger.made > self.lifetime + 600]:
            del self._given[old]
        trigger = f"{int(now * 1000)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._given[trigger] = _Trigger(user, now)
        return trigger

    def use(self, trigger: str) -> str:
        """The user it belongs to; SlackError when it is unknown, too old or used."""
        found = self._given.get(trigger)
        if found is None:
            raise SlackError("invalid_trigger_id")
        refuse_if(found.used, "exchanged_trigger_id")
        refuse_if(elapsed() - found.made > self.lifetime, "expired_trigger_id")
        found.used = True
        return found.user
