"""Why an address takes no messages, in words, and what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from callboard.blocks import markup as m
from callboard.core.outbox import Delivery, Medium, Message
from callboard.core.words import counted, few_lines

MOST_RETRIED = 12
METHOD = re.compile(r"^[a-z]+\.[\w.]+: ")

INVITE = "Type `/invite @Callboard` there."
PERMIT = "Let Callboard post in the channel's settings, or name another channel in the plan file."
REOPEN = "Unarchive it, or name another channel in the plan file."
INVITE_GUEST = "Let an admin invite them to the channels of their team."
NAME_ANOTHER = "Name somebody else in the plan file."
CORRECT = "Correct `slack:` in the plan file, or name somebody else."
DEACTIVATED = "has a deactivated Slack account"
BOT = "has a Slack account that is a bot's, and bots read nothing"
GUEST = "is a guest in Slack, and sees only some channels"
UNKNOWN = "has a Slack account that this workspace does not know"


class Hindrance(NamedTuple):
    """Why there is nothing to be done at an address, and what mends it; `of_account` is said after a person's name."""

    reason: str
    remedy: str
    of_account: str = ""


KNOWN = {
    "not_in_channel": Hindrance("I'm not in it.", INVITE),
    "channel_not_found": Hindrance(
        "It does not exist, or it is private.", "Create it, or type `/invite @Callboard` there.", UNKNOWN
    ),
    "is_archived": Hindrance("It is archived.", REOPEN),
    "is_inactive": Hindrance("It is archived or deleted.", REOPEN, DEACTIVATED),
    "channel_is_limited_access": Hindrance("Only some people can see it.", INVITE),
    "posting_to_channel_denied": Hindrance("I am not allowed to post there.", PERMIT),
    "restricted_action": Hindrance("I am not allowed to post there.", PERMIT),
    "restricted_action_read_only_channel": Hindrance("Only some people can post there.", PERMIT),
    "restricted_action_thread_only_channel": Hindrance("It takes replies in threads only.", PERMIT),
    "restricted_action_non_threadable_channel": Hindrance("It takes no threads.", PERMIT),
    "restricted_action_thread_locked": Hindrance("The thread is locked.", "Unlock it."),
    "messages_tab_disabled": Hindrance(
        "The app takes no direct messages.", "Turn on its Messages tab, under *App Home* in the app's settings.",
    ),
    "user_not_found": Hindrance("Slack does not know them.", CORRECT, UNKNOWN),
    "user_not_visible": Hindrance("Slack does not know them.", CORRECT, UNKNOWN),
    "user_disabled": Hindrance("They left the workspace.", NAME_ANOTHER, DEACTIVATED),
    "is_bot": Hindrance("Bots read nothing.", CORRECT, BOT),
    "cannot_dm_bot": Hindrance("Bots read nothing.", CORRECT, BOT),
    "is_stranger": Hindrance("They are in another workspace.", CORRECT, "has a Slack account of another workspace"),
    "is_restricted": Hindrance("They see only some channels.", INVITE_GUEST, GUEST),
    "ekm_access_denied": Hindrance(
        "An admin has suspended posting there.", "Let an admin of the workspace allow it again.",
    ),
    "team_not_found": Hindrance("Slack does not know its workspace.", "Name another channel in the plan file."),
    "app_uninstalled": Hindrance("Callboard is not installed in this workspace any more.", "Let an admin install it."),
    "no usable address among": Hindrance(
        "I have no way to send it.", "Set up mail with `CALLBOARD_MAIL_URL`, or correct the address in the plan file.",
    ),
}  # fmt: skip


def reason(error: str, medium: str = Medium.SLACK) -> str:
    """Why, in a sentence; in Slack's own word where it is a rare one."""
    says = "Slack says" if medium == Medium.SLACK else "The reason"
    known = KNOWN.get(code(error))
    return known.reason if known else f"{says}: {m.escape(error.rstrip('.'))}."


def is_known(error: str) -> bool:
    """Whether there are words for it."""
    return code(error) in KNOWN


def remedy(error: str) -> str:
    """What somebody can do; empty where nobody knows."""
    known = KNOWN.get(code(error))
    return known.remedy if known else ""


def of_account(error: str) -> str:
    """Why somebody's Slack account takes nothing, to be said after their name; empty where it is not the account."""
    known = KNOWN.get(code(error))
    return known.of_account if known else ""


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


def code(error: str) -> str:
    """Slack's word, without what it says besides, and without the method that it refused."""
    return METHOD.sub("", error).partition(":")[0].partition(";")[0]
