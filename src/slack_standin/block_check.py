"""Slack's rules for blocks, as far as they can be broken from an app: what is allowed where, and how long it may be."""

from collections.abc import Callable
from typing import Any

from slack_standin import limits
from slack_standin.element_check import ELEMENTS, IN_ACTIONS, IN_INPUT, Findings, check_element
from slack_standin.state import Json, SlackError

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


def _rich_text(found: Findings, block: Json, at: str, _surface: str) -> None:
    for item, where in found.each(block.get("elements"), MOST, f"{at}/elements"):
        _part(found, item, where)


def _part(found: Findings, part: Any, at: str) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in PARTS:
        found.add(at, "must be a section, list, quote or preformatted text")
        return
    found.unknown_keys(part, {"type", "elements", *PARTS[kind].split()}, at)
    if kind == "rich_text_list" and part.get("style") not in {"bullet", "ordered"}:
        found.add(f"{at}/style", "must be bullet or ordered")
    check = _part if kind == "rich_text_list" else _piece
    for item, where in found.each(part.get("elements"), MOST, f"{at}/elements"):
        check(found, item, where)


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


MOST_BLOCKS = {"message": limits.MESSAGE_BLOCKS, "modal": limits.MODAL_BLOCKS, "home": limits.MODAL_BLOCKS}
MARKDOWN_TOTAL = 12_000


def refuse_blocks(blocks: Any, at: str = "/blocks") -> None:
    """Refuse a message's blocks as Slack would, with every objection."""
    if problems := check_blocks(blocks, at=at):
        raise SlackError("invalid_blocks", *problems)
    if (size := characters(blocks)) > limits.MESSAGE_TEXT:
        raise SlackError("msg_blocks_too_long", f"[ERROR] {size} characters in all blocks [json-pointer:{at}]")


def characters(shown: Any) -> int:
    """How many characters all texts have together."""
    if isinstance(shown, dict):
        own = shown.get("text") if shown.get("type") in {"mrkdwn", "plain_text"} else None
        return len(own) if isinstance(own, str) else sum(map(characters, shown.values()))
    return sum(map(characters, shown)) if isinstance(shown, list) else 0


def check_blocks(blocks: Any, surface: str = "message", at: str = "/blocks") -> list[str]:
    """What Slack would object to, each with its JSON pointer. `surface`: message, modal or home."""
    found, seen = Findings(), set[str]()
    for block, where in found.each(blocks, MOST_BLOCKS[surface], at):
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            found.add(where, "must be an object with a type")
            continue
        _check_block(found, block, where, surface)
        _once(found, seen, block.get("block_id"), f"{where}/block_id")
    known = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    parts = [part for one in known for part in (one.get("element"), one.get("accessory"), *(one.get("elements") or ()))]
    if sum(bool(part.get("focus_on_load")) for part in parts if isinstance(part, dict)) > 1:
        found.add(at, "only one element can have focus_on_load")
    total = sum(len(str(block.get("text"))) for block in known if block.get("type") == "markdown")
    if total > MARKDOWN_TOTAL:
        found.add(at, f"markdown blocks have {total} characters together, {MARKDOWN_TOTAL} allowed")
    return found.messages


def _check_block(found: Findings, block: Json, at: str, surface: str) -> None:
    kind = block["type"]
    rule = RULES.get(kind)
    if rule is None:
        found.add(f"{at}/type", f"unsupported type: {kind}")
        return
    keys, check = rule
    found.unknown_keys(block, {"type", "block_id", *keys.split()}, at)
    found.text_limit(block, "block_id", limits.BLOCK_ID, at)
    check(found, block, at, surface)


def _once(found: Findings, seen: set[str], name: Any, at: str) -> None:
    if isinstance(name, str):
        if name in seen:
            found.add(at, f"{name!r} is already in use")
        seen.add(name)


def _section(found: Findings, block: Json, at: str, surface: str) -> None:
    if block.get("text") is None and not block.get("fields"):
        found.add(at, "missing required field: text or fields")
    found.text_object(block, "text", limits.TEXT, at)
    for field, where in found.each(block.get("fields", []), limits.FIELDS, f"{at}/fields"):
        found.text(field, limits.FIELD, where)
    if block.get("accessory") is not None:
        check_element(found, block["accessory"], f"{at}/accessory", set(ELEMENTS) - {"plain_text_input"}, surface)


def _header(found: Findings, block: Json, at: str, _surface: str) -> None:
    found.text_object(block, "text", limits.HEADER, at, kinds={"plain_text"}, required=True)


def _context(found: Findings, block: Json, at: str, surface: str) -> None:
    for item, where in found.each(block.get("elements"), limits.CONTEXT, f"{at}/elements", least=1):
        if isinstance(item, dict) and item.get("type") == "image":
            check_element(found, item, where, {"image"}, surface)
        else:
            found.text(item, limits.CONTEXT_TEXT, where)


def _actions(found: Findings, block: Json, at: str, surface: str) -> None:
    seen: set[str] = set()
    for item, where in found.each(block.get("elements"), limits.ACTIONS, f"{at}/elements", least=1):
        check_element(found, item, where, IN_ACTIONS, surface)
        if isinstance(item, dict):
            _once(found, seen, item.get("action_id"), f"{where}/action_id")


def _image(found: Findings, block: Json, at: str, _surface: str) -> None:
    if not block.get("image_url") and not block.get("slack_file"):
        found.add(at, "missing required field: image_url")
    found.text_limit(block, "image_url", limits.URL, at)
    found.text_limit(block, "alt_text", 2000, at, required=True)
    found.text_object(block, "title", 2000, at, kinds={"plain_text"})


def _input(found: Findings, block: Json, at: str, surface: str) -> None:
    found.text_object(block, "label", limits.LABEL, at, kinds={"plain_text"}, required=True)
    found.text_object(block, "hint", limits.LABEL, at, kinds={"plain_text"})
    check_element(found, block.get("element"), f"{at}/element", IN_INPUT, surface)


def _markdown(found: Findings, block: Json, at: str, surface: str) -> None:
    if surface != "message":
        found.add(at, "markdown blocks are allowed in messages only")
    found.text_limit(block, "text", MARKDOWN_TOTAL, at, required=True)


def _table(found: Findings, block: Json, at: str, surface: str) -> None:
    if surface != "message":
        found.add(at, "tables are allowed in messages only")
    for row, at_row in found.each(block.get("rows"), 100, f"{at}/rows", least=1):
        for cell, at_cell in found.each(row, 20, at_row, least=1):
            if not isinstance(cell, dict) or cell.get("type") not in {"raw_text", "rich_text", "raw_number"}:
                found.add(at_cell, "a cell must be raw_text, raw_number or rich_text")


def _newer(needed: str, surfaces: str) -> Callable[[Findings, Json, str, str], None]:
    def check(found: Findings, block: Json, at: str, surface: str) -> None:
        for key in needed.split():
            if block.get(key) is None:
                found.add(at, f"missing required field: {key}")
        if surface not in surfaces.split():
            found.add(at, f"{block['type']} blocks are not allowed in a {surface}")

    return check


# The blocks that nothing here draws: what they must and may say, and where they are allowed; not what is in them.
NEWER = {
    "alert": ("text", "level", "modal"),
    "card": ("", "hero_image icon title subtitle body actions", "message modal home"),
    "carousel": ("elements", "", "message modal home"),
    "container": (
        "child_blocks",
        "title rich_text_title subtitle width icon is_collapsible default_collapsed has_header_divider",
        "message modal home",
    ),
    "context_actions": ("elements", "", "message"),
    "data_table": ("caption rows", "page_size row_header_column_index", "message"),
    "file": ("external_id source", "", "message"),
    "plan": ("title", "tasks", "message"),
    "task_card": ("status task_id title", "details output sources", "message"),
    "video": (
        "alt_text thumbnail_url title video_url",
        "title_url author_name provider_name provider_icon_url description",
        "message modal home",
    ),
}
RULES: dict[str, tuple[str, Callable[[Findings, Json, str, str], None]]] = {
    "section": ("text fields accessory expand", _section),
    "header": ("text level", _header),
    "divider": ("", lambda *_: None),
    "context": ("elements", _context),
    "actions": ("elements", _actions),
    "image": ("image_url alt_text title slack_file", _image),
    "input": ("label element hint optional dispatch_action", _input),
    "markdown": ("text", _markdown),
    "rich_text": ("elements", _rich_text),
    "table": ("rows column_settings", _table),
    **{kind: (f"{needed} {free}", _newer(needed, surfaces)) for kind, (needed, free, surfaces) in NEWER.items()},
}
