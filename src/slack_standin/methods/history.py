"""conversations.history and .replies: what was said in a conversation, and in a thread."""

import math

from slack_standin.methods import Arguments, Call, method
from slack_standin.methods.cursors import page_of
from slack_standin.state import Conversation, Json, Message, SlackError, refuse_if

HISTORY = "channels:history groups:history im:history mpim:history"
PART = "cursor include_all_metadata inclusive latest limit oldest"


@method("conversations.history", HISTORY, required="channel", optional=PART, json=False)
def history(call: Call) -> Json:
    """What was said outside threads, newest first."""
    conversation = _readable(call)
    visible = _visible(call, conversation)
    shown = [one for one in visible if one.thread_ts in {None, one.ts} or one.broadcast]
    return _page(call, shown[::-1]) | {"pin_count": len(conversation.pins)}


@method("conversations.replies", HISTORY, required="channel ts", optional=PART, json=False)
def replies(call: Call) -> Json:
    """A thread, its first message included, oldest first."""
    conversation, ts = _readable(call), call.arguments.text("ts")
    thread = [message for message in _visible(call, conversation) if ts in {message.ts, message.thread_ts}]
    refuse_if(not any(message.ts == ts for message in thread), "thread_not_found")
    return _page(call, thread)


def _readable(call: Call) -> Conversation:
    conversation = call.conversation()
    call.need_for(conversation, "history")
    call.inside(conversation)
    return conversation


def _visible(call: Call, conversation: Conversation) -> list[Message]:
    workspace, lag = call.workspace, call.workspace.history_lag
    until = f"{workspace.now().timestamp() - lag:.6f}"
    said = [one for one in workspace.messages(conversation.id).values() if not one.only_for and not one.notice]
    return [message for message in said if not lag or message.ts <= until]


def _page(call: Call, messages: list[Message]) -> Json:
    page, cursor = page_of(_between(messages, call.arguments), call.arguments, most=999)
    answer: Json = {"messages": [_told(call, message) for message in page], "has_more": bool(cursor)}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _between(messages: list[Message], arguments: Arguments) -> list[Message]:
    oldest, latest = _edge(arguments, "oldest", -math.inf), _edge(arguments, "latest", math.inf)
    edges = {oldest, latest} if arguments.flag("inclusive") else set()
    return [one for one in messages if oldest < float(one.ts) < latest or float(one.ts) in edges]


def _edge(arguments: Arguments, name: str, default: float) -> float:
    try:
        return float(arguments.text(name) or default)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _told(call: Call, message: Message) -> Json:
    payload = call.workspace.as_payload(message, metadata=call.arguments.flag("include_all_metadata"))
    thread = [one for one in call.workspace.messages(message.channel).values() if one.thread_ts == message.ts]
    answers = [reply for reply in thread if reply.ts != message.ts and not reply.only_for]
    if answers:
        people = list(dict.fromkeys(reply.user for reply in answers))
        payload |= {"thread_ts": message.ts, "reply_count": len(answers), "reply_users": people}
        payload |= {"reply_users_count": len(people), "latest_reply": answers[-1].ts}
    return payload
