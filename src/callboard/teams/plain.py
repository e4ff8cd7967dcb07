"""Sentences without Slack's markup, for programs and mail: people by their names, instants in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from callboard.core import blocks
from callboard.teams.directory import Directory

MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
DATE = re.compile(r"<!date\^(\d+)\^[^|>]*(?:\|[^>]*)?>")
LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")
CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^>]*))?>")
BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")


def plain(directory: Directory, text: str) -> str:
    """Put what was written for Slack as it reads elsewhere."""
    text = MENTION.sub(lambda found: _name(directory, found[1]), text)
    text = DATE.sub(lambda found: f"{datetime.fromtimestamp(int(found[1]), UTC):%Y-%m-%d %H:%M} UTC", text)
    text = LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], text)
    text = CHANNEL.sub(lambda found: f"#{found[1]}" if found[1] else "a channel", text)
    return blocks.unescape(BOLD.sub(r"\1", text))


def _name(directory: Directory, slack_id: str) -> str:
    person = directory.by_slack(slack_id)
    return blocks.escape(person.name) if person else f"@{slack_id}"
