"""conversations.*: which there are and who is in them; opened, made, joined, renamed, left and closed."""

import re

from slack_standin.methods import Call, method
from slack_standin.methods.canvases import of_channel
from slack_standin.methods.cursors import page_of
from slack_standin.payloads import TOKEN_PREFIX
from slack_standin.state import Conversation, Json, User, refuse_if

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
READ = "channels:read groups:read im:read mpim:read"
CHANGING = "channels:manage groups:write"
PLACES = {"channel", "group"}
OPEN_MOST, NAME_MOST, TOPIC_MOST = 8, 80, 250


def as_channel(call: Call, conversation: Conversation, *, members: bool = False) -> Json:
    """A conversation as Slack writes it."""
    kind, workspace = conversation.kind, call.workspace
    payload: Json = {"id": conversation.id, "created": conversation.created, "context_team_id": workspace.spec.team_id}
    if kind == "im":
        return payload | {"is_im": True, "is_archived": False, "is_org_shared": False, "user": conversation.person}
    payload |= {
        "name": conversation.name, "name_normalized": conversation.name, "is_channel": kind == "channel",
        "is_group": kind == "group", "is_im": False, "is_mpim": kind == "mpim", "is_private": kind != "channel",
        **_sharing(call, conversation),
        "is_archived": conversation.archived, "is_general": conversation.name == "general",
        "is_member": workspace.bot in conversation.members,
        "creator": conversation.members[0] if conversation.members else workspace.bot,
        "topic": {"value": conversation.topic, "creator": "", "last_set": 0},
        "purpose": {"value": conversation.purpose, "creator": "", "last_set": 0},
    }  # fmt: skip
    if canvas := of_channel(workspace, conversation.id):
        about = {"file_id": canvas.id, "is_empty": not canvas.content, "quip_thread_id": canvas.id}
        payload["properties"] = {"canvas": about}
    return payload | ({"num_members": len(conversation.members)} if members else {})


def _sharing(call: Call, conversation: Conversation) -> Json:
    teams = call.workspace.teams_in(conversation)
    shared = len(teams) > 1
    flags: Json = {"is_shared": shared, "is_ext_shared": shared, "is_org_shared": False, "is_pending_ext_shared": False}
    return flags | {"shared_team_ids": teams} | ({"connected_team_ids": teams[1:]} if shared else {})


@method("conversations.open", "im:write mpim:write", optional="channel users return_im prevent_creation")
def open_(call: Call) -> Json:
    """Open the DM with one person, or a group DM with up to eight."""
    users = call.arguments.names("users")
    if channel := call.arguments.text("channel"):
        found = call.place(channel)
        refuse_if(found.kind not in {"im", "mpim"}, "channel_not_found")
    else:
        refuse_if(not users, "users_list_not_supplied")
        refuse_if(len(users) > OPEN_MOST, "too_many_users")
        found = _opened(call, users)
    return {"channel": as_channel(call, found) if call.arguments.flag("return_im") else {"id": found.id}}


def _opened(call: Call, users: list[str]) -> Conversation:
    state = call.workspace.state
    for user in users:
        refuse_if(user not in state.users, "user_not_found")
        refuse_if(state.users[user].deleted, "user_disabled")
        refuse_if(state.users[user].is_bot or call.workspace.is_stranger(state.users[user]), "user_not_visible")
    if len(users) == 1:
        call.need("im:write")
        return call.workspace.dm(users[0])
    call.need("mpim:write")
    members = [*dict.fromkeys(users), call.workspace.bot]
    for conversation in state.conversations.values():
        if conversation.kind == "mpim" and set(conversation.members) == set(members):
            return conversation
    names = "--".join(state.users[user].name for user in users)
    made = Conversation(id=f"G{call.workspace.serial():08d}", name=f"mpdm-{names}-1", kind="mpim", members=members)
    return _kept(call, made)


def _kept(call: Call, made: Conversation) -> Conversation:
    call.workspace.state.conversations[made.id] = made
    call.workspace.announce("conversation", channel=made.id)
    return made


@method("conversations.info", READ, required="channel", optional="include_locale include_num_members", json=False)
def describe(call: Call) -> Json:
    conversation = call.conversation()
    call.need_for(conversation, "read")
    return {"channel": as_channel(call, conversation, members=call.arguments.flag("include_num_members"))}


@method("conversations.list", READ, tier=2, optional="cursor exclude_archived limit types team_id", json=False)
def list_(call: Call) -> Json:
    """The conversations that the bot can see, page by page."""
    return _listed(call, list(call.workspace.state.conversations.values()))


@method("users.conversations", READ, optional="user cursor exclude_archived limit types team_id", json=False)
def of_user(call: Call) -> Json:
    """Those that somebody, or the bot itself, is in."""
    user = call.arguments.text("user", call.workspace.bot)
    conversations = [room for room in call.workspace.state.conversations.values() if user in room.members]
    return _listed(call, conversations)


def _listed(call: Call, conversations: list[Conversation]) -> Json:
    types = call.arguments.names("types") or ["public_channel"]
    refuse_if(not set(types) <= set(TYPES), "invalid_types")
    kinds = {TYPES[kind] for kind in types}
    for kind in sorted(kinds):
        call.need(f"{TOKEN_PREFIX[kind]}:read")
    shown = [room for room in conversations if not (room.archived and call.arguments.flag("exclude_archived"))]
    open_here = [room for room in shown if room.kind == "channel" or call.workspace.bot in room.members]
    seen = [room for room in open_here if room.kind in kinds]
    page, cursor = page_of(seen, call.arguments, refusal="invalid_limit")
    channels = [as_channel(call, room, members=True) for room in page]
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", READ, tier=4, required="channel", optional="cursor limit", json=False)
def members(call: Call) -> Json:
    conversation = call.conversation()
    call.need_for(conversation, "read")
    page, cursor = page_of(conversation.members, call.arguments, refusal="invalid_limit")
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


@method("conversations.join", "channels:join", required="channel")
def join(call: Call) -> Json:
    """The bot joins a public channel."""
    conversation = call.conversation()
    refuse_if(conversation.kind != "channel", "method_not_supported_for_channel_type")
    refuse_if(conversation.archived, "is_archived")
    if call.workspace.bot in conversation.members:
        call.warnings.append("already_in_channel")
    call.workspace.join(conversation, call.workspace.bot)
    return {"channel": as_channel(call, conversation)}


@method("conversations.invite", CHANGING, required="channel users", optional="force")
def invite(call: Call) -> Json:
    """The bot brings people into a channel it is in."""
    conversation, users = _changeable(call), call.arguments.names("users")
    for user in users:
        refuse_if(user not in call.workspace.state.users, "user_not_found")
        refuse_if(user == call.workspace.bot, "cant_invite_self")
        refuse_if(call.workspace.is_foreign(call.workspace.state.users[user]), "org_user_not_in_team")
        refuse_if(_is_full(call, call.workspace.state.users[user]), "ura_max_channels")
    refuse_if(all(user in conversation.members for user in users), "already_in_channel")
    for user in users:
        call.workspace.join(conversation, user, inviter=call.workspace.bot)
    return {"channel": as_channel(call, conversation)}


def _is_full(call: Call, user: User) -> bool:
    """Whether a guest of one channel is in it already."""
    rooms = call.workspace.state.conversations.values()
    return user.is_ultra_restricted and any(room.kind in PLACES and user.id in room.members for room in rooms)


@method("conversations.create", CHANGING, tier=2, required="name", optional="is_private team_id")
def create(call: Call) -> Json:
    """A channel of the bot's own."""
    workspace, private = call.workspace, call.arguments.flag("is_private")
    call.need("groups:write" if private else "channels:manage")
    made = Conversation(
        id=f"C{workspace.serial():08d}", name=_name(call), kind="group" if private else "channel",
        members=[workspace.bot], created=workspace.seconds(),
    )  # fmt: skip
    _kept(call, made)
    if not private:
        short = {"id": made.id, "name": made.name, "created": made.created, "creator": workspace.bot}
        workspace.happen({"type": "channel_created", "channel": short, "event_ts": workspace.next_ts()})
    return {"channel": as_channel(call, made)}


@method("conversations.rename", CHANGING, tier=2, required="channel name")
def rename(call: Call) -> Json:
    conversation = _changeable(call)
    call.workspace.rename(conversation, _name(call))
    return {"channel": as_channel(call, conversation)}


@method("conversations.setTopic", CHANGING, tier=2, required="channel topic")
def set_topic(call: Call) -> Json:
    return {"channel": as_channel(call, _described(call, "topic"))}


@method("conversations.setPurpose", CHANGING, tier=2, required="channel purpose")
def set_purpose(call: Call) -> Json:
    return {"purpose": _described(call, "purpose").purpose}


def _described(call: Call, name: str) -> Conversation:
    conversation, text = _changeable(call), call.arguments.text(name)
    refuse_if(len(text) > TOPIC_MOST, "too_long")
    setattr(conversation, name, text)
    call.workspace.announce("conversation", channel=conversation.id)
    return conversation


@method("conversations.kick", CHANGING, required="channel", optional="user")
def kick(call: Call) -> Json:
    conversation, user = _changeable(call), call.arguments.text("user")
    refuse_if(user == call.workspace.bot, "cant_kick_self")
    refuse_if(conversation.name == "general", "cant_kick_from_general")
    refuse_if(user not in call.workspace.state.users, "user_not_found")
    refuse_if(user not in conversation.members, "not_in_channel")
    call.workspace.leave(conversation, user)
    return {}


@method("conversations.leave", CHANGING, required="channel")
def leave(call: Call) -> Json:
    """The bot goes."""
    conversation = _channel(call)
    refuse_if(conversation.name == "general", "cant_leave_general")
    if call.workspace.bot not in conversation.members:
        return {"not_in_channel": True}
    call.workspace.leave(conversation, call.workspace.bot)
    return {}


@method("conversations.archive", CHANGING, tier=2, required="channel")
def archive(call: Call) -> Json:
    conversation = _channel(call)
    refuse_if(conversation.archived, "already_archived")
    refuse_if(conversation.name == "general", "cant_archive_general")
    call.inside(conversation)
    call.workspace.archive(conversation)
    return {}


def _channel(call: Call) -> Conversation:
    conversation = call.conversation()
    refuse_if(conversation.kind not in {"channel", "group"}, "method_not_supported_for_channel_type")
    call.need("channels:manage" if conversation.kind == "channel" else "groups:write")
    return conversation


def _changeable(call: Call) -> Conversation:
    conversation = _channel(call)
    refuse_if(conversation.archived, "is_archived")
    call.inside(conversation)
    return conversation


def _name(call: Call) -> str:
    name = call.arguments.text("name")
    refuse_if(len(name) > NAME_MOST, "invalid_name_maxlength")
    refuse_if(not re.fullmatch(r"[\w-]+", name) or name != name.lower(), "invalid_name_specials")
    refuse_if(any(other.name == name for other in call.workspace.state.conversations.values()), "name_taken")
    return name
