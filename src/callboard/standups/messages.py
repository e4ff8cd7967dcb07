"""How standups read: the prompt, the digest, the answers in its thread, a word to a lead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import few_lines
from callboard.standups import models, schedule, store
from callboard.standups.models import AWAY, CheckIn, Round, State, day_name, planned
from callboard.standups.schedule import place_of
from callboard.teams import service as teams
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

FILL, SKIP, RAISE = "standup.fill", "standup.skip", "standup.raise"
FEW = 120
MOST_BLOCKERS = 15
Block = dict[str, object]


@dataclass(frozen=True)
class Line:
    """A line that names something in the way, and the blocker that it became."""

    text: str
    blocker: int | None


@dataclass(frozen=True, kw_only=True)
class CheckInView:
    """One person's part in a round. `who` is a name that rings nobody, `mention` rings."""

    number: int
    standup: str
    day: date
    who: str
    mention: str
    state: str
    why: str
    asked_at: datetime
    closes_at: datetime
    answered_at: datetime | None
    early: bool
    changed: bool
    after_turn: bool
    held_up: bool
    questions: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    waits_for: str
    before: str
    changes: int
    turn: bool = False

    @property
    def answered(self) -> bool:
        """Whether something was said."""
        return self.state in models.ANSWERED


@dataclass(frozen=True, kw_only=True)
class RoundView:
    """A whole round, everybody in the order of their teams; `turns` where each has a time of their own."""

    name: str
    day: date
    people: tuple[CheckInView, ...]
    turns: bool
    now: datetime
    channel: str

    def those(self, *states: str) -> list[CheckInView]:
        """The people whose check-in stands so."""
        return [one for one in self.people if one.state in states]


def check_in_view(tx: Tx, directory: Directory, one: CheckIn, *, alone: bool = True) -> CheckInView:
    """One person's part; `alone`, and not said yet, with what they planned the time before."""
    book, person = schedule.book_of(tx, one.plan_id), directory.people.get(one.person)
    part = book.standups.get(one.standup)
    asked = schedule.questions(book, one.standup, person, one.at) if part and person else ()
    each = part.minutes_each if part else None
    lines = enumerate(models.in_the_way(one))
    return CheckInView(
        number=one.number,
        standup=b.escape(part.name) if part else one.standup,
        day=one.day,
        who=b.escape(person.name) if person else b.escape(one.person),
        mention=directory.called(one.person),
        state=one.state,
        why=one.why,
        asked_at=one.asked_at,
        closes_at=one.closes_at,
        answered_at=one.answered_at,
        early=one.early,
        changed=one.changed_at is not None and one.changed_at != one.answered_at,
        after_turn=bool(each and one.answered_at and one.answered_at > one.asked_at + each),
        held_up=bool(one.prompted_at and (one.prompted_at - one.asked_at).total_seconds() > models.HELD_UP),
        questions=tuple(map(b.escape, asked)),
        answers=tuple((b.escape(each["ask"]), each["said"]) for each in one.answers if each["said"]),
        lines=tuple(Line(text, one.raised.get(str(place))) for place, text in lines),
        waits_for=directory.called(one.waits_for) if one.waits_for else "",
        before=planned(store.last_answered(tx, one)) if alone and one.state == State.WAITING else "",
        changes=one.changes,
        turn=each is not None,
    )


def round_view(tx: Tx, one_round: Round) -> RoundView:
    """A round with everybody in it."""
    directory = teams.directory(tx, one_round.plan_id)
    part = schedule.book_of(tx, one_round.plan_id).standups.get(one_round.standup)
    ones = sorted(store.of_round(tx, one_round.number), key=lambda one: place_of(directory, part, one))
    return RoundView(
        name=b.escape(part.name if part else one_round.name),
        day=one_round.day,
        people=tuple(check_in_view(tx, directory, one, alone=False) for one in ones),
        turns=bool(part and part.minutes_each is not None),
        now=tx.now,
        channel=schedule.digest_channel(tx, directory, one_round),
    )


def prompt(view: CheckInView) -> Message:
    """What asks somebody, and what becomes of it."""
    if view.answered:
        return _said(view)
    if view.state == State.WAITING:
        return _asking(view)
    if view.state == State.EXCUSED:
        why = "you are away" if view.why == AWAY else view.why
        return _short(view, f":fast_forward: {b.bold(view.standup)}: nothing is expected of you, because {why}.")
    return _short(
        view, f":zzz: {b.bold(view.standup)} of {day_name(view.day)} is over, and nothing was heard of you. "
        "It is not too late: what you say is added to the digest.",
    )  # fmt: skip


def reminder(view: CheckInView) -> Message:
    """What asks somebody once more."""
    until = b.date(view.closes_at)
    return _short(view, f":bell: {b.bold(view.standup)} is open until {until}, and there is nothing of you yet.")


def answer(view: CheckInView) -> Message:
    """What somebody said, in the thread."""
    late = f" :hourglass: late, {b.date(view.answered_at)}" if view.state == State.LATE and view.answered_at else ""
    changed = " _(changed)_" if view.changed else ""
    head = f"{b.bold(view.who)}{late}{changed}"
    shown = [b.section(head), *_answers(view.answers), *_named(view)]
    return Message(text=f"{view.who}: {view.standup}", blocks=shown)


def digest(view: RoundView) -> Message:
    """The card of a round."""
    expected = [one for one in view.people if one.state != State.EXCUSED]
    said = view.those(State.SUBMITTED, State.LATE)
    head = f"{b.bold(view.name)}  {day_name(view.day)}\n{len(said)} of {len(expected)} have reported"
    lines = list(_turns(view) if view.turns else _reported(view))
    lines += [*_absent(view), *_blockers(view.people)]
    where = "Answers are in the thread." if said else "Answers will be in the thread."
    shown = [b.section(head), *(b.section(line) for line in lines[: b.MESSAGE_BLOCKS - 2])]
    return Message(
        text=f"{view.name}, {day_name(view.day)}: {len(said)} of {len(expected)} have reported",
        blocks=[*shown, b.context(f"{where} `/standup` fills in yours, also now.")],
    )


def whole(view: RoundView) -> Message:
    """The card with everything that was said, for whoever asks."""
    card = digest(view)
    said = [
        block for one in view.people if one.answered for block in (b.section(b.bold(one.who)), *_answers(one.answers))
    ]
    room = b.MESSAGE_BLOCKS - len(card.blocks)
    shown = said if len(said) <= room else [*said[: room - 1], b.context("The rest is in the thread of the digest.")]
    return Message(text=card.text, blocks=[*card.blocks[:-1], *shown, card.blocks[-1]])


def silent(views: Sequence[CheckInView]) -> Message:
    """A kind word to a lead about people of whom nothing was heard twice."""
    names = ", ".join(dict.fromkeys(one.mention for one in views))
    standup = b.bold(views[0].standup)
    text = (
        f":speech_balloon: Nothing was heard of {names} in the last two rounds of {standup}. Perhaps there is too much "
        "to do, something is in the way, or the time does not suit: a word from you may help. Nobody else is told."
    )
    return Message(text=text, blocks=[b.section(text)])


def buttons(view: CheckInView) -> Iterator[Block]:
    """The lines that name something in the way, each with the button that makes a blocker of it."""
    for place, line in enumerate(view.lines):
        value = f"{view.number}:{place}:{view.changes}"
        button = b.button("Make it a blocker", RAISE, value, style="danger") if line.blocker is None else None
        waits = f"  (waits for {view.waits_for})" if view.waits_for and "<@" not in line.text else ""
        yield b.section(f":octagonal_sign: {_line(line)}{waits}", accessory=button)


def _asking(view: CheckInView) -> Message:
    turn = f"Your turn is at {b.date(view.asked_at)}. " if view.turn else ""
    held_up = f"I was not there at {b.date(view.asked_at)}, so this comes late. " if view.held_up else ""
    text = (
        f":wave: {b.bold(view.standup)}: what is new? {turn}{held_up}Open until {b.date(view.closes_at)}.\n"
        f"{' · '.join(view.questions)}"
    )
    before = [b.context(f"You planned: {b.clip(' / '.join(view.before.splitlines()), 500)}")] if view.before else []
    row = b.actions(
        b.button("Fill it in", FILL, str(view.number), style="primary"), b.button("Skip", SKIP, str(view.number))
    )
    return Message(text=f"{view.standup}: what is new?", blocks=[b.section(text), *before, row])


def _said(view: CheckInView) -> Message:
    how = "late, and it counts" if view.state == State.LATE else "early" if view.early else "thank you"
    head = f":white_check_mark: {b.bold(view.standup)} of {day_name(view.day)}: {how}."
    said = [each for each in view.answers if not (view.lines and models.asks_for_blockers(each[0]))]
    raise_hint = any(line.blocker is None for line in view.lines)
    hint = [b.context("A blocker pages whoever can help, and climbs until somebody has it.")] if raise_hint else []
    row = b.actions(b.button("Change what I said", FILL, str(view.number)))
    return Message(
        text=f"{view.standup}: you have reported", blocks=[b.section(head), *_answers(said), *buttons(view), *hint, row]
    )


def _short(view: CheckInView, text: str) -> Message:
    row = b.actions(b.button("Fill it in", FILL, str(view.number), style="primary"))
    return Message(text=text, blocks=[b.section(text), row])


def _answers(answers: Iterable[tuple[str, str]]) -> list[Block]:
    return [b.section(f"{b.bold(ask)}\n{said}") for ask, said in answers]


def _named(view: CheckInView) -> list[Block]:
    raised = [f"Blocker {line.blocker}: {b.clip(line.text, 200)}" for line in view.lines if line.blocker]
    return [b.context(*raised)] if raised else []


def _reported(view: RoundView) -> Iterator[str]:
    yield from _names(":white_check_mark:", (one.who for one in view.those(State.SUBMITTED)))
    late = (f"{one.who} ({b.date(one.answered_at)})" for one in view.those(State.LATE) if one.answered_at)
    yield from _names(":hourglass: late:", late)
    coming = [one for one in view.those(State.WAITING) if one.asked_at > view.now]
    waiting = [one for one in view.those(State.WAITING) if one.asked_at <= view.now]
    yield from _names(":zzz: nothing yet:", (one.who for one in waiting))
    yield from _names(":zzz: no answer:", (one.who for one in view.those(State.MISSED)))
    yield from _names(":clock3: still to come:", (f"{one.who} at {b.date(one.asked_at)}" for one in coming))


def _turns(view: RoundView) -> Iterator[str]:
    """One line for each turn, in strict order."""
    expected = [one for one in view.people if one.state != State.EXCUSED]
    for one in sorted(expected, key=lambda one: one.asked_at):
        mark = {
            State.SUBMITTED: ":white_check_mark:",
            State.LATE: ":hourglass: late:",
            State.MISSED: ":zzz: no answer:",
        }
        over = "  after its minutes" if one.after_turn and one.state == State.SUBMITTED else ""
        yield f"{b.date(one.asked_at)}  {mark.get(State(one.state), ':speech_balloon:')} {one.who}{over}"


def _absent(view: RoundView) -> Iterator[str]:
    excused = view.those(State.EXCUSED)
    yield from _names(":palm_tree: away:", (one.who for one in excused if one.why == AWAY))
    yield from _names(":fast_forward: skips:", (f"{one.who}: {one.why}" for one in excused if one.why != AWAY))


def _blockers(people: Iterable[CheckInView]) -> Iterator[str]:
    found = [f"{one.who}: {b.clip(_line(line), 300)}" for one in people for line in one.lines]
    if found:
        yield b.clip("\n".join([":octagonal_sign: in the way:", *few_lines(found, MOST_BLOCKERS)]), b.TEXT)


def _line(line: Line) -> str:
    return f"{line.text} (blocker {line.blocker})" if line.blocker else line.text


def _names(head: str, names: Iterable[str]) -> Iterator[str]:
    """People in as many paragraphs as they need."""
    every = list(names)
    for start in range(0, len(every), FEW):
        yield f"{head} {', '.join(every[start : start + FEW])}"
