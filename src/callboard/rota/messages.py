"""Who is on call, in words: for whoever asks, and for whoever begins or ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.rota.stints import Stint
from callboard.teams.directory import Directory, Team

TAKE = "To take a turn over: `/plan oncall {} @somebody until 18:00 because ...`"
MOST = 40


@dataclass(frozen=True)
class Duty:
    """Who is on call for a team now, and who is next."""

    team: Team
    now: Stint | None
    next: Stint | None


def on_call(directory: Directory, duties: Iterable[Duty], *, of_all: bool) -> Message:
    """What `/plan oncall` answers."""
    every = list(duties)
    lines = [b.section("\n".join(_duty(directory, duty))) for duty in every[:MOST]]
    more = [b.context(f"and {len(every) - MOST} more teams: `/plan oncall TEAM`")] if len(every) > MOST else []
    free = [team.name for key, team in directory.teams.items() if key not in directory.on_call]
    alone = f" {m.escape(', '.join(free))}: no rotation, so I page the lead." if free and of_all else ""
    end = [b.context(f"{TAKE.format(every[0].team.key)}.{alone}")] if every else []
    return Message(f"On call in {m.escape(directory.plan_name)}", [*lines, *more, *end])


def _duty(directory: Directory, duty: Duty) -> Iterator[str]:
    now, after, name = duty.now, duty.next, m.bold(m.escape(duty.team.name))
    if now is None:
        leads = directory.one_of(directory.leads_of(duty.team.key)) or "nobody"
        yield f"{name}: nobody has a turn now. I page the lead, {leads}."
    elif now.acting is None:
        yield f":warning: {name}: {directory.called(now.holder)} is away, and nobody stands in."
    else:
        since = m.date(now.at, "both")
        yield f"{name}: {directory.called(now.acting)} until {m.date(now.until, 'both')}, since {since}"
        yield from _why(directory, now)
    if after:
        yield f"Next: {directory.called(after.acting or after.holder)}, from {m.date(after.at, 'both')}"
    else:
        yield "Next: nobody else"


def _why(directory: Directory, stint: Stint) -> Iterator[str]:
    """Why somebody is on call whose turn it is not by the rotation."""
    if stint.instead_of and stint.instead_of != stint.holder:
        because = f", because {m.escape(stint.because)}" if stint.because else ""
        yield m.sentence(
            f"{directory.called(stint.holder)} took this over from {directory.called(stint.instead_of)}{because}"
        )
    if stint.acting and stint.acting != stint.holder:
        days = stint.holder.absence(stint.at)
        away = f"is away {days}" if days else "can't be reached"
        yield f"{directory.called(stint.holder)} {away}: {directory.called(stint.acting)} stands in."


def begins(directory: Directory, team: Team, stint: Stint, before: str, know: Sequence[str] = ()) -> Message:
    """What whoever is on call from now on reads. `before` is who was, `know` what there is to know."""
    name = m.escape(team.name)
    took = f" You take over from {before}." if before else ""
    lines = [
        f":telephone_receiver: *You are on call for {name}* until {m.date(stint.until, 'both')}.{took}",
        *(f"Reason: {m.escape(stint.because)}" for _ in [0] if stint.because),
        *_stands_in(directory, stint),
        *know,
        f"I page you for {name}. Can't you? `/plan oncall {team.key} @somebody until ...`",
    ]
    return Message("\n".join(lines), title=f"You are on call for {team.name}")


def _stands_in(directory: Directory, stint: Stint) -> Iterator[str]:
    if stint.acting and stint.acting != stint.holder:
        yield f"You stand in for {directory.called(stint.holder)}, who is away."


def ends(team: Team, after: str, because: str) -> Message:
    """What whoever was on call reads. `after` is who is."""
    why = f" Reason: {m.sentence(m.escape(because))}" if because else ""
    text = f":white_check_mark: *You are no longer on call for {m.escape(team.name)}.* {after} is now.{why}"
    return Message(text, title=f"You are no longer on call for {team.name}")
