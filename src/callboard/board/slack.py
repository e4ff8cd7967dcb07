"""`/plan board`, `status`, `people`, `kpi` and `chart`, and the button that opens the board in a browser."""

from __future__ import annotations

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.board import entry, notices
from callboard.board import people as load
from callboard.board import status as glance
from callboard.board.charts import ALSO, CHARTS
from callboard.board.figures import cases, history, kpis, success, words
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.outbox import Message
from callboard.slack.answers import Answer, Done, Say
from callboard.slack.grammar import Arguments, Command, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams.directory import Asker
from callboard.teams.slack import asker

OPEN = "board.open"
NO_ADDRESS = "I don't know where people reach me. Whoever runs Callboard says so with `CALLBOARD_PUBLIC_URL`."
SUCCESS = "success"
NO_FILE = "I can't send you the whole report: the plan has no Slack account, e-mail or fallback for you."
ONCE = "The button opens the board once, within an hour, and only for you. Don't forward it."


def button(tx: Tx, who: Asker) -> b.Block | None:
    """The button that opens the board for somebody; None where nobody knows where Callboard is reached."""
    url = entry.link(tx, who.directory, who.person)
    return b.link("Open the board", OPEN, url) if url else None


def show(tx: Tx, request: Request, _args: Arguments) -> Answer:
    who = asker(tx, request)
    made = button(tx, who)
    if made is None:
        raise Refused(NO_ADDRESS)
    head = f"The board of {m.escape(who.directory.plan_name)}"
    return Say(head, [b.section(m.bold(head)), b.actions(made), b.context(ONCE)])


def noted(_tx: Tx, _request: Request) -> Answer:
    """Slack tells of clicks on links too; the browser does the rest."""
    return Done()


def status(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return _say(glance.status(tx, asker(tx, request)))


def people(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return _say(load.people(tx, asker(tx, request).directory))


def kpi(tx: Tx, request: Request, args: Arguments) -> Answer:
    """All figures; or one, with its days and its cases."""
    directory = asker(tx, request).directory
    before = history.read(tx, directory.plan_id)
    every = kpis.table(tx, directory.plan_id, before)
    if not args["name"]:
        return _say(words.table(directory.plan_name, every))
    if args["name"].lower() == SUCCESS:
        return _say(words.goals(directory.plan_name, success.goals(before, every)))
    one = words.found(every, args["name"])
    return _say(words.detail(one, kpis.series(before, one.key), cases.cases(before, one.key)))


def chart(tx: Tx, request: Request, args: Arguments) -> Answer:
    """The picture is drawn and uploaded when the message is sent."""
    who, name = asker(tx, request), (args["chart"] or next(iter(CHARTS))).lower()
    name = ALSO.get(name, name)
    if name not in CHARTS:
        raise unknown(f"There is no chart `{m.clip(m.escape(name), 40)}`", name, CHARTS)
    if not notices.send_chart(tx, who, name):
        raise Refused("I can't reach you: the plan has no Slack account, e-mail or fallback for you.")
    others = ", ".join(f"`{other}`" for other in CHARTS if other != name)
    return Say(f"The {name} chart is on its way to you, as a direct message. Other charts: {others}.")


def closing(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Sums at once; all of it as a file in a direct message."""
    who = asker(tx, request)
    message = notices.closing(tx, who.directory.plan_id, tx.now)
    sent = notices.send_closing_so_far(tx, who)
    where = "I'm sending you the whole report as a file, in a direct message." if sent else NO_FILE
    return Say(message.text, [*message.blocks, b.context(where)])


def _say(message: Message) -> Say:
    return Say(message.text, message.blocks)


command = Command(
    word="plan",
    about="how it stands, in figures and charts",
    verbs=(
        Verb("board", show, "open the board in a browser: everything at a glance", reads=True),
        Verb("status", status, "the plan at a glance: what is late and why, who must act, what is next", reads=True),
        Verb("people", people, "who does what, who is away and who stands in, who carries too much", aliases=("who",),
             reads=True),
        Verb("kpi", kpi, "the figures against their targets; one with its days and cases; or `success`",
             (Text("name", optional=True, sample="response_time"),), aliases=("kpis", "figures"), reads=True),
        Verb("chart", chart, f"a chart as a picture: {', '.join(CHARTS)}",
             (Word("chart", optional=True, sample="burndown"),), aliases=("charts",)),
        Verb("closing", closing, "the closing report so far: what was promised, and what happened",
             aliases=("conclusion", "closure", "report", "outcome")),
    ),
    examples=("board", "status", "people", "kpi", "chart burndown", "closing"),
)  # fmt: skip
interactions = (Interaction("button", OPEN, noted, reads=True),)
