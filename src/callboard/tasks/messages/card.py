"""How a task reads: its card, lines of its history, and what is told about it alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.tasks.messages.views import Item, LineView, TaskView

Block = dict[str, Any]
LIGHTS = {
    "not started": ":white_circle:", "in progress": ":large_blue_circle:", "blocked": ":red_circle:",
    "completed": ":large_green_circle:", "dropped": ":heavy_multiplication_x:",
}  # fmt: skip
MOST_LINES, MOST_ITEMS = 10, 15
NOTICED = {"overdue": "It was overdue.", "stuck": "Nothing had been heard of it for too long."}


def card(view: TaskView, lines: Sequence[LineView] = ()) -> Message:
    """A task with all that belongs to it, and its buttons."""
    blocks = [
        b.section(f"{LIGHTS[view.status]} {b.bold(view.key)}  {view.title}"),
        b.context(" · ".join(_origin(view))),
        b.section(b.clip("\n".join(state(view)), b.TEXT)),
        *(b.section(b.clip(text, b.TEXT)) for text in _parts(view)),
    ]
    if lines:
        blocks.append(b.context(b.clip("\n".join(map(history_line, lines[-MOST_LINES:])), b.TEXT)))
    return Message(text=f"{view.key} ({view.status}): {b.clip(view.title, 200)}", blocks=[*blocks, *actions(view)])


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


def history_line(line: LineView) -> str:
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


def mark(item: Item) -> str:
    """A box, ticked or not."""
    return ":ballot_box_with_check:" if item.is_done else ":white_medium_small_square:"


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


def _origin(view: TaskView) -> Iterable[str]:
    yield " with ".join([view.teams[0], ", ".join(view.teams[1:])]) if len(view.teams) > 1 else "".join(view.teams)
    ranks = (("priority", view.priority), ("complexity", view.complexity))
    yield from filter(None, (view.kind, *(f"{word} {rank}" for word, rank in ranks if rank), view.phase, view.area))
    if view.estimate:
        yield f"estimate {view.estimate}{f', took {view.actual}' if view.actual else ''}"
    elif view.actual:
        yield f"took {view.actual}"
