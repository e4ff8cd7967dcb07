"""What a plan file says about roles, people and teams."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from callboard.planfile.frame import ChannelRef
from callboard.planfile.types import Dates, DayHours, HoursPart, Many, Part, Zone, shorthand

COORDINATOR, STAKEHOLDER, EXECUTIVE, OBSERVER = "coordinator", "stakeholder", "executive", "observer"
GIVEN_ROLES = {
    "member": "Member",
    "lead": "Lead",
    COORDINATOR: "Coordinator",
    STAKEHOLDER: "Stakeholder",
    EXECUTIVE: "Executive",
    OBSERVER: "Observer",
}
ONLOOKERS = frozenset({STAKEHOLDER, EXECUTIVE, OBSERVER})
RELATIVE = ("lead", "leads", "member", "all leads", "everyone", "assignees", "reporter")
"""The who-expressions that are nobody's id."""

SLACK_PERSON = r"[UW][A-Z0-9]{2,20}"


class RolePart(Part):
    """A role of the plan's own, or how a given one is called here."""

    name: str
    brief: Many = ()


class PersonPart(Part):
    """A person, or a seat that somebody will fill."""

    name: str = Field(examples=["Backend lead"])
    slack: str = Field("", pattern=rf"^({SLACK_PERSON})?$", examples=["U0123ABCD"])
    email: str = Field("", pattern=r"^([^@\s]+@[^@\s]+)?$", examples=["someone@example.com"])
    timezone: Zone | None = None
    working_hours: HoursPart | None = None
    quiet: DayHours | None = None
    around_the_clock: bool = False
    away: tuple[Dates, ...] = ()
    roles: Many = ()
    deputies: Many = ()
    fallback: Many = ()
    phone: str = ""
    vacant: bool = False
    title: str = ""
    focus: str = ""
    capacity: str = Field("", pattern=r"^(\d{1,3}%)?$", examples=["80%"])
    critical_path: bool = False
    github: str = ""
    git: Many = ()
    brief: Many = ()


class TeamPart(Part):
    """A team: who leads it, who works in it, where it is reached."""

    name: str = Field(examples=["Backend"])
    about: str = ""
    lead: Many = Field(min_length=1, examples=["be-lead"])
    members: Many = ()
    part_of: str = ""
    channel: ChannelRef = ""
    branches: Many = ()
    needs: Many = ()
    wants: Many = ()
    brief: Many = ()


Role = Annotated[RolePart, shorthand("name")]
