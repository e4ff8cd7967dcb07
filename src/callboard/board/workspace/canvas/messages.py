"""The lines of a canvas, each with a label of its own by which it is found again; and why Slack takes none; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.blocks.markdown import Code, one_line, shown
from callboard.core.outbox import Message
from callboard.core.words import few, joined

MOST, LONGEST = 8, 120
"""Tasks, blockers or locks that a line names; letters of each, and of a title."""
SCOPES = "The app lacks the scopes `canvases:read` and `canvases:write`"
NONE_OF_CHANNELS = "This workspace's Slack plan has no canvases for channels"
REASONS = {
    "missing_scope": SCOPES,
    "canvas_disabled_user_team": "Canvases are turned off in this workspace",
    "team_tier_cannot_create_channel_canvases": NONE_OF_CHANNELS,
    "free_team_canvas_tab_already_exists": NONE_OF_CHANNELS,
    "free_teams_cannot_edit_standalone_canvases": NONE_OF_CHANNELS,
    "restricted_action": "I am not allowed to write canvases there",
    "not_in_channel": "I'm not a member there",
    "channel_not_found": "Slack shows me no such channel: it is private, or gone",
}
REMEDIES = {
    "missing_scope": "Paste `callboard manifest` under App Manifest, then reinstall the app to the workspace.",
    "restricted_action": "An admin of the workspace can allow it.",
    "not_in_channel": "Type `/invite @Callboard` there.",
    "channel_not_found": "Type `/invite @Callboard` there.",
}
STOP = "To stop this, remove `canvases: true` from `workspace` in the plan file."


@dataclass(frozen=True)
class Sheet:
    """How a team stands. Tasks, blockers and locks are said in plain text, and files as they are."""

    done: int
    tasks: int
    running: Sequence[str]
    blocked: Sequence[str]
    blockers: Sequence[str]
    locks: Sequence[tuple[Sequence[str], str]]
    """Files, and who holds them."""


def called(team: str, plan: str) -> str:
    """What the lines of a team are called."""
    return one_line(m.clip(f"{team} in {plan}", LONGEST))


def lines(title: str, sheet: Sheet, ended: str) -> Message:
    """All lines; `ended` says when the plan was over, and is empty before."""
    held = [f"{few([shown(Code(file)) for file in files], MOST)} ({shown(holder)})" for files, holder in sheet.locks]
    own = (
        _line("Completed by", title, f"{sheet.done} of {sheet.tasks} tasks" if sheet.tasks else "no tasks yet"),
        _line("In progress at", title, _named(map(_short, sheet.running))),
        _line("Blocked at", title, _named(map(_short, sheet.blocked))),
        _line("Open blockers of", title, _named(map(_short, sheet.blockers))),
        _line("Locks of", title, _named(held)),
    )
    last = f"as the plan ended on {shown(ended)}." if ended else "kept by Callboard. Your own lines stay as they are."
    return _message(title, [_block(title, f"## {shown(title)}"), *own, _last(title, last)])


def left(title: str) -> Message:
    """The last line, where Callboard writes no more; the others stay as they are."""
    return _message(title, [_last(title, "no longer kept here. It may be out of date.")])


def refused(error: str, channels: Sequence[str], plan: str) -> Message:
    """Slack takes no canvas in some channels; or it does again, where none is left."""
    if not channels:
        return Message(f":white_check_mark: The status of {m.escape(plan)} is in canvases again.")
    why, remedy = refusal(error)
    where = joined(channels, MOST)
    head = f":information_source: *I can't show the status of {m.escape(plan)} as a canvas* in {where}."
    rest = " ".join(filter(None, (f"{why}.", remedy, "I try again every hour. Everything else works.", STOP)))
    text = f"{head}\n{rest}"
    return Message(text=text, blocks=[b.section(text)])


def refusal(error: str) -> tuple[str, str]:
    """Why Slack takes no canvas, and what mends it."""
    code = error.partition(":")[0].partition(";")[0]
    return REASONS.get(code, f"Slack says {m.code(code)}"), REMEDIES.get(code, "")


def _message(title: str, parts: Sequence[b.Block]) -> Message:
    return Message(text=m.escape(title), blocks=parts)


def _last(title: str, text: str) -> b.Block:
    return _line("Status of", title, text)


def _line(what: str, title: str, text: str) -> b.Block:
    label = f"{what} {title}:"
    return _block(label, f"**{shown(label)}** {text}")


def _block(label: str, text: str) -> b.Block:
    return {"type": "markdown", "block_id": label, "text": text}


def _short(text: str) -> str:
    return shown(m.clip(text, LONGEST))


def _named(some: Iterable[str]) -> str:
    every: list[str] = list(some)
    return few(every, MOST, between="; ") if every else "none"
