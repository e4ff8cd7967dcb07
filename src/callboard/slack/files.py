"""Files that somebody attached: what they hold, or why they cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import aiohttp
import structlog

from callboard.slack.requests import File
from callboard.slack.web_api import OK, READ_WITHIN, WebApi

log = structlog.get_logger()

LARGEST, MOST_FILES = 1_000_000, 10
TOO_LARGE = "it is larger than a megabyte, which no plan is"
TOO_MANY = f"it is one of more than {MOST_FILES} files, and I read no more at once"
NOT_READ = "Slack did not hand it over; try again"
NOT_ALLOWED = "Slack does not let me read files: add the scope `files:read` to the app and install it again"


async def fetched(api: WebApi, files: Sequence[File]) -> tuple[File, ...]:
    """The same files with what they hold, or with what is wrong; read side by side."""
    found = await asyncio.gather(*(_fetched(api, file) for file in files[:MOST_FILES]))
    return (*found, *(replace(file, wrong=TOO_MANY) for file in files[MOST_FILES:]))


async def _fetched(api: WebApi, file: File) -> File:
    if file.size > LARGEST:
        return replace(file, wrong=TOO_LARGE)
    if not api.is_slacks(file.url):
        return replace(file, wrong=NOT_READ)
    try:
        async with asyncio.timeout(READ_WITHIN):
            status, kind, content = await api.download(file.url, LARGEST + 1)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("slack.file_not_read", error=f"{type(error).__name__}: {error}")
        return replace(file, wrong=NOT_READ)
    if kind == "text/html":  # the page on which people sign in
        return replace(file, wrong=NOT_ALLOWED)
    if status != OK:
        return replace(file, wrong=NOT_READ)
    return replace(file, wrong=TOO_LARGE) if len(content) > LARGEST else replace(file, content=content)
