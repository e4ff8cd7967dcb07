"""How several tasks read: lists, and what teams and people are told about some of theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few, few_lines, has_have, joined, waits_wait
from callboard.tasks.dependencies import Scene
from callboard.tasks.messages import LIGHTS, MOST_ITEMS, Block, TaskView, actions, why_not
from callboard.tasks.models import Late, Rolled, State, Task, is_overdue, settled

WITH_BUTTONS, FREE, MOST_KEYS, MOST_GROUPS, MOST_LINES = 12, 5, 40, 20, 90
NARROWER = "`/task list WORD` shows those of a person, team, phase or state"
PRESSING = (State.IN_PROGRESS, State.BLOCKED, State.NOT_STARTED)
HINT = "`/task list` all tasks · `/task waiting` who waits for whom · `/task show A-1` one task · `/task help`"
LATE_WORDS = complete(Late, {Late.OVERDUE: "late", Late.STUCK: "stuck"})
WHAT_TO_DO = complete(Late, {
    Late.OVERDUE: "Update its progress or raise a blocker.", Late.STUCK: "Update its progress.",
})  # fmt: skip


def pressing(scene: Scene, tasks: Iterable[Task]) -> Sequence[Task]:
    """What is late first, then what is in progress, then what can start, then what waits."""
    now = scene.tx.now

    def order(task: Task) -> tuple[bool, int, bool, float]:
        due = task.due_at.timestamp() if task.due_at else float("inf")
        waits = not task.started_at and bool(scene.waits(task))
        return not is_overdue(task, now), PRESSING.index(State(task.status)), waits, due

    return sorted(tasks, key=order)


def mine(views: Sequence[TaskView], free: Sequence[TaskView]) -> Message:
    count = f"You have {counted(len(views), 'task') if views else 'no tasks'}"
    blocks = [b.section(m.bold(count))]
    for view in views[:WITH_BUTTONS]:
        blocks += [b.section("\n".join([one_line(view, whole=False), *why_not(view)])), *actions(view)]
    if len(views) > WITH_BUTTONS:
        blocks.append(b.section(f"More: {few([view.key for view in views[WITH_BUTTONS:]], MOST_KEYS)}"))
    if len(views) > WITH_BUTTONS + MOST_KEYS:
        blocks.append(b.context("`/task list mine` shows more of them at once."))
    if free:
        blocks.append(b.section(m.bold("Free in your team")))
        blocks += [
            b.section(one_line(view), accessory=b.button("Claim", "task.claim", view.value)) for view in free[:FREE]
        ]
        blocks += _left(len(free) - FREE, "`/task list free`")
    return Message(text=count, blocks=[*blocks, b.context(HINT)])


def listed(title: str, groups: Sequence[tuple[Rolled, Sequence[TaskView]]]) -> Message:
    """Tasks in groups, each summed up; long ones say how many more there are, few ones show more of each."""
    blocks: list[Block] = [b.section(m.bold(title))]
    most = max(MOST_ITEMS, MOST_LINES // max(len(groups), 1))
    for rolled, views in groups[:MOST_GROUPS]:
        lines = few_lines([one_line(view) for view in views], most, f": {NARROWER}")
        blocks += fit.paragraphs([summed(rolled), *lines])
    blocks += _left(len(groups) - MOST_GROUPS, NARROWER)
    return Message(text=title, blocks=blocks if groups else [b.section(f"{title}: none.")])


def waiting(on_me: Sequence[TaskView], on_others: Sequence[TaskView]) -> Message:
    behind = [f"{one_line(view)}\n:point_right: {_wait(view.waiting)} for it" for view in on_me]
    held = [
        "\n".join([
            f"{LIGHTS[view.state]} {m.bold(view.key)}  {view.title}", *why_not(view),
            *([f"blocked by blocker {view.blocker}"] if view.blocker else []),
        ])
        for view in on_others
    ]  # fmt: skip
    blocks = [*_sections("Others wait for you", behind), *_sections("You wait for others", held)]
    text = "Who waits for whom" if blocks else "Nobody waits for you, and you wait for nobody."
    return Message(text=text, blocks=blocks or [b.section(text)])


def free(views: Sequence[TaskView], news: str, later: Mapping[str, datetime]) -> Message:
    """To a team, when something of it can start, and for when that was planned where it is `later`."""
    these, are = ("This", "is") if len(views) == 1 else ("These", "are")
    together = min(later.values()) if len(later) == len(views) and len({*later.values()}) == 1 else None
    and_planned = f", and {are} planned from {m.date(together, 'both')} on" if together else ""
    blocks = [b.section(f":arrow_forward: {m.sentence(news)} {these} can start now{and_planned}:")]
    for view in views[:WITH_BUTTONS]:
        brief = [f"> {m.escape(line)}" for line in (*view.task.brief, *filter(None, [view.task.note]))]
        criteria = [f"{item.mark} {item.text}" for item in view.criteria] if len(views) <= FREE else []
        planned = [] if together or view.key not in later else [f"planned from {m.date(later[view.key], 'both')} on"]
        blocks += [b.section("\n".join([one_line(view), *planned, *brief, *criteria])), *actions(view)]
    if len(views) > WITH_BUTTONS:
        blocks.append(b.section(f"and {few([view.key for view in views[WITH_BUTTONS:]], MOST_KEYS)}"))
    return Message(text=f"{news}: {', '.join(view.key for view in views)} can start", blocks=blocks)


def again(keys: Sequence[str], by: str, actor: str) -> Message:
    """To a team, when something that was settled is not any more."""
    news = f"{actor} reopened {by}" if actor else f"{by} is open again"
    return Message(text=f":leftwards_arrow_with_hook: {m.sentence(news)} {_wait(keys)} for it again.")


def arrived(whose: Iterable[str], news: str, *, whole: bool) -> Message:
    """To those who wanted something without waiting for it, or of which one task consists."""
    keys = joined(whose)
    return Message(
        text=f":bell: {m.sentence(news)} {f'All parts of {keys} are done' if whole else f'{keys} wanted it'}."
    )


def plan_changed(by: str, lines: Sequence[str]) -> Message:
    """To somebody whose tasks are otherwise by a new version of the plan."""
    head = f":memo: {by} changed the plan. What changed for you:"
    return Message("\n".join([head, *few_lines([f"• {line}" for line in lines], MOST_ITEMS, ": `/task mine`")]))


def late(
    views: Sequence[TaskView], why: Mapping[int, Late], still: Collection[int], reader: str, leads: Collection[str],
    owners: Collection[str], absent: Mapping[str, str],
) -> Message:  # fmt: skip
    """To those who have late tasks, lead their teams or own their areas: whose each is, and what to do.

    `why` each is told, and which of them are `still` late. The reader stands in for those who are `absent`: by key, how
    to speak of them.
    """
    word = "Late" if any(why[view.task.number] == Late.OVERDUE for view in views) else "Stuck"
    one, own = len(views) == 1, [view for view in views if reader in view.task.assignees]
    head = (
        f"{'This task needs' if one else 'These tasks need'} you"
        if own
        else f"{word} in your {'area' if reader in owners and reader not in leads else 'team'}"
    )
    if own and all(map(_held, own)):
        head = f"{'This task is' if one else 'These tasks are'} late, but can't start"
    blocks = [b.section(f":alarm_clock: {head if len(own) in (0, len(views)) else f'{word}: yours, and your team’s'}")]
    for view in views[:WITH_BUTTONS]:
        reason = why[view.task.number]
        if view.task.number not in still:
            what = f"Not {LATE_WORDS[reason]} any more."
        else:
            what = WHAT_TO_DO[reason] if view in own else _of_others(view, absent)
            what = "It can't start yet." if _held(view) else what
            what = f"It is blocked: `/blocker show {view.blocker}`" if view.blocker else what
            what = f"{_why_late(view, reason)} {what}"
        blocks += [b.section("\n".join([one_line(view, whole=False), what, *why_not(view)])), *actions(view)]
    blocks += _left(len(views) - WITH_BUTTONS, "`/task list overdue` and `/task list stuck`")
    return Message(text=f"{word}: {', '.join(view.key for view in views)}", blocks=blocks)


def _held(view: TaskView) -> bool:
    """Whether nobody can do anything for it, since it waits for something else."""
    return view.state == State.NOT_STARTED and bool(view.waits)


def _why_late(view: TaskView, reason: Late) -> str:
    moved = view.task.moved_at
    if reason == Late.OVERDUE or moved is None:
        return "Overdue."
    return f"No update since {m.date(moved, 'both')}: longer than it should take."


def _of_others(view: TaskView, absent: Mapping[str, str]) -> str:
    """What somebody does about a late task that is not theirs."""
    if not view.task.assignees:
        return "Nobody has it: assign it or claim it."
    if theirs := [absent[key] for key in view.task.assignees if key in absent]:
        return f"You stand in for {joined(theirs)}. Update its progress or raise a blocker."
    return f"{view.people} {has_have(view.task.assignees)} it: ask how far it is."


def one_line(view: TaskView, *, whole: bool = True) -> str:
    """A task in a list; not `whole`, what it waits for is said elsewhere."""
    task, is_open = view.task, not settled(view.task)
    percent = f" {task.percent}%" if task.percent and is_open else ""
    return "  ·  ".join(filter(None, (
        f"{LIGHTS[view.state]}{percent} {m.bold(view.key)}  {m.clip(view.title, 120)}", view.people,
        f"due {m.date(task.due_at, 'both')}" if task.due_at and is_open else "",
        f"waits for {', '.join(reason.called for reason in view.waits)}" if view.waits and whole else "",
        f"blocked by blocker {view.blocker}" if view.blocker else "",
        "*overdue*" if view.is_overdue else "", "*stuck*" if view.is_stuck else "",
    )))  # fmt: skip


def summed(rolled: Rolled) -> str:
    counts = {"in progress": rolled.in_progress, "blocked": rolled.blocked, "overdue": rolled.overdue,
              "stuck": rolled.stuck, "dropped": rolled.dropped}  # fmt: skip
    rest = "".join(f", {count} {word}" for word, count in counts.items() if count)
    return f"{m.bold(rolled.name)}: {rolled.completed} of {rolled.total} completed ({rolled.percent}%){rest}"


def _wait(keys: Sequence[str]) -> str:
    return f"{joined(keys)} {waits_wait(keys)}"


def _sections(title: str, lines: Sequence[str]) -> list[Block]:
    if not lines:
        return []
    more = _left(len(lines) - MOST_ITEMS, NARROWER)
    return [b.section(m.bold(title)), *map(b.section, lines[:MOST_ITEMS]), *more]


def _left(count: int, where: str) -> list[Block]:
    """How many more there are, and where."""
    return [b.context(f"and {count} more: {where}")] if count > 0 else []
