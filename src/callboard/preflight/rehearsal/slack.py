"""`/plan rehearse`: what will or may go wrong from now on."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.preflight.rehearsal import service
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.teams.directory import COORDINATOR
from callboard.teams.slack import asker

NO_WAY = "I can't reach you: the plan has no Slack account, e-mail or fallback for you."


def rehearse(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """The plan is read later, by a process of its own; whoever asked gets what it finds."""
    who = asker(tx, request)
    directory, person = who.directory, who.person
    name = m.escape(directory.plan_name)
    if not (directory.is_lead(person) or directory.has_role(person, COORDINATOR)):
        may = directory.one_of(directory.coordinators) or "a coordinator"
        raise Refused(f"Only leads and {may} can rehearse {name}.")
    if directory.reach(person) is None:
        raise Refused(NO_WAY)
    service.ask(tx, who)
    return Say(f"Still looking at {name}, from now on. What I find comes as a direct message, within a minute.")


command = Command(
    word="plan", about="what will or may go wrong",
    verbs=(Verb("rehearse", rehearse, "what will or may go wrong from now on: leads and coordinators"),),
    examples=("rehearse",),
)  # fmt: skip
