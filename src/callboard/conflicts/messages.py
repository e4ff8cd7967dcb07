"""How a conflict reads: its view, its card with both sides, the list with the matrix of teams, and a dry run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.conflicts import plan
from callboard.conflicts.models import GOING, Conflict, Degree
from callboard.core.outbox import Message
from callboard.core.words import counted, lasted
from callboard.escalation import service as escalation
from callboard.locks.messages.git_activity import escaped as plain
from callboard.planfile.times import show_span
from callboard.teams import service as teams
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

FEW = 6
LIGHTS = {
    "simple": ":large_green_circle:", "violation": ":no_entry:", "medium": ":large_yellow_circle:",
    "complex": ":large_orange_circle:", "critical": ":rotating_light:",
}  # fmt: skip
HUNK, LISTED = 1200, 15
DONE = {True: ":white_check_mark:", False: ":x:", None: ":hourglass_flowing_sand:"}
HOW = {"talk": "talks about it", "rebase": "rebases"}


@dataclass(frozen=True, kw_only=True)
class ConflictView:
    """A conflict as its card shows it; people and teams as they are called, names of git escaped."""

    number: int
    changes: int
    degree: str
    state: str
    kind: str
    repository: str
    sides: tuple[tuple[str, str, str], ...]
    """Branch, person and team of each."""
    files: tuple[str, ...]
    more_files: int
    hunks: tuple[tuple[str, str, str], ...]
    why: tuple[str, ...]
    resolve: str
    found_at: datetime
    found_after: timedelta
    clocks: Mapping[str, tuple[datetime, bool | None]]
    """When each is to be done, and whether it was in time; None while it may be."""
    answered_by: str
    how: str
    ended_at: datetime | None
    ended_by: str
    ended_why: str
    lasted: str
    thumbs: tuple[int, int]
    next_level: str
    next_at: datetime | None


def conflict_view(tx: Tx, conflict: Conflict) -> ConflictView:
    """A conflict as it stands now."""
    people = teams.directory(tx, conflict.plan_id)
    ladder = escalation.ladder(tx, conflict.subject)
    climbing = ladder is not None and ladder.state == "climbing" and conflict.state in GOING
    useful = sum(conflict.verdicts.values())
    return ConflictView(
        number=conflict.number, changes=conflict.changes, degree=conflict.degree, state=conflict.state,
        kind=conflict.kind, repository=plain(conflict.repository), sides=_sides(people, conflict),
        files=tuple(map(plain, conflict.files[:FEW])), more_files=max(len(conflict.files) - FEW, 0),
        hunks=tuple((plain(path), one, other) for path, one, other in conflict.hunks),
        why=tuple(map(plain, conflict.why)), resolve=b.escape(plan.part(tx, conflict).resolve),
        found_at=conflict.found_at, found_after=conflict.found_at - conflict.pushed_at, clocks=_clocks(tx, conflict),
        answered_by=called(people, conflict.answered_by), how=conflict.ended_how or "", ended_at=conflict.ended_at,
        ended_by=called(people, conflict.ended_by), ended_why=conflict.ended_why or "",
        lasted=lasted((conflict.ended_at or tx.now) - conflict.found_at),
        thumbs=(useful, len(conflict.verdicts) - useful),
        next_level=b.escape(ladder.next_level or "") if climbing and ladder else "",
        next_at=ladder.next_at if climbing and ladder else None,
    )  # fmt: skip


def matrix(directory: Directory, conflicts: Sequence[Conflict]) -> str:
    """How many there are between every two teams, as a table of plain text; empty where there are none."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in conflicts:
        for team in one.teams[1:] or one.teams[:1]:
            pairs[tuple(sorted((one.teams[0], team)))] += 1  # type: ignore[index]
    teams = [key for key in directory.teams if any(key in pair for pair in pairs)]
    if not teams:
        return ""
    names = [directory.teams[key].name[:12] for key in teams]
    width = max(map(len, names))
    rows = [" " * width + "  " + "  ".join(f"{name:>{max(len(name), 3)}}" for name in names)]
    for key, name in zip(teams, names, strict=True):
        cells = (
            f"{pairs[tuple(sorted((key, other)))] or '·':>{max(len(label), 3)}}"  # type: ignore[index]
            for other, label in zip(teams, names, strict=True)
        )
        rows.append(f"{name:<{width}}  {'  '.join(cells)}")
    return "\n".join(rows)


def called(directory: Directory, key: str | None) -> str:
    """How people call somebody; whom the plan does not name is called as git does."""
    person = directory.people.get(key or "")
    return directory.called(person) if person else plain(key or "")


def card(view: ConflictView, why: str = "") -> Message:
    """The one card of a conflict, edited in place; `why` is why somebody is paged."""
    going = view.state in ("open", "answered")
    shown = [
        b.section(f"{f'{why}{chr(10)}' if why else ''}{head(view)}\n{_files(view)}\n{state(view)}"),
        *(_hunks(view) if going else []),
        *([b.context(*notes)] if (notes := _notes(view)) else []),
        b.actions(*buttons(view)),
    ]
    return Message(text=_text(view), blocks=shown)


def plain_page(view: ConflictView, why: str) -> Message:
    """A page for a medium that has text only."""
    files = ", ".join(view.files)
    return Message(text=b.unescape(f"{why} {_text(view)}. Files: {files}."), title=f"Conflict {view.number}")


def late(view: ConflictView, what: str) -> Message:
    """The time to resolve it is over."""
    said = f":alarm_clock: *It was not {what} in time.*"
    return card(view, said if view.state in ("open", "answered") else "")


def head(view: ConflictView) -> str:
    """Its number, its degree, and who meets whom."""
    light = ":white_check_mark:" if view.state == "over" else LIGHTS[view.degree]
    if view.kind == "zone":
        branch, person, team = view.sides[0]
        who = f"{person}{f' ({team})' if team else ''}"
        return f"{light} {b.bold(f'Conflict {view.number}')}  `{branch}` of {who} is in another team's zone"
    sides = [f"`{branch}` of {person}{f' ({team})' if team else ''}" for branch, person, team in view.sides]
    word = "touches the same as" if view.degree == "simple" else "collides with"
    return f"{light} {b.bold(f'Conflict {view.number}, {view.degree}')}  {sides[0]} {word} {sides[-1]}"


def state(view: ConflictView) -> str:
    """How it stands."""
    match view.state:
        case "over":
            when = f", {b.date(view.ended_at, 'both')}" if view.ended_at else ""
            return f"*Gone*{when}, after {view.lasted}: the branches go together now."
        case "accepted":
            why = f"\n> {b.clip(view.ended_why, 500)}" if view.ended_why else ""
            return f"*{view.ended_by} says that it is fine.* I tell nobody any more, unless it gets worse.{why}"
        case "answered":
            return f"*{view.answered_by} {HOW.get(view.how, 'sees to it')}.*"
    by_itself = f" {view.resolve.capitalize()}." if view.resolve else ""
    after = f"{'. '.join(_capital(one) for one in view.why)}.{by_itself}" if view.why else by_itself
    return after.strip()


def buttons(view: ConflictView) -> list[dict[str, Any]]:
    """What can be done with it as it stands."""
    value = f"{view.number}:{view.changes}"
    dislike = b.button("Not useful", "conflict.useless", value)
    if view.state == "over":
        return [b.button("Useful", "conflict.useful", value), dislike]
    if view.state == "accepted":
        return [b.button("Look again", "conflict.reopen", value), dislike]
    first = [
        b.button("We talk", "conflict.talk", value, style="primary"), b.button("I rebase", "conflict.rebase", value)
    ]  # fmt: skip
    return [*first[: 2 if view.kind == "merge" else 1], b.button("It's fine", "conflict.fine", value), dislike]


def listed(
    views: Sequence[ConflictView], total: int, matrix: str, share: float | None, judged: int
) -> list[dict[str, Any]]:
    """The list: which there are, between which teams, and how many were worth telling."""
    worth = f"{share:.0%} of {judged} judged were worth telling" if share is not None else "nobody has judged any yet"
    if not views:
        return [b.section(":white_check_mark: No branches collide."), b.context(f"Precision: {worth}.")]
    more = [b.context(f"and {total - len(views)} more: `/lock conflicts WORD` finds those with a word.")]
    return [
        b.section(b.bold(counted(total, "conflict"))),
        *([b.section(f"```{matrix}```")] if matrix else []),
        *(b.section(f"{head(view)}\n{_files(view)}\n{state(view)}") for view in views),
        *more[: total > len(views)],
        b.context(f"Precision: {worth}."),
    ]


def _sides(directory: Directory, conflict: Conflict) -> tuple[tuple[str, str, str], ...]:
    found = []
    for place, branch in enumerate(filter(None, (conflict.one, conflict.other))):
        person = conflict.people[place] if place < len(conflict.people) else ""
        own = directory.people.get(person)
        keys = [team.key for team in directory.teams_of(own)] if own else []
        key = next((team for team in conflict.teams if team in keys), conflict.teams[place : place + 1] or "")
        team = directory.teams.get(key if isinstance(key, str) else key[0])
        found.append((plain(branch), called(directory, person), b.escape(team.name) if team else ""))
    return tuple(found)


def _clocks(tx: Tx, conflict: Conflict) -> dict[str, tuple[datetime, bool | None]]:
    if conflict.degree == Degree.SIMPLE:
        return {}
    spans = plan.clocks(tx, conflict.plan_id)
    ended = conflict.ended_at
    respond = conflict.pushed_at + spans["respond"]
    return {
        "answered": (respond, _in_time(tx, conflict.answered_at or ended, respond)),
        "resolved": (conflict.resolve_at or tx.now, _in_time(tx, ended, conflict.resolve_at or tx.now)),
        "validated": (conflict.validate_at or tx.now, _in_time(tx, ended, conflict.validate_at or tx.now)),
    }


def _in_time(tx: Tx, done: datetime | None, by: datetime) -> bool | None:
    if done is not None:
        return done <= by
    return None if tx.now < by else False


def _files(view: ConflictView) -> str:
    more = f" and {view.more_files} more" if view.more_files else ""
    place = f"{view.repository}: " if view.repository else ""
    return f"{place}{' '.join(f'`{one}`' for one in view.files)}{more}"


def _hunks(view: ConflictView) -> list[dict[str, Any]]:
    if view.degree == "simple":
        return []
    found = []
    for path, *sides in view.hunks[:2]:
        for (branch, _, _), hunk in zip(view.sides, sides, strict=False):
            if hunk:
                found.append(b.section(f"`{path}` on `{branch}`\n```{_code(hunk)}```"))
    return found


def _code(hunk: str) -> str:
    return b.clip(b.escape(hunk.replace("```", "'''")), HUNK)


def _notes(view: ConflictView) -> list[str]:
    notes = [f":mag: found {_after(view.found_after)} the push"]
    for what, (by, in_time) in view.clocks.items():
        when = {True: "in time", False: "late", None: f"by {b.date(by)}"}[in_time]
        notes.append(f"{DONE[in_time]} {what} {when}")
    if view.next_at and view.next_level:
        notes.append(f":arrow_up: {view.next_level} at {b.date(view.next_at)}")
    useful, not_useful = view.thumbs
    if useful or not_useful:
        notes.append(f":thumbsup: {useful}  :thumbsdown: {not_useful}")
    return notes


def _after(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{show_span(timedelta(seconds=seconds))} after" if seconds else "with"


def _capital(text: str) -> str:
    return (
        text
        if "/" in text.split(" ", maxsplit=1)[0] or "." in text.split(" ", maxsplit=1)[0]
        else text[:1].upper() + text[1:]
    )


def _text(view: ConflictView) -> str:
    sides = " and ".join(branch for branch, _, _ in view.sides)
    return b.unescape(f"Conflict {view.number} ({view.degree}, {view.state}): {sides}")
