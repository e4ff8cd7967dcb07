"""Pictures and files of messages: drawn and uploaded when the message is sent, once for each message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from callboard import blocks
from callboard.core.courier.carrier import Later
from callboard.core.outbox import Attachment, Message, Picture
from callboard.slack import refusals
from callboard.slack.web_api import OK, WebApi

log = structlog.get_logger()

UPLOADING = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)
"""What goes wrong on the way to Slack."""
WITHIN, PAUSE, LOOKS, MOST_KEPT = 6.0, 0.1, 6, 200
WITHOUT = "I could not show the picture: {}. The figures are in the text."
NOT_ATTACHED = "I could not attach {}: {}. {}"
ATTACHED = "{}: a file in the thread of this message."
NO_SCOPE = "the app lacks the scope `files:write`. Add it and install the app again"


def _drawn(picture: Picture) -> bytes:
    return picture.png(picture.svg)


@dataclass
class Pictures:
    """Uploads pictures. `files` keeps which file a message has, for whoever tries to send the message again.

    Real seconds pass until Slack is asked again whether it knows a file: `pause`, then twice as many each time.
    """

    api: WebApi
    files: dict[str, str] = field(default_factory=dict)
    draw: Callable[[Picture], bytes] = _drawn
    pause: float = PAUSE

    async def shown(self, key: str, message: Message) -> Message:
        """The message with its picture, or with a line that says why it has none. Raises `Later`."""
        picture = message.picture
        if picture is None:
            return message
        try:
            async with asyncio.timeout(WITHIN):
                file = self.files.get(key) or await self._uploaded(picture)
        except UPLOADING as error:
            return _without(message, WITHOUT.format(_why(error)))
        except Exception:
            log.exception("slack.not_drawn", picture=picture.name)
            return _without(message, WITHOUT.format("it could not be drawn"))
        self._keep(key, file)
        shown = blocks.picture(file, picture.title, picture.alt)
        return replace(message, blocks=[*message.blocks, shown], picture=None)

    async def brought(self, key: str, message: Message) -> tuple[Message, str]:
        """The message, which says where its attachment is, and the id of that file, to be `shared`. Raises `Later`."""
        attachment = message.attachment
        if attachment is None:
            return message, ""
        try:
            async with asyncio.timeout(WITHIN):
                file = self.files.get(key) or await self._brought(attachment.name, attachment.content, attachment.title)
        except UPLOADING as error:
            line = NOT_ATTACHED.format(attachment.title.lower(), _why(error), attachment.elsewhere)
            return replace(_without(message, line), attachment=None), ""
        self._keep(key, file)
        return _with(message, ATTACHED.format(attachment.title)), file

    async def shared(self, file: str, attachment: Attachment, channel: str, stamp: str) -> None:
        """Put a file that was brought into the thread of a message; where Slack refuses, say so there."""
        named = {"files": [{"id": file, "title": attachment.title}], "channel_id": channel, "thread_ts": stamp}
        try:
            await self.api.call("files.completeUploadExternal", named)
        except UPLOADING as error:
            log.warning("slack.not_attached", file=attachment.name, error=str(error))
            line = NOT_ATTACHED.format(attachment.title.lower(), "Slack did not take it", attachment.elsewhere)
            with suppress(*UPLOADING):
                await self.api.call("chat.postMessage", {"channel": channel, "thread_ts": stamp, "text": line})

    def _keep(self, key: str, file: str) -> None:
        self.files[key] = file
        while len(self.files) > MOST_KEPT:
            del self.files[next(iter(self.files))]

    async def _uploaded(self, picture: Picture) -> str:
        """The id of the file, once Slack has looked at it."""
        content = await asyncio.to_thread(self.draw, picture)
        file = await self._brought(picture.name, content, picture.alt)
        await self.api.call("files.completeUploadExternal", {"files": [{"id": file, "title": picture.title}]})
        await self._looked_at(file)
        return file

    async def _brought(self, name: str, content: bytes, alt: str) -> str:
        """The id of a file whose bytes Slack has."""
        named = {"filename": name, "length": len(content), "alt_txt": alt[:1000]}
        expected = await self.api.call("files.getUploadURLExternal", named)
        if (status := await self.api.upload(str(expected["upload_url"]), content)) != OK:
            raise OSError(f"the upload was answered with {status}")
        return str(expected["file_id"])

    async def _looked_at(self, file: str) -> None:
        """Wait until Slack knows what it is: before that it refuses to show it."""
        for look in range(LOOKS):
            found: Any = await self.api.call("files.info", {"file": file})
            if (found.get("file") or {}).get("mimetype"):
                return
            await asyncio.sleep(self.pause * 2**look)


def _why(error: BaseException) -> str:
    """Why Slack did not take an upload, for whoever reads the message. Raises `Later` where it asks for patience."""
    if not isinstance(error, SlackApiError):
        log.warning("slack.not_uploaded", error=f"{type(error).__name__}: {error}")
        return "Slack did not take it in time"
    code = str(error.response.get("error") or "")
    if error.response.status_code == refusals.TOO_MANY or code in refusals.PATIENCE:
        raise Later(refusals.wait(error.response.headers)) from error
    why = f"Slack says `{code}`" if code else "what answered was not Slack"
    return NO_SCOPE if code == "missing_scope" else why


def _without(message: Message, line: str) -> Message:
    log.warning("slack.without_file", why=line)
    return replace(_with(message, line), picture=None)


def _with(message: Message, line: str) -> Message:
    """The message with one more line below it."""
    shown = [*message.blocks, blocks.context(line)] if message.blocks else ()
    return replace(message, text=message.text if shown else f"{message.text}\n{line}", blocks=shown)
