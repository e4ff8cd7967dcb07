"""conversations.history and .replies: what was said in a conversation, and in a thread."""

from slack_standin.methods import Arguments, Call, method
from slack_standin.methods.cursors import page_of
from slack_standin.state import Conversation, Json, Message, SlackError, refuse_if

HISTORY = "channels:history groups:history im:history mpim:history"
PART = "cursor include_all_metadata inclusive latest limit oldest"


@method("conversations.history", HISTORY, required="channel", optional=PART)
def history(call: Call) -> Json:
    """What was said outside threads, newest first."""
    conversation = _readable(call)
    shown = [
        message
        for message in _visible(call, conversation)
        if not message.thread_ts or message.thread_ts == message.ts or message.broadcast
    ]
    return _page(call, shown[::-1]) | {"pin_count": len(conversation.pins)}


@method("conversations.replies", HISTORY, required="channel ts", optional=PART)
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
    return [
        message
        for message in workspace.messages(conversation.id).values()
        if message.only_for is None and not message.notice and (not lag or message.ts <= until)
    ]


def _page(call: Call, messages: list[Message]) -> Json:
    page, cursor = page_of(_between(messages, call.arguments), call.arguments, most=999)
    answer: Json = {"messages": [_told(call, message) for message in page], "has_more": bool(cursor)}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _between(messages: list[Message], arguments: Arguments) -> list[Message]:
    oldest, latest = _edge(arguments, "oldest"), _edge(arguments, "latest")
    inclusive = arguments.flag("inclusive")

    def fits(ts: float) -> bool:
        if inclusive and ts in {oldest, latest}:
            return True
        return (oldest is None or ts > oldest) and (latest is None or ts < latest)

    return [message for message in messages if fits(float(message.ts))]


def _edge(arguments: Arguments, name: str) -> float | None:
    value = arguments.text(name)
    try:
        return float(value) if value else None
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _told(call: Call, message: Message) -> Json:
    payload = call.workspace.as_payload(message, metadata=call.arguments.flag("include_all_metadata"))
    answers = [
        reply
        for reply in call.workspace.messages(message.channel).values()
        if reply.thread_ts == message.ts and reply.ts != message.ts and reply.only_for is None
    ]
    if answers:
        people = list(dict.fromkeys(reply.user for reply in answers))
        payload |= {"thread_ts": message.ts, "reply_count": len(answers), "reply_users": people}
        payload |= {"reply_users_count": len(people), "latest_reply": answers[-1].ts}
    return payload
