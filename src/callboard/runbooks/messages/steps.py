"""What each team hears of a step, and whoever leads it: its own part, at its minute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import capital, counted, few_lines, joined
from callboard.escalation.service import Ladder
from callboard.runbooks.messages import (
    ACK,
    ICONS,
    MINUTE,
    RunView,
    hindered,
    leader,
    line,
    stands,
    step_buttons,
)
from callboard.runbooks.models import RunStep, StepState

MINUTES, MOST_ITEMS = 10, 15


def soon(shown: RunView, step: RunStep, concerned: Sequence[str], *, leads: bool) -> Message:
    """What a team hears ten minutes before a step: its own part only. `concerned` are those who read it here."""
    span, title = shown.forecast.spans[step.place], m.bold(m.escape(step.title))
    who = leader(shown.directory, step, span.at)
    if step.state != StepState.WAITING:
        text = f"{ICONS[StepState(step.state)]} {title} ({shown.name}) {stands(step)}."
        kept = own_part(shown, step, concerned) if step.state == StepState.RUNNING else ()
        return Message(text=text, blocks=[b.section("\n".join([text, *kept]))])
    if failed := hindered(shown, step):
        text = f":hourglass: {title} ({shown.name}) waits: {m.escape(failed.title)} failed. You hear when it begins."
        return Message(text=text, blocks=[b.section(text)])
    if step.waits_for_somebody:
        text = f":hourglass: {title} ({shown.name}) waits until somebody starts it: `/run start {step.key}`"
        return Message(text=text, blocks=[b.section(text)])
    minutes = (span.at - (step.told_at or shown.now)) // MINUTE
    near = 1 <= minutes <= MINUTES
    when, at = (
        (f"In {counted(minutes, 'minute')}", f", {m.date(span.at)}") if near else (f"From {m.date(span.at)} on", "")
    )
    mine = f"{when} you lead {title}" if leads else f"{when}: {title}, led by {who}"
    late = f" It was planned for {m.date(step.planned_at)}." if abs(span.at - step.planned_at) >= MINUTE else ""
    lines = [f":bell: {mine} ({shown.name}){at}.{late}", *own_part(shown, step, concerned)]
    if leads and (ready := _preparation(step)):
        lines.append(ready)
    text = lines[0]
    return Message(text=text, blocks=[b.section("\n".join(lines))])


def own_part(shown: RunView, step: RunStep, concerned: Sequence[str]) -> Iterator[str]:
    """What some teams do meanwhile."""
    for team in concerned:
        name = m.escape(shown.directory.spoken_of(team))
        if team in step.plan.get("with", ()):
            yield f"{name} helps {leader(shown.directory, step, shown.now)}."
        for task in step.plan.get("meanwhile", {}).get(team, ()):
            yield f"Meanwhile {name}: {m.escape(task)}"


def _preparation(step: RunStep) -> str:
    return f"Checklist: {m.escape(', '.join(step.items))}" if step.items else ""


@dataclass(frozen=True)
class Confirming:
    """`who` confirms a step, where the plan names them: `you`, or others; and whether the reader is `able` to."""

    who: str
    able: bool


def lead_now(
    shown: RunView, step: RunStep, who: str, concerned: Sequence[str], able: Confirming, *, leads: bool
) -> Message:
    """What is read at the minute of a step by those who have a part in it. `who` is `you lead`, or `@a leads`."""
    confirms = able.who == "you"
    span, title = shown.forecast.spans[step.place], m.bold(m.escape(step.title))
    if step.state != StepState.RUNNING:
        by = f", says {shown.directory.called(step.ended_by)}" if step.ended_by in shown.directory.people else ""
        text = f"{ICONS[StepState(step.state)]} {title} ({shown.name}) {stands(step)}{by}."
        return Message(text=text, blocks=[b.section(text)])
    head = f":arrow_forward: {who} {title} now"
    if not leads:
        head = f":arrow_forward: {title} begins now, led by {leader(shown.directory, step, shown.now)}"
    limit = ""
    if leads and step.overdue_at and step.overdue_at > shown.now:
        paged = "you" if who.lower().startswith("you ") else "whoever leads it"
        limit = f" If it is not done by {m.date(step.overdue_at)}, I page {paged}."
    until = f" Expected end: {m.date(span.until)}." if step.takes and span.until > span.at else ""
    lines = [f"{head} ({shown.name}).{until}{limit}", *own_part(shown, step, concerned)]
    if able.who and (leads or confirms):
        lines.append(f"{capital(able.who)} confirm{'' if confirms else 's'} that it is done.")
    leads = leads or confirms
    if step.plan.get("note") and leads:
        lines.append(m.escape(step.plan["note"]))
    lines += few_lines([f"{'☑' if str(n) in step.ticks else '☐'} {m.escape(text)}"
                        for n, text in enumerate(step.items, 1)], MOST_ITEMS) if leads else []  # fmt: skip
    buttons = [step_buttons(step, done=able.able)] if leads and not shown.run.over else []
    return Message(text=lines[0], blocks=[b.section("\n".join(lines)), *buttons])


def handed_on(shown: RunView, step: RunStep) -> Message:
    """What whoever led a step reads once somebody else does."""
    title, who = m.bold(m.escape(step.title)), leader(shown.directory, step, shown.now)
    text = f":busts_in_silhouette: {title} ({shown.name}) is now led by {who}. Nothing to do."
    return Message(text=text, blocks=[b.section(text)])


def late(shown: RunView, step: RunStep, able: Confirming) -> Message:
    """What a leader is asked when a step should be done."""
    title = m.bold(m.escape(step.title))
    if step.state != StepState.RUNNING:
        text = f"{ICONS[StepState(step.state)]} {title} ({shown.name}) {stands(step)}."
        return Message(text=text, blocks=[b.section(text)])
    limit = f" I page you if it is not done by {m.date(step.overdue_at)}." if step.overdue_at else ""
    who = f" {able.who} confirms it." if able.who not in ("", "you") else ""
    ask = f"should be done by now. Is it, or how much longer?{who}"
    text = f":hourglass_flowing_sand: {title} ({shown.name}) {ask}{limit}"
    return Message(text=text, blocks=[b.section(text), step_buttons(step, done=able.able)])


def page(shown: RunView, step: RunStep, why: str, ladder: Ladder | None, *, here: bool = False) -> Message:
    """A page: a step has run over its limit. A channel reads it `here`."""
    title, because = m.escape(step.title), f"{'This channel gets' if here else 'You get'} this because {why}"
    if step.state == StepState.FAILED and (step.plan.get("if_failed") or {}).get("escalate"):
        text = f":rotating_light: {m.bold(title)} ({shown.name}) failed: {m.clip(step.reason, 500)}"
        row = b.actions(b.button("I have it", ACK, f"{step.number}:{step.changes}", style="primary"))
        words = f"{text}\n{because}. To try again: `/run start {step.key}`"
        return Message(
            text=text, blocks=[b.section(words), row], title=m.unescape(f"{shown.name}: {title} failed"),
            plain=m.unescape(f"{title} failed: {m.sentence(step.reason)} Answer in Slack: /run show {shown.run.key}"),
        )  # fmt: skip
    if step.state != StepState.RUNNING:
        text = f"{ICONS[StepState(step.state)]} {m.bold(title)} ({shown.name}) {stands(step)}. Nothing to do."
        return Message(text=text, blocks=[b.section(text)])
    since = m.date(step.started_at or shown.now)
    text = f":rotating_light: {m.bold(title)} ({shown.name}) has run since {since} and is over its limit"
    then = _then(ladder)
    who = leader(shown.directory, step, shown.now)
    holder = step.plan.get("holder")
    held = f" {shown.directory.called(holder)} has it." if holder else ""
    led = "" if "you lead it" in why else f" It is led by {who}."
    lines: list[str] = [
        f"{text}, {m.date(step.overdue_at or shown.now)}.",
        f"{because}.{led}{held}{then}",
    ]
    row = step_buttons(step)
    row["elements"].insert(0, b.button("I have it", ACK, f"{step.number}:{step.changes}", style="primary"))
    return Message(
        text=f"{shown.name}: {title} is over its limit", blocks=[b.section("\n".join(lines)), row],
        title=m.unescape(f"{shown.name}: {title} is over its limit"),
        plain=m.unescape(f"{title} is over its limit. Led by {who}. Answer in Slack: /run show {shown.run.key}"),
    )  # fmt: skip


def _then(ladder: Ladder | None) -> str:
    coming = ladder.next if ladder else None
    return f" Next: {joined(coming.whom)}, {m.date(coming.at)}." if coming and coming.whom else ""


def nudge(shown: RunView, step: RunStep, has: str, ladder: Ladder | None) -> Message:
    """What whoever has a step that is over its limit reads when they say nothing; `has` is since when."""
    title = m.escape(step.title)
    lines = [
        f":wave: {m.bold(title)} ({shown.name}) is over its limit, {m.date(step.overdue_at or shown.now)}.",
        f"{has}{_then(ladder)}",
        f"Done? `/run confirm {step.key}`. Not yet? `/run delay {step.key} 15m`",
    ]
    return Message(
        text=f"Still on {title}?", blocks=[b.section("\n".join(lines)), step_buttons(step)],
        title=m.unescape(f"{shown.name}: {title} is over its limit"),
    )  # fmt: skip


def announcement(shown: RunView, step: RunStep, args: Mapping[str, Any]) -> Message:
    """What stakeholders read when a step is done that announces something."""
    say = m.escape(args.get("say") or "") or f"{m.escape(step.title)}: done."
    text = f":loudspeaker: {shown.name}: {say}"
    return Message(
        text=text, blocks=[b.section(f"{text} {m.date(step.ended_at or shown.now, 'both')}")],
        title=m.unescape(f"{shown.directory.plan_name}: {shown.name}"), plain=m.unescape(f"{shown.name}: {say}"),
    )  # fmt: skip


def hand_over(shown: RunView, step: RunStep, teams_of: Sequence[str]) -> Message:
    """What whoever begins on call reads: what is theirs now, and what to know of the run."""
    names = joined(m.escape(shown.directory.spoken_of(team)) for team in teams_of)
    text = (
        f":telephone_receiver: You are on call for {names} from now on: {m.bold(m.escape(step.title))} ({shown.name})."
    )
    return Message(text=text, blocks=[b.section("\n".join([text, *to_know(shown)]))])


def to_know(shown: RunView) -> list[str]:
    """What went wrong so far."""
    failed = [each for each in shown.work if each.state in (StepState.FAILED, StepState.SKIPPED)]
    return [line(shown, each) for each in failed] or ["Nothing failed and nothing was skipped."]
