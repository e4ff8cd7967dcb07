"""How a task reads: its card, lists of tasks, and lines of its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from callboard.core import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import few_lines, joined
from callboard.tasks.rollup import Rolled
from callboard.tasks.views import Item, LineView, TaskView

Block = dict[str, Any]
LIGHTS = {
    "not started": ":white_circle:", "in progress": ":large_blue_circle:", "blocked": ":red_circle:",
    "completed": ":large_green_circle:", "dropped": ":heavy_multiplication_x:",
}  # fmt: skip
MOST_LINES, MOST_ITEMS, WITH_BUTTONS, FREE = 10, 15, 12, 5
NOTICED = {"overdue": "It was overdue.", "stuck": "Nothing had been heard of it for too long."}
HINT = "`/task list` everything · `/task waiting` who waits for whom · `/task show A-1` one of them · `/task help`"


def card(view: TaskView, lines: Sequence[LineView] = ()) -> Message:
    """A task with all that belongs to it, and its buttons."""
    blocks = [
        b.section(f"{LIGHTS[view.status]} {b.bold(view.key)}  {view.title}"),
        b.context(" · ".join(_origin(view))),
        b.section(b.clip("\n".join(state(view)), b.TEXT)),
        *(b.section(b.clip(text, b.TEXT)) for text in _parts(view)),
    ]
    if lines:
        blocks.append(b.context(b.clip("\n".join(map(told, lines[-MOST_LINES:])), b.TEXT)))
    return Message(text=f"{view.key} ({view.status}): {b.clip(view.title, 200)}", blocks=[*blocks, *actions(view)])


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


def summed(rolled: Rolled) -> str:
    """A phase, area or team in one line."""
    counts = {"in progress": rolled.in_progress, "blocked": rolled.blocked, "overdue": rolled.overdue,
              "stuck": rolled.stuck, "dropped": rolled.dropped}  # fmt: skip
    rest = "".join(f", {count} {word}" for word, count in counts.items() if count)
    return f"{b.bold(rolled.name)}: {rolled.completed} of {rolled.total} completed ({rolled.percent}%){rest}"


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


def told(line: LineView) -> str:
    """One line of history."""
    facts = line.facts
    what = {
        "progressed": f"is at {facts.get('percent')}%", "assigned": f"gave it to {', '.join(facts.get('to', ()))}",
        "blocked": f"blocked it: blocker {facts.get('blocker')}",
        "unblocked": f"ended blocker {facts.get('blocker')}", "files named": "named its files",
        "ticked": f"ticked {'; '.join(facts.get('criteria', ()))}", "noted": "said", "applied": "changed it",
        "unticked": f"unticked {'; '.join(facts.get('criteria', ()))}", "overridden": "let it start all the same",
        "point": f"{facts.get('point')} is {facts.get('stands')}", "spent": "said how long it took",
        "given back": "gave it back",
    }.get(line.verb, f"{line.verb} it")  # fmt: skip
    said = f": {line.said}" if line.said else ""
    sentence = NOTICED.get(line.verb) or f"{line.actor} {b.clip(what, 200)}{b.clip(said, 300)}"
    return f"{b.date(line.at, 'both')}  {sentence}"


def actions(view: TaskView) -> list[Block]:
    """The buttons of a task as it stands."""
    value = view.value
    if view.is_settled:
        return [b.actions(b.button("Reopen", "task.reopen", value))]
    more = b.overflow("task.more", [
        ("Show it", f"show:{value}"), ("Say something", f"note:{value}"),
        *([("Tick criteria", f"tick:{value}")] if view.criteria else []),
        ("Give it to somebody", f"assign:{value}"), ("Drop it", f"drop:{value}"),
    ])  # fmt: skip
    if view.status == "blocked":
        return [b.actions(b.button("How far", "task.progress", value), more)]
    blocked = b.button("I'm blocked", "task.block", value)
    if view.started_at:
        complete = b.button("Complete", "task.complete", value, style="primary")
        return [b.actions(complete, b.button("How far", "task.progress", value), blocked, more)]
    first = b.button("Start", "task.start", value, style=None if view.waits else "primary")
    claim = [b.button("Claim", "task.claim", value)] if view.is_free else []
    return [b.actions(first, *claim, blocked, more)]


def _wait(view: TaskView) -> str:
    return f"{joined(view.waiting)} {'waits' if len(view.waiting) == 1 else 'wait'}"


def mark(item: Item) -> str:
    """A box, ticked or not."""
    return ":ballot_box_with_check:" if item.is_done else ":white_medium_small_square:"


def _origin(view: TaskView) -> Iterable[str]:
    yield " with ".join([view.teams[0], ", ".join(view.teams[1:])]) if len(view.teams) > 1 else "".join(view.teams)
    ranks = (("priority", view.priority), ("complexity", view.complexity))
    yield from filter(None, (view.kind, *(f"{word} {rank}" for word, rank in ranks if rank), view.phase, view.area))
    if view.estimate:
        yield f"estimate {view.estimate}{f', took {view.actual}' if view.actual else ''}"
    elif view.actual:
        yield f"took {view.actual}"


def state(view: TaskView) -> Iterable[str]:
    due = f" Due {b.date(view.due_at, 'both')}{', *overdue*' if view.is_overdue else ''}." if view.due_at else ""
    match view.status:
        case "completed" | "dropped":
            when = f", {b.date(view.completed_at, 'both')}" if view.completed_at else ""
            why = f" because {view.why}" if view.why else ""
            yield f"*{view.status.capitalize()}* by {view.completed_by}{when}{why}."
        case "blocked":
            yield f"*Blocked* by blocker {view.blocker or ''}, at {view.percent}%, with {view.people}.{due}"
        case "in progress":
            since = f" since {b.date(view.started_at, 'both')}" if view.started_at else ""
            stuck = " *Nothing was heard of it for too long.*" if view.is_stuck else ""
            yield f"*In progress*, {view.percent}%, with {view.people}{since}.{due}{stuck}"
        case _:
            yield f"*Not started*, {'nobody has it yet' if view.is_free else f'with {view.people}'}.{due}"
    yield from why_not(view)
    if view.is_settled:
        return
    yield from wanted(view)
    if view.overridden:
        yield f"It may start without {', '.join(view.overridden)}."
    if view.waiting:
        yield f"Waiting for it: {', '.join(view.waiting)}."


def wanted(view: TaskView) -> list[str]:
    """What a task does without that it wants, and that its team hears of it."""
    return [
        f":bell: It wants {one}. It goes on without, and its team hears when that is there." for one in view.wanting
    ]


def why_not(view: TaskView) -> list[str]:
    return [f":hourglass_flowing_sand: {one.sentence}" for one in view.waits]


def _sentences(view: TaskView) -> str:
    return "\n".join([*why_not(view), *([f"blocked by blocker {view.blocker}"] if view.blocker else [])])


def _parts(view: TaskView) -> Iterable[str]:
    for title, items in (("Criteria", view.criteria), ("Parts", view.components), ("Where teams meet", view.points)):
        if items:
            yield "\n".join([b.bold(title), *(_item(item) for item in items[:MOST_ITEMS])])
    files, notes = [f"`{path}`" for path in view.files], [view.note] if view.note else []
    told_of = () if view.wanting else view.wants
    lists = (
        ("Brief", view.brief), ("Files", files), ("Delivers", view.deliverable), ("Is told of", told_of),
        ("Note", notes),
    )  # fmt: skip
    found = [f"{b.bold(title)} {' · '.join(items)}" for title, items in lists if items]
    if found:
        yield "\n".join(found)


def _item(item: Item) -> str:
    how = f", {item.status}" if item.status not in ("", "completed") else ""
    return f"{mark(item)} {item.text}{how}{f', {item.by}' if item.by else ''}"


def _sections(lines: Sequence[str]) -> list[Block]:
    shown = [b.section(b.clip(line, b.TEXT)) for line in lines[:MOST_ITEMS]]
    return [*shown, *([b.context(f"and {len(lines) - MOST_ITEMS} more")] if len(lines) > MOST_ITEMS else [])]
