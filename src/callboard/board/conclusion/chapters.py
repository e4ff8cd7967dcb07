"""The tables of the closing report, made of what the timeline has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callboard.blockers import models as blockers
from callboard.board.conclusion.past import APPLIED, EDITED, HOLD, LIFTED, PLAN, Past
from callboard.board.figures import values
from callboard.conflicts import models as conflicts
from callboard.core.timeline import Event
from callboard.core.words import counted, lasted
from callboard.emergencies import models as emergencies
from callboard.gates import models as gates
from callboard.gates.plan.items import gates_of
from callboard.meetings import models as meetings
from callboard.planfile.sections import Document
from callboard.planfile.timetable import instant_of, timetable
from callboard.planfile.types import Moment
from callboard.runbooks import models as runs
from callboard.runbooks import outline
from callboard.tasks import models as tasks
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import TaskPart

A_MINUTE = timedelta(minutes=1)
DECIDED, LEARNED = "Decided: ", "Lesson: "
DECISIONS: Mapping[tuple[str, str], str] = {
    (gates.KIND, gates.Verb.SIGNED): "signed {}", (gates.KIND, gates.Verb.REJECTED): "rejected {}",
    (gates.KIND, gates.Verb.WAIVED): "waived {}", (gates.KIND, gates.Verb.NO_GO): "NO-GO: {}",
    (HOLD, LIFTED): "let {} go on", (tasks.KIND, tasks.Verb.DROPPED): "dropped {}",
    (tasks.KIND, tasks.Verb.OVERRIDDEN): "let {} begin", (conflicts.KIND, conflicts.Verb.DECIDED): "decided {}",
    (emergencies.KIND, emergencies.Verb.DECIDED): "decided in {}",
}  # fmt: skip
"""How a decision reads, with a place for what it is about."""
ENDS_OF_EMERGENCIES = (emergencies.Verb.ENDED, emergencies.Verb.WITHDRAWN, emergencies.Verb.REOPENED)
BY_ITSELF = ("", None, "it has passed", "it has passed already", "it was waived")
"""Why holds are lifted without anybody who decides that."""


@dataclass(frozen=True)
class Table:
    """One chapter: a sentence that sums it up, and rows of plain text below their `columns`."""

    title: str
    summary: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(past: Past) -> list[Table]:
    """Every chapter that has something in it."""
    made = (
        _gates(past), _tasks(past), _blockers(past), _decisions(past), _emergencies(past), _runs(past), _plans(past),
        _lessons(past), _awards(past), _kudos(past),
    )  # fmt: skip
    return [table for table in made if table.rows]


def shown(past: Past, at: datetime | None) -> str:
    """A time in the zone of the plan."""
    local = at and at.astimezone(past.zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}" if local else ""


def difference(promised: datetime | None, happened: datetime | None) -> str:
    """How much later than promised, or earlier; nothing where one of them is not known."""
    if promised is None or happened is None:
        return ""
    span = happened - promised
    return "on time" if abs(span) < A_MINUTE else f"{lasted(abs(span))} {'late' if span > timedelta() else 'early'}"


def _gates(past: Past) -> Table:
    happened = {past.gate_keys.get(number, ""): events for number, events in past.of(gates.KIND).items()}
    first, last = gates_of(past.promised), gates_of(past.last)
    rows, times = [], []
    for key, part in {**first, **last}.items():
        promised = _due(past.promised, first[key].due) if key in first else None
        planned = _due(past.last, last[key].due) if key in last else None
        settled = _settled(happened.get(key, ()))
        state = f"{settled.verb} {shown(past, settled.at)}" if settled else "open" if key in last else "left the plan"
        times.append((promised or planned, settled.at if settled else None))
        moved = shown(past, planned) if planned != promised else ""
        rows.append((part.name, shown(past, promised), moved, state, difference(*times[-1])))
    met = sum(at is not None for _, at in times)
    summary = f"{met} of {len(rows)} passed or waived, {_in_time(times)} by the first promise."
    return Table("Gates", summary, ("gate", "promised", "moved to", "happened", "difference"), tuple(rows))


def _settled(events: Iterable[Event]) -> Event | None:
    """The entry by which a gate is passed or waived; None while it is not."""
    found = None
    for event in events:
        if event.verb in (gates.Verb.PASSED, gates.Verb.WAIVED):
            found = event
        elif event.verb in (gates.Verb.WAIVER_ENDED, gates.Verb.OPENED_AGAIN, gates.Verb.NO_GO):
            found = None
    return found


def _tasks(past: Past) -> Table:
    first: Mapping[str, TaskPart] = past.promised.of(TASKS) or {}
    last: Mapping[str, TaskPart] = past.last.of(TASKS) or {}
    happened = {str(events[-1].facts.get("task", "")): events for events in past.of(tasks.KIND).values()}
    rows, times = [], []
    for key, part in {**first, **last}.items():
        ended = next((event for event in reversed(happened.get(key, ())) if event.verb != tasks.Verb.OVERRIDDEN), None)
        done = ended.at if ended and ended.verb == tasks.Verb.COMPLETED else None
        over = ended is not None and ended.verb != tasks.Verb.REOPENED
        promised = _due(past.promised, first[key].due) if key in first else _due(past.last, part.due)
        before = part.status == "completed"
        early = "completed before the start" if before else "open"
        state = f"{ended.verb} {shown(past, ended.at)}" if ended and over else early
        times.append((promised, promised if before and ended is None else done))
        rows.append((f"{key} {part.title}", past.named(part.owner or ""), shown(past, promised), state,
                     difference(promised, done)))  # fmt: skip
    done_ones = sum(row[3].startswith("completed") for row in rows)
    summary = f"{done_ones} of {len(rows)} completed, {_in_time(times)} by the first promise."
    return Table("Tasks", summary, ("task", "team", "promised", "happened", "difference"), tuple(rows))


def _blockers(past: Past) -> Table:
    rows, answered, resolved = [], [], []
    for number, every in past.of(blockers.KIND).items():
        events = [event for event in every if event.verb != blockers.Verb.GRADED]
        begun, verbs = events[0], {event.verb: event for event in events}
        if events[-1].verb == blockers.Verb.WITHDRAWN or begun.verb != blockers.Verb.RAISED:
            continue
        graded = ["", *(str(event.facts["severity"]) for event in every if event.facts.get("severity"))]
        taken = next((event for event in events if event.verb in ANSWERS), None)
        over = verbs.get(blockers.Verb.RESOLVED) if events[-1].verb != blockers.Verb.REOPENED else None
        answered += [taken.at - begun.at] if taken else []
        resolved += [over.at - begun.at] if over else []
        rows.append((
            f"{number} {past.words(begun.said)}", graded[-1], shown(past, begun.at),
            f"{lasted(taken.at - begun.at)}, {past.who(taken.actor)}" if taken else "nobody",
            f"{lasted(over.at - begun.at)}, {past.who(over.actor)}" if over else "open",
        ))  # fmt: skip
    spans = {"answered": answered, "resolved": resolved}
    usual = values.usual(spans, len(rows))
    summary = f"{counted(len(rows), 'blocker')}{f'; {usual}' if usual else ''}."
    return Table("Response times", summary, ("blocker", "severity", "raised", "answered", "resolved"), tuple(rows))


ANSWERS = (blockers.Verb.ACKNOWLEDGED, blockers.Verb.RESOLVED)


def _decisions(past: Past) -> Table:
    rows = []
    for event in past.events:
        if event.kind == meetings.KIND:
            lines = [line for line in (event.said or "").split("\n") if line.startswith(DECIDED)]
            rows += [(event, past.words(line.removeprefix(DECIDED)), "in a meeting") for line in lines]
        elif (event.kind, event.verb) in DECISIONS and (event.kind != HOLD or event.said not in BY_ITSELF):
            words = DECISIONS[event.kind, event.verb]
            seat = f" for {past.who(event.on_behalf_of)}" if event.on_behalf_of else ""
            rows.append((event, f"{words.format(_about(past, event))}{seat}", past.why(event)))
    made = tuple((shown(past, event.at), past.who(event.actor), what, why) for event, what, why in rows)
    return Table("Decisions", f"{counted(len(made), 'decision')}.", ("when", "who", "what", "why"), made)


def _about(past: Past, event: Event) -> str:
    match event.kind:
        case gates.KIND:
            return past.named(past.gate_keys.get(event.number, ""))
        case "hold":
            return past.named(str(event.facts.get("target", "")))
        case tasks.KIND:
            return str(event.facts.get("task", ""))
        case _:
            return f"{event.kind} {event.number}"


def _emergencies(past: Past) -> Table:
    rows = []
    for number, events in past.of(emergencies.KIND).items():
        ends = [event for event in events if event.verb in ENDS_OF_EMERGENCIES]
        begun, last = events[0], ends[-1] if ends else None
        ended = last if last and last.verb == emergencies.Verb.ENDED else None
        if (last and last.verb == emergencies.Verb.WITHDRAWN) or begun.verb != emergencies.Verb.DECLARED:
            continue
        over = f"{lasted(ended.at - begun.at)}: {past.words(ended.said)}" if ended else "not ended"
        level = str(begun.facts.get("level", ""))
        rows.append((f"{number} {past.words(begun.said)}", level, shown(past, begun.at), over))
    summary = f"{len(rows)} declared." if len(rows) != 1 else "One declared."
    return Table("Emergencies", summary, ("emergency", "level", "declared", "ended after"), tuple(rows))


def _runs(past: Past) -> Table:
    """Run-books and rollbacks that were carried out; drills are none."""
    rows = []
    back, done = 0, set[str]()
    for events in past.of(runs.RUN).values():
        called = next((event for event in events if event.verb == runs.Verb.CALLED), None)
        begun = next((event for event in events if event.verb == runs.Verb.BEGUN), None)
        last = events[-1]
        if last.facts.get("drill") or (begun is None and called is None):
            continue
        back += called is not None
        done |= {str(last.facts.get("run"))} if last.verb == runs.Verb.ENDED and called is None else set()
        over = last.verb in (runs.Verb.ENDED, runs.Verb.STOPPED)
        reason = called or (last if last.verb == runs.Verb.STOPPED else None)
        rows.append((
            f"{'Rollback' if called else 'Run-book'} {last.facts.get('run', '')}", shown(past, begun and begun.at),
            f"{last.verb} {shown(past, last.at)}" if over else "not ended",
            past.words(reason.said) if reason and reason.said else "",
        ))  # fmt: skip
    title, known = "Run-books and rollbacks", set(outline.runbooks(past.last))
    carried = f"{len(done & known)} of {counted(len(known), 'run-book')} done, " if known else ""
    return Table(title, f"{carried}{counted(back, 'rollback')}.", ("run", "began", "ended", "why"), tuple(rows))


def _plans(past: Past) -> Table:
    rows = []
    for event in past.events:
        if event.kind == PLAN and event.verb in (APPLIED, EDITED):
            version = event.facts.get("version")
            changes = event.facts.get("changes") or ()
            rows.append((
                f"version {version}" if version else "change", shown(past, event.at), past.who(event.actor),
                past.words(event.said) if event.said else "", counted(len(changes), "change"),
            ))  # fmt: skip
    summary = f"{counted(len(past.versions), 'version')} of the plan file."
    return Table("Plan changes", summary, ("plan", "when", "by", "why", "changed"), tuple(rows))


def _lessons(past: Past) -> Table:
    rows = [
        (event.at, past.named(about) if about else "the whole", past.words(event.said), past.who(event.actor))
        for event in _standing(past, meetings.Lesson.subjects)
        for about in [str(event.facts.get("about") or "")]
    ]
    rows += [
        (event.at, f"emergency {event.number}", past.words(event.said), past.who(event.actor))
        for event in past.events if (event.kind, event.verb) == (emergencies.KIND, emergencies.Verb.LEARNED)
    ]  # fmt: skip
    for events in past.of(meetings.KIND).values():
        minutes = events[-1]
        lines = [line for line in (minutes.said or "").split("\n") if line.startswith(LEARNED)]
        rows += [(minutes.at, "a meeting", past.words(line.removeprefix(LEARNED)), past.who(minutes.actor))
                 for line in lines]  # fmt: skip
    made = tuple((shown(past, at), *rest) for at, *rest in sorted(rows))
    return Table("Lessons", f"{counted(len(made), 'lesson')}.", ("when", "about", "lesson", "from"), made)


def _awards(past: Past) -> Table:
    rows = tuple(
        (past.directory.spoken_of(str(event.facts["to"])), str(event.facts["title"]),
         past.words(event.said) if event.facts.get("why") else "", past.who(event.actor))
        for event in _standing(past, meetings.Award.subjects)
    )  # fmt: skip
    return Table("Awards", f"{counted(len(rows), 'award')}.", ("team", "award", "for", "from"), rows)


def _kudos(past: Past) -> Table:
    rows = tuple(
        (past.directory.spoken_of(str(event.facts["to"])), past.words(event.said), past.who(event.actor))
        for event in _standing(past, meetings.Kudos.subjects)
    )
    return Table("Kudos", f"{len(rows)} given.", ("to", "for", "from"), rows)


def _standing(past: Past, kind: str) -> Iterator[Event]:
    """What was written and not withdrawn."""
    return (events[0] for events in past.of(kind).values() if events[-1].verb != meetings.Verb.WITHDRAWN)


def _due(document: Document, moment: Moment | None) -> datetime | None:
    return instant_of(timetable(document), moment)


def _in_time(times: Sequence[tuple[datetime | None, datetime | None]]) -> str:
    dated = [(due, at) for due, at in times if due]
    kept = sum(at is not None and at < due + A_MINUTE for due, at in dated)
    return f"{kept} of {len(dated)} on time"
