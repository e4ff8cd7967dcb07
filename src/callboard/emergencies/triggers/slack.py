"""The triggers of a plan in Slack: a verb of `/plan`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted, joined
from callboard.emergencies.plan import TriggerPart
from callboard.emergencies.triggers import store
from callboard.emergencies.triggers.conditions import STANDING
from callboard.gates.plan.measures import MEASURES, MeasurePart
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.teams.directory import Directory
from callboard.teams.slack import asker

MOST = 40
LASTS = (*STANDING, "integration failed", "risk")
"""The events that are so for a while."""
NONE = "This plan has no triggers. They go into the plan file: `triggers: [{on: gate missed, tell: [coordinator]}]`"


def triggers(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """List what each trigger watches and does, when it last fired, and what is so now."""
    directory = asker(tx, request).directory
    found = store.triggers(tx, directory.plan_id)
    if not found:
        raise Refused(NONE)
    keys, lasting = [each.key for each in found], [each.key for each in found if each.part.on in LASTS]
    last, so = store.latest(tx, directory.plan_id, keys), store.so_now(tx, directory.plan_id, lasting)
    measures, lines = plans.live(tx, directory.plan_id).of(MEASURES) or {}, []
    for trigger in found[:MOST]:
        firing = last.get(trigger.key)
        when = f"Last fired {m.date(firing.at, 'both')}: {m.clip(firing.said, 200)}" if firing else "Has not fired yet."
        still = " It is still so." if trigger.key in so else ""
        lines.append(f"{m.bold(_on(trigger.part, measures))}: {joined(_does(directory, trigger.part))}.\n{when}{still}")
    more = [b.context(f"and {len(found) - MOST} more in the plan file")] if len(found) > MOST else []
    return Say(counted(len(found), "trigger"), [*(b.section(line) for line in lines), *more])


def _on(part: TriggerPart, measures: Mapping[str, MeasurePart]) -> str:
    """What it watches: `Measure Error rate above 1%`."""
    measure = measures.get(part.measure or "")
    called = (measure and measure.name) or part.measure
    bounds = [f"{word} {bound}" for word, bound in (("above", part.above), ("below", part.below)) if bound]
    return m.escape(part.name or " ".join([part.on.capitalize(), *filter(None, (called, *bounds))]))


def _does(directory: Directory, part: TriggerPart) -> Iterator[str]:
    if part.blocker:
        policy = f" that climbs by {m.escape(part.escalate)}" if part.escalate else ""
        yield f"raises a blocker, {m.escape(part.blocker)}{policy}"
    elif part.escalate:
        yield f"pages by the policy {m.escape(part.escalate)}"
    if part.emergency:
        yield f"declares emergency {part.emergency}"
    if part.tell:
        yield f"tells {joined(m.escape(directory.spoken_of(word)) for word in part.tell)}"


command = Command(
    word="plan",
    about="",
    verbs=(
        Verb("triggers", triggers, "list what I do by myself when something happens, and when I last did", reads=True),
    ),
)  # fmt: skip
