"""Response URLs: given out with what a person did, and what the app posts to them or acknowledges with."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slack_standin.block_check import refuse_blocks
from slack_standin.record import Record
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

    def __init__(self, workspace: Workspace, record: Record) -> None:
        self._workspace = workspace
        self._record = record
        self._given: dict[str, Occasion] = {}
        self.base_url = "http://sandbox"

    def give(self, occasion: Occasion) -> str:
        """A response_url, good for 5 uses within 30 minutes of plan time."""
        occasion.made = self._workspace.now()
        for old in [key for key, given in self._given.items() if self._expired(given)]:
            del self._given[old]
        key = secrets.token_urlsafe(16)
        self._given[key] = occasion
        return f"{self.base_url}/respond/{key}"

    def _expired(self, occasion: Occasion) -> bool:
        return occasion.made is not None and self._workspace.now() - occasion.made > LIFETIME

    async def respond(self, request: Request) -> Response:
        payload = await request.json()
        entry = self._record.add("request", "response_url", payload)
        try:
            self._use(request.path_params["key"], payload)
        except SlackError as error:
            entry["answer"] = {"ok": False, "error": error.code, "messages": error.messages}
            status = 404 if error.code in {"expired_url", "used_url"} else 400
            return JSONResponse({"ok": False, "error": error.code}, status)
        entry["answer"] = {"ok": True}
        self._record.stir()
        return Response("ok")

    def _use(self, key: str, payload: Json) -> None:
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
    blocks, attachments = payload.get("blocks") or [], payload.get("attachments") or []
    refuse_blocks(blocks)
    text = str(payload.get("text") or "")
    refuse_if(not text and not blocks and not attachments, "no_text")
    return {"text": text, "blocks": blocks, "attachments": attachments}
