"""What people, teams and channels publish."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonAway:
    """Somebody's absences changed."""

    plan_id: int
    person: str


@dataclass(frozen=True)
class PeopleLinked:
    """Slack ids of people of a plan were found."""

    plan_id: int


@dataclass(frozen=True)
class ChannelsSeen:
    """The bot is in other channels of a plan than it was, or knows now that it is not."""

    plan_id: int
