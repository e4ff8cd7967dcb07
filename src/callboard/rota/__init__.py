"""Who is on call, told when a turn begins and ends; turns that are taken over; and how everybody is reached.

stints: who has a team's turn from when until when, and who stands in
contacts: the contact list: who does what, how fast they answer, and how each is reached
"""

from callboard.capability import Capability
from callboard.plans.models import PlanAdopted, PlanApplied, PlanChanging, PlanEdited
from callboard.rota import due, notices, slack, subscriptions
from callboard.teams.models import PersonAway

capability = Capability(
    name="rota",
    commands=(slack.command,),
    notices=notices.NOTICES,
    due=(due.hand_overs,),
    subscriptions=(
        (PlanChanging, subscriptions.on_plan_changing),
        (PlanApplied, subscriptions.on_plan_applied),
        (PlanEdited, due.again),
        (PlanAdopted, due.again),
        (PersonAway, subscriptions.stand_in),
    ),
)
