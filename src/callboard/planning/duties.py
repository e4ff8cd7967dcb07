"""What a plan says to one team: its duties, zones, ladder and gates, as lines that can be shown and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from callboard import blocks as b
from callboard.core.words import joined, lasted
from callboard.planfile.sections import Document, named
from callboard.planfile.times import parse_moment, parse_span
from callboard.planfile.timetable import Unknown, timetable
from callboard.teams import recipients
from callboard.teams.directory import Directory, Person, Team
from callboard.teams.plan.directory import OF_A_SUBJECT

TOPICS = {
    "duties": "What you do",
    "zones": "Your zones",
    "ladder": "Who is paged for your blockers",
    "gates": "What you sign",
}
SEVERAL = 4
SIGNERS = ("role", "of", "person", "who")

Duties = dict[str, list[str]]
"""Lines by topic, in Slack's markup."""


@dataclass(frozen=True)
class Book:
    """A plan as it stands and its people, from which each team's duties are read."""

    document: Document
    directory: Directory

    def of(self, team: str) -> Duties:
        """The lines for one team."""
        own = self.directory.teams[team]
        written = _mapping(_mapping(self.document.body.get("teams")).get(team))
        return {
            "duties": [b.escape(line) for line in filter(None, (own.about, *texts(written.get("brief"))))],
            "zones": list(_zones(self.document, self.directory, team)),
            "ladder": list(_ladders(self.document, self.directory, team)),
            "gates": list(self._gates(own)),
        }

    def _gates(self, team: Team) -> Iterator[str]:
        people = {*team.leads, *team.members}
        for gate, due, signers in self._signing:
            names = [b.escape(signer.name) for signer in signers if signer.key in people]
            if names:
                yield f"{gate}{due}: {joined(names) if len(names) <= SEVERAL else 'whoever of you is asked'}"

    @cached_property
    def _signing(self) -> list[tuple[str, str, tuple[Person, ...]]]:
        """Each sign-off: of which gate, until when, by whom."""
        return [
            (named(self.document, str(key)), _due(self.document, gate), _signers(self.directory, sign_off))
            for key, gate in _mapping(self.document.body.get("gates")).items()
            for sign_off in _entries(_mapping(gate).get("sign_off"))
        ]


def difference(before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> list[str]:
    """New lines and those that went, topic by topic."""
    lines = []
    for topic, title in TOPICS.items():
        old, new = before.get(topic, ()), after.get(topic, ())
        changes = [f"• {line}" for line in new if line not in old]
        changes += [f"• no longer: {line}" for line in old if line not in new and topic != "ladder"]
        lines += [b.bold(title), *changes] if changes else []
    return lines


def links(document: Document) -> Iterator[str]:
    """The plan's links; what is no address is shown as it is."""
    for name, target in _mapping(document.body.get("links")).items():
        address, title = str(target), b.escape(str(name))
        is_link = address.startswith(("https://", "http://"))
        yield f"<{address}|{title}>" if is_link else f"{title}: `{b.escape(address)}`"


def _zones(document: Document, directory: Directory, team: str) -> Iterator[str]:
    for zone in _list(document.body.get("zones")):
        paths = ", ".join(f"`{b.escape(path)}`" for path in texts(zone.get("paths")))
        sections = _mapping(zone.get("sections"))
        joint = texts(zone.get("joint"))
        if zone.get("team") == team:
            yield paths
        elif team in joint:
            others = [b.escape(directory.spoken_of(other)) for other in joint if other != team]
            yield f"{paths}, together with {joined(others)}"
        elif mine := [str(name) for name, owner in sections.items() if owner == team]:
            yield f"{paths}, there: {', '.join(f'`{b.escape(name)}`' for name in mine)}"


def _ladders(document: Document, directory: Directory, team: str) -> Iterator[str]:
    """One line for each policy that a blocker of the team may climb, with whom it reaches and when."""
    policies = _mapping(document.body.get("escalation"))
    written = _mapping(_mapping(document.body.get("blockers")).get("severities"))
    usual = "default" if "default" in policies else next(iter(policies), "")
    severities = written or {"normal": usual}
    for name in dict.fromkeys(severities.values()):
        steps = _list(_mapping(policies.get(name)).get("steps"))
        meant = [str(severity) for severity, policy in severities.items() if policy == name]
        if steps:
            yield f"{b.escape(joined(meant))}: {'; '.join(_steps(directory, team, steps))}"


def _steps(directory: Directory, team: str, steps: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    elapsed = timedelta()
    for step in steps:
        after = elapsed if step.get("after") is None else _span(step["after"])
        whom = _reached(directory, team, texts(step.get("notify")))
        yield f"{whom} {f'after {lasted(after)}' if after else 'at once'}"
        elapsed = after + _span(step.get("respond_within"))


def _reached(directory: Directory, team: str, expressions: Iterable[str]) -> str:
    """Whom who-expressions mean for a team, by name; channels as they are written."""
    words = list(expressions)
    known = [word for word in words if word not in OF_A_SUBJECT]
    seats = recipients.seats(directory, known, recipients.Concern(team=team, teams=(team,)))
    people = [b.escape(f"{person.name} (vacant)" if person.vacant else person.name) for person in seats]
    others = [word for word in words if word.startswith("#") or word in OF_A_SUBJECT]
    if len(people) > SEVERAL:
        people = [*people[: SEVERAL - 1], f"{len(people) - SEVERAL + 1} more"]
    return joined([*people, *others]) or "nobody"


def _signers(directory: Directory, sign_off: Mapping[str, Any]) -> tuple[Person, ...]:
    if lead_of := sign_off.get("lead_of"):
        return directory.leads_of(str(lead_of))
    words = [word for key in SIGNERS for word in texts(sign_off.get(key)) if word not in OF_A_SUBJECT]
    return recipients.seats(directory, words, recipients.Concern())


def _due(document: Document, gate: Any) -> str:
    written, table = _mapping(gate).get("due"), timetable(document)
    try:
        return f", due {b.date(table.instant(parse_moment(str(written))), 'both')}" if written and table else ""
    except (Unknown, ValueError, OverflowError):
        return ""


def _entries(written: Any) -> list[Mapping[str, Any]]:
    several = written if isinstance(written, list) else [written]
    return [each if isinstance(each, Mapping) else {"who": each} for each in several if each]


def _span(written: Any) -> timedelta:
    try:
        return parse_span(str(written))
    except ValueError:
        return timedelta()


def texts(written: Any) -> list[str]:
    """What is written once or as a list, as texts; nothing for nothing."""
    several = written if isinstance(written, list | tuple) else [written]
    return [str(each) for each in several if each is not None]


def _list(written: Any) -> list[Mapping[str, Any]]:
    return [each for each in written if isinstance(each, Mapping)] if isinstance(written, list) else []


def _mapping(written: Any) -> Mapping[str, Any]:
    return written if isinstance(written, Mapping) else {}
