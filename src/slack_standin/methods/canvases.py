"""canvases.*: documents of the bot's own, edited section by section."""

import re
from typing import Any

from slack_standin.methods import Call, method
from slack_standin.methods.files import keep, made
from slack_standin.state import File, Json, SlackError, refuse_if

OPERATIONS = {"insert_at_start", "insert_at_end", "insert_before", "insert_after", "replace", "delete", "rename"}
AT_A_SECTION = {"insert_before", "insert_after", "delete"}
MOST = 100_000
LEVELS = ("read", "write", "owner")


@method("canvases.create", "canvases:write", tier=2, optional="channel_id document_content title")
def create(call: Call) -> Json:
    """A document of the bot's own, in a channel's tab where one is named."""
    place = call.arguments.text("channel_id")
    if place:
        call.inside(call.conversation("channel_id"), "restricted_action")
    return {"canvas_id": _made(call, [place] if place else []).id}


@method(
    "conversations.canvases.create", "canvases:write", tier=2, required="channel_id", optional="document_content title"
)
def create_in_channel(call: Call) -> Json:
    """The one document that belongs to a channel."""
    state, channel = call.workspace.state, call.arguments.text("channel_id")
    place = state.conversations.get(channel)
    refuse_if(place is None or call.workspace.bot not in place.members, "channel_canvas_creation_failed")
    taken = any(file.canvas and channel in file.channels for file in state.files.values())
    refuse_if(taken, "channel_canvas_already_exists")
    return {"canvas_id": _made(call, [channel]).id}


def _made(call: Call, channels: list[str]) -> File:
    title, content = call.arguments.text("title") or "Untitled", call.arguments.json("document_content")
    sections = _sections(_markdown(content, "canvas_creation_failed")) if content is not None else []
    body, bot = "\n\n".join(sections).encode(), call.workspace.bot
    kind = "application/vnd.slack-docs"
    return keep(call.workspace, made(call.workspace, title, bot, body, mimetype=kind, canvas=True, channels=channels))


@method("canvases.edit", "canvases:write", required="canvas_id changes")
def edit(call: Call) -> Json:
    """One change: insert, replace or delete, by section."""
    file, changes = _canvas(call), call.arguments.json("changes")
    if not isinstance(changes, list) or len(changes) != 1 or not isinstance(changes[0], dict):
        raise SlackError("invalid_arguments", "[ERROR] must be an array of one change [json-pointer:/changes]")
    operation = str(changes[0].get("operation"))
    wrong = f"[ERROR] no such operation: {operation} [json-pointer:/changes/0/operation]"
    refuse_if(operation not in OPERATIONS, "invalid_arguments", wrong)
    if operation == "rename":
        file.title = _markdown(changes[0].get("title_content"), "canvas_editing_failed")
    else:
        _apply(file, operation, changes[0])
    call.workspace.announce("file", file=file.id)
    return {}


def _apply(file: File, operation: str, change: Json) -> None:
    sections = _sections(file.content.decode())
    new = [] if operation == "delete" else _sections(_markdown(change.get("document_content"), "canvas_editing_failed"))
    at = _position(file, sections, operation, change.get("section_id"))
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
    refuse_if(len(content) > MOST, "canvas_too_large")
    file.content = content


def _position(file: File, sections: list[str], operation: str, named: str | None) -> int | None:
    ids = [_id(file, number) for number in range(len(sections))]
    if named is None:
        refuse_if(operation in AT_A_SECTION, "canvas_editing_failed")
        return None
    refuse_if(named not in ids, "canvas_editing_failed")
    return ids.index(named)


def _id(file: File, section: int) -> str:
    return f"temp:C:{file.id}:{section}"


@method("canvases.sections.lookup", "canvases:read", required="canvas_id criteria")
def find_sections(call: Call) -> Json:
    """The ids of the sections that contain a text, or are headings."""
    file, criteria = _canvas(call), call.arguments.json("criteria")
    if not isinstance(criteria, dict) or not {"section_types", "contains_text"} & set(criteria):
        wrong = "[ERROR] must have section_types or contains_text [json-pointer:/criteria]"
        raise SlackError("invalid_arguments", wrong)
    found: list[Json] = []
    wanted = criteria.get("section_types")
    for number, section in enumerate(_sections(file.content.decode())):
        heading = re.match(r"#{1,3} ", section)
        kinds = {"any_header", f"h{len(heading.group()) - 1}"} if heading else set()
        if (wanted is None or kinds & set(wanted)) and str(criteria.get("contains_text", "")) in section:
            found.append({"id": _id(file, number)})
    return {"sections": found}


@method("canvases.access.set", "canvases:write", required="canvas_id access_level", optional="channel_ids user_ids")
def set_access(call: Call) -> Json:
    """Who may read or write a canvas: channels, or people."""
    file, level, state = _canvas(call), call.arguments.text("access_level"), call.workspace.state
    channels, users = call.arguments.names("channel_ids"), call.arguments.names("user_ids")
    refuse_if(level not in LEVELS or bool(channels) == bool(users), "invalid_parameters")
    refuse_if(any(channel not in state.conversations for channel in channels), "channel_not_found")
    refuse_if(any(user not in state.users for user in users), "user_not_found")
    file.access |= dict.fromkeys([*channels, *users], level)
    return {}


@method("canvases.delete", "canvases:write", required="canvas_id")
def delete(call: Call) -> Json:
    del call.workspace.state.files[_canvas(call).id]
    return {}


def _canvas(call: Call) -> File:
    found = call.workspace.state.files.get(call.arguments.text("canvas_id"))
    if found is None or not found.canvas or found.user != call.workspace.bot:
        raise SlackError("canvas_not_found")
    return found


def _markdown(content: Any, refusal: str) -> str:
    markdown = content.get("markdown") if isinstance(content, dict) and content.get("type") == "markdown" else None
    if not isinstance(markdown, str):
        raise SlackError(refusal)
    return markdown


def _sections(markdown: str) -> list[str]:
    return [section for part in re.split(r"\n{2,}", markdown) if (section := part.strip())]
