"""What coordinators read when a person or a channel cannot be reached."""

from __future__ import annotations

from callboard import blocks as b
from callboard.core.outbox import Message


def unreached(who: str, medium: str, error: str) -> Message:
    """What the coordinator reads when somebody was paged and no way to them worked."""
    why = f" ({b.escape(error)})" if error else ""
    tried = "Slack has not taken the page" if medium == "slack" else "Their fallback has not taken the page"
    text = (
        f":warning: {who} could not be paged. {tried}{why}, and the plan names no other way. "
        "Reach them yourself, or add `fallback:` to them in the plan file."
    )
    return Message(text=text, title="Somebody could not be paged")


def parked(where: str, error: str) -> Message:
    """What the coordinator reads when messages to an address cannot be delivered."""
    hint = {
        "not_in_channel": "I'm not in it: type `/invite @Callboard` there, and what waits is posted.",
        "channel_not_found": "There is none, or it is private: create it, or type `/invite @Callboard` there.",
        "is_archived": "It is archived: unarchive it, or name another channel in the plan file.",
    }.get(error.split(":", maxsplit=1)[0], f"Slack says: {b.escape(error)}.")
    return Message(text=f":warning: I can't post to {where}. {hint}", title="A channel cannot be reached")


def address(written: str) -> str:
    """Show an address of the outbox: a channel, a person, or whatever it is."""
    if written.startswith(("C", "G")) and written.isalnum() and written.isupper():
        return b.channel(written)
    return b.mention(written) if written.startswith(("U", "W")) and written.isalnum() else b.escape(written)
