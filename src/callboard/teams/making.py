"""Makes a directory out of what a plan file says and what has happened since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callboard.core.calendar import Calendar, DateRange
from callboard.planfile.frame import CHANNEL_ID, FramePart, channel_name
from callboard.teams.directory import Channel, Directory, Person, Role, Team
from callboard.teams.parts import GIVEN_ROLES, PersonPart, RolePart, TeamPart


def make(
    frame: FramePart,
    people: Mapping[str, Person],
    teams: Mapping[str, TeamPart],
    roles: Mapping[str, RolePart],
    channels: Mapping[str, str],
    *,
    plan_id: int = 0,
    workspace: str = "",
) -> Directory:
    """Join the parts. `channels` is the Slack id of each channel name, empty while it is not known."""
    return Directory(
        plan_id=plan_id,
        plan_key=frame.key,
        plan_name=frame.name,
        workspace=workspace,
        timezone=frame.timezone.key,
        calendar=frame.calendar,
        people=people,
        teams={key: team(key, part) for key, part in teams.items()},
        roles=_roles(roles),
        channels=tuple(_channels(frame.channels, channels)),
    )


def person(
    key: str,
    part: PersonPart,
    calendar: Calendar,
    *,
    slack_id: str | None = None,
    away: Iterable[DateRange] | None = None,
) -> Person:
    """Somebody, with the plan's zone and hours where they have none of their own."""
    return Person(
        key=key,
        name=part.name,
        slack_id=part.slack if slack_id is None else slack_id,
        email=part.email,
        timezone=(part.timezone or calendar.zone).key,
        roles=part.roles,
        deputies=part.deputies,
        fallback=part.fallback,
        phone=part.phone,
        quiet=part.quiet,
        working_hours=part.working_hours.read() if part.working_hours else calendar.working,
        around_the_clock=part.around_the_clock,
        vacant=part.vacant,
        away=part.away if away is None else tuple(away),
        title=part.title,
    )


def team(key: str, part: TeamPart) -> Team:
    """A team."""
    return Team(
        key=key,
        name=part.name,
        about=part.about,
        leads=part.lead,
        members=part.members,
        channel=part.channel,
        part_of=part.part_of,
    )


def _roles(own: Mapping[str, RolePart]) -> dict[str, Role]:
    names = GIVEN_ROLES | {key: part.name for key, part in own.items()}
    return {key: Role(key=key, name=name) for key, name in names.items()}


def _channels(keyed: Mapping[str, str], ids: Mapping[str, str]) -> Iterable[Channel]:
    for key, written in keyed.items():
        if CHANNEL_ID.fullmatch(written):
            yield Channel(key=key, name="", slack_id=written)
        else:
            name = channel_name(written)
            yield Channel(key=key, name=name, slack_id=ids.get(name, ""))
    named = {channel_name(written) for written in keyed.values()}
    for name, slack_id in ids.items():
        if name not in named:
            yield Channel(key="", name=name, slack_id=slack_id)
