"""How several tasks read: lists, and what teams and people are told about some of theirs."""

from __future__ import annotations

from collections.abc import Sequence

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import few_lines, joined
from callboard.tasks.messages.card import LIGHTS, MOST_ITEMS, Block, actions, mark, why_not
from callboard.tasks.messages.views import TaskView
from callboard.tasks.models import Rolled

WITH_BUTTONS, FREE = 12, 5
HINT = "`/task list` everything · `/task waiting` who waits for whom · `/task show A-1` one of them · `/task help`"


def mine(views: Sequence[TaskView], free: Sequence[TaskView]) -> Message:
    """What `/task` alone answers: one's tasks, what is pressing first, each with its buttons."""
    count = "No task is yours." if not views else f"{len(views)} task{'s are' if len(views) > 1 else ' is'} yours"
    blocks = [b.section(b.bold(count) if views else count)]
    for view in views[:WITH_BUTTONS]:
        blocks += [b.section("\n".join([one_line(view, whole=False), *why_not(view)])), *actions(view)]
    if len(views) > WITH_BUTTONS:
        rest = ", ".join(view.key for view in views[WITH_BUTTONS:][:40])
        blocks.append(b.section(b.clip(f"Further: {rest}", b.TEXT)))
    if free:
        blocks.append(b.section(b.bold("Nobody has these yet, in your team")))
        blocks += [
            b.section(one_line(view), accessory=b.button("Claim", "task.claim", view.value)) for view in free[:FREE]
        ]
    return Message(text=count, blocks=[*blocks, b.context(HINT)])


def listed(title: str, groups: Sequence[tuple[Rolled, Sequence[TaskView]]]) -> Message:
    """Tasks in groups, each summed up; long ones say how many more there are."""
    blocks: list[Block] = [b.section(b.bold(title))]
    for rolled, views in groups[:20]:
        lines = few_lines([one_line(view) for view in views], MOST_ITEMS)
        blocks.append(b.section(b.clip("\n".join([summed(rolled), *lines]), b.TEXT)))
    return Message(text=title, blocks=blocks if groups else [b.section(f"{title}: none.")])


def waiting(on_me: Sequence[TaskView], on_others: Sequence[TaskView]) -> Message:
    """Who waits for one's tasks, and for whom one waits."""
    blocks: list[Block] = []
    if on_me:
        lines = [f"{one_line(view)}\n:point_right: {_wait(view)} for it" for view in on_me]
        blocks += [b.section(b.bold("Others wait for these of yours")), *_sections(lines)]
    if on_others:
        lines = [f"{LIGHTS[view.status]} {b.bold(view.key)}  {view.title}\n{_sentences(view)}" for view in on_others]
        blocks += [b.section(b.bold("These of yours wait")), *_sections(lines)]
    text = "Nobody waits for you, and you wait for nobody." if not blocks else "Who waits for whom"
    return Message(text=text, blocks=blocks or [b.section(text)])


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


def late(views: Sequence[TaskView], why: dict[int, str]) -> Message:
    """What somebody reads whose tasks are overdue or stuck."""
    blocks = [b.section(":alarm_clock: " + ("This needs you" if len(views) == 1 else "These need you"))]
    said = {"overdue": "Say how far it is, or what is in the way.",
            "stuck": "Nothing was heard of it for longer than it should take: say how far it is."}  # fmt: skip
    for view in views[:WITH_BUTTONS]:
        reason = said[why.get(view.number, "overdue")]
        blocks += [b.section("\n".join([one_line(view, whole=False), reason, *why_not(view)])), *actions(view)]
    return Message(text=f"Late: {', '.join(view.key for view in views)}", blocks=blocks)


def one_line(view: TaskView, *, whole: bool = True) -> str:
    """A task in a list; not `whole`, what it waits for is said elsewhere."""
    due = f"  ·  due {b.date(view.due_at, 'both')}" if view.due_at and not view.is_settled else ""
    waits = f"  ·  waits for {', '.join(one.by for one in view.waits)}" if view.waits and whole else ""
    blocked = f"  ·  blocked by blocker {view.blocker}" if view.blocker else ""
    percent = f" {view.percent}%" if view.percent and not view.is_settled else ""
    late = "  ·  *overdue*" if view.is_overdue else ""
    stuck = "  ·  *stuck*" if view.is_stuck else ""
    light = f"{LIGHTS[view.status]}{percent} {b.bold(view.key)}  {b.clip(view.title, 120)}"
    return f"{light}  ·  {view.people}{due}{waits}{blocked}{late}{stuck}"


def summed(rolled: Rolled) -> str:
    """A phase, area or team in one line."""
    counts = {"in progress": rolled.in_progress, "blocked": rolled.blocked, "overdue": rolled.overdue,
              "stuck": rolled.stuck, "dropped": rolled.dropped}  # fmt: skip
    rest = "".join(f", {count} {word}" for word, count in counts.items() if count)
    return f"{b.bold(rolled.name)}: {rolled.completed} of {rolled.total} completed ({rolled.percent}%){rest}"


def _wait(view: TaskView) -> str:
    return f"{joined(view.waiting)} {'waits' if len(view.waiting) == 1 else 'wait'}"


def _sentences(view: TaskView) -> str:
    return "\n".join([*why_not(view), *([f"blocked by blocker {view.blocker}"] if view.blocker else [])])


def _sections(lines: Sequence[str]) -> list[Block]:
    shown = [b.section(b.clip(line, b.TEXT)) for line in lines[:MOST_ITEMS]]
    return [*shown, *([b.context(f"and {len(lines) - MOST_ITEMS} more")] if len(lines) > MOST_ITEMS else [])]
