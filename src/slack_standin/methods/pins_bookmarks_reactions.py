"""pins.*, bookmarks.* and reactions.*: what the bot leaves on messages and channels."""

import re

from slack_standin.methods import Call, method
from slack_standin.methods.chat import link_to
from slack_standin.state import Conversation, Json, Message, SlackError, refuse_if

MOST_PINS = MOST_BOOKMARKS = 100
MOST_REACTIONS = 50
_EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def _message(call: Call) -> Message:
    conversation, ts = call.conversation(), call.arguments.text("timestamp")
    refuse_if(not ts, "no_item_specified")
    refuse_if(not re.fullmatch(r"\d+\.\d+", ts), "bad_timestamp")
    message = call.workspace.message(conversation.id, ts)
    if message is None or message.only_for:
        raise SlackError("message_not_found")
    return message


@method("pins.add", "pins:write", tier=2, required="channel", optional="timestamp")
def pin(call: Call) -> Json:
    conversation = call.conversation()
    call.inside(conversation)
    message = _message(call)
    refuse_if(any(pin["ts"] == message.ts for pin in conversation.pins), "already_pinned")
    refuse_if(len(conversation.pins) >= MOST_PINS, "too_many_pins")
    made = {"ts": message.ts, "created": call.workspace.seconds(), "created_by": call.workspace.bot}
    conversation.pins.append(made)
    call.workspace.announce("conversation", channel=conversation.id)
    return {}


@method("pins.remove", "pins:write", tier=2, required="channel", optional="timestamp")
def unpin(call: Call) -> Json:
    conversation, message = call.conversation(), _message(call)
    left = [pin for pin in conversation.pins if pin["ts"] != message.ts]
    refuse_if(len(left) == len(conversation.pins), "no_pin")
    conversation.pins = left
    call.workspace.announce("conversation", channel=conversation.id)
    return {}


@method("pins.list", "pins:read", tier=2, required="channel")
def pinned(call: Call) -> Json:
    """What is pinned, newest pin first."""
    conversation = call.conversation()
    items = []
    for pin in reversed(conversation.pins):
        if message := call.workspace.message(conversation.id, pin["ts"]):
            told = call.workspace.as_payload(message) | {"permalink": link_to(call, conversation.id, message.ts)}
            made = {"created": pin["created"], "created_by": pin["created_by"]}
            items.append({"type": "message", "channel": conversation.id, "message": told, **made})
    return {"items": items}


def _bookmarked(call: Call) -> Conversation:
    refuse_if(not call.arguments.text("channel_id"), "channel_not_found")
    conversation = call.conversation("channel_id")
    call.inside(conversation, "access_denied")
    return conversation


ADDING = "channel_id link emoji entity_id parent_id access_level"


@method("bookmarks.add", "bookmarks:write", tier=2, required="title type", optional=ADDING)
def bookmark(call: Call) -> Json:
    """A link at the top of a channel."""
    conversation, arguments = _bookmarked(call), call.arguments
    refuse_if(arguments.text("type") != "link", "invalid_bookmark_type")
    link = _link(arguments.text("link"))
    refuse_if(len(conversation.bookmarks) >= MOST_BOOKMARKS, "too_many_bookmarks")
    made: Json = {
        "id": f"Bk{call.workspace.serial():08d}", "channel_id": conversation.id, "type": "link",
        "title": arguments.text("title"), "link": link, "emoji": arguments.text("emoji"), "icon_url": "",
        "entity_id": None, "date_created": call.workspace.seconds(), "date_updated": 0, "rank": "i",
        "shortcut_id": None, "last_updated_by_user_id": call.workspace.bot,
        "last_updated_by_team_id": call.workspace.spec.team_id,
    }  # fmt: skip
    conversation.bookmarks.append(made)
    call.workspace.announce("conversation", channel=conversation.id)
    return {"bookmark": made}


@method("bookmarks.edit", "bookmarks:write", tier=2, optional="bookmark_id channel_id link title emoji")
def edit_bookmark(call: Call) -> Json:
    conversation = _bookmarked(call)
    found = _found(call, conversation)
    changed = {name: call.arguments.text(name) for name in ("title", "link", "emoji") if name in call.arguments}
    if "link" in changed:
        _link(changed["link"])
    found |= changed | {"date_updated": call.workspace.seconds()}
    call.workspace.announce("conversation", channel=conversation.id)
    return {"bookmark": found}


@method("bookmarks.remove", "bookmarks:write", tier=2, optional="bookmark_id channel_id quip_section_id")
def remove_bookmark(call: Call) -> Json:
    conversation = _bookmarked(call)
    conversation.bookmarks.remove(_found(call, conversation))
    call.workspace.announce("conversation", channel=conversation.id)
    return {}


@method("bookmarks.list", "bookmarks:read", optional="channel_id")
def bookmarks(call: Call) -> Json:
    return {"bookmarks": _bookmarked(call).bookmarks}


def _found(call: Call, conversation: Conversation) -> Json:
    wanted = call.arguments.text("bookmark_id")
    for bookmark in conversation.bookmarks:
        if bookmark["id"] == wanted:
            return bookmark
    raise SlackError("not_found")


def _link(link: str) -> str:
    refuse_if(not re.fullmatch(r"(https?|mailto|slack):\S+", link), "invalid_link")
    return link


@method("reactions.add", "reactions:write", required="channel name timestamp")
def react(call: Call) -> Json:
    conversation = call.conversation()
    call.inside(conversation, "no_access")
    refuse_if(conversation.archived, "is_archived")
    message, name = _message(call), _emoji(call)
    refuse_if(call.workspace.bot in message.reactions.get(name, []), "already_reacted")
    refuse_if(name not in message.reactions and len(message.reactions) >= MOST_REACTIONS, "too_many_emoji")
    call.workspace.react(message, call.workspace.bot, name)
    return {}


@method("reactions.remove", "reactions:write", tier=2, required="name", optional="channel file file_comment timestamp")
def unreact(call: Call) -> Json:
    refuse_if(not call.arguments.text("channel"), "no_item_specified")
    message, name = _message(call), _emoji(call)
    refuse_if(call.workspace.bot not in message.reactions.get(name, []), "no_reaction")
    call.workspace.react(message, call.workspace.bot, name, added=False)
    return {}


@method("reactions.get", "reactions:read", optional="channel file file_comment full timestamp")
def reactions(call: Call) -> Json:
    refuse_if(not call.arguments.text("channel"), "no_item_specified")
    message = _message(call)
    return {"type": "message", "channel": message.channel, "message": call.workspace.as_payload(message)}


def _emoji(call: Call) -> str:
    name = call.arguments.text("name").strip(":")
    refuse_if(not _EMOJI.fullmatch(name), "invalid_name")
    return name
