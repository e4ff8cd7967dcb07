"""Who is in a plan, who leads what, who stands in for whom, and where each is reached: pure, made once per change."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from callboard.blocks import markup
from callboard.core.calendar import Calendar, DateRange, Hours, WorkingHours
from callboard.core.outbox import Medium, Reach
from callboard.core.timeline import BOT
from callboard.core.words import joined

COORDINATOR, STAKEHOLDER, EXECUTIVE, OBSERVER = "coordinator", "stakeholder", "executive", "observer"
GIVEN_ROLES = {
    role: role.capitalize() for role in ("member", "lead", COORDINATOR, STAKEHOLDER, EXECUTIVE, OBSERVER)
}  # fmt: skip
NIGHT = Hours(time(22), time(7))
"""When it is night for whoever has no quiet hours."""
ONLOOKERS = frozenset({STAKEHOLDER, EXECUTIVE, OBSERVER})


DEACTIVATED = ("user_disabled", "is_inactive")
"""Slack's words for an account that its workspace has closed."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person of one plan. `slack_id` is empty until it is known; `away` holds whole days of their own calendar."""

    key: str
    name: str
    slack_id: str = ""
    email: str = ""
    timezone: str = "UTC"
    roles: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    phone: str = ""
    mediums: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict, hash=False)
    """By what they are paged beside Slack, at night and by day, for what matters so much."""
    quiet: Hours | None = None
    working_hours: WorkingHours = field(default_factory=WorkingHours)
    around_the_clock: bool = False
    vacant: bool = False
    away: tuple[DateRange, ...] = ()
    title: str = ""
    responds_within: timedelta | None = None
    lost: str = ""
    """Why their Slack account takes nothing, in Slack's word: as if they were away, until it does."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def acts(self) -> bool:
        """Whether tokens and calendars of theirs still count: whoever is deactivated in Slack has left."""
        return not self.vacant and self.lost not in DEACTIVATED

    def absence(self, now: datetime) -> DateRange | None:
        """The absence that holds `now`, by their own calendar; the day itself while their account takes nothing."""
        if not self.away and not self.lost:
            return None
        today = now.astimezone(self.zone).date()
        if self.lost:
            return DateRange(today, today)
        return next((days for days in self.away if today in days), None)

    def present(self, now: datetime) -> bool:
        """Whether the seat is filled and its holder not away."""
        return not self.vacant and self.absence(now) is None

    def quiet_until(self, now: datetime) -> datetime | None:
        """When their quiet hours end; None when it is not quiet, or they are there around the clock."""
        if self.quiet is None or self.around_the_clock:
            return None
        return self.quiet.until(now, self.zone)


CALLBOARD = Person(key=BOT, name="Callboard")
"""Who raises what nobody raised: the plan's triggers, and alerts."""


@dataclass(frozen=True, kw_only=True)
class Team:
    """A team; `leads` and `members` are keys of people, `channel` is as written in the plan, or empty."""

    key: str
    name: str
    about: str = ""
    leads: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    channel: str = ""
    part_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel of the plan: `key` is empty where the plan names it only in passing, `slack_id` until it is known."""

    key: str
    name: str
    slack_id: str = ""

    @property
    def address(self) -> str:
        """Where to post: the id, or the name while no id is known."""
        return self.slack_id or f"#{self.name}"


class Turns(Protocol):
    """Who of a team is on call, in turns."""

    @property
    def everybody(self) -> tuple[str, ...]: ...  # the keys of all who have a turn at some time

    def holder(self, now: datetime) -> str | None: ...  # the key of a person; None before the first turn


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The people, teams, roles and channels of one plan as they are now, in the order of the file."""

    plan_id: int
    plan_key: str
    plan_name: str
    workspace: str
    timezone: str
    calendar: Calendar
    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    roles: Mapping[str, str]
    channels: tuple[Channel, ...] = ()
    ends_at: datetime | None = None
    on_call: Mapping[str, Turns] = field(default_factory=dict)
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who owns each area of the tasks, by the keys of people."""
    former: Mapping[str, str] = field(default_factory=dict)
    """The names of people, teams and roles that left the plan, by their keys."""

    def is_over(self, now: datetime) -> bool:
        """Whether the plan has ended."""
        return self.ends_at is not None and self.ends_at <= now

    def by_slack(self, user_id: str) -> Person | None:
        """The person with this Slack user id."""
        return self._by_slack.get(user_id)

    def teams_of(self, person: Person) -> tuple[Team, ...]:
        """The teams that somebody leads or works in; those they lead come first."""
        return self._teams_of.get(person.key, ())

    def leads_of(self, team: str) -> tuple[Person, ...]:
        """Who leads a team; nobody where there is no such team."""
        return self.named(self.teams[team].leads) if team in self.teams else ()

    def owners_of(self, area: str) -> tuple[Person, ...]:
        """Who owns an area of the tasks, in a team or outside of all."""
        return self.named(self.areas.get(area, ()))

    def members_of(self, team: str) -> tuple[Person, ...]:
        """Who works in a team, without its leads."""
        own = self.teams.get(team)
        return self.named(key for key in own.members if key not in own.leads) if own else ()

    def named(self, keys: Iterable[str]) -> tuple[Person, ...]:
        """The people with these keys; unknown ones are left out."""
        return tuple(self.people[key] for key in keys if key in self.people)

    def asked(self, keys: Iterable[str]) -> tuple[Person, ...]:
        """The people with these keys whom somebody asks for something: all but observers."""
        return tuple(person for person in self.named(keys) if OBSERVER not in person.roles)

    def free(self, person: Person) -> tuple[DateRange, ...]:
        """The days on which nobody asks somebody: the plan's holidays and their own absences."""
        return (*self.calendar.holidays, *person.away)

    def working(self, person: Person) -> Calendar:
        """When somebody works, by their own clock."""
        return Calendar(person.zone, person.working_hours, self.free(person))

    def leads_over(self, key: str, now: datetime) -> list[Person]:
        """The leads of somebody's teams, else whoever coordinates; for whoever is away, who stands in."""
        person = self.people[key]
        leads = [lead for team in self.teams_of(person) for lead in self.leads_of(team.key) if lead.key != key]
        above = leads if leads and not self.is_lead(person) else self.coordinators
        acting = {lead.key: lead for lead in (self.standing_in(lead, now) or lead for lead in above)}
        return [lead for lead in acting.values() if lead.slack_id and lead.key != key]

    def is_lead(self, person: Person, team: str | None = None) -> bool:
        """Whether somebody leads this team, or any."""
        return any(person.key in t.leads for t in self.teams_of(person) if team in (None, t.key))

    def has_role(self, person: Person, role: str) -> bool:
        """Whether the plan gives somebody a role; `lead` and `member` follow from the teams."""
        if role == "lead":
            return self.is_lead(person)
        if role == "member":
            return any(person.key in team.members for team in self.teams_of(person))
        return role in person.roles

    def with_role(self, role: str) -> tuple[Person, ...]:
        return tuple(person for person in self.people.values() if self.has_role(person, role))

    @property
    def coordinators(self) -> tuple[Person, ...]:
        """Who runs the plan."""
        return self.with_role(COORDINATOR)

    def role_name(self, role: str) -> str:
        return self.roles.get(role) or self.former.get(role, role)

    def channel(self, ref: str) -> Channel | None:
        """The channel meant by a key, a `#name` or an id."""
        return self._channels.get(ref.removeprefix("#"))

    def address(self, ref: str) -> str:
        """Where to post to a channel: its Slack id, or `#name` while no id is known."""
        channel = self.channel(ref)
        return channel.address if channel else ref

    def home_channel(self, team: str | None = None) -> str:
        """Where a team's cards go: its channel, else coordination, else the first of the plan; empty for no channel."""
        own = self.teams[team].channel if team is not None and team in self.teams else ""
        if own:
            return self.address(own)
        channel = self.channel("coordination") or next(iter(self.channels), None)
        return channel.address if channel else ""

    def has_channel(self, channel: str, name: str = "") -> bool:
        """Whether a Slack channel belongs to this plan, by its id, or by its name while no id is known."""
        return any(c.slack_id == channel if c.slack_id else c.name == name for c in self.channels)

    def standing_in(self, person: Person, now: datetime) -> Person | None:
        """Who acts for somebody now: themselves, a deputy, another lead of their team, a coordinator, or nobody."""
        return next((each for each in self.may_act_for(person) if each.present(now)), None)

    def may_act_for(self, person: Person) -> tuple[Person, ...]:
        """Themselves, and who stands in for them, the first of those who are there."""
        leads = (lead for team in self.teams_of(person) for lead in self.leads_of(team.key))
        return tuple(dict.fromkeys((person, *self.named(person.deputies), *leads, *self.coordinators)))

    def acting(self, people: Iterable[Person], now: datetime) -> tuple[Person, ...]:
        """Who acts now for some people: for whoever is away, who stands in."""
        return tuple(dict.fromkeys(self.standing_in(person, now) or person for person in people))

    def coordinating(self, now: datetime) -> tuple[Person, ...]:
        """Who runs the plan now: for coordinators who are away, who stands in."""
        return self.acting(self.coordinators, now)

    def coordinates(self, person: Person, now: datetime) -> bool:
        """Whether somebody can do what only coordinators can: one of them, or who stands in; no observer."""
        stands_in = OBSERVER not in person.roles and person in self.coordinating(now)
        return stands_in or self.has_role(person, COORDINATOR)

    def as_of(self, now: datetime) -> Hashable:
        """Who is away now and who is on call: whoever is meant now is meant whenever this is the same."""
        away = tuple(person.key for person in self._ever_away if person.absence(now))
        return away, tuple(turns.holder(now) for turns in self.on_call.values())

    def reach(self, person: Person) -> Reach | None:
        """How somebody is told: in Slack, else by their fallback, phone or mail; None where no way is known."""
        if person.slack_id and not person.lost:
            return Reach(Medium.SLACK, person.slack_id)
        return self.fall_back(person)

    def fall_back(self, person: Person) -> Reach | None:
        """How somebody is told outside Slack; the address is as written in the plan, secrets stay in `env:`."""
        ways = person.fallback or tuple(filter(None, (person.phone.replace(" ", ""), person.email)))
        return Reach(Medium.APPRISE, " ".join(ways)) if ways else None

    def beside(self, person: Person, weight: str, now: datetime) -> Reach | None:
        """How somebody is paged beside Slack for what matters so much; None where their plan names no other way."""
        night, day = person.mediums.get(weight, ((), ()))
        wanted = night if (person.quiet or NIGHT).until(now, person.zone) else day
        ways = {"phone": (person.phone.replace(" ", ""),), "mail": (person.email,), "fallback": person.fallback}
        found = " ".join(dict.fromkeys(way for word in wanted for way in ways[word] if way))
        return Reach(Medium.APPRISE, found) if found and person.slack_id and not person.lost else None

    def called(self, who: Person | str | None) -> str:
        """How to speak of somebody in Slack: a mention, or the name while no id is known. A key is enough."""
        person = who if isinstance(who, Person) else self.people.get(who or "")
        if person is None and who == CALLBOARD.key:
            return CALLBOARD.name
        if person is None:
            return markup.escape(self.former.get(str(who), str(who or "somebody")))
        return markup.mention(person.slack_id) if person.slack_id else markup.escape(person.name)

    def one_of(self, people: Iterable[Person]) -> str:
        """How to speak of whoever of them it may be: `@Ann, @Ben or @Cem`; empty for nobody."""
        return joined(map(self.called, people), word="or")

    def spoken_of(self, expression: str) -> str:
        """How to speak of whomever a word of the plan means: a team, a person or a role by its name."""
        known = self.teams.get(expression) or self.people.get(expression)
        return known.name if known else self.role_name(expression)

    def name(self, key: str) -> str:
        """The name alone of a person, in plain text; the key of nobody who was ever in the plan."""
        return self.people[key].name if key in self.people else self.former.get(key, key)

    def names_of(self, keys: Iterable[str]) -> str:
        """The names of some people in plain text, with commas; empty for nobody."""
        return ", ".join(self.name(key) for key in keys if key in self.people or key in self.former)

    @property
    def unlinked(self) -> tuple[Person, ...]:
        """Who holds a seat and has no Slack id."""
        return tuple(person for person in self.people.values() if not person.vacant and not person.slack_id)

    @cached_property
    def _ever_away(self) -> tuple[Person, ...]:
        return tuple(person for person in self.people.values() if person.away)

    @cached_property
    def _by_slack(self) -> dict[str, Person]:
        return {person.slack_id: person for person in self.people.values() if person.slack_id}

    @cached_property
    def _teams_of(self) -> dict[str, tuple[Team, ...]]:
        found: dict[str, list[Team]] = {}
        for lead in (True, False):
            for team in self.teams.values():
                for key in team.leads if lead else (m for m in team.members if m not in team.leads):
                    found.setdefault(key, []).append(team)
        return {key: tuple(teams) for key, teams in found.items()}

    @cached_property
    def _channels(self) -> dict[str, Channel]:
        by_name = {word: channel for channel in self.channels for word in (channel.slack_id, channel.name) if word}
        return by_name | {channel.key: channel for channel in self.channels if channel.key}


def working_from(directory: Directory, person: Person, now: datetime) -> datetime:
    """When somebody works next: at once within their hours."""
    calendar = Calendar(person.zone, person.working_hours, directory.calendar.holidays)
    return next((max(begin, now) for begin, _ in calendar.stretches(now)), now)


@dataclass(frozen=True)
class Asker:
    """Who does something, and in which plan."""

    directory: Directory
    person: Person
