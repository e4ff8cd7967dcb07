"""What a team or a person reads of their part in the plan: when it begins, on hold, and when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import few_lines, joined
from callboard.planfile.sections import Happening
from callboard.teams.directory import Directory, Team

LONGEST_LINE, LEFT_FREE, MOST_LINES, MOST_PEOPLE, FEW = 600, 300, 12, 15, 5
TOPICS = {
    "duties": "What you do",
    "zones": "Your zones",
    "ladder": "Who is paged for your blockers",
    "gates": "What you sign",
}
Duties = dict[str, list[str]]
"""Lines by topic, in Slack's markup."""
BLOCKED = "Blocked? `/blocker what is wrong` pages the right people, one after the other. "
HOW = "`/plan` what runs · `/plan people` who is who · `/plan test` a test page · `/plan away tomorrow`"
WHERE = "`/plan` what runs · `/plan people` who is who · `/plan help`"


@dataclass(frozen=True, kw_only=True)
class TeamView:
    """A team as it is greeted; the texts are ready to be shown."""

    directory: Directory
    team: Team
    duties: Duties
    first: tuple[Happening, ...] = ()
    links: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()

    @property
    def leads(self) -> list[str]:
        """Who leads it, as they are spoken of."""
        return [self.directory.called(lead) for lead in self.directory.leads_of(self.team.key) if not lead.vacant]

    @property
    def members(self) -> list[str]:
        """Who works in it, as they are spoken of."""
        return [self.directory.called(each) for each in self.directory.members_of(self.team.key) if not each.vacant]


@dataclass(frozen=True, kw_only=True)
class PersonBrief:
    """What one person is told of their roles."""

    plan: str
    roles: tuple[str, ...]
    lines: tuple[str, ...] = ()


def greeting(view: TeamView) -> Message:
    """What a team reads when it begins."""
    name, key, plan_name = view.team.name, view.team.key, view.directory.plan_name
    led = f"Led by {joined(view.leads)}." if view.leads else "Nobody leads it yet."
    members = f" With {joined(view.members, MOST_PEOPLE)}." if view.members else ""
    head = f":wave: {m.bold(m.escape(name))}, this is where {m.bold(m.escape(plan_name))} reaches you. {led}{members}"
    first = [f"{m.date(each.at, 'both')}  {m.escape(each.name)} ({each.kind})" for each in view.first]
    topics: dict[str, Sequence[str]] = {title: view.duties.get(topic, []) for topic, title in TOPICS.items()}
    topics |= {"What comes first": first, "I tell you when these are done": view.wants, "Links": view.links}
    listed = [
        b.section("\n".join([m.bold(title), *_cut([f"• {line}" for line in lines], key)]))
        for title, lines in topics.items() if lines
    ]  # fmt: skip
    how = BLOCKED + HOW if view.duties.get("ladder") else HOW
    return Message(f"{m.escape(name)}: welcome to {m.escape(plan_name)}", [b.section(head), *listed, b.context(how)])


def together(plan_name: str, lines: Sequence[str], *, pages: bool) -> Message:
    """What teams that share a channel read, a line for each; and how to page somebody, where a policy says whom."""
    how = BLOCKED + HOW if pages else HOW
    shown = [f":wave: {m.bold(m.escape(plan_name))} reaches these {len(lines)} teams here:", *lines]
    parts = [b.section("\n".join(shown[at : at + FEW])) for at in range(0, len(shown), FEW)]
    return Message(
        f"{m.escape(plan_name)}: {len(lines)} teams", [*parts, b.context(f"{how} · `/plan show TEAM` all of a team")]
    )


def one_greeted(view: TeamView) -> str:
    name = m.bold(m.escape(view.team.name))
    if view.waits_for:
        return f"• {name} is on hold. It waits for {joined(view.waits_for, FEW)}."
    led = f"led by {joined(view.leads)}" if view.leads else "nobody leads it yet"
    first = [f" First: {m.escape(each.name)}, {m.date(each.at, 'both')}." for each in view.first[:1]]
    return f"• {name}, {led}.{''.join(first)}"


def one_changed(team: Team, lines: Sequence[str]) -> str:
    news = [line.removeprefix("• ") for line in lines if line.startswith("• ")]
    return f"• {m.bold(m.escape(team.name))}, changed: {m.clip('; '.join(few_lines(news, 2)), LONGEST_LINE)}"


def waits(view: TeamView) -> Message:
    """What a team on hold reads."""
    left = len(view.waits_for) - MOST_LINES
    more = f" and {left} more (`/plan show {view.team.key}`)" if left > 0 else ""
    name, plan_name = m.bold(m.escape(view.team.name)), m.escape(view.directory.plan_name)
    text = (
        f":hourglass_flowing_sand: {name}: you are on hold in {plan_name}. "
        f"You wait for {joined(view.waits_for[:MOST_LINES])}{more}. I tell you here when you can start."
    )
    return Message(m.clip(text, m.TEXT))


def changed(team: Team, version: int, lines: Sequence[str]) -> Message:
    """What a team reads when the plan says something else of it; `version` is 0 where no file was applied."""
    by = f" (version {version} of the plan)" if version else ""
    head = f":memo: {m.bold(m.escape(team.name))}, what changed for you{by}:"
    return Message(
        f"{m.escape(team.name)}: what changed for you", [b.section("\n".join([head, *_cut(lines, team.key)]))]
    )


def brief(view: PersonBrief) -> Message:
    """What somebody with duties of their own reads."""
    plan_name = m.bold(m.escape(view.plan))
    roles = f"In {plan_name} you are {m.escape(joined(view.roles))}."
    head = f":wave: {roles if view.roles else f'For you in {plan_name}:'}"
    lines = few_lines([f"• {m.escape(line)}" for line in view.lines], MOST_LINES)
    return Message(head.replace("*", ""), [b.section("\n".join([head, *lines])), b.context(WHERE)])


def _cut(lines: Sequence[str], key: str) -> list[str]:
    """As many lines as people read and Slack shows; how to see the others."""
    kept: list[str] = []
    for line in lines[:MOST_LINES]:
        short = m.clip(line, LONGEST_LINE)
        if sum(map(len, kept)) + len(short) > m.TEXT - LEFT_FREE:
            break
        kept.append(short)
    left = len(lines) - len(kept)
    return [*kept, f"and {left} more: `/plan show {key}`"] if left else kept
