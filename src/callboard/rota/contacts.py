"""The contact list: who does what, how fast they answer, and how each is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import exact
from callboard.teams.directory import COORDINATOR, EXECUTIVE, OBSERVER, STAKEHOLDER, Directory, Person
from callboard.teams.rights import sees_contacts

GROUPS, LINES = 40, 30
KEPT_ELSEWHERE = "env:"
HIDDEN = "Mail and telephone are shown to those who work in the plan."


def contacts(directory: Directory, reader: Person, on_call: Mapping[str, Person], now: datetime) -> Message:
    """Everybody whom others turn to, by what they do. `on_call` is who is on call now, by team."""
    sees = sees_contacts(directory, reader)
    groups = [(title, list(people)) for title, people in _groups(directory, on_call)]
    blocks = []
    for title, people in [(title, people) for title, people in groups if people][:GROUPS]:
        lines = [_line(directory, what, person, now, sees=sees) for what, person in people]
        left = len(lines) - LINES
        more = [f"and {left} more: `/plan people`"] if left > 0 else []
        blocks.append(b.section("\n".join([m.bold(title), *lines[:LINES], *more])))
    end = [b.context(HIDDEN)] if not sees else []
    return Message(f"Contacts of {m.escape(directory.plan_name)}", [*blocks, *end])


def _groups(directory: Directory, on_call: Mapping[str, Person]) -> Iterator[tuple[str, Iterator[tuple[str, Person]]]]:
    teams = directory.teams
    yield "On call now", ((teams[key].name, person) for key, person in on_call.items())
    yield "Leads", ((team.name, person) for key, team in teams.items() for person in directory.leads_of(key))
    own = [role for role in directory.roles if role not in ("member", "lead")]
    first = [COORDINATOR, *(role for role in own if role not in (COORDINATOR, EXECUTIVE, STAKEHOLDER, OBSERVER))]
    for role in (*first, EXECUTIVE, STAKEHOLDER):
        yield m.escape(directory.role_name(role)), (("", person) for person in directory.with_role(role))
    named = {person.key for key in teams for person in directory.leads_of(key)}
    others = (person for person in directory.people.values() if person.key not in named and not person.roles)
    yield "Others with a response time", (("", person) for person in others if person.responds_within)


def _line(directory: Directory, what: str, person: Person, now: datetime, *, sees: bool) -> str:
    """One person: what for, name, title, how they are reached, how fast they answer, and who stands in."""
    name, other = m.escape(person.name), directory.standing_in(person, now)
    stands_in = f"{directory.called(other)} stands in" if other and other != person else "nobody stands in"
    head = f"• {m.escape(what)}: {name}" if what else f"• {name}"
    if person.vacant:
        return f"{head}, vacant; {stands_in}"
    words = [f"{head} ({directory.called(person) if person.slack_id else 'not in Slack'})"]
    words += [m.escape(person.title)] if person.title else []
    words += [f"answers within {exact(person.responds_within)}"] if person.responds_within else []
    words += ["round the clock"] if person.around_the_clock else []
    words += [f"quiet {person.quiet} their time"] if person.quiet and not person.around_the_clock else []
    words += list(_ways(person)) if sees else []
    if days := person.absence(now):
        words += ["*not in Slack any more*" if person.lost else f"*away* {days}", stands_in]
    return ", ".join(words)


def _ways(person: Person) -> Iterator[str]:
    """Mail and telephone; what the operator keeps stays there."""
    for written, word in ((person.email, "mail"), (person.phone, "telephone")):
        if written:
            yield f"{word} known to me" if written.startswith(KEPT_ELSEWHERE) else m.escape(written)
