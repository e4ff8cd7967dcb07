"""How a plan greets its teams and people, and how it says what changed for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import joined
from callboard.planning.duties import TOPICS, Duties

MOST_LINES, MOST_PEOPLE = 12, 15


@dataclass(frozen=True, kw_only=True)
class First:
    """Something that comes soon."""

    at: datetime
    kind: str
    name: str
    key: str


@dataclass(frozen=True, kw_only=True)
class TeamView:
    """A team as it is greeted; all texts are ready to be shown."""

    key: str
    name: str
    plan: str
    leads: tuple[str, ...]
    members: tuple[str, ...]
    duties: Duties
    first: tuple[First, ...] = ()
    links: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PersonBrief:
    """What one person is told of their roles."""

    plan: str
    roles: tuple[str, ...]
    lines: tuple[str, ...] = field(default=())


def greeting(view: TeamView) -> Message:
    """What a team reads when it begins."""
    called = b.bold(b.escape(view.name))
    led = f"Led by {joined(view.leads)}." if view.leads else "Nobody leads it yet."
    members = f" With {_people(view.members)}." if view.members else ""
    head = f":wave: {called}, this is where {b.bold(b.escape(view.plan))} reaches you. {led}{members}"
    blocks = [b.section(head)]
    blocks += [b.section(_listed(title, view.duties[topic], view.key))
               for topic, title in TOPICS.items() if view.duties.get(topic)]  # fmt: skip
    if view.first:
        lines = [f"{b.date(one.at, 'both')}  {b.escape(one.name)} ({one.kind})" for one in view.first]
        blocks.append(b.section(_listed("What comes first", lines, view.key)))
    if view.wants:
        blocks.append(b.section(_listed("You hear when these are there", view.wants, view.key)))
    if view.links:
        blocks.append(b.section(_listed("Links", view.links, view.key)))
    blocks.append(b.context(HOW))
    return Message(text=f"{view.name}: welcome to {view.plan}", blocks=blocks)


HOW = (
    "Something keeps you from going on? `/blocker what is wrong` tells the right people, one after the other. "
    "`/plan` what runs · `/plan people` who is who · `/plan test` a test page · `/plan away tomorrow`"
)


def waits(view: TeamView) -> Message:
    """What a team on hold reads."""
    text = (
        f":hourglass_flowing_sand: {b.bold(b.escape(view.name))}: you are on hold in {b.escape(view.plan)}. "
        f"Before you begin, this must be there: {_some(view.waits_for, view.key)}. I greet you here when it is."
    )
    return Message(text=b.clip(text, b.TEXT))


def lifted(what: str, by: Sequence[str], who: str, reason: str) -> Message:
    """What everybody reads when a hold was overruled."""
    text = f":arrow_forward: {who} lets {what} go on without {joined(by)}, because {b.escape(reason)}"
    return Message(text=b.clip(text, b.TEXT))


def changed(name: str, key: str, version: int, lines: Sequence[str]) -> Message:
    """What a team reads when a new version says something else of it."""
    head = f":memo: {b.bold(b.escape(name))}, what changed for you (version {version} of the plan):"
    return Message(text=f"{name}: what changed for you", blocks=[b.section("\n".join([head, *_cut(lines, key)]))])


def brief(view: PersonBrief) -> Message:
    """What somebody with duties of their own reads."""
    roles = f"In {b.bold(b.escape(view.plan))} you are {b.escape(joined(view.roles))}." if view.roles else ""
    head = f":wave: {roles or f'For you in {b.bold(b.escape(view.plan))}:'}"
    lines = [f"• {b.escape(line)}" for line in view.lines[:MOST_LINES]]
    hint = "`/plan` what runs · `/plan people` who is who · `/plan help`"
    return Message(
        text=b.unescape(head.replace("*", "")), blocks=[b.section("\n".join([head, *lines])), b.context(hint)]
    )


def _listed(title: str, lines: Sequence[str], key: str) -> str:
    return "\n".join([b.bold(title), *_cut([f"• {line}" for line in lines], key)])


def _cut(lines: Sequence[str], key: str) -> list[str]:
    """As many lines as are read with pleasure and as Slack shows; how to see the others."""
    kept: list[str] = []
    for line in lines[:MOST_LINES]:
        shown = b.clip(line, 600)
        if sum(map(len, kept)) + len(shown) > b.TEXT - 300:
            break
        kept.append(shown)
    left = len(lines) - len(kept)
    return [*kept, f"and {left} more: `/plan show {key}`"] if left else kept


def _people(people: Sequence[str]) -> str:
    return joined(people, MOST_PEOPLE)


def _some(things: Iterable[str], key: str) -> str:
    several = list(things)
    left = len(several) - MOST_LINES
    return f"{joined(several[:MOST_LINES])}{f' and {left} more (`/plan show {key}`)' if left > 0 else ''}"
