"""What a team or a person is told of their part in a plan as it stands: duties, zones, who is paged, what is signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.words import exact, few, joined
from callboard.planfile import calendar, needs
from callboard.planfile.names import named
from callboard.planfile.sections import Document, Happening
from callboard.planfile.timetable import instant_of, timetable
from callboard.planfile.types import ON_CALL
from callboard.planning.messages.greetings import TOPICS, Duties, PersonBrief, TeamView
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams import recipients, service
from callboard.teams.directory import Directory, Person
from callboard.teams.plan.directory import OF_A_SUBJECT, seen_by

AHEAD = timedelta(days=3)
FIRST, SEVERAL = 6, 4
DUE = ", due "
PASSING = ("cadence", "plan", "date", "reminder", "announcement", "on call", "risk")
"""Kinds of happenings that say nothing to somebody who begins."""
SIGNERS = ("role", "of", "person", "who")
Signing = list[tuple[str, tuple[Person, ...]]]
"""Each sign-off: of which gate and until when, and by whom."""


@dataclass(frozen=True)
class Stage:
    """A plan as it stands, with what people changed since and those who play in it."""

    tx: Tx
    document: Document
    directory: Directory
    signing: Signing

    @property
    def plan_id(self) -> int:
        return self.directory.plan_id

    def first(self) -> list[Happening]:
        """What happens in the first days of the plan that are not over; the same for all teams, so found once."""
        plan = plans.plan(self.tx, self.plan_id)
        start = max(self.tx.now.replace(minute=0, second=0, microsecond=0), plan.from_at)
        key, mark = ("first", self.plan_id), (plan.revision, start)
        if key not in self.tx.memo or self.tx.memo[key][0] != mark:
            comes = calendar.happenings(self.document, (start, start + AHEAD))
            self.tx.memo[key] = mark, [each for each in comes if each.kind not in PASSING]
        first: list[Happening] = self.tx.memo[key][1]
        return first


def stage(tx: Tx, plan_id: int) -> Stage:
    directory, key = service.directory(tx, plan_id), ("stage", plan_id)
    if key not in tx.memo or tx.memo[key][1] is not directory:
        document = seen_by(plans.live(tx, plan_id), directory)
        tx.memo[key] = document, directory, list(_signing(document, directory))
    return Stage(tx, *tx.memo[key])


def team_view(on: Stage, team: str) -> TeamView:
    """A team as it is greeted now."""
    called = partial(named, on.document)
    return TeamView(
        directory=on.directory,
        team=on.directory.teams[team],
        duties=duties(on, team),
        first=tuple(_first(on, team)),
        links=tuple(_links(on, team)),
        waits_for=tuple(called(hold.by) for hold in holds.standing(on.tx, on.plan_id, team)),
        wants=tuple(map(called, needs.awaited(on.document, team, "wants"))),
    )


def person_brief(on: Stage, person: Person) -> PersonBrief:
    """What somebody is told of their roles."""
    written, own = on.document.values.get("roles") or {}, on.document.values["people"].get(person.key)
    parts = {role: written[role] for role in person.roles if role in written and written[role].brief}
    lines = [line for part in (*parts.values(), own) if part for line in part.brief]
    roles = tuple(map(on.directory.role_name, parts))
    return PersonBrief(plan=on.directory.plan_name, roles=roles, lines=tuple(lines))


def duties(on: Stage, team: str) -> Duties:
    """What the plan says to one team, as lines that can be shown and compared."""
    own, part = on.directory.teams[team], on.document.values["teams"].get(team)
    return {
        "duties": [m.escape(line) for line in filter(None, (own.about, *(part.brief if part else ())))],
        "zones": list(_zones(on, team)),
        "ladder": list(_ladders(on, team)),
        "gates": list(_gates(on, {*own.leads, *own.members})),
    }


def difference(before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> list[str]:
    """New lines and those that went, topic by topic; of a gate that was moved the new one says it all."""
    lines = []
    for topic, title in TOPICS.items():
        old, new = before.get(topic, ()), after.get(topic, ())
        changes, kept = [f"• {line}" for line in new if line not in old], {line.partition(DUE)[0] for line in new}
        gone = [line for line in old if line not in new and (topic != "gates" or line.partition(DUE)[0] not in kept)]
        changes += [f"• no longer: {line}" for line in gone if topic != "ladder"]
        lines += [m.bold(title), *changes] if changes else []
    return lines


def _first(on: Stage, team: str) -> Iterator[Happening]:
    """What comes first for a team, each thing once."""
    people = {*on.directory.teams[team].leads, *on.directory.teams[team].members}
    known: set[tuple[str, str]] = set()
    for each in on.first():
        if each.at < on.tx.now:
            continue
        concerned = each.team == team or (not each.team and people.intersection(each.who))
        if concerned and (each.kind, each.key) not in known and len(known) < FIRST:
            known.add((each.kind, each.key))
            yield each


def _links(on: Stage, team: str) -> Iterator[str]:
    """The plan's links without those that name only other teams; what is no address is shown as it is."""
    for name, address in on.document.values["plan"].links.items():
        about = {key for key, each in on.directory.teams.items() if each.name.lower() in name.lower() or key in address}
        if about and team not in about:
            continue
        is_link = address.startswith(("https://", "http://"))
        yield m.link(name, address) if is_link else f"{m.escape(name)}: {m.code(address)}"


def _zones(on: Stage, team: str) -> Iterator[str]:
    for zone in on.document.values.get("zones") or ():
        paths = ", ".join(f"{m.code(str(path))}" for path in zone.paths)
        if zone.team == team:
            yield paths
        elif team in zone.joint:
            others = [m.escape(on.directory.spoken_of(other)) for other in zone.joint if other != team]
            yield f"{paths}, together with {joined(others)}"
        elif mine := [name for name, owner in zone.sections.items() if owner == team]:
            yield f"{paths}, there: {', '.join(f'{m.code(name)}' for name in mine)}"


def _ladders(on: Stage, team: str) -> Iterator[str]:
    """One line for each policy that a blocker of the team may climb, with whom it reaches and when."""
    policies, part = on.document.values.get("escalation") or {}, on.document.values.get("blockers")
    severities = {"normal": "default" if "default" in policies else next(iter(policies), "")}
    if part and "severities" in part.model_fields_set:
        severities = part.severities
    for name in dict.fromkeys(severities.values()):
        if name in policies:
            meant = joined(severity for severity, policy in severities.items() if policy == name)
            yield f"{m.escape(meant)}: {'; '.join(_steps(on.directory, team, policies[name].steps))}"


def _steps(directory: Directory, team: str, steps: Iterable[Any]) -> Iterator[str]:
    elapsed = timedelta()
    for step in steps:
        after = elapsed if step.after is None else step.after
        yield f"{_reached(directory, team, step.notify)} {f'after {exact(after)}' if after else 'at once'}"
        elapsed = after + (step.respond_within or timedelta())


def _reached(directory: Directory, team: str, words: Sequence[str]) -> str:
    """Whom who-expressions mean for a team, by name; channels by the names they have in Slack."""
    known = [word for word in words if word not in OF_A_SUBJECT and not recipients.is_on_call(word)]
    seats = recipients.seats(directory, known, recipients.Concern(team=team, teams=(team,)))
    people = [m.escape(f"{person.name} (vacant)" if person.vacant else person.name) for person in seats]
    channels = {word: directory.channel(word) for word in words if word.startswith("#")}
    others = [f"#{channel.name}" if channel else word for word, channel in channels.items()]
    others += [word for word in words if word in OF_A_SUBJECT]
    others += [f"the {word} of other teams concerned" for word in words if word in ("leads", "members")]
    others += [f"whoever is on call{_of(directory, word)}" for word in words if recipients.is_on_call(word)]
    if len(people) > SEVERAL:
        people = [*people[: SEVERAL - 1], f"{len(people) - SEVERAL + 1} more"]
    return joined([*people, *others]) or "nobody"


def _of(directory: Directory, on_call: str) -> str:
    """Of which team, where one is named."""
    team = directory.teams.get(on_call.removeprefix(ON_CALL).strip())
    return f" for {m.escape(team.name)}" if team else ""


def _gates(on: Stage, people: set[str]) -> Iterator[str]:
    for gate, signers in on.signing:
        names = [m.escape(signer.name) for signer in signers if signer.key in people]
        if names:
            yield f"{gate}: {joined(names) if len(names) <= SEVERAL else 'whoever of you is asked'}"


def _signing(document: Document, directory: Directory) -> Iterator[tuple[str, tuple[Person, ...]]]:
    for key, gate in (document.values.get("gates") or {}).items():
        due = instant_of(timetable(document), gate.due)
        title = named(document, key) + (f"{DUE}{m.date(due, 'both')}" if due else "")
        for sign_off in gate.sign_off:
            written = [getattr(sign_off, word, ()) for word in SIGNERS]
            words = [word for each in written for word in ((each,) if isinstance(each, str) else each)]
            known = [word for word in words if word not in OF_A_SUBJECT]
            lead_of = getattr(sign_off, "lead_of", "")
            yield title, directory.leads_of(lead_of) or recipients.seats(directory, known, recipients.Concern())
            if gate.each and getattr(sign_off, "owner", ""):
                yield from _owning(directory, gate.each, title)


def _owning(directory: Directory, each: Any, title: str) -> Iterator[tuple[str, tuple[Person, ...]]]:
    """Who signs for the items that they own, and for which."""
    owned: dict[str, list[str]] = {}
    for item in each.items:
        owned.setdefault(each.owner.get(item) or each.owner.get("*", ""), []).append(item)
    for owner, items in owned.items():
        people = recipients.seats(directory, [owner], recipients.Concern()) if owner else ()
        yield f"{title}, for {m.escape(few(items, SEVERAL))}", people
