"""The report of an emergency as Markdown: what happened, times against targets, actions, decisions, lessons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from callboard.blocks import markup as m
from callboard.blocks.markdown import shown as safe
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.core.words import exact, few
from callboard.emergencies import messages
from callboard.emergencies.messages import View, history
from callboard.emergencies.models import Emergency, State
from callboard.escalation.models import ClimbVerb
from callboard.teams.web import plain

MOST_NAMED = 30


def markdown(tx: Tx, emergency: Emergency) -> str:
    """The whole report, for a wiki or an issue."""
    return "\n".join(_lines(tx, messages.view(tx, emergency))).strip() + "\n"


def _lines(tx: Tx, shown: View) -> Iterator[str]:
    emergency, directory = shown.emergency, shown.directory
    yield f"# {emergency.called}: {_words(shown, emergency.what)}"
    yield ""
    team = directory.teams.get(emergency.team or "")
    by = directory.named([emergency.by or ""])
    facts = {
        "Plan": directory.plan_name, "Level": f"{emergency.level}, {emergency.name}",
        "Team": team.name if team else "",
        "Declared": f"{_at(shown, emergency.declared_at)} by {by[0].name if by else 'Callboard'}",
        "Because of": emergency.cause,
        **{role.capitalize(): directory.names_of([person]) for role, person in emergency.roles.items()},
        "Ended": _at(shown, emergency.ended_at) if emergency.ended_at else "not yet",
    }  # fmt: skip
    yield from (f"- {_words(shown, name)}: {_words(shown, text)}" for name, text in facts.items() if text)
    if emergency.state == State.WITHDRAWN:
        yield "- It was a false alarm."
    yield from _chapter("Summary", [_words(shown, line) for line in emergency.summary.splitlines()], bullet="")
    yield from _chapter("Times", _times(shown), bullet="")
    yield from _chapter("Timeline", _history(tx, shown))
    yield from _chapter("Actions", [
        f"[{'x' if 'by' in action else ' '}] {_words(shown, action['text'])}{_done(shown, action)}"
        for action in emergency.actions
    ])  # fmt: skip
    yield from _chapter("Decisions", [
        f"{_words(shown, each['text'])} ({_by(shown, each['by'])}, {_at(shown, messages.instant(each['at']))})"
        for each in emergency.decisions
    ])  # fmt: skip
    yield from _chapter("Lessons", [_words(shown, lesson) for lesson in emergency.lessons])
    told = [person.name for person in directory.named(emergency.told)]
    absent = [person.name for person in directory.named(emergency.absent)]
    yield from _chapter("Told", [_words(shown, few(told, MOST_NAMED))] if told else [])
    yield from _chapter("Could not be told", [_words(shown, name) for name in absent])


def _chapter(title: str, lines: list[str], bullet: str = "- ") -> Iterator[str]:
    if lines:
        yield from ("", f"## {title}", "", *(f"{bullet}{line}" for line in lines))


def _times(shown: View) -> list[str]:
    rows = [
        f"| {_words(shown, name)} | {took} | {exact(target) if target else 'none'} |"
        for name, took, target in messages.times(shown.emergency, shown.part)
    ]
    return ["| | took | target |", "|---|---|---|", *rows] if rows else []


def _history(tx: Tx, shown: View) -> list[str]:
    return [
        f"{_at(shown, entry.at)}: {_words(shown, text)}"
        for entry in timeline.history(tx, shown.emergency.subject) if (text := _said(shown, entry))
    ]  # fmt: skip


def _said(shown: View, entry: Entry) -> str:
    directory, facts = shown.directory, entry.facts
    if entry.verb in timeline.OF_MESSAGES:
        return ""
    if entry.verb in set(ClimbVerb):
        people = [person.name for person in directory.named(facts.get("people", ()))]
        whom = few(people, messages.LISTED) or few(list(map(m.channel, facts.get("channels", ()))), messages.LISTED)
        return f"{facts.get('level') or 'Callboard'} {entry.verb}{f': {whom}' if whom else ''}"
    line = history.line(directory, entry.verb, entry.actor, entry.said or "", facts)
    return _without_mark(line)


def _without_mark(line: str) -> str:
    """A line without the picture in front of it."""
    return line.split(" ", 1)[1] if line.startswith(":") else line


def _done(shown: View, action: dict[str, str]) -> str:
    if "by" not in action:
        return ""
    return f" ({_by(shown, action['by'])}, {_at(shown, messages.instant(action['at']))})"


def _at(shown: View, instant: datetime) -> str:
    return f"{instant.astimezone(shown.directory.calendar.zone):%Y-%m-%d %H:%M %Z}"


def _by(shown: View, person: str) -> str:
    return _words(shown, shown.directory.names_of([person]))


def _words(shown: View, text: str) -> str:
    """What somebody wrote, in one line in which it makes no link, picture or heading."""
    return safe(plain(shown.directory, text))
