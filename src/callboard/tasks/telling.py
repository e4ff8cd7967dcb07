"""What people and teams are told about tasks, of itself."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.core import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import joined
from callboard.tasks.messages import WITH_BUTTONS, actions, mark, one_line, state, why_not
from callboard.tasks.views import TaskView


def free(views: Sequence[TaskView], by: str, how: str) -> Message:
    """What a team reads when something of it may start."""
    one = len(views) == 1
    head = f":arrow_forward: {by} {how}. {'This' if one else 'These'} may start now:"
    blocks = [b.section(head)]
    for view in views[:WITH_BUTTONS]:
        brief = [f"> {line}" for line in (*view.brief, *([view.note] if view.note else []))]
        tasks = [f"{mark(item)} {item.text}" for item in view.criteria]
        blocks += [b.section(b.clip("\n".join([one_line(view), *brief, *tasks]), b.TEXT)), *actions(view)[:1]]
    if len(views) > WITH_BUTTONS:
        blocks.append(b.section(f"and {', '.join(view.key for view in views[WITH_BUTTONS:])}"))
    return Message(text=f"{by} {how}: {', '.join(view.key for view in views)} may start", blocks=blocks)


def again(views: Sequence[TaskView], by: str, actor: str) -> Message:
    """What a team reads when something that was there is not there any more."""
    keys, one = joined(view.key for view in views), len(views) == 1
    who = f"{actor} has opened {by} again" if actor else f"{by} is open again"
    return Message(text=f":leftwards_arrow_with_hook: {who}: {keys} {'waits' if one else 'wait'} for it after all.")


def arrived(whose: Sequence[str], by: str, how: str, *, whole: bool) -> Message:
    """What is read when something is there that these wanted to know of, or of which one of them consists."""
    keys = joined(whose)
    what = f"All parts of {keys} are there." if whole else f"{keys} wanted to know."
    return Message(text=f":bell: {by} {how}. {what}")


def assigned(view: TaskView, by: str) -> Message:
    """What somebody reads to whom a task is given."""
    head = f":inbox_tray: {by} gives you {b.bold(view.key)} {view.title}."
    lines = [head, *state(view)]
    return Message(text=b.unescape(f"You have {view.key}"), blocks=[b.section("\n".join(lines)), *actions(view)])


def unblocked(view: TaskView, blocker: int, by: str, state: str, said: str) -> Message:
    """What those read who have a task that goes on."""
    helped = f": {b.clip(said, 500)}" if said else "."
    text = f":large_green_circle: {b.bold(view.key)} {view.title} goes on. Blocker {blocker} is {state} by {by}{helped}"
    return Message(text=f"{view.key} goes on", blocks=[b.section(text), *actions(view)])


def overridden(view: TaskView, by: str, held: str, reason: str) -> Message:
    """What is announced when a task may start although something holds it."""
    text = f":arrow_forward: {by} lets {b.bold(view.key)} {view.title} start without {held}, because {reason}"
    return Message(text=b.clip(text, b.TEXT))


def late(views: Sequence[TaskView], why: dict[int, str]) -> Message:
    """What somebody reads whose tasks are overdue or stuck."""
    blocks = [b.section(":alarm_clock: " + ("This needs you" if len(views) == 1 else "These need you"))]
    said = {"overdue": "Say how far it is, or what is in the way.",
            "stuck": "Nothing was heard of it for longer than it should take: say how far it is."}  # fmt: skip
    for view in views[:WITH_BUTTONS]:
        reason = said[why.get(view.number, "overdue")]
        blocks += [b.section("\n".join([one_line(view, whole=False), reason, *why_not(view)])), *actions(view)]
    return Message(text=f"Late: {', '.join(view.key for view in views)}", blocks=blocks)
