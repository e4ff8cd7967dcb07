"""What Slack shows, as plain words: names for ids, times in one zone, buttons in brackets."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from callboard.blocks import markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from slack_standin.workspace import Workspace

PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
PLACE = re.compile(r"<#([A-Z0-9]+)(?:\|[^<>]*)?>")
DATE = re.compile(r"<!date\^(\d+)\^([^|^<>]*)(?:\^[^|<>]*)?(?:\|[^<>]*)?>")
LINK = re.compile(r"<((?:https?://|mailto:|tel:)[^|<>]+)(?:\|([^<>]*))?>")
BOLD = re.compile(r"\*(?<!\w\*)([^*\n]+)\*(?!\w)")
ITALIC = re.compile(r"_(?<!\w_)([^_\n]+)_(?!\w)")
CODE = re.compile(r"`[^`\n]*`")
PLAIN = {ord("*"): "\ue000", ord("_"): "\ue001"}
"""Stars and underscores in code stand for themselves; they are set aside while others are read."""
MARKS = {0xE000: "*", 0xE001: "_"}
DAY = "%a %d %b"
MIXED = r"(?=[0-9a-f]{0,63}[0-9])(?=[0-9a-f]{0,63}[a-f])[0-9a-f]{12,64}"
HASH = re.compile(rf"\b(?=[0-9a-f]{{12}})(?:{MIXED}|[0-9a-f]{{16}}|[0-9a-f]{{64}})\b")
"""Of the lengths that hashes made by chance have, also one that happens to be all digits, or all letters."""
URL = re.compile(r"(?:https?:/|(?<!\w)/calendar)/[^\s?`]+")
SECRET = re.compile(r"(?<=/)[A-Za-z0-9_-]{20,}")


class Reader:
    """Reads what is shown as somebody at the plan's place reads it.

    What is made by chance is left out: the hashes of a sealed timeline and the keys in links.
    """

    def __init__(self, workspace: Workspace, zone: ZoneInfo) -> None:
        self._workspace = workspace
        self._zone = zone

    def message(self, blocks: Sequence[Mapping[str, Any]], text: str, now: datetime) -> str:
        """A message, line by line, its buttons last."""
        shown = [line for block in blocks for line in _texts(block)] or [text]
        lines = [line.strip() for each in shown for line in self.words(each, now).splitlines() if line.strip()]
        buttons = [label for block in blocks for label in _buttons(block)]
        return "\n".join([*lines, " ".join(f"[{label}]" for label in buttons)]).strip()

    def words(self, text: str, now: datetime) -> str:
        text = PERSON.sub(lambda found: self._name(found[1]), text)
        text = PLACE.sub(lambda found: f"#{self._room(found[1])}", text)
        text = DATE.sub(lambda found: self._time(int(found[1]), found[2], now), text)
        text = LINK.sub(lambda found: found[2] or found[1].removeprefix("mailto:").removeprefix("tel:"), text)
        text = CODE.sub(lambda found: found[0].translate(PLAIN), text)
        text = ITALIC.sub(r"\1", BOLD.sub(r"\1", text)).translate(MARKS)
        return markup.unescape(URL.sub(lambda link: SECRET.sub("…", link[0]), HASH.sub("…", text)))

    def _name(self, user: str) -> str:
        person = self._workspace.state.users.get(user)
        return f"@{person.name}" if person else f"@{user}"

    def _room(self, channel: str) -> str:
        room = self._workspace.state.conversations.get(channel)
        return room.name if room else channel

    def _time(self, stamp: int, form: str, now: datetime) -> str:
        at, today = datetime.fromtimestamp(stamp, UTC).astimezone(self._zone), now.astimezone(self._zone).date()
        day, clock = ("today" if at.date() == today else f"{at:{DAY}}"), f"{at:%H:%M}"
        if "date" not in form:
            return clock
        return f"{day} at {clock}" if "time" in form else day


def _texts(block: Mapping[str, Any]) -> Iterator[str]:
    match block.get("type"):
        case "section" | "header":
            parts = (block.get("text"), *block.get("fields", ()))
            yield from (part["text"] for part in parts if part)
        case "context":
            yield "  ".join(part["text"] for part in block["elements"] if "text" in part)
        case "image":
            yield f"(a picture: {block.get('alt_text', '')})"
        case "input":
            yield _field(block)


def _field(block: Mapping[str, Any]) -> str:
    """A field of a form: what it is called, what may be chosen, and what stands in it."""
    element, label = block["element"], block["label"]["text"]
    offered = [each["text"]["text"] for each in element.get("options", ())]
    given = element.get("initial_value") or (element.get("initial_option") or {}).get("text", {}).get("text", "")
    about = f" ({', '.join(offered)})" if offered else ""
    return f"{label}{about}: {given or '____'}"


def _buttons(block: Mapping[str, Any]) -> Iterator[str]:
    for element in (*block.get("elements", ()), block.get("accessory")):
        if isinstance(element, dict) and element.get("action_id"):
            text = element.get("text") or element.get("placeholder") or {"text": "…"}
            yield str(text["text"])
