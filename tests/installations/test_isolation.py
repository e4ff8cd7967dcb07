"""Two workspaces on one database see nothing of each other, tried by everything that people and Slack can send."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import delete

from callboard.app import sections
from callboard.app.erasure import find
from callboard.core import outbox
from callboard.core.courier import claims
from callboard.core.deliveries import DELIVERIES
from callboard.core.errors import Refused
from callboard.core.outbox import Post, Priority
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.teams import links
from slack_standin import payloads
from tests.api.desk import Desk
from tests.gates.company import PEOPLE as MANY
from tests.growth import company
from tests.installations import strangers
from tests.installations.two import EAST, PUBLIC, WEST, Two, named
from tests.web.strangers import command
from tests.world import PLAN

DATABASES = ("sqlite",)


@pytest.fixture
async def two(database_url):
    async with Two(database_url) as two:
        yield two


async def test_each_workspace_sees_its_own_plan_where_all_ids_and_keys_are_the_same(two):
    await two.east.says("pa", "/blocker mongo is down in the east")
    await two.west.says("pa", "/blocker redis is down in the west")
    for side, own, other in ((two.east, "mongo", "redis"), (two.west, "redis", "mongo")):
        side.channel("omega").expect("Blocker", own)
        side.channel("omega").expect_nothing(other)
        side.dm("olga").expect("paged", own)
        side.dm("olga").expect_nothing(other)
        shown = (await side.says("pa", "/blocker list")).text
        assert own in shown
        assert other not in shown
        assert side.slack.spec.name in (await side.says("pa", "/plan")).text
    assert two.east.slack.spec.bot_token != two.west.slack.spec.bot_token
    assert {EAST, WEST} == set(two.app.slack.clients.every())


async def test_a_workspace_without_a_plan_is_told_where_that_of_a_shared_channel_runs_and_nothing_of_it(database_url):
    async with Two(database_url, plan="") as two:
        two.east.apply(PLAN)
        two.app.db.transact(links.linked, EAST, links.Found(channels={"omega": "COMEGA"}))
        for typed in ("/blocker mongo is down", "/plan", "/task list"):
            answer = (await two.west.says("pa", typed)).text
            assert answer.startswith("Workspaces share this channel, and its plan runs in another one than yours.")
            assert "Release" not in answer
            assert "<@" not in answer
        assert "No plan runs in this workspace yet." in (await two.west.says("pa", "/plan", "sigma")).text
        assert two.east.entries("blocker") == []


LIFE = [
    *company.STORY.splitlines(), "olga /blocker ack 1", "amp /blocker propose 2 leak", "pb /task claim O-2",
    "pb /task progress O-1 50%", "pb /task block O-1 the schema is locked", "olga /gate go go", "pb /lock src/b.py",
    "pa /emergency 1 the database is gone", "pb /emergency action 1 call the vendor", "amp /plan retro",
    "pa /plan kudos @pb for the sign-in", "pa /run start copy", "amp /plan test", "amp /plan preflight start",
    "pa /risk raise low high the vendor is late", "HOME amp", "HOME olga", "pa /standup", "pa /blocker show 1",
    "pa /task show O-1", "pa /gate show validated", "tick",
]  # fmt: skip
SECRET_WORD = "easterly"


async def test_nothing_that_is_sent_from_another_workspace_changes_or_shows_anything(database_url):
    async with Two(database_url, people=MANY, plan="") as two:
        east, west = two.east, two.west
        asgi = httpx.ASGITransport(two.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            plan = company.plan().replace("title: ", f"title: {SECRET_WORD} ")
            east.apply(named(plan, east))
            for deed in LIFE:
                await company.does(Desk(east, http), deed.replace(" is ", f" {SECRET_WORD} is "))
        before, shown = strangers.rows(east), east.slack.workspace.state.model_dump()
        west.apply(named(company.plan(), west))
        await two.app.settle()
        asked = len(east.slack.record.of("request"))
        tried = Counter[str]()
        for kind, payload in [*strangers.clicks(east, west), *strangers.forms(east, west, range(1, 4))]:
            await west.slack.courier.send(kind, payload)
            tried[payload["type"]] += 1
        for event in strangers.events(east):
            west.slack.courier.event(payloads.event(west.slack.workspace, event))
            tried["event"] += 1
        await west.slack.courier.idle()
        await two.app.slack.idle()
        await two.app.settle()
        after = strangers.rows(east)
        changed = [
            (table, row, after[table].get(key))
            for table, known in before.items() for key, row in known.items() if after[table].get(key) != row
        ]  # fmt: skip
        assert not changed, changed[:3]
        assert min(tried.values()) > 100, tried
        assert east.slack.workspace.state.model_dump() == shown
        assert len(east.slack.record.of("request")) == asked
        assert SECRET_WORD not in west.slack.workspace.state.model_dump_json()


async def test_a_workspace_that_slack_slows_down_or_breaks_holds_up_no_other(two):
    two.east.slack.fault("chat.postMessage", "ratelimited", retry_after=200, seconds=1000)
    await two.east.says("pa", "/blocker mongo is down in the east")
    await two.west.says("pa", "/blocker redis is down in the west")
    two.west.dm("olga").expect("paged", "redis")
    two.east.channel("omega").expect_nothing("mongo")


@pytest.mark.both_databases
async def test_a_workspace_that_never_answers_takes_no_place_of_another(two):
    """Forty messages hang in the one, and hundreds more wait; the other's page goes at once."""
    about = Subject("plan", two.east.plan_id)
    posts = [
        Post(key=f"hangs:{n}", plan_id=two.east.plan_id, workspace=EAST, address=f"C{n}", kind="plan.head",
             subject=about, priority=Priority.PAGE)
        for n in range(300)
    ]  # fmt: skip
    room = claims.Room({"slack": 40}, {f"{EAST}/slack": 0})
    two.app.db.transact(outbox.enqueue, posts)
    two.app.db.transact(outbox.enqueue, [replace(posts[0], key="goes", plan_id=two.west.plan_id, workspace=WEST)])
    taken = two.app.db.transact(claims.claim, room)
    assert [delivery.key for delivery in taken] == ["goes"]
    two.app.db.transact(lambda tx: tx.connection.execute(delete(DELIVERIES)))


async def test_tokens_and_boards_open_the_plan_of_their_workspace_though_both_have_one_address(two):
    await two.east.says("pa", "/blocker mongo is down in the east")
    asgi = httpx.ASGITransport(two.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url=PUBLIC) as http:
        east, west = Desk(two.east, http), Desk(two.west, http)
        assert "mongo is down in the east" in str((await east.gets("amp", "/blockers"))["items"])
        assert (await west.gets("amp", "/blockers"))["items"] == []
        assert (await west.asks("amp", "GET", "/blockers/1")).status_code == 404
        assert (await west.asks("amp", "POST", "/blockers/1/acknowledge")).status_code == 404
        for side, name, other in ((two.east, "East", "West"), (two.west, "West", "East")):
            told = await side.says("amp", "/plan board")
            link = re.search(r"http:[\w./:-]+/open/[\w.-]+", str(told.messages[0].blocks))
            assert link
            shown = await http.post(link[0], follow_redirects=True)
            assert f"Release {name}" in shown.text
            assert f"Release {other}" not in shown.text


def test_a_key_that_runs_in_two_workspaces_is_named_with_its_workspace(two_plans):
    db, called = two_plans
    with pytest.raises(Refused, match=r"runs in 2 workspaces\. Write `T0EAST/release` or `T0WEST/release`"):
        db.transact(called, "release")
    assert db.transact(called, "T0WEST/release").workspace == WEST
    with pytest.raises(Refused, match="no plan `T0SOUTH/release`"):
        db.transact(called, "T0SOUTH/release")


def test_whoever_is_erased_keeps_no_seat_of_somebody_with_the_same_id_in_another_workspace(two_plans):
    db, called = two_plans
    person = db.transact(find, "T0EAST/release", "pa")
    assert {plan_id for plan_id, _ in person.seats} == {db.transact(called, "T0EAST/release").id}


@pytest.fixture
def two_plans(db):
    checked = plans.check(PLAN, "plan.yml", sections())
    for team in (EAST, WEST):
        db.transact(plans.apply, checked, author="test", workspace=team)
    return db, plans.called


async def test_signed_requests_are_of_the_workspace_that_slack_names_and_of_no_unknown_one(two):
    asgi = httpx.ASGITransport(two.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url=PUBLIC) as http:
        for team, says in ((EAST, "Blocker 1 is open"), (WEST, "Blocker 2 is open"), ("T0SOUTH", "is not installed")):
            answer = await http.post("/slack/events", **command("mongo is down again", team))
            assert answer.status_code == 200
            assert says in answer.json()["text"]
    assert two.east.row("blocker", 1).plan_id != two.west.row("blocker", 2).plan_id
