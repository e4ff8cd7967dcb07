"""How a conflict reads: its card with both sides, and the list with the matrix of teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.branches.models import Merge
from callboard.conflicts.models import GOING, GRAVE, WAVE, Answer, Conflict, Degree, State, Verb
from callboard.core.outbox import Message
from callboard.core.words import capital, complete, counted, few, joined, lasted
from callboard.escalation.service import Ladder
from callboard.locks.pushes import escaped
from callboard.planfile.times import show_span
from callboard.teams.service import Directory

FILES, SHOWN_HUNKS, HUNK, LISTED, NAME, PARTS = 6, 2, 1200, 15, 12, 10
LIGHTS = complete(Degree, {
    Degree.SIMPLE: ":large_green_circle:", Degree.VIOLATION: ":no_entry:", Degree.MEDIUM: ":large_yellow_circle:",
    Degree.COMPLEX: ":large_orange_circle:", Degree.CRITICAL: ":rotating_light:",
})  # fmt: skip
HOW = complete(Answer, {
    Answer.TALK: "talks about it", Answer.REBASE: "rebases", Answer.MERGE: "lets git merge it",
    Answer.DECIDED: "has decided",
})  # fmt: skip
SAID, WHOLE = 500, 10_000
DONE = {True: ":white_check_mark:", False: ":x:", None: ":hourglass_flowing_sand:"}


@dataclass(frozen=True, kw_only=True)
class View:
    """A conflict at an instant, with its clocks, how the plan resolves it, and the next step of its policy."""

    conflict: Conflict
    directory: Directory
    now: datetime
    clocks: Mapping[str, timedelta]
    resolve: str = ""
    ladder: Ladder | None = None
    rollback: str = ""
    parts: Sequence[Conflict] = ()

    @property
    def branches(self) -> list[str]:
        return [escaped(name) for name in (self.conflict.one, self.conflict.other) if name]

    @property
    def sides(self) -> list[str]:
        found = zip(self.branches, [*self.conflict.people, "", ""], (0, 1), strict=False)
        return [f"`{branch}` of {_who(self, person, place)}" for branch, person, place in found]


def card(view: View, why: str = "") -> Message:
    """The card of a conflict, edited in place; `why` is why somebody is paged."""
    conflict, notes = view.conflict, _notes(view)
    files = ", ".join(conflict.files[:FILES])
    meet = [*view.branches, *([counted(conflict.parts, "branch", "branches")] if conflict.kind == WAVE else [])]
    summary = f"Conflict {conflict.number} ({conflict.degree}, {conflict.state}): {' and '.join(meet)}"
    shown = [
        b.section(f"{f'{why}{chr(10)}' if why else ''}{_lines(view)}"),
        *_hunks(view),
        *([b.context(*notes)] if notes else ()),
        b.actions(*buttons(conflict)),
    ]
    return Message(
        text=summary, blocks=shown, title=f"Conflict {conflict.number}",
        plain=m.unescape(f"{why} {summary}. Files: {files}.").strip(),
    )  # fmt: skip


def head(view: View) -> str:
    conflict, first, last = view.conflict, view.sides[0], view.sides[-1]
    known = ", there before" if conflict.quiet else ""
    light = ":white_check_mark:" if conflict.state == State.OVER else LIGHTS[Degree(conflict.degree)]
    if conflict.kind == WAVE:
        called = f"{m.bold(f'Conflict {conflict.number}, {conflict.degree}')}"
        return f"{light} {called}  `{view.branches[0]}` collides with {counted(conflict.parts, 'branch', 'branches')}"
    if conflict.kind == "zone":
        return f"{light} {m.bold(f'Conflict {conflict.number}')}  {first} is in another team's zone"
    meets = "touches the same files as" if conflict.degree == Degree.SIMPLE else "collides with"
    return f"{light} {m.bold(f'Conflict {conflict.number}, {conflict.degree}{known}')}  {first} {meets} {last}"


def state(view: View) -> str:
    conflict = view.conflict
    match State(conflict.state):
        case State.OVER:
            when = f", {m.date(conflict.ended_at, 'both')}" if conflict.ended_at else ""
            return f"*Gone*{when}, after {lasted((conflict.ended_at or view.now) - conflict.found_at)}."
        case State.ACCEPTED if conflict.ended_how == Verb.MERGED:
            asked = f"{called(view, conflict.ended_by)} asked for it. I tell nobody, unless it gets worse."
            return f"*{m.clip(conflict.ended_why or '', 500)}* {asked}"
        case State.ACCEPTED:
            why = f"\n> {m.clip(conflict.ended_why, 500)}" if conflict.ended_why else ""
            return f"*{called(view, conflict.ended_by)} says it is fine.* I tell nobody, unless it gets worse.{why}"
        case State.ANSWERED:
            how = HOW[Answer(conflict.ended_how or Answer.TALK)]
            return f"*{called(view, conflict.answered_by)} {how}.*{decision(view)}"
        case State.OPEN:
            sentences = [*map(escaped, conflict.why), *([m.escape(view.resolve)] if view.resolve else [])]
            found = " ".join(f"{_capital(sentence)}." for sentence in dict.fromkeys(sentences))
            return f"{found}{decision(view)}{last_resort(view)}"
        case unknown:
            assert_never(unknown)


def decision(view: View, most: int = SAID) -> str:
    """What was decided, and by whom; empty while nothing is. It is cut after `most` characters."""
    conflict = view.conflict
    if not conflict.decision:
        return ""
    by, at = (
        called(view, conflict.decided_by),
        f", {m.date(conflict.decided_at, 'both')}" if conflict.decided_at else "",
    )
    return f"\n*Decided by {by}{at}:*\n> {m.clip(conflict.decision, most)}"


def last_resort(view: View) -> str:
    """The rollback that the plan names for one that hits main."""
    if not view.rollback:
        return ""
    return f"\nLast resort: `/run rollback {m.escape(view.rollback)} because conflict {view.conflict.number}`"


def buttons(conflict: Conflict) -> list[dict[str, Any]]:
    value = f"{conflict.number}:{conflict.changes}"
    useless = b.button("Not useful", "conflict.useless", value)
    if conflict.state == State.OVER:
        return [b.button("Useful", "conflict.useful", value), useless]
    if conflict.state == State.ACCEPTED:
        return [b.button("Look again", "conflict.reopen", value), useless]
    rebase = [b.button("I rebase", "conflict.rebase", value)] if conflict.kind == "merge" else []
    merges = conflict.kind == "merge" and conflict.degree == Degree.SIMPLE and conflict.ended_how != Answer.MERGE
    merge = [b.button("Merge", "conflict.merge", value)] if merges else []
    decide = [b.button("Decide...", "conflict.decide", value)] if conflict.degree in GRAVE else []
    return [
        b.button("We talk", "conflict.talk", value, style="primary"), *merge, *rebase, *decide,
        b.button("It's fine", "conflict.fine", value), useless,
    ]  # fmt: skip


def decided(view: View) -> Message:
    """What the people of a conflict are told of a decision: all of it."""
    both = " and ".join(f"`{name}`" for name in view.branches)
    return Message(f":scales: Conflict {view.conflict.number}, {both}:{decision(view, WHOLE)}")


def merged(view: View, merge: Merge, by_hand: str) -> Message:
    """What the leads of both teams, and whoever asked for it, read of a merge."""
    number, by, own = view.conflict.number, called(view, merge.by), m.code(merge.branch)
    both = " and ".join(f"`{name}`" for name in view.branches)
    if merge.trouble:
        why = m.sentence(escaped(merge.trouble))
        return Message(f":warning: Conflict {number}: I could not merge {both}. {_capital(why)} By hand:\n{by_hand}")
    take = m.code(f"git fetch && git merge origin/{merge.branch}")
    return Message(
        f":twisted_rightwards_arrows: Conflict {number}: {own} has {both}, as {by} asked. Nothing else is changed. "
        f"Take it into your branch: {take}"
    )


def form(conflict: Conflict) -> dict[str, Any]:
    """What somebody fills in who decides."""
    text = forms.text_input(
        "What is decided?", "text", multiline=True, initial=conflict.decision or "", max_length=SAID * 4,
        hint="The people of both branches read it.",
    )  # fmt: skip
    private = {"number": conflict.number, "changes": conflict.changes}
    return forms.modal(
        f"Conflict {conflict.number}", [text], callback_id="conflict.decide", submit="Decide", private=private
    )


def listed(views: Sequence[View], total: int, matrix: str, share: float | None, judged: int) -> list[dict[str, Any]]:
    worth = f"{share:.0%} of {judged} judged were worth telling" if share is not None else "nobody has judged any yet"
    precision = b.context(f"Precision: {worth}.")
    if not views:
        return [b.section(":white_check_mark: No branches collide."), precision]
    more = f"and {total - len(views)} more: `/lock conflicts WORD` finds those with a word."
    return [
        b.section(m.bold(counted(total, "conflict"))),
        *([b.section(f"``{m.code(matrix)}``")] if matrix else []),
        *(b.section(_lines(view)) for view in views),
        *([b.context(more)] if total > len(views) else []),
        precision,
    ]


def matrix(directory: Directory, conflicts: Sequence[Conflict]) -> str:
    """How many there are between every two teams, as a table of plain text; empty for none."""
    pairs = Counter(
        frozenset((conflict.teams[0], team))
        for conflict in conflicts for team in conflict.teams[1:] or conflict.teams[:1]
    )  # fmt: skip
    names = {key: team.name[:NAME] for key, team in directory.teams.items() if any(key in pair for pair in pairs)}
    if not names:
        return ""
    width = max(map(len, names.values()))
    rows = [" " * width + "".join(f"  {name:>3}" for name in names.values())]
    for key, name in names.items():
        cells = (f"  {pairs[frozenset((key, other))] or '·':>{max(len(label), 3)}}" for other, label in names.items())
        rows.append(f"{name:<{width}}{''.join(cells)}")
    return "\n".join(rows)


def called(view: View, key: str | None) -> str:
    """How people call somebody; whom the plan does not name is called as in git."""
    directory = view.directory
    return directory.called(key) if key in directory.people or key in directory.former else escaped(key or "")


def _who(view: View, key: str, place: int) -> str:
    conflict, directory = view.conflict, view.directory
    person = directory.people.get(key)
    own = [team.key for team in directory.teams_of(person)] if person else []
    teams = [*(team for team in conflict.teams if team in own), *conflict.teams[place : place + 1]]
    team = directory.teams.get(next(iter(teams), ""))
    return f"{called(view, key)}{f' ({m.escape(team.name)})' if team else ''}"


def _lines(view: View) -> str:
    files, repository = view.conflict.files, view.conflict.repository
    place = f"{escaped(repository)}: " if repository else ""
    shown = few([f"`{escaped(path)}`" for path in files], FILES, " ")
    parts = [_part(view, part) for part in view.parts]
    if parts and view.conflict.state in GOING:
        more = f"and {len(parts) - PARTS} more: `/lock conflicts {view.branches[0]}`"
        shown = "\n".join(["", *parts[:PARTS], *([more] if len(parts) > PARTS else [])])
    return f"{head(view)}\n{place}{shown}\n{state(view)}"


def _part(view: View, part: Conflict) -> str:
    """One branch that collides with the one that was pushed."""
    place = 0 if part.other == view.conflict.one else 1
    whose = _who(replace(view, conflict=part), (*part.people, "", "")[place], place)
    return f"• {part.number}  `{escaped((part.one, part.other)[place])}` of {whose}: `{escaped(part.files[0])}`"


def quiet(repository: str, count: Sequence[Sequence[Any]]) -> Message:
    """What is told of conflicts that nobody has just pushed."""
    total, degrees = sum(number for _, number in count), joined(f"{number} {degree}" for degree, number in count)
    return Message(
        f":mag: {m.bold(escaped(repository))} has {counted(total, 'conflict')} from before: {degrees}. "
        f"I page nobody about {'it' if total == 1 else 'them'}. When a push makes a new one, I tell its people. "
        "`/lock conflicts` lists them."
    )


def _hunks(view: View) -> Iterator[dict[str, Any]]:
    shown = view.conflict.degree != Degree.SIMPLE and view.conflict.state in GOING
    for path, *sides in view.conflict.hunks[:SHOWN_HUNKS] if shown else ():
        for branch, hunk in zip(view.branches, sides, strict=False):
            if hunk:
                code = m.clip(m.escape(hunk.replace("```", "'''")), HUNK)
                yield b.section(f"`{escaped(path)}` on `{branch}`\n```{code}```")


def _notes(view: View) -> list[str]:
    conflict = view.conflict
    seconds = int((conflict.found_at - conflict.pushed_at).total_seconds())
    after = f"{show_span(timedelta(seconds=seconds))} after" if seconds else "with"
    notes = [f":mag: found {after} the push"]
    for what, by, done in _clocks(view):
        in_time = done <= by if done else None if view.now < by else False
        when = f"by {m.date(by, 'both')}" if in_time is None else "in time" if in_time else "late"
        notes.append(f"{DONE[in_time]} {what} {when}")
    coming = view.ladder.next if view.ladder else None
    if coming and coming.whom:
        notes.append(f":arrow_up: {coming.level}, {m.date(coming.at)}")
    useful = sum(conflict.verdicts.values())
    if conflict.verdicts:
        notes.append(f":thumbsup: {useful}  :thumbsdown: {len(conflict.verdicts) - useful}")
    return notes


def _clocks(view: View) -> Iterator[tuple[str, datetime, datetime | None]]:
    """What is to be done by when, and when it was done."""
    conflict = view.conflict
    if conflict.resolve_at is not None and conflict.validate_at is not None:
        yield "answered", conflict.pushed_at + view.clocks["respond"], conflict.answered_at or conflict.ended_at
        yield "resolved", conflict.resolve_at, conflict.ended_at
        yield "validated", conflict.validate_at, conflict.ended_at


def _capital(text: str) -> str:
    """A sentence with a capital; a path at its beginning stays as it is."""
    first = text.partition(" ")[0]
    return text if "/" in first or "." in first else capital(text)
