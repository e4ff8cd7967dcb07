"""Reads what people attach, before the transaction in which it is used: none waits for the network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
import structlog

from callboard.slack.requests import File
from callboard.slack.web_api import WebApi

log = structlog.get_logger()

LARGEST = 1_000_000
# Slack waits three seconds for the whole answer.
WITHIN = 1.5
OK = 200
TOO_LARGE = "it is larger than a megabyte, which no plan is"
NOT_READ = "Slack did not hand it over; try again"
NOT_ALLOWED = "Slack does not let me read files: add the scope `files:read` to the app and install it again"


async def fetched(api: WebApi, files: Sequence[File]) -> tuple[File, ...]:
    """The same files with what they hold, or with what is wrong."""
    return tuple([await _fetched(api, file) for file in files])


async def _fetched(api: WebApi, file: File) -> File:
    if file.size > LARGEST:
        return replace(file, wrong=TOO_LARGE)
    if not _is_slack(file.url, api.base_url):
        return replace(file, wrong=NOT_READ)
    try:
        async with asyncio.timeout(WITHIN):
            status, kind, content = await api.download(file.url, LARGEST + 1)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("slack.file_not_read", error=f"{type(error).__name__}: {error}")
        return replace(file, wrong=NOT_READ)
    if kind == "text/html":  # the page on which people sign in
        return replace(file, wrong=NOT_ALLOWED)
    if status != OK:
        return replace(file, wrong=NOT_READ)
    return replace(file, wrong=TOO_LARGE) if len(content) > LARGEST else replace(file, content=content)


def _is_slack(url: str, base_url: str) -> bool:
    """Whether the bot's token may be shown there: to Slack, or to what stands in for it."""
    wanted, own = urlsplit(url), urlsplit(base_url)
    slack = wanted.scheme == "https" and (wanted.hostname or "").endswith((".slack.com", ".slack-files.com"))
    return slack or (wanted.scheme, wanted.netloc) == (own.scheme, own.netloc)
