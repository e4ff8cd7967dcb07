"""How a plan is moved in Slack: `/plan shift 1d` shows what would move, and a button moves it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.planfile.shift import parse_shift
from callboard.plans import service as plans
from callboard.plans.service import Shift
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Text
from callboard.slack.grammar import Arguments, Verb
from callboard.slack.requests import Request
from callboard.slack.routing import Interaction
from callboard.teams import steering
from callboard.teams.paragraphs import paragraphs

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOVE = "plan.shift"
PARAGRAPHS = 20


def ask(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show what a shift would move, with a button that does it."""
    who = steering.coordinator(tx, request)
    days, reason = steering.reasoned(args["days"])
    found = plans.shift_preview(tx, who.directory.plan_id, parse_shift(days), tx.now)
    asked = {"p": who.directory.plan_key, "d": days, "r": reason[:500], "m": _mark(found)}
    lines = [b.bold(f"Shifted by {days}, this moves"), *(f"• {b.escape(one)}" for one in found.changes)]
    if found.notes:
        lines += [b.bold("Worth a look"), *(f"• {b.escape(one)}" for one in found.notes)]
    button = b.button("Move all of it", MOVE, json.dumps(asked), style="primary")
    return Say(f"{len(found.changes)} things would move", [*paragraphs(lines, PARAGRAPHS), b.actions(button)])


def move(tx: Tx, request: Request) -> Answer:
    """Move what was shown, unless something is different meanwhile."""
    asked = json.loads(request.value)
    who = steering.coordinator(tx, replace(request, plan=asked["p"]))
    plan_id, days = who.directory.plan_id, parse_shift(asked["d"])
    if _mark(plans.shift_preview(tx, plan_id, days, tx.now)) != asked["m"]:
        raise Refused(f"The plan has changed since this was shown: type `/plan shift {asked['d']}` again.")
    done = plans.shift(tx, plan_id, days, tx.now, author=who.person.key, reason=asked["r"])
    return Say(f"{len(done.changes)} things moved by {asked['d']}. `/plan shift` with the opposite moves them back.")


def _mark(found: Shift) -> str:
    return hashlib.sha256("\n".join(found.changes).encode()).hexdigest()[:16]


verbs = (
    Verb("shift", ask, "move what has not happened yet: `1d because ...`; shows it first", (Text("days"),), reads=True),
)
interactions = (Interaction("button", MOVE, move),)
