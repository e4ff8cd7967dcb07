"""People, teams, roles and absences: who somebody is, who stands in for them, and how they are reached.

directory: who is in a plan, who leads what, who stands in for whom, and where each is reached
recipients: whom words such as `lead` or `assignees` mean at a moment, and why
old_buttons: what a button does that was shown before something changed
several_plans: which plan is meant where several run, and where it is named
links: people found in Slack by their e-mail address, channels by their name
hindrances: why an address takes no messages, and what can be done about it
fallback: mail, SMS, telephone, for those whom Slack does not reach
evidence: what plan and timeline have of people, teams and roles, against their rows
"""

from callboard.capability import Capability
from callboard.core.outbox import DeliveriesParked, PagesUnaccepted
from callboard.plans.models import PlanChanging
from callboard.teams import evidence, links, notices, slack
from callboard.teams.models import AccountChanged, ChannelRemade, PersonAway
from callboard.teams.plan import SECTIONS

capability = Capability(
    name="teams",
    evidence=evidence.differences,
    hears=slack.hears,
    notices=notices.NOTICES,
    sections=SECTIONS,
    subscriptions=(
        (PersonAway, notices.tell_absent),
        (PlanChanging, links.follow_channels),
        (PagesUnaccepted, notices.page_otherwise),
        (DeliveriesParked, notices.tell_parked),
        (AccountChanged, notices.tell_lost),
        (ChannelRemade, notices.tell_remade),
    ),
)
