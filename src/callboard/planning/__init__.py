"""The plan in Slack and over HTTP: looked into, changed and moved by `/plan`; its calendar; what it tells its teams.

chapters: what runs, what is next, and what is on hold, as short lines under headings
briefings: what a team or a person is told of their part in the plan, as lines that can be shown and compared
lookup: what the plan says about one thing in it
audit: what somebody did behind Callboard's back to a plan's timeline, chain, published heads or rows
evidence: what the timeline has of tokens of the API, against their rows
ical: happenings as iCalendar
feeds: the calendar feeds of people and teams, and what comes next for somebody
"""

from callboard.capability import Capability
from callboard.core.seal import HeadDue
from callboard.planning import evidence, notices, service, slack
from callboard.planning.notices import moves, parts
from callboard.plans.models import HoldLifted, PlanAdopted, PlanApplied, PlanChanging, PlanEdited
from callboard.teams.models import ChannelsSeen, PeopleLinked

capability = Capability(
    name="planning",
    evidence=evidence.differences,
    commands=(slack.command,),
    interactions=slack.interactions,
    notices=notices.NOTICES,
    answers={notices.TEST.kind: slack.ANSWER},
    due=(service.troubles,),
    subscriptions=(
        (HeadDue, notices.tell_head),
        (PlanChanging, notices.tell_rights),
        (PlanChanging, moves.tell_moved),
        (PlanApplied, parts.tell_parts),
        (PlanEdited, parts.tell_parts),
        (PlanAdopted, parts.tell_parts),
        (HoldLifted, parts.tell_freed),
        (PeopleLinked, parts.tell_parts),
        (ChannelsSeen, notices.ask_for_invitation),
    ),
)
