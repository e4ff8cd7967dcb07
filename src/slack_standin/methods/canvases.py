"""canvases.*: documents that a bot writes, as far as bots write them: whole, or section by section, in markdown."""

import re
from typing import Any

from slack_standin.errors import SlackError
from slack_standin.methods.registry import Call, method
from slack_standin.state import File, Json

OPERATIONS = {"insert_at_start", "insert_at_end", "insert_before", "insert_after", "replace", "delete", "rename"}
AT_A_SECTION = {"insert_before", "insert_after", "delete"}
MOST = 100_000
LEVELS = ("read", "write", "owner")


@method("canvases.create", scopes="canvases:write", tier=2, optional="channel_id document_content title")
def create(call: Call) -> Json:
    """A document of the bot's own, in a channel's tab where one is named."""
    place = call.arguments.text("channel_id")
    if place and call.workspace.bot not in call.conversation("channel_id").members:
        raise SlackError("restricted_action")
    return {"canvas_id": _made(call, [place] if place else []).id}


@method(
    "conversations.canvases.create",
    scopes="canvases:write",
    tier=2,
    required="channel_id",
    optional="document_content title",
)
def create_in_channel(call: Call) -> Json:
    """The one document that belongs to a channel."""
    place = call.workspace.state.conversations.get(call.arguments.text("channel_id"))
    if place is None or call.workspace.bot not in place.members:
        raise SlackError("channel_canvas_creation_failed")
    if any(file.canvas and place.id in file.channels for file in call.workspace.state.files.values()):
        raise SlackError("channel_canvas_already_exists")
    return {"canvas_id": _made(call, [place.id]).id}


def _made(call: Call, channels: list[str]) -> File:
    title = call.arguments.text("title")
    file = call.uploads.made(title or "Untitled", call.workspace.bot, title=title, canvas=True)
    if (content := call.arguments.json("document_content")) is not None:
        file.content = "\n\n".join(_sections(_markdown(content, "canvas_creation_failed"))).encode()
    file.channels = channels
    return call.uploads.keep(file)


@method("canvases.edit", scopes="canvases:write", required="canvas_id changes")
def edit(call: Call) -> Json:
    """One change: insert, replace or delete, by section."""
    file, changes = _canvas(call), call.arguments.json("changes")
    if not isinstance(changes, list) or len(changes) != 1 or not isinstance(changes[0], dict):
        raise SlackError("invalid_arguments", "[ERROR] must be an array of one change [json-pointer:/changes]")
    change = changes[0]
    operation = change.get("operation")
    if operation not in OPERATIONS:
        raise SlackError(
            "invalid_arguments", f"[ERROR] no such operation: {operation} [json-pointer:/changes/0/operation]"
        )
    if operation == "rename":
        file.title = _markdown(change.get("title_content"), "canvas_editing_failed")
    else:
        _apply(file, change)
    call.workspace.announce("file", file=file.id)
    return {}


def _apply(file: File, change: Json) -> None:
    operation, sections = change["operation"], _sections(file.content.decode())
    new = [] if operation == "delete" else _sections(_markdown(change.get("document_content"), "canvas_editing_failed"))
    at = _position(file, sections, change)
    if operation == "insert_at_start":
        sections = new + sections
    elif operation == "insert_at_end":
        sections += new
    elif at is None:
        sections = new
    else:
        start = at + (operation == "insert_after")
        sections[start : at + (operation in {"replace", "delete", "insert_after"})] = new
    content = "\n\n".join(sections).encode()
    if len(content) > MOST:
        raise SlackError("canvas_too_large")
    file.content = content


def _position(file: File, sections: list[str], change: Json) -> int | None:
    named = change.get("section_id")
    if named is None:
        if change["operation"] in AT_A_SECTION:
            raise SlackError("canvas_editing_failed")
        return None
    for number in range(len(sections)):
        if named == f"temp:C:{file.id}:{number}":
            return number
    raise SlackError("canvas_editing_failed")


@method("canvases.sections.lookup", scopes="canvases:read", required="canvas_id criteria")
def lookup(call: Call) -> Json:
    """The ids of the sections that contain a text, or are headings."""
    file, criteria = _canvas(call), call.arguments.json("criteria")
    if not isinstance(criteria, dict) or not {"section_types", "contains_text"} & set(criteria):
        raise SlackError(
            "invalid_arguments", "[ERROR] must have section_types or contains_text [json-pointer:/criteria]"
        )
    found = []
    for number, section in enumerate(_sections(file.content.decode())):
        heading = re.match(r"#{1,3} ", section)
        kinds = {"any_header", f"h{len(heading.group()) - 1}"} if heading else set()
        wanted = criteria.get("section_types")
        if (wanted is None or kinds & set(wanted)) and str(criteria.get("contains_text", "")) in section:
            found.append({"id": f"temp:C:{file.id}:{number}"})
    return {"sections": found}


@method(
    "canvases.access.set", scopes="canvases:write", required="canvas_id access_level", optional="channel_ids user_ids"
)
def set_access(call: Call) -> Json:
    """Who may read or write a canvas: channels, or people."""
    file, level = _canvas(call), call.arguments.text("access_level")
    channels, users = call.arguments.names("channel_ids"), call.arguments.names("user_ids")
    if level not in LEVELS or bool(channels) == bool(users):
        raise SlackError("invalid_parameters")
    if any(one not in call.workspace.state.conversations for one in channels):
        raise SlackError("channel_not_found")
    if any(one not in call.workspace.state.users for one in users):
        raise SlackError("user_not_found")
    file.access |= dict.fromkeys([*channels, *users], level)
    return {}


@method("canvases.delete", scopes="canvases:write", required="canvas_id")
def delete(call: Call) -> Json:
    """Throw a canvas away."""
    del call.workspace.state.files[_canvas(call).id]
    return {}


def _canvas(call: Call) -> File:
    found = call.workspace.state.files.get(call.arguments.text("canvas_id"))
    if found is None or not found.canvas or found.user != call.workspace.bot:
        raise SlackError("canvas_not_found")
    return found


def _markdown(content: Any, refusal: str) -> str:
    if (
        not isinstance(content, dict)
        or content.get("type") != "markdown"
        or not isinstance(content.get("markdown"), str)
    ):
        raise SlackError(refusal)
    return str(content["markdown"])


def _sections(markdown: str) -> list[str]:
    return [one for part in re.split(r"\n{2,}", markdown) if (one := part.strip())]
