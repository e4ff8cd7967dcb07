"""Every kind of page ends, where it goes by mail or SMS, with how it is answered."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from callboard import gallery
from callboard.answers import links
from callboard.app import CAPABILITIES, renderers
from callboard.core.deliveries import Delivery, Priority
from callboard.gallery.stage import Stage
from tests.answers.conftest import Outside, link, mails

DATABASES = ("sqlite",)
NEWS = {
    "teams.unreached": "what a coordinator does about it differs",
    "teams.parked": "somebody mends the plan file",
    "teams.lost": "somebody mends the plan file",
    "teams.leavers": "somebody mends the plan file",
    "teams.trouble": "whoever runs Callboard looks into the log",
    "noise.bundle": "it tells of several matters",
}
"""Pages that ask for nothing that a click could be, each with why."""


def test_links_know_how_every_kind_of_page_is_answered():
    found: dict[str, bool] = {}
    with gallery.example() as (db, plan_id):
        for screens in gallery.SHOWN.values():
            db.transact(_played, plan_id, screens, found)
    kinds = {each.kind for every in CAPABILITIES for each in every.notices if each.priority == Priority.PAGE}
    for each in CAPABILITIES:
        found |= dict.fromkeys(each.answers.keys() & kinds, True)
        found |= {notice.kind: subject in each.answers for subject, notice in each.pages.items()}
    assert {kind for kind in kinds | found.keys() if not found.get(kind)} == NEWS.keys()


def _played(tx: Any, plan_id: int, screens: Any, found: dict[str, bool]) -> None:
    before = tx.connection.begin_nested()
    with tx.part(tx.trace) as part:
        list(screens(Stage(part, plan_id, gallery.WORKSPACE, renderers())))
        part.flush()
        for delivery in part.session.exec(select(Delivery).where(Delivery.priority == Priority.PAGE)).all():
            found[delivery.kind] = links.how(part, delivery) is not None
    before.rollback()


async def pressed(outside: Any, text: str) -> str:
    """What the web page says behind the link of a page, after a click on its button."""
    path = link(text)
    shown = (await outside.http.get(path)).text
    changes = shown.partition('name="changes" value="')[2].partition('"')[0]
    answer = await outside.http.post(path, data={"changes": changes})
    await outside.world.settled()
    return str(answer.text)


async def test_a_link_answers_a_test_page_of_a_preflight_and_one_that_somebody_asked_for(outside):
    world: Outside = outside.world
    world.apply(f"{world.plan}preflight: {{who: [amp, pa]}}\n")
    await world.says("amp", "/plan preflight start")
    await world.advance(seconds=5)
    (told,) = outside.webhook.received
    assert "Thank you: pages reach you." in await pressed(outside, told["message"])
    assert [entry.actor for entry in world.entries("preflight", "answered")] == ["amp"]
    assert "Thank you" in (await world.says("pa", "/plan preflight got")).text
    assert "already answered" in (await world.says("pa", "/plan preflight got")).text
    assert "No preflight asked you" in (await world.says("sc", "/plan preflight got")).text
    world.slack.fault("*", "dropped", seconds=70)
    await world.says("amp", "/plan test @olga")
    await world.advance(seconds=75)
    assert "It works" in await pressed(outside, mails(outside, "olga")[-1])
