"""Slack's rules for rich text: what stands in a section, a list, a quote or preformatted text."""

from typing import Any

from slack_standin.findings import Findings
from slack_standin.state import Json

# What each piece must say, and what it may.
PIECES = {
    "text": ("text", "style"),
    "link": ("url", "text style unsafe"),
    "emoji": ("name", "unicode url skin_tone style"),
    "user": ("user_id", "style"),
    "usergroup": ("usergroup_id", "style"),
    "channel": ("channel_id", "style"),
    "team": ("team_id", "style"),
    "broadcast": ("range", "style"),
    "color": ("value", "style"),
    "date": ("timestamp format", "url fallback style"),
}
PARTS = {
    "rich_text_section": "",
    "rich_text_quote": "border",
    "rich_text_preformatted": "border language",
    "rich_text_list": "style indent offset border",
}
MOST = 1000


def check_rich_text(found: Findings, block: Json, at: str, _surface: str) -> None:
    """Object to parts and pieces that Slack does not know."""
    items = block.get("elements")
    if found.count(items, MOST, f"{at}/elements"):
        for number, item in enumerate(items or []):
            _part(found, item, f"{at}/elements/{number}")


def _part(found: Findings, part: Any, at: str) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in PARTS:
        found.add(at, "must be a section, list, quote or preformatted text")
        return
    found.unknown_keys(part, {"type", "elements", *PARTS[kind].split()}, at)
    if kind == "rich_text_list" and part.get("style") not in {"bullet", "ordered"}:
        found.add(f"{at}/style", "must be bullet or ordered")
    items = part.get("elements")
    if not found.count(items, MOST, f"{at}/elements"):
        return
    for number, item in enumerate(items):
        if kind == "rich_text_list":
            _part(found, item, f"{at}/elements/{number}")
        else:
            _piece(found, item, f"{at}/elements/{number}")


def _piece(found: Findings, piece: Any, at: str) -> None:
    kind = piece.get("type") if isinstance(piece, dict) else None
    if kind not in PIECES:
        found.add(at, f"unsupported type: {kind}")
        return
    needed, free = PIECES[kind]
    found.unknown_keys(piece, {"type", *needed.split(), *free.split()}, at)
    for key in needed.split():
        if piece.get(key) in (None, ""):
            found.add(at, f"missing required field: {key}")
