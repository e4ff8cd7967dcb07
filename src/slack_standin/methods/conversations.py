"""conversations.*: which there are, who is in them, what was said."""

from typing import Any

from slack_standin.methods.registry import Arguments, Call, method, page_of
from slack_standin.state import Conversation, Json, Message, SlackError, refuse_if
from slack_standin.workspace import TOKEN_PREFIX

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
READ = "channels:read groups:read im:read mpim:read"
HISTORY = "channels:history groups:history im:history mpim:history"
OPEN_MOST = 8


def as_channel(call: Call, conversation: Conversation, *, members: bool = False) -> Json:
    """A conversation as Slack writes it."""
    kind, workspace = conversation.kind, call.workspace
    payload: Json = {"id": conversation.id, "created": conversation.created, "context_team_id": workspace.spec.team_id}
    if kind == "im":
        return payload | {"is_im": True, "is_archived": False, "is_org_shared": False, "user": conversation.person}
    payload |= {
        "name": conversation.name, "name_normalized": conversation.name, "is_channel": kind == "channel",
        "is_group": kind == "group", "is_im": False, "is_mpim": kind == "mpim", "is_private": kind != "channel",
        "is_archived": conversation.archived, "is_general": conversation.name == "general",
        "is_member": workspace.bot in conversation.members,
        "creator": conversation.members[0] if conversation.members else workspace.bot,
        "topic": {"value": conversation.topic, "creator": "", "last_set": 0},
        "purpose": {"value": conversation.purpose, "creator": "", "last_set": 0},
    }  # fmt: skip
    return payload | ({"num_members": len(conversation.members)} if members else {})


@method("conversations.open", "im:write mpim:write", optional="channel users return_im prevent_creation")
def open_(call: Call) -> Json:
    """Open the DM with one person, or a group DM with up to eight."""
    workspace, users = call.workspace, call.arguments.names("users")
    if channel := call.arguments.text("channel"):
        found = workspace.state.conversations.get(channel)
        if found is None or found.kind not in {"im", "mpim"}:
            raise SlackError("channel_not_found")
    elif not users:
        raise SlackError("users_list_not_supplied")
    elif len(users) > OPEN_MOST:
        raise SlackError("too_many_users")
    else:
        found = _opened(call, users)
    full = call.arguments.flag("return_im")
    return {"channel": as_channel(call, found) if full else {"id": found.id}}


def _opened(call: Call, users: list[str]) -> Conversation:
    state = call.workspace.state
    for user in users:
        refuse_if(user not in state.users, "user_not_found")
        refuse_if(state.users[user].deleted, "user_disabled")
        refuse_if(state.users[user].is_bot, "user_not_visible")
    if len(users) == 1:
        call.need("im:write")
        return call.workspace.dm(users[0])
    call.need("mpim:write")
    members = [*dict.fromkeys(users), call.workspace.bot]
    for conversation in state.conversations.values():
        if conversation.kind == "mpim" and set(conversation.members) == set(members):
            return conversation
    names = "--".join(state.users[user].name for user in users)
    conversation = Conversation(
        id=f"G{call.workspace.serial():08d}", name=f"mpdm-{names}-1", kind="mpim", members=members
    )
    state.conversations[conversation.id] = conversation
    call.workspace.announce("conversation", channel=conversation.id)
    return conversation


@method("conversations.info", READ, required="channel", optional="include_locale include_num_members")
def describe(call: Call) -> Json:
    """One conversation."""
    conversation = call.conversation()
    call.need_for(conversation, "read")
    return {"channel": as_channel(call, conversation, members=call.arguments.flag("include_num_members"))}


@method("conversations.list", READ, tier=2, optional="cursor exclude_archived limit types team_id")
def list_(call: Call) -> Json:
    """The conversations that the bot can see, page by page."""
    return _listed(call, list(call.workspace.state.conversations.values()))


@method("users.conversations", READ, optional="user cursor exclude_archived limit types team_id")
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
    seen = [
        room
        for room in conversations
        if room.kind in kinds
        and (room.kind == "channel" or call.workspace.bot in room.members)
        and not (room.archived and call.arguments.flag("exclude_archived"))
    ]
    page, cursor = page_of(seen, call.arguments, refusal="invalid_limit")
    return {
        "channels": [as_channel(call, room, members=True) for room in page],
        "response_metadata": {"next_cursor": cursor},
    }


@method("conversations.members", READ, tier=4, required="channel", optional="cursor limit")
def members(call: Call) -> Json:
    """Who is in."""
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


@method("conversations.invite", "channels:manage groups:write", required="channel users", optional="force")
def invite(call: Call) -> Json:
    """The bot brings people into a channel it is in."""
    conversation = call.conversation()
    call.need("channels:manage" if conversation.kind == "channel" else "groups:write")
    refuse_if(conversation.archived, "is_archived")
    refuse_if(call.workspace.bot not in conversation.members, "not_in_channel")
    users = call.arguments.names("users")
    for user in users:
        refuse_if(user not in call.workspace.state.users, "user_not_found")
        refuse_if(user == call.workspace.bot, "cant_invite_self")
    refuse_if(all(user in conversation.members for user in users), "already_in_channel")
    for user in users:
        call.workspace.join(conversation, user, inviter=call.workspace.bot)
    return {"channel": as_channel(call, conversation)}


@method(
    "conversations.history",
    HISTORY,
    required="channel",
    optional="cursor include_all_metadata inclusive latest limit oldest",
)
def history(call: Call) -> Json:
    """What was said outside threads, newest first."""
    conversation = _readable(call)
    shown = [
        message
        for message in _visible(call, conversation)
        if not message.thread_ts or message.thread_ts == message.ts or message.broadcast
    ]
    page, cursor = page_of(_between(shown[::-1], call.arguments), call.arguments, most=999)
    answer: Json = {"messages": [_told(call, message) for message in page], "has_more": bool(cursor)}
    answer["pin_count"] = len(conversation.pins)
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


@method(
    "conversations.replies",
    HISTORY,
    required="channel ts",
    optional="cursor include_all_metadata inclusive latest limit oldest",
)
def replies(call: Call) -> Json:
    """A thread, its first message included, oldest first."""
    conversation = _readable(call)
    ts = call.arguments.text("ts")
    thread = [message for message in _visible(call, conversation) if ts in {message.ts, message.thread_ts}]
    refuse_if(not any(message.ts == ts for message in thread), "thread_not_found")
    page, cursor = page_of(_between(thread, call.arguments), call.arguments, most=999)
    answer: Json = {"messages": [_told(call, message) for message in page], "has_more": bool(cursor)}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _readable(call: Call) -> Conversation:
    conversation = call.conversation()
    call.need_for(conversation, "history")
    refuse_if(call.workspace.bot not in conversation.members, "not_in_channel")
    return conversation


def _visible(call: Call, conversation: Conversation) -> list[Message]:
    workspace = call.workspace
    until = f"{workspace.now().timestamp() - workspace.history_lag:.6f}"
    lag = bool(workspace.history_lag)
    everything = workspace.messages(conversation.id).values()
    return [
        message
        for message in everything
        if message.only_for is None and not message.notice and (not lag or message.ts <= until)
    ]


def _between(messages: list[Message], arguments: Arguments) -> list[Message]:
    oldest, latest = _edge(arguments, "oldest"), _edge(arguments, "latest")
    inclusive = arguments.flag("inclusive")

    def fits(ts: float) -> bool:
        if inclusive and ts in {oldest, latest}:
            return True
        return (oldest is None or ts > oldest) and (latest is None or ts < latest)

    return [message for message in messages if fits(float(message.ts))]


def _edge(arguments: Arguments, name: str) -> float | None:
    value = arguments.get(name)
    try:
        return float(value) if value not in (None, "") else None
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _told(call: Call, message: Message) -> Json:
    payload = call.workspace.as_payload(message, metadata=call.arguments.flag("include_all_metadata"))
    answers: list[Any] = [
        reply
        for reply in call.workspace.messages(message.channel).values()
        if reply.thread_ts == message.ts and reply.ts != message.ts and reply.only_for is None
    ]
    if answers:
        people = list(dict.fromkeys(reply.user for reply in answers))
        payload |= {"thread_ts": message.ts, "reply_count": len(answers), "reply_users": people}
        payload |= {"reply_users_count": len(people), "latest_reply": answers[-1].ts}
    return payload
