"""What a plan file says of people, roles, teams and who is on call.

people: the sections roles, people and teams: types, checks, what is kept of them at apply
directory: the directory that a plan file makes, and whom its words mean in it
turns: who has the turn of a team at an instant, also where somebody takes one over
on_call: the section on_call: who of a team is on call
"""

from callboard.teams.plan.on_call import ON_CALL
from callboard.teams.plan.people import PEOPLE, ROLES, TEAMS

SECTIONS = (ROLES, PEOPLE, TEAMS, ON_CALL)
