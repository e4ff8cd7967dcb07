"""canvases.*: documents of the bot's own and those of its channels, edited section by section.

A heading, a paragraph, an item of a list, a table and a block of code are a section each.
"""

import re
from typing import Any

from slack_standin.methods import Call, method
from slack_standin.methods.files import keep, made
from slack_standin.state import Conversation, File, Json, SlackError, refuse_if
from slack_standin.workspace import Workspace

OPERATIONS = {"insert_at_start", "insert_at_end", "insert_before", "insert_after", "replace", "delete", "rename"}
AT_A_SECTION = {"insert_before", "insert_after", "delete"}
MOST = 100_000
LEVELS = ("read", "write", "owner")
OWN_LINE = re.compile(r"#{1,3} |[-*+] |\d+[.)] ")
MARKS = re.compile(r"^#{1,3} |^[-*+] (?:\[[ x]\] )?|^\d+[.)] |\*\*|~~|`|\\(?=[!-/:-@\[-`{-~])", re.MULTILINE)


@method("canvases.create", "canvases:write", tier=2, optional="channel_id document_content title")
def create(call: Call) -> Json:
    """A document of the bot's own, in a channel's tab where one is named."""
    place, free = call.arguments.text("channel_id"), _allowed(call) == "free"
    if place:
        call.inside(call.conversation("channel_id"), "restricted_action")
    refuse_if(free and not place, "free_teams_cannot_create_non_tabbed_canvases")
    refuse_if(free and of_channel(call.workspace, place), "free_team_canvas_tab_already_exists")
    return {"canvas_id": _made(call, [place] if place else []).id}


@method(
    "conversations.canvases.create", "canvases:write", tier=2, required="channel_id", optional="document_content title"
)
def create_in_channel(call: Call) -> Json:
    """The one document that belongs to a channel."""
    refuse_if(_allowed(call) == "free", "team_tier_cannot_create_channel_canvases")
    place = call.workspace.state.conversations.get(call.arguments.text("channel_id"))
    if place is None or call.workspace.bot not in place.members:
        raise SlackError("channel_canvas_creation_failed")
    refuse_if(place.archived, "restricted_action")
    refuse_if(of_channel(call.workspace, place.id), "channel_canvas_already_exists")
    return {"canvas_id": _belongs(call.workspace, place, _made(call, [place.id])).id}


def of_channel(workspace: Workspace, channel: str) -> File | None:
    """The document of a channel; None where nobody has made one."""
    place = workspace.state.conversations.get(channel)
    return workspace.state.files.get(place.canvas) if place else None


def write(workspace: Workspace, place: Conversation, user: str, text: str) -> File:
    """Somebody types at the end of the document of a channel, which is made where there is none."""
    found = of_channel(workspace, place.id)
    file = found or _belongs(workspace, place, keep(workspace, _new(workspace, "Untitled", user, "", [place.id])))
    _put(workspace, file, [*_sections(file.content.decode()), *_sections(text)])
    return file


def _belongs(workspace: Workspace, place: Conversation, file: File) -> File:
    place.canvas = file.id
    workspace.announce("conversation", channel=place.id)
    return file


def _allowed(call: Call) -> str:
    """How far the workspace has canvases; `canvas_disabled_user_team` where it has none."""
    refuse_if(call.workspace.spec.canvases == "off", "canvas_disabled_user_team")
    return call.workspace.spec.canvases


def _new(workspace: Workspace, title: str, user: str, text: str, channels: list[str]) -> File:
    kind = "application/vnd.slack-docs"
    return made(workspace, title, user, text.encode(), mimetype=kind, canvas=True, channels=channels)


def _put(workspace: Workspace, file: File, sections: list[str]) -> None:
    """Other content; every section has another id from now on."""
    content = "\n\n".join(sections).encode()
    refuse_if(len(content) > MOST, "canvas_too_large")
    file.content, file.edits = content, file.edits + 1
    workspace.announce("file", file=file.id)


def _made(call: Call, channels: list[str]) -> File:
    title, content = call.arguments.text("title") or "Untitled", call.arguments.json("document_content")
    sections = _sections(_markdown(content, "canvas_creation_failed")) if content is not None else []
    text = "\n\n".join(sections)
    refuse_if(len(text.encode()) > MOST, "canvas_creation_failed")
    return keep(call.workspace, _new(call.workspace, title, call.workspace.bot, text, channels))


@method("canvases.edit", "canvases:write", required="canvas_id changes")
def edit(call: Call) -> Json:
    """One change: insert, replace or delete, by section."""
    free = _allowed(call) == "free"
    file, changes = _canvas(call), call.arguments.json("changes")
    refuse_if(free and not file.channels, "free_teams_cannot_edit_standalone_canvases")
    if not isinstance(changes, list) or len(changes) != 1 or not isinstance(changes[0], dict):
        raise SlackError("invalid_arguments", "[ERROR] must be an array of one change [json-pointer:/changes]")
    operation = str(changes[0].get("operation"))
    wrong = f"[ERROR] no such operation: {operation} [json-pointer:/changes/0/operation]"
    refuse_if(operation not in OPERATIONS, "invalid_arguments", wrong)
    if operation == "rename":
        file.title = _markdown(changes[0].get("title_content"), "canvas_editing_failed")
        call.workspace.announce("file", file=file.id)
    else:
        _apply(call.workspace, file, operation, changes[0])
    return {}


def _apply(workspace: Workspace, file: File, operation: str, change: Json) -> None:
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
    _put(workspace, file, sections)


def _position(file: File, sections: list[str], operation: str, named: str | None) -> int | None:
    ids = [_id(file, number) for number in range(len(sections))]
    if named is None:
        refuse_if(operation in AT_A_SECTION, "canvas_editing_failed")
        return None
    refuse_if(named not in ids, "canvas_editing_failed")
    return ids.index(named)


def _id(file: File, section: int) -> str:
    """Slack gives each section another id with every edit."""
    return f"temp:C:{file.id}:{file.edits}:{section}"


@method("canvases.sections.lookup", "canvases:read", required="canvas_id criteria")
def find_sections(call: Call) -> Json:
    """The ids of the sections that show a text, without its marks, or are headings."""
    _allowed(call)
    file, criteria = _canvas(call), call.arguments.json("criteria")
    if not isinstance(criteria, dict) or not {"section_types", "contains_text"} & set(criteria):
        wrong = "[ERROR] must have section_types or contains_text [json-pointer:/criteria]"
        raise SlackError("invalid_arguments", wrong)
    found: list[Json] = []
    wanted = criteria.get("section_types")
    for number, section in enumerate(_sections(file.content.decode())):
        heading = re.match(r"#{1,3} ", section)
        kinds = {"any_header", f"h{len(heading.group()) - 1}"} if heading else set()
        if (wanted is None or kinds & set(wanted)) and str(criteria.get("contains_text", "")) in _shown(section):
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
    """A document of the bot's own, or of a channel that it is in."""
    state, bot = call.workspace.state, call.workspace.bot
    found = state.files.get(call.arguments.text("canvas_id"))
    if found is None or not found.canvas:
        raise SlackError("canvas_not_found")
    homes = [place for place in state.conversations.values() if place.canvas == found.id]
    may = any(bot in place.members for place in homes) if homes else found.user == bot
    refuse_if(not may, "canvas_not_found")
    return found


def _markdown(content: Any, refusal: str) -> str:
    markdown = content.get("markdown") if isinstance(content, dict) and content.get("type") == "markdown" else None
    if not isinstance(markdown, str):
        raise SlackError(refusal)
    return markdown


def _sections(markdown: str) -> list[str]:
    return [section for part in re.split(r"\n{2,}", markdown) for section in _of_part(part.strip()) if section]


def _of_part(part: str) -> list[str]:
    """The sections between two empty lines; a block of code is one, whatever its lines begin with."""
    if part.startswith("```"):
        return [part]
    sections = [""]
    for line in part.split("\n"):
        if OWN_LINE.match(line) or OWN_LINE.match(sections[-1]):
            sections.append(line)
        else:
            sections[-1] = "\n".join(filter(None, (sections[-1], line)))
    return sections


def _shown(section: str) -> str:
    """What a reader sees of a section."""
    return MARKS.sub("", section)
