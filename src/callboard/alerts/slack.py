"""`/plan alerts`: the rules, when each last fired, and the heartbeats."""

from __future__ import annotations

from callboard.alerts import messages, rules, store
from callboard.alerts.messages import Overview, RuleView
from callboard.core.db import Tx
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.teams.slack import asker


def _alerts(tx: Tx, request: Request, _args: Arguments) -> Answer:
    directory = asker(tx, request).directory
    parts = [part for part in rules.rules(tx, directory.plan_id) if not part.heartbeat]
    views = []
    for part in parts[: messages.MOST_RULES]:
        last = store.last_of(tx, directory.plan_id, part.called)
        firing = store.counts(tx, last.number).firing if last and last.closed_at is None else 0
        views.append(RuleView(part, last, firing))
    plan_id = directory.plan_id
    shown = messages.overview(Overview(directory, views, store.heartbeats(tx, plan_id), store.tallies(tx, plan_id)))
    return Say(shown.text, shown.blocks)


command = Command(
    word="plan",
    about="what runs, who is in it, who is away",
    verbs=(Verb("alerts", _alerts, "rules for alerts, when each last fired, and heartbeats", reads=True),),
)
