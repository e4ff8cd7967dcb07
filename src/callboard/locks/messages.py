"""What is read about locks: the card, lists, what people are told and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.timeline import Entry
from callboard.core.words import capital, complete, counted, few, few_lines, joined, lasted
from callboard.locks import rights
from callboard.locks.models import Allowance, End, Lock, News, Rival, State, Verb
from callboard.teams.directory import Asker
from callboard.teams.service import Directory

LIGHTS = complete(State, {
    State.HELD: ":lock:", State.ASKED: ":raised_hand:", State.OFFERED: ":bell:",
    State.WAITING: ":hourglass_flowing_sand:", State.OVER: ":unlock:",
})  # fmt: skip
ENDS = complete(End, {
    End.RELEASED: "Released", End.WITHDRAWN: "Withdrawn", End.EXPIRED: "Expired", End.BROKEN: "Broken",
    End.TAKEN: "Replaced by a new lock", End.DECLINED: "Declined", End.MISSED: "Not taken in time",
})  # fmt: skip
DID: Mapping[str, str] = {
    Verb.ACQUIRED: "locked it", Verb.ASKED: "asked for it", Verb.WAITED: "waits for it", Verb.OFFERED: "may take it",
    Verb.AGREED: "agreed", Verb.RENEWED: "kept it for longer", Verb.REMINDED: "was reminded",
    Verb.HANDED: "handed it over", Verb.PUSHED: "pushed to it", Verb.STOPPED: "was not let push to it",
    End.RELEASED: "released it", End.WITHDRAWN: "withdrew it", End.EXPIRED: "let it expire", End.BROKEN: "broke it",
    End.TAKEN: "took it", End.DECLINED: "declined", End.MISSED: "did not take it in time",
}  # fmt: skip
BY_ITSELF: Mapping[str, str] = {
    Verb.OFFERED: "Its turn has come", Verb.REMINDED: "Its holder was reminded", Verb.STOPPED: "A push was stopped",
    Verb.PUSHED: "Somebody pushed to it", **{end.value: said for end, said in ENDS.items()},
}  # fmt: skip
UNHELD = (End.WITHDRAWN, End.DECLINED, End.MISSED)
"""How a lock ends that nobody had yet."""
BUTTONS: Mapping[State, tuple[tuple[str, str, Literal["primary", "danger"] | None], ...]] = complete(State, {
    State.HELD: (("Release", "release", "primary"), ("Keep it", "keep", None)),
    State.ASKED: (("Agree", "agree", "primary"), ("Decline", "decline", "danger"), ("Withdraw", "release", None)),
    State.OFFERED: (("Take it", "take", "primary"), ("Not any more", "release", None)),
    State.WAITING: (("Leave the line", "release", None),), State.OVER: (),
})  # fmt: skip
MORE = (("Hand it over", "hand"), ("Wait in line", "wait"), ("Break it", "break"))
TARGETS, RIVALS, AGREED, UNCHECKED, HISTORY, PARAGRAPHS = 6, 3, 5, 15, 200, 2
EARLIER = ": see the thread of its card"


@dataclass(frozen=True, kw_only=True)
class View:
    """A lock at an instant: who waits behind it, who is ahead of it, what CI reported of what was pushed under it."""

    lock: Lock
    directory: Directory
    now: datetime
    waiting: Sequence[Lock] = ()
    ahead: Sequence[Lock] = ()
    reported: Sequence[str] = ()

    def names(self, locks: Sequence[Lock]) -> str:
        return joined(self.directory.called(lock.holder) for lock in locks)

    @property
    def whose(self) -> str:
        return holder(self.directory, self.lock)

    @property
    def missing(self) -> str:
        return rights.team_names(self.directory, self.lock.missing)


def holder(directory: Directory, lock: Lock) -> str:
    team = directory.teams.get(lock.team or "")
    return f"{directory.called(lock.holder)}{f' ({m.escape(team.name)})' if team else ''}"


def card(view: View) -> Message:
    notes, row = _notes(view), buttons(view.lock)
    shown = [b.section(f"{head(view.lock)}\n{state(view)}")]
    shown += [b.context(*notes)] * bool(notes)
    shown += [b.actions(*row)] if row else []
    return Message(text=summary(view.lock), blocks=shown)


def summary(lock: Lock) -> str:
    return f"Lock {lock.number} ({lock.state}): {', '.join(lock.targets[:TARGETS])}"


def head(lock: Lock) -> str:
    reason = f" for {m.clip(lock.reason, 300)}" if lock.reason else ""
    return f"{LIGHTS[State(lock.state)]} {m.bold(f'Lock {lock.number}')}  {codes(lock.targets)}{reason}"


def codes(targets: Sequence[str]) -> str:
    return few([f"{m.code(target)}" for target in targets], TARGETS, " ")


def state(view: View) -> str:
    lock = view.lock
    until = f" until {m.date(lock.expires_at, 'both')}" if lock.expires_at else ""
    return complete(State, {
        State.HELD: f"*{view.whose} has it*{until} (since {m.date(lock.since, 'both')}).",
        State.ASKED: f"*{view.whose} asks for it*{until}. {view.missing} must agree first.",
        State.OFFERED: f"*It is {view.whose}'s turn* until {m.date(lock.offered_until or lock.since, 'both')}.",
        State.WAITING: f"{view.whose} waits for it{_behind(view)} (since {m.date(lock.since, 'both')}).",
        State.OVER: _over(view),
    })[State(lock.state)]  # fmt: skip


def buttons(lock: Lock) -> list[dict[str, Any]]:
    value = f"{lock.number}:{lock.changes}"
    row = [b.button(text, f"lock.{verb}", value, style=style) for text, verb, style in BUTTONS[State(lock.state)]]
    more = [(text, f"{verb}:{value}") for text, verb in MORE]
    return [*row, *([b.overflow("lock.more", more)] if lock.state == State.HELD else [])]


def answer(view: View) -> str:
    lock = view.lock
    match State(lock.state):
        case State.HELD:
            until = m.date(lock.expires_at, "both") if lock.expires_at else "later"
            return f"{head(lock)}: yours until {until}. When you are done: `/lock release {lock.number}`."
        case State.ASKED:
            return f"{head(lock)}\n{view.missing} must agree first. I asked them, and tell you when it is yours."
        case State.WAITING:
            return f"{head(lock)}\nYou wait{_behind(view)}. I'll tell you when it is your turn."
    return f"{head(lock)}\n{state(view)}"


def of_things(things: Sequence[str]) -> str:
    """What is said where a word was taken for a thing and not for a folder."""
    return f"\n{codes(things)}: no file. For a folder write `{m.escape(things[0])}/`." if things else ""


def one_line(view: View) -> str:
    return f"{head(view.lock)}\n{state(view)}"


def listed(title: str, views: Sequence[View], total: int, word: str = "") -> list[dict[str, Any]]:
    """The locks that have a word, or all."""
    if not views and word:
        return [b.section(f"No lock has {m.code(m.clip(word, 60))}. `/lock list` shows all.")]
    if not views:
        return [b.section("Nothing is locked. Lock something: `/lock src/api/** for refactoring until 17:00`.")]
    more = f"and {total - len(views)} more: `/lock list WORD` finds those with a word."
    rows = [b.section(m.bold(title)), *(b.section(one_line(view)) for view in views)]
    return [*rows, *([b.context(more)] if total > len(views) else [])]


def history(view: View, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    lines = [_line(view.directory, entry) for entry in entries[-HISTORY:]] or ["Nothing has happened to it yet."]
    return [*card(view).blocks, b.divider(), *fit.newest(lines, PARAGRAPHS, max(len(entries) - HISTORY, 0), EARLIER)]


def news(view: View, kind: News, by: str, to: str, example: str) -> Message:
    """What one person is told about a lock of theirs."""
    lock, stands = view.lock, f"{head(view.lock)}\n{state(view)}"
    until = m.date(lock.offered_until or view.now, "both")
    text = complete(News, {
        News.TURN: f"It is your turn. {head(lock)}\nI keep it for you until {until}. Then the next in line gets it.",
        News.HANDED: f":inbox_tray: {by} hands you {stands}",
        News.AGREED: f":white_check_mark: {by} agrees, so you hold it now. {stands}",
        News.AWAITED: f":hourglass_flowing_sand: {by} waits for {m.code(example)}. {stands}",
        News.REMINDER: f":sunrise: You still hold this: {stands} Do you need it?",
        News.ENDED: f"{head(lock)}\n{_ended(view, by, to)}",
    })[kind]  # fmt: skip
    row = buttons(lock) if lock.state in (State.HELD, State.OFFERED) and kind != News.ENDED else []
    shown = [b.section(m.clip(text, m.TEXT)), *([b.actions(*row)] if row else [])]
    return Message(text=summary(lock), blocks=shown)


def refused(sentence: str, typed: str) -> list[dict[str, Any]]:
    row = [b.actions(b.button("Wait in line", "lock.line", typed))] if typed else []
    return [b.section(sentence), *row]


def allowed(by: str, allowance: Allowance) -> Message:
    """What somebody may change for a while, though it is another team's."""
    until, reason = m.date(allowance.until, "both"), m.sentence(f"for {m.clip(allowance.reason, 500)}")
    text = f":unlock: {by} lets you change {codes(allowance.targets)} until {until}, {reason} Your pushes pass."
    return Message(text=f"You may change {', '.join(allowance.targets)}", blocks=[b.section(text)])


def pushed(lock: Lock, line: str) -> Message:
    text = f"{line}, which you hold. {head(lock)}\nTalk to them, or `/lock release {lock.number}`."
    return Message(text=f"A push touches lock {lock.number}", blocks=[b.section(m.clip(text, m.TEXT))])


def unchecked(pushes: Sequence[Mapping[str, str]]) -> Message:
    lines = [
        f"`{push['branch']}` of {push['repository']}, by {push['pushed_by']}, "
        f"{m.date(datetime.fromisoformat(push['at']), 'both')}: `{push['old'][:8]}..{push['new'][:8]}`"
        for push in pushes
    ]
    count = counted(len(pushes), "push passed", "pushes passed")
    text = f":warning: *{count} unchecked* while the guard could not reach me. Check them yourself:"
    shown = m.clip("\n".join([text, *few_lines(lines, UNCHECKED)]), m.TEXT)
    return Message(text=f"{count} unchecked", blocks=[b.section(shown)])


def taken(asker: Asker, now: datetime, rivals: Sequence[Rival], count: int) -> str:
    """Why something is not locked: the first of `count` locks in the way, and what to do."""
    first = rivals[0].lock
    directory, lines = asker.directory, []
    for rival in rivals:
        gone = rights.gone(directory, rival.lock, now)
        out = f" {gone}{rights.way_out(directory, rival.lock, now)}" if gone else ""
        lines.append(f"{_in_the_way(directory, now, rival)}{out}")
    lines += [f"{count - len(rivals)} more locks are in the way."] if count > len(rivals) else []
    todo = f"Wait in line: `/lock wait {first.number}`."
    if count == 1 and first.state != State.WAITING and not rights.gone(directory, first, now):
        todo += f" {rights.way_out(directory, first, now)}"
    return "\n".join([*lines, todo])


def _line(directory: Directory, entry: Entry) -> str:
    by_itself = BY_ITSELF.get(entry.verb, capital(entry.verb))
    known = entry.actor in directory.people
    did = f"{directory.called(entry.actor)} {DID.get(entry.verb, entry.verb)}" if known else by_itself
    to = f" to {directory.called(entry.facts['to'])}" if entry.facts.get("to") else ""
    reason = f": {m.clip(entry.said, 300)}" if entry.said else "."
    return f"{m.date(entry.at, 'both')}  {did}{to}{reason}"


def _over(view: View) -> str:
    lock, people = view.lock, view.directory.people
    when = f", {m.date(lock.ended_at, 'both')}" if lock.ended_at else ""
    by_other = lock.ended_by in people and lock.ended_by != lock.holder
    by = f" by {view.directory.called(lock.ended_by)}" if by_other else ""
    checks = "".join(f"\nPushed meanwhile: {line}." for line in view.reported)
    how = ENDS[End(lock.ended_how or End.EXPIRED)]
    had = "waited for it" if lock.ended_how in UNHELD else "had it"
    return f"*{how}*{by}{when}, after {_age(view)}. {view.whose} {had}.{_why(lock)}{checks}"


def _ended(view: View, by: str, to: str) -> str:
    if to:
        return f"{by} handed it over to {to}."
    why, again = _why(view.lock), "Ask again: `/lock`."
    return {
        End.BROKEN: f"{by} broke your lock.{why}",
        End.DECLINED: f"{by} declined, so it is not locked.{why or ' They gave no reason: ask them.'}",
        End.MISSED: f"You did not take it in time. {again}",
        End.EXPIRED: f"It has expired: others can lock it now. {again}",
    }.get(End(view.lock.ended_how or End.EXPIRED), state(view))


def _in_the_way(directory: Directory, now: datetime, rival: Rival) -> str:
    lock, example, whose = rival.lock, f"{m.code(rival.example)}", holder(directory, rival.lock)
    since = f"since {m.date(lock.since, 'both')}, {lasted(now - lock.since)} ago"
    reason = f"for {lock.reason}" if lock.reason else "without a reason"
    match lock.state:
        case State.WAITING:
            return f"{whose} waits for {example} before you, {since}, {reason}: lock {lock.number}."
        case State.OFFERED:
            until = m.date(lock.offered_until or lock.since, "both")
            return f"{example} is offered to {whose} until {until}, {reason}: lock {lock.number}."
        case State.ASKED:
            return (
                f"{whose} asks for {example}, {since}, {m.sentence(reason)} Other teams must agree: lock {lock.number}."
            )
    until = f", until {m.date(lock.expires_at, 'both')}" if lock.expires_at else ""
    line = " and ".join(directory.called(one.holder) for one in rival.waiting)
    wait = f" {line} {'waits' if len(rival.waiting) == 1 else 'wait'} for it." if line else ""
    part = "" if lock.targets == [rival.example] else f" ({codes(lock.targets)})"
    return f"{example} is locked by {whose}, {since}, {reason}{until}: lock {lock.number}{part}.{wait}"


def _notes(view: View) -> list[str]:
    waits = "waits" if len(view.waiting) == 1 else "wait"
    line = [f":hourglass_flowing_sand: {view.names(view.waiting)} {waits}"] if view.waiting else []
    agreed = [
        f":white_check_mark: {rights.team_names(view.directory, [consent['team']])}: "
        f"{view.directory.called(consent['by'])} agrees"
        for consent in view.lock.consents if consent.get("by")
    ]  # fmt: skip
    return [*_gone(view), *line, *agreed[:AGREED], *["locked with git"] * (view.lock.source == "git")]


def _gone(view: View) -> list[str]:
    """That its holder gives nothing back by themselves, and who can break it."""
    if view.lock.state != State.HELD or not (gone := rights.gone(view.directory, view.lock, view.now)):
        return []
    return [f":warning: {gone}{rights.way_out(view.directory, view.lock, view.now)}"]


def _behind(view: View) -> str:
    return f" behind {view.names(view.ahead)}" if view.ahead else ""


def _age(view: View) -> str:
    return lasted((view.lock.ended_at or view.now) - view.lock.since)


def _why(lock: Lock) -> str:
    return f"\n> {m.clip(lock.ended_why, 500)}" if lock.ended_why else ""
