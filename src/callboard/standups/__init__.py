"""Standups: who is asked what, when, what they said, and where the digest goes.

rounds: when the rounds of a standup are, who is in them, and with which questions
measures: how many of those who were asked reported
schedule: each person in a round: when they may be asked, in which turn, until when; and which round somebody means
"""

from dataclasses import replace

from callboard.capability import Capability
from callboard.standups import due, measures, notices, rounds, service, slack
from callboard.standups.plan import STANDUPS
from callboard.teams.models import PersonAway

capability = Capability(
    name="standups",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.standups, due.check_ins, due.digests),
    notices=notices.NOTICES,
    measures={"standup_rate": measures.standup_rate},
    sections=(replace(STANDUPS, happens=rounds.happens),),
    subscriptions=((PersonAway, service.wake),),
)
