"""Why an address takes no messages, in words, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from callboard.blocks import markup as m
from callboard.core.outbox import Delivery, Medium, Message
from callboard.core.words import counted, few_lines

MOST_RETRIED = 12

INVITE = "Type `/invite @Callboard` there."
PERMIT = "Let Callboard post in the channel's settings, or name another channel in the plan file."
KNOWN = {
    "not_in_channel": ("I'm not in it.", INVITE),
    "channel_not_found": ("It does not exist, or it is private.", "Create it, or type `/invite @Callboard` there."),
    "is_archived": ("It is archived.", "Unarchive it, or name another channel in the plan file."),
    "is_inactive": ("It is not in use any more.", "Name another channel in the plan file."),
    "channel_is_limited_access": ("Only some people can see it.", INVITE),
    "posting_to_channel_denied": ("I am not allowed to post there.", PERMIT),
    "restricted_action": ("I am not allowed to post there.", PERMIT),
    "restricted_action_read_only_channel": ("Only some people can post there.", PERMIT),
    "restricted_action_thread_only_channel": ("It takes replies in threads only.", PERMIT),
    "restricted_action_non_threadable_channel": ("It takes no threads.", PERMIT),
    "restricted_action_thread_locked": ("The thread is locked.", "Unlock it."),
    "messages_tab_disabled": (
        "The app takes no direct messages.", "Turn on its Messages tab, under *App Home* in the app's settings.",
    ),
    "user_not_found": ("Slack does not know them.", "Correct `slack:` in the plan file."),
    "user_disabled": ("They left the workspace.", "Name somebody else in the plan file."),
    "team_not_found": ("Slack does not know its workspace.", "Name another channel in the plan file."),
    "no usable address among": (
        "I have no way to send it.", "Set up mail with `CALLBOARD_MAIL_URL`, or correct the address in the plan file.",
    ),
}  # fmt: skip


def reason(error: str, medium: str = Medium.SLACK) -> str:
    """Why, in a sentence; in Slack's own word where it is a rare one."""
    known = KNOWN.get(_code(error))
    return (
        known[0]
        if known
        else f"{'Slack says' if medium == Medium.SLACK else 'The reason'}: {m.escape(error.rstrip('.'))}."
    )


def remedy(error: str) -> str:
    """What somebody can do; empty where nobody knows."""
    return KNOWN.get(_code(error), ("", ""))[1]


def retried(parked: Sequence[Delivery]) -> Message:
    """What is tried again, and why it was not sent before."""
    if not parked:
        return Message("Nothing to retry: no message waits because it was refused.")
    alike: dict[tuple[str, str], list[Delivery]] = {}
    for each in parked:
        alike.setdefault((each.address, reason(each.error or "", each.medium)), []).append(each)
    lines = [
        f"• {m.address(address)}: {counted(len(some), 'message')} since {m.date(_since(some), 'both')}. {why}"
        for (address, why), some in alike.items()
    ]  # fmt: skip
    head = f"I am trying {counted(len(parked), 'message')} again. What is no longer true is left out."
    return Message("\n".join([head, *few_lines(lines, MOST_RETRIED), "See what is still refused: `/plan`"]))


def _since(parked: Sequence[Delivery]) -> datetime:
    return min(each.parked_at or each.created_at for each in parked)


def _code(error: str) -> str:
    return error.partition(":")[0].partition(";")[0]
