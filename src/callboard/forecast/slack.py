"""`/plan forecast`: all gates and phases, one of them, or how right forecasts were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.outbox import Message
from callboard.forecast import messages, score, service, store
from callboard.forecast.models import Forecast
from callboard.gates import store as gates
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Text, Verb
from callboard.slack.requests import Request
from callboard.teams.slack import asker

SCORE = ("score", "scores")
STALE = timedelta(hours=1)
"""Whoever asks later than this after the last forecast has a new one made."""


def forecast(tx: Tx, request: Request, args: Arguments) -> Answer:
    plan_id = asker(tx, request).directory.plan_id
    wanted = m.unescape(args["gate"] or "").strip()
    past = store.counted(tx, plan_id)
    if wanted.lower() in SCORE:
        return _say(messages.scored(score.score(past)))
    course, rows = store.course(tx, plan_id), store.newest(tx, plan_id)
    stale = course is None or course.at is None or course.at <= tx.now - STALE
    found = _meant(tx, plan_id, wanted, rows) if wanted else None
    if stale:
        service.ask(tx, plan_id)
    if course is None or course.at is None:
        return Say(messages.NOT_YET)
    if found:
        return _say(messages.one(tx, course, found, past, stale=stale))
    return _say(messages.listed(tx, course, rows, past, stale=stale)) if rows else Say(messages.NOTHING)


def _meant(tx: Tx, plan_id: int, text: str, rows: Sequence[Forecast]) -> Forecast | None:
    """The forecast of a gate or phase that is named; None while there is no forecast of it yet. Raises Refused."""
    named, rest = gates.meant(tx, plan_id, text)
    phases = plans.live(tx, plan_id).keys("phases")
    phase = next((key for key in phases if m.means(text, key)), None)
    keys = {gate.key for gate in named if not rest} or ({phase} if phase else set())
    if not keys:
        known = [*(gate.key for gate in gates.gates(tx, plan_id)), *phases]
        raise unknown(f"There is no gate or phase `{m.clip(m.escape(text), 40)}`", text, known)
    if len(keys) > 1:
        raise Refused(f"Several gates are called that: {', '.join(f'`{key}`' for key in sorted(keys))}. Name one.")
    if settled := next((gate for gate in named if gate.key in keys and gate.settled), None):
        raise Refused(f"{m.escape(settled.name)} has {settled.state}: there is nothing left to forecast.")
    return next((row for row in rows if row.key in keys), None)


def _say(message: Message) -> Say:
    return Say(message.text, message.blocks)


command = Command(
    word="plan",
    about="how likely each gate is",
    verbs=(
        Verb("forecast", forecast, "how likely each gate is in time; for one, what decides it and what would help; "
             "or `score`, how right forecasts were", (Text("gate", optional=True, sample="score"),),
             aliases=("odds",)),
    ),
    examples=("forecast", "forecast score"),
)  # fmt: skip
