"""How a plan is looked into and steered in Slack: what it says, its versions, its calendar, its holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.plans import holds, store
from callboard.plans.models import PlanVersion
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Choice, Text, Word
from callboard.slack.grammar import Arguments, Verb
from callboard.slack.requests import Request
from callboard.teams import briefing, calendars, duties, service, showing
from callboard.teams.directory import Directory
from callboard.teams.parts import COORDINATOR
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

BECAUSE = re.compile(r"(?:^|\s)because\s+", re.IGNORECASE)
LAST, MOST_CHANGES = 10, 8


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return service.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def coordinator(tx: Tx, request: Request) -> Asker:
    """Who asks, if they coordinate the plan. Raises Refused for everybody else."""
    who = asker(tx, request)
    if not who.directory.has_role(who.person, COORDINATOR):
        raise Refused(f"That is for whoever coordinates {who.directory.plan_name}: {coordinators(who.directory)}.")
    return who


def coordinators(directory: Directory) -> str:
    """Who coordinates a plan, to be asked."""
    return directory.one_of(directory.coordinators) or "the plan names nobody"


def reasoned(text: str) -> tuple[str, str]:
    """What was typed, and why, both as plain text: `ops because the gate is only paperwork`."""
    what, *why = BECAUSE.split(b.unescape(text), maxsplit=1)
    return what.strip(), why[0].strip() if why else ""


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What the plan says about something."""
    on = briefing.stage(tx, asker(tx, request).directory.plan_id)
    message = showing.shown(on, showing.find(on.document, args["what"]))
    return Say(message.text, message.blocks)


def versions(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Who applied what, when and why."""
    directory = asker(tx, request).directory
    found = [b.section(_version(directory, one)) for one in store.versions(tx, directory.plan_id, LAST)]
    return Say(f"The last versions of {directory.plan_name}", found)


def calendar(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What comes next for whoever asks, and their calendar feed."""
    who, team = asker(tx, request), args["team"] or ""
    change = {"new": calendars.renew, "stop": calendars.stop}.get(args["change"] or "")
    text, blocks = change(tx, who, team) if change else calendars.answer(tx, who)
    return Say(text, blocks)


def lift(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Let something go on that is on hold."""
    who = coordinator(tx, request)
    target, reason = reasoned(args["target"])
    plan_id = who.directory.plan_id
    lifted = holds.overrule(tx, plan_id, target, who.person.key, reason)
    document = briefing.stage(tx, plan_id).document
    by = joined(duties.named(document, hold.by) for hold in lifted)
    briefing.tell_lifted(tx, plan_id, target, [hold.by for hold in lifted], who.person.key, reason)
    what = duties.named(document, target)
    return Say(f"{what} goes on, without {by}. It is recorded with your reason, and announced.")


def _version(directory: Directory, version: PlanVersion) -> str:
    why = f" because {b.escape(version.reason)}" if version.reason else ""
    head = f"*Version {version.number}*, {b.date(version.at, 'both')}, by {directory.called(version.author)}{why}"
    said = [f"• {b.clip(b.escape(sentence), 250)}" for sentence in version.changes[:MOST_CHANGES]]
    left = len(version.changes) - MOST_CHANGES
    return "\n".join([head, *said, *([f"and {left} more changes"] if left > 0 else [])])


verbs = (
    Verb("show", show, "what the plan says about anything in it: a task, a team, a gate", (Text("what"),), reads=True),
    Verb("versions", versions, "who changed the plan, when and why", aliases=("history",), reads=True),
    Verb(
        "calendar", calendar, "what comes next for you, and your calendar feed",
        (Choice("change", ("new", "stop"), optional=True), Word("team", optional=True)),
    ),
    Verb("lift", lift, "let something go on that is on hold: `ops because ...`", (Text("target"),)),
)  # fmt: skip
