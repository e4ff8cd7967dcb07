"""What coordinators read when a person or a channel cannot be reached."""

from __future__ import annotations

from callboard import blocks as b
from callboard.core.outbox import SLACK, Message

HINTS = {
    "not_in_channel": "I'm not in it. Type `/invite @Callboard` there, and I post what waits.",
    "channel_not_found": "It does not exist, or it is private. Create it, or type `/invite @Callboard` there.",
    "is_archived": "It is archived. Unarchive it, or name another channel in the plan file.",
}


def unreached(who: str, medium: str, error: str) -> Message:
    """Somebody was paged and no way to them worked."""
    tried = "Slack" if medium == SLACK else "Their fallback"
    why = f" ({b.escape(error)})" if error else ""
    text = (
        f":warning: I can't page {who}. {tried} did not take the page{why}, and the plan names no other way. "
        "Reach them yourself, or add `fallback:` to them in the plan file."
    )
    return Message(text, title="Somebody could not be paged")


def parked(address: str, error: str) -> Message:
    """Messages to an address cannot be delivered."""
    hint = HINTS.get(error.split(":", maxsplit=1)[0], f"Slack says: {b.escape(error)}.")
    return Message(f":warning: I can't post to {shown(address)}. {hint}", title="A channel cannot be reached")


def shown(address: str) -> str:
    """An address of the outbox: a channel, a person, or whatever it is."""
    if address.startswith(("C", "G")) and address.isalnum() and address.isupper():
        return b.channel(address)
    return b.mention(address) if address.startswith(("U", "W")) and address.isalnum() else b.escape(address)
