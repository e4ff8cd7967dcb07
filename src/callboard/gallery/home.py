"""The Home tab for review: as a member, a lead, a coordinator, a stakeholder and somebody in no plan open it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.board.home import messages, slack, views
from callboard.board.home.overview import Reader
from callboard.board.home.views import Outside
from callboard.core.outbox import Message
from callboard.gallery.stage import Screen, Stage

KIND = "home.shown"
WHO = (
    ("omega-a", "A member's Home, the first time"), ("omega-lead", "A lead's Home"), ("amp", "A coordinator's Home"),
    ("stakeholder", "A stakeholder's Home"),
)  # fmt: skip


def screens(stage: Stage) -> Iterator[Screen]:
    """The first evening of the example, after the report of the day."""
    tx = stage.tx
    blockers.raise_blocker(tx, stage.asker("sigma-a"), Raised(what="the staging database is full", severity="critical"))
    for key, title in WHO:
        reader = Reader(tx, stage.asker(key))
        yield _screen(title, messages.home(views.of(reader, [reader.who.directory], is_new=key == "omega-a")))
    reader = Reader(tx, stage.asker("omega-a"))
    view, own = views.of(reader, [reader.who.directory]), reader.who.directory
    plans = {own.plan_key: own.plan_name, "winter": "Winter release", "spring": "Spring release"}
    several = replace(view, plans=plans, elsewhere={"winter": 2, "spring": 0})
    yield _screen("A Home with several plans", messages.home(several))
    yield stage.typed(slack.command, stage.user("omega-lead"), "mine", "What waits for a lead, in any channel")
    yield _screen("A Home of somebody in no plan", messages.outside(Outside(running=["Release"], adds="Ask Amp.")))
    yield _screen("A Home where no plan runs", messages.outside(Outside(running=[], admins=True)))


def _screen(title: str, message: Message) -> Screen:
    return Screen(KIND, title, view={"type": "home", "blocks": list(message.blocks)})
