"""How people meet standups in Slack: `/standup` and its verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.errors import Refused, did_you_mean
from callboard.core.words import counted
from callboard.planning.slack import commands as teams
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Text
from callboard.slack.grammar import Arguments, Command, Person, Verb
from callboard.slack.requests import Request
from callboard.standups import messages, schedule, service, store
from callboard.standups.models import Round, day_name
from callboard.standups.service import Figures
from callboard.standups.slack import buttons
from callboard.standups.slack.buttons import asker
from callboard.teams import slack
from callboard.teams.service import Asker
from callboard.teams.slack import reasoned

if TYPE_CHECKING:
    from callboard.core.db import Tx


def fill(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Fill in the round that is open, the one of today again, or the next one ahead of time."""
    who = asker(tx, request)
    key, day = service.open_round(tx, who, b.unescape(args.get("name") or ""))
    return buttons.form(tx, who, key, day)


def skip(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Skip a round, with a reason."""
    who = asker(tx, request)
    name, why = reasoned(args["reason"] or "")
    if not why:
        name, why = "", name
    key, day = service.open_round(tx, who, name)
    one = service.skip(tx, who, key, day, b.escape(why))
    called = b.escape(schedule.book_of(tx, one.plan_id).standups[key].name)
    return Say(f"You skip {called} of {day_name(day)}; the others see why. `/standup {called}` reports after all.")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show the newest round with all that was said."""
    who = asker(tx, request)
    found = _rounds(tx, who, b.unescape(args["name"] or ""))
    if not found:
        return Say("No round was held yet. `/plan calendar` says what comes next for you.")
    shown = [messages.whole(messages.round_view(tx, one)) for one in found]
    newest = shown[0]
    return Say(newest.text, [block for one in shown for block in one.blocks][: b.MESSAGE_BLOCKS])


def stats(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """How it went in the last thirty days."""
    who = asker(tx, request)
    found = service.figures(tx, who)
    if not found:
        return Say("There is nothing to count yet: no round was held in the last thirty days.")
    lines = ["\n".join([_headline(whole), *(_line(who, one) for one in people)]) for whole, people in found.values()]
    shown = [*(b.section(b.clip(line, b.TEXT)) for line in lines[: b.MESSAGE_BLOCKS - 1])]
    hint = "The last thirty days. Who was away, skipped or was never asked is not counted as silent."
    return Say("Standups of the last thirty days", [*shown, b.context(hint)])


def _rounds(tx: Tx, who: Asker, name: str) -> list[Round]:
    """The newest round of the standup that is named, or of each."""
    book = schedule.book_of(tx, who.directory.plan_id)
    wanted = name.strip().lower()
    keys = [key for key, part in book.standups.items() if not wanted or wanted in (key.lower(), part.name.lower())]
    if not keys and wanted:
        near = did_you_mean(name, [part.name for part in book.standups.values()])
        raise Refused(f"There is no standup `{b.clip(b.escape(name), 40)}`; {near}")
    found = (store.last_round(tx, who.directory.plan_id, key) for key in keys)
    return sorted(filter(None, found), key=lambda one: one.day, reverse=True)


def _headline(one: Figures) -> str:
    return f"{b.bold(b.escape(one.name))}, {counted(one.rounds, 'round')}: {_figures(one)}"


def _line(who: Asker, one: Figures) -> str:
    return f"{b.escape(who.directory.people[one.name].name)}: {_figures(one)}"


def _figures(one: Figures) -> str:
    counts = ((one.submitted, "in time"), (one.late, "late"), (one.missed, "missed"), (one.excused, "excused"))
    return (
        f"{one.percent}% reported ({', '.join(f'{count} {word}' for count, word in counts if count) or 'nothing yet'})"
    )


command = Command(
    word="standup",
    about="fill in your standup, see everybody's, skip it",
    verbs=(
        Verb("show", show, "the newest round, and what everybody said", (Text("name", optional=True),), reads=True),
        Verb("skip", skip, "skip this round: `because ...`", (Text("reason", optional=True),)),
        Verb(
            "away", teams.away, "say when you, or somebody, will be away: nobody asks you then",
            (slack.Days("days"), Person("person", optional=True)),
        ),
        Verb("back", teams.back, "take an absence back", (Person("person", optional=True),)),
        Verb("stats", stats, "how many reported in the last thirty days", reads=True),
    ),
    otherwise=Verb("fill", fill, "fill in the one that is named", (Text("name"),)),
    alone=fill,
    alone_reads=True,
    examples=("Daily", "show", "skip because I am at the dentist", "away 2026-03-30..31", "stats"),
)  # fmt: skip
