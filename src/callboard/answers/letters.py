"""What was written for Slack, as it reads in a mail and on a web page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from callboard.core.outbox import Message
from callboard.teams.directory import Directory
from callboard.teams.web import plain

EMOJI = re.compile(r":[a-z][a-z0-9_+-]*: *")
ITALIC = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")


def lines(directory: Directory, message: Message, reader: str | None) -> list[str]:
    """What a message shows, line by line, without its buttons; its text where it shows nothing else."""
    shown = [text for block in message.blocks for text in _texts(block)] or [message.text]
    return [line for text in shown for line in sentence(directory, text, reader).splitlines() if line.strip()]


def sentence(directory: Directory, text: str, reader: str | None) -> str:
    """With times as the reader's clock shows them; that of the plan where nobody knows who reads."""
    return ITALIC.sub(r"\1", words(directory, EMOJI.sub("", text), reader)).strip()


def words(directory: Directory, text: str, reader: str | None) -> str:
    """The same of what was written without marks of its own."""
    person = directory.people.get(reader or "")
    return plain(directory, text, person.zone if person else directory.calendar.zone)


def _texts(block: Mapping[str, Any]) -> Iterator[str]:
    if block.get("type") in ("section", "header"):
        yield from (part["text"] for part in (block.get("text"), *block.get("fields", ())) if part)
    elif block.get("type") == "context":
        yield "  ".join(part["text"] for part in block["elements"] if "text" in part)
