"""files.*: uploading in three steps, and what is known of a file."""

import re
from typing import Any

from slack_standin.blocks import check_blocks
from slack_standin.methods.registry import Call, method, page_of
from slack_standin.state import Conversation, File, Json, SlackError, refuse_if
from slack_standin.uploads import as_file

MOST_CHANNELS = 100


@method(
    "files.getUploadURLExternal", "files:write", tier=4, required="filename length", optional="alt_txt snippet_type"
)
def upload_url(call: Call) -> Json:
    """The first step: where to send how many bytes."""
    length = call.arguments.number("length", 0)
    refuse_if(length <= 0, "invalid_arguments", "[ERROR] must be more than 0 [json-pointer:/length]")
    ticket, file = call.uploads.expect(call.arguments.text("filename"), length)
    return {"upload_url": f"{call.base_url}/upload/v1/{ticket}", "file_id": file.id}


@method(
    "files.completeUploadExternal",
    "files:write",
    tier=4,
    required="files",
    optional="blocks channel_id channels icon_emoji icon_url initial_comment thread_ts username",
)
def complete(call: Call) -> Json:
    """The third step: keep what has arrived, and share it."""
    named = call.arguments.json("files")
    if (
        not isinstance(named, list)
        or not all(isinstance(entry, dict) and entry.get("id") for entry in named)
        or not named
    ):
        raise SlackError("invalid_arguments", "[ERROR] must be an array of objects with an id [json-pointer:/files]")
    places = _places(call)
    blocks = call.arguments.json("blocks", "invalid_blocks") or []
    if problems := check_blocks(blocks):
        raise SlackError("invalid_blocks", *problems)
    files = [call.uploads.complete(str(entry["id"]), str(entry.get("title") or "")) for entry in named]
    for place in places:
        _share(call, place, files, blocks)
    return {"files": [as_file(call.workspace, file, call.base_url) for file in files]}


def _places(call: Call) -> list[Conversation]:
    names = call.arguments.names("channels") or call.arguments.names("channel_id")
    refuse_if(len(names) > MOST_CHANNELS, "channels_limit_exceeded")
    refuse_if(call.arguments.text("thread_ts") and len(names) > 1, "invalid_channel")
    return [_place(call, name) for name in names]


def _place(call: Call, name: str) -> Conversation:
    workspace = call.workspace
    found = workspace.state.conversations.get(name)
    if found is None or (found.kind != "channel" and workspace.bot not in found.members):
        raise SlackError("channel_not_found")
    refuse_if(workspace.bot not in found.members, "not_in_channel")
    refuse_if(found.archived, "posting_to_channel_denied")
    return found


def _share(call: Call, place: Conversation, files: list[File], blocks: list[Any]) -> None:
    for file in files:
        file.channels.append(place.id)
    call.workspace.post(
        place, call.workspace.bot, call.arguments.text("initial_comment"), blocks=blocks,
        thread_ts=call.arguments.text("thread_ts") or None, bot_id=call.workspace.spec.bot_id,
        files=[as_file(call.workspace, file, call.base_url) for file in files],
    )  # fmt: skip
    for file in files:
        event = {"type": "file_shared", "file_id": file.id, "user_id": file.user, "file": {"id": file.id}}
        call.workspace.happen(event | {"channel_id": place.id, "event_ts": call.workspace.next_ts()})


@method("files.info", "files:read", tier=4, required="file", optional="count cursor limit page")
def describe(call: Call) -> Json:
    """One file; where it lies only the token can fetch it."""
    return {
        "file": as_file(call.workspace, visible(call), call.base_url),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


@method(
    "files.list",
    "files:read",
    optional="channel count page show_files_hidden_by_limit ts_from ts_to types user team_id",
)
def list_(call: Call) -> Json:
    """The files that the bot can see, newest first."""
    arguments, state = call.arguments, call.workspace.state
    user, channel = arguments.text("user"), arguments.text("channel")
    refuse_if(user and user not in state.users, "user_not_found")
    fitting = [
        file
        for file in reversed(state.files.values())
        if _seen(call, file) and user in {"", file.user} and (not channel or channel in file.channels)
    ]
    page, _ = page_of(fitting, arguments)
    paging = {"count": len(page), "total": len(fitting), "page": 1, "pages": 1}
    return {"files": [as_file(call.workspace, file, call.base_url) for file in page], "paging": paging}


@method("files.delete", "files:write", required="file")
def delete(call: Call) -> Json:
    """Delete one of the bot's own files."""
    file = visible(call)
    refuse_if(file.user != call.workspace.bot, "cant_delete_file")
    del call.workspace.state.files[file.id]
    return {}


def visible(call: Call, name: str = "file") -> File:
    """The file an argument names; `file_not_found` where the bot cannot see it."""
    found = call.workspace.state.files.get(call.arguments.text(name))
    if found is None or not _seen(call, found):
        raise SlackError("file_not_found")
    return found


def _seen(call: Call, file: File) -> bool:
    """A file nobody has shared yet is one that a person has just put into a form."""
    workspace = call.workspace
    places = [workspace.state.conversations[channel] for channel in file.channels]
    inside = any(place.kind == "channel" or workspace.bot in place.members for place in places)
    return not places or file.user == workspace.bot or inside


OPERATIONS = {"insert_at_start", "insert_at_end", "insert_before", "insert_after", "replace", "delete", "rename"}
AT_A_SECTION = {"insert_before", "insert_after", "delete"}
MOST = 100_000
LEVELS = ("read", "write", "owner")


@method("canvases.create", "canvases:write", tier=2, optional="channel_id document_content title")
def create_canvas(call: Call) -> Json:
    """A document of the bot's own, in a channel's tab where one is named."""
    place = call.arguments.text("channel_id")
    refuse_if(place and call.workspace.bot not in call.conversation("channel_id").members, "restricted_action")
    return {"canvas_id": _made(call, [place] if place else []).id}


@method(
    "conversations.canvases.create", "canvases:write", tier=2, required="channel_id", optional="document_content title"
)
def create_channel_canvas(call: Call) -> Json:
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


@method("canvases.edit", "canvases:write", required="canvas_id changes")
def edit_canvas(call: Call) -> Json:
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
    refuse_if(len(content) > MOST, "canvas_too_large")
    file.content = content


def _position(file: File, sections: list[str], change: Json) -> int | None:
    named = change.get("section_id")
    if named is None:
        refuse_if(change["operation"] in AT_A_SECTION, "canvas_editing_failed")
        return None
    for number in range(len(sections)):
        if named == f"temp:C:{file.id}:{number}":
            return number
    raise SlackError("canvas_editing_failed")


@method("canvases.sections.lookup", "canvases:read", required="canvas_id criteria")
def find_sections(call: Call) -> Json:
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


@method("canvases.access.set", "canvases:write", required="canvas_id access_level", optional="channel_ids user_ids")
def set_canvas_access(call: Call) -> Json:
    """Who may read or write a canvas: channels, or people."""
    file, level = _canvas(call), call.arguments.text("access_level")
    channels, users = call.arguments.names("channel_ids"), call.arguments.names("user_ids")
    refuse_if(level not in LEVELS or bool(channels) == bool(users), "invalid_parameters")
    refuse_if(any(channel not in call.workspace.state.conversations for channel in channels), "channel_not_found")
    refuse_if(any(user not in call.workspace.state.users for user in users), "user_not_found")
    file.access |= dict.fromkeys([*channels, *users], level)
    return {}


@method("canvases.delete", "canvases:write", required="canvas_id")
def delete_canvas(call: Call) -> Json:
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
