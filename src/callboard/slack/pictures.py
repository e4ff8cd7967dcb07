"""Pictures of messages: drawn and uploaded when the message is sent, once for each message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from callboard import blocks
from callboard.core.courier import Later
from callboard.core.outbox import Message, Picture
from callboard.slack import refusals
from callboard.slack.web_api import OK, WebApi

log = structlog.get_logger()

WITHIN, PAUSE, LOOKS, MOST_KEPT = 6.0, 0.1, 6, 200
WITHOUT = "I could not show the picture: {}. The figures are in the text."
NO_SCOPE = "the app lacks the scope `files:write`. Add it and install the app again"


@dataclass
class Pictures:
    """Uploads pictures. `files` keeps which file a message has, for whoever tries to send the message again."""

    api: WebApi
    files: dict[str, str] = field(default_factory=dict)

    async def shown(self, key: str, message: Message) -> Message:
        """The message with its picture, or with a line that says why it has none. Raises `Later`."""
        picture = message.picture
        if picture is None:
            return message
        try:
            async with asyncio.timeout(WITHIN):
                file = self.files.get(key) or await self._uploaded(picture)
        except SlackApiError as error:
            code = str(error.response.get("error") or "")
            if error.response.status_code == refusals.TOO_MANY or code in refusals.PATIENCE:
                raise Later(refusals.wait(error.response.headers)) from error
            why = f"Slack says `{code}`" if code else "what answered was not Slack"
            return _without(message, NO_SCOPE if code == "missing_scope" else why)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("slack.not_uploaded", error=f"{type(error).__name__}: {error}")
            return _without(message, "Slack did not take it in time")
        except Exception:
            log.exception("slack.not_drawn", picture=picture.name)
            return _without(message, "it could not be drawn")
        self._keep(key, file)
        shown = blocks.picture(file, picture.title, picture.alt)
        return replace(message, blocks=[*message.blocks, shown], picture=None)

    def _keep(self, key: str, file: str) -> None:
        self.files[key] = file
        while len(self.files) > MOST_KEPT:
            del self.files[next(iter(self.files))]

    async def _uploaded(self, picture: Picture) -> str:
        """The id of the file, once Slack has looked at it."""
        content = await asyncio.to_thread(picture.png, picture.svg)
        named = {"filename": picture.name, "length": len(content), "alt_txt": picture.alt[:1000]}
        expected = await self.api.call("files.getUploadURLExternal", named)
        if (status := await self.api.upload(str(expected["upload_url"]), content)) != OK:
            raise OSError(f"the upload was answered with {status}")
        file = str(expected["file_id"])
        await self.api.call("files.completeUploadExternal", {"files": [{"id": file, "title": picture.title}]})
        await self._looked_at(file)
        return file

    async def _looked_at(self, file: str) -> None:
        """Wait until Slack knows what it is: before that it refuses to show it."""
        for look in range(LOOKS):
            found: Any = await self.api.call("files.info", {"file": file})
            if (found.get("file") or {}).get("mimetype"):
                return
            await asyncio.sleep(PAUSE * 2**look)


def _without(message: Message, why: str) -> Message:
    log.warning("slack.without_picture", why=why)
    line = WITHOUT.format(why)
    shown = [*message.blocks, blocks.context(line)] if message.blocks else ()
    return replace(message, text=message.text if shown else f"{message.text}\n{line}", blocks=shown, picture=None)
