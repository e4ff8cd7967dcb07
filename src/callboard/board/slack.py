"""`/plan status`, `/plan kpi` and `/plan chart`."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.board import notices
from callboard.board import people as load
from callboard.board import status as glance
from callboard.board.charts import CHARTS
from callboard.board.figures import cases, history, kpis, success, words
from callboard.core.db import Tx
from callboard.core.errors import Refused, did_you_mean
from callboard.core.outbox import Message
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.teams.slack import asker

SUCCESS = "success"


def status(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return _say(glance.status(tx, asker(tx, request)))


def people(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return _say(load.people(tx, asker(tx, request).directory))


def kpi(tx: Tx, request: Request, args: Arguments) -> Answer:
    """All figures; or one, with its days and its cases."""
    directory = asker(tx, request).directory
    past = history.read(tx, directory.plan_id)
    every = kpis.table(tx, directory.plan_id, past)
    if not args["name"]:
        return _say(words.table(directory.plan_name, every))
    if args["name"].lower() == SUCCESS:
        return _say(words.goals(directory.plan_name, success.goals(past, every)))
    one = words.found(every, args["name"])
    return _say(words.detail(one, kpis.series(past, one.key), cases.cases(past, one.key)))


def chart(tx: Tx, request: Request, args: Arguments) -> Answer:
    """The picture is drawn and uploaded when the message is sent."""
    who, name = asker(tx, request), (args["chart"] or next(iter(CHARTS))).lower()
    if name not in CHARTS:
        near = did_you_mean(name, CHARTS)
        ended = near if near.endswith("?") else f"{near}."
        raise Refused(f"There is no chart `{m.clip(m.escape(name), 40)}`; {ended}")
    if not notices.send_chart(tx, who, name):
        raise Refused("I can't reach you: the plan has no Slack account, e-mail or fallback for you.")
    others = ", ".join(f"`{other}`" for other in CHARTS if other != name)
    return Say(f"The {name} chart is on its way to you, as a direct message. Other charts: {others}.")


def _say(message: Message) -> Say:
    return Say(message.text, message.blocks)


command = Command(
    word="plan",
    about="how it stands, in figures and charts",
    verbs=(
        Verb("status", status, "the plan at a glance: what is late and why, who must act, what is next", reads=True),
        Verb("people", people, "who does what, who is away and who stands in, who carries too much", aliases=("who",),
             reads=True),
        Verb("kpi", kpi, "the figures against their targets; one with its days and cases; or `success`",
             (Text("name", optional=True, sample="response_time"),), aliases=("kpis", "figures"), reads=True),
        Verb("chart", chart, f"a chart as a picture: {', '.join(CHARTS)}",
             (Word("chart", optional=True, sample="burndown"),), aliases=("charts",)),
    ),
    examples=("status", "people", "kpi", "chart burndown"),
)  # fmt: skip
