"""The way to the board: a link that works once, for one person; and what whoever has no such link gets."""

from __future__ import annotations

from datetime import timedelta

from callboard.core.clock import ManualClock
from callboard.web import PUBLIC_URL
from tests.board.conftest import browser, come, link, links

DATABASES = ("sqlite",)  # tests/board/test_stream.py lets somebody in on both


def lines(world):
    return [(entry.verb, entry.actor, entry.facts.get("why")) for entry in world.entries("session")]


async def test_the_entry_takes_one_click_and_its_link_is_not_used_up_by_programs_that_follow_links(world):
    path = await link(world)
    async with browser(world) as client:
        for ask in (client.get, client.head, client.options, client.get):
            assert (await ask(path)).status_code in (200, 204)
        offered = await client.get(path)
        assert "Open the board</button>" in offered.text
        assert "form-action 'self'" in offered.headers["Content-Security-Policy"]
        used = await client.post(path)
        assert (used.status_code, used.headers["Location"]) == (303, "/board/release")
        cookie = used.headers["Set-Cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Secure", "Path=/board/release;"))
        shown = await client.get("/board/release")
        assert shown.status_code == 200
        assert "<h1>Release</h1>" in shown.text
        assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
        assert (await client.post(path)).status_code == 303  # a second click in the browser that it let in
    assert lines(world) == [("opened", "amp", None)]


async def test_the_entry_is_refused_to_whoever_gets_a_used_link_and_the_timeline_says_so(world):
    path = await link(world)
    async with browser(world) as client, browser(world) as other:
        await client.post(path)
        late = await other.post(path)
        assert late.status_code == 410
        assert "This link was used already." in late.text
        assert "type /plan board" in late.text
        assert "Set-Cookie" not in late.headers
        assert (await other.get("/board/release")).status_code == 403
    assert lines(world) == [("opened", "amp", None), ("link refused", "callboard", "used before")]
    entry = world.entries("session", "link refused")[0]
    assert (entry.facts["person"], entry.subject_id) == ("amp", world.entries("session", "opened")[0].subject_id)


async def test_the_entry_is_refused_to_links_that_are_old_or_tampered_with(world):
    path = await link(world)
    async with browser(world) as client:
        for wrong in (f"{path[:-3]}AAA", f"{path}x", "/board/release/open/x", path.replace(".", "")):
            answer = await client.post(wrong)
            assert (answer.status_code, "This link is not mine" in answer.text) == (410, True), wrong
        assert (await client.post("/board/elsewhere/open/x")).status_code == 410
        world.clock.advance(timedelta(hours=1))
        assert "too old now" in (await client.post(path)).text
    assert {why for _, _, why in lines(world)} == {"tampered with", "expired"}


async def test_the_entry_leaves_few_lines_of_many_wrong_links_and_bars_whoever_guesses(world):
    async with browser(world) as client:
        answers = [await client.post(f"/board/release/open/{number}") for number in range(40)]
    assert {answer.status_code for answer in answers} == {410, 429}
    assert len(lines(world)) == 5


async def test_the_entry_ends_for_whoever_leaves_the_plan(world):
    path = await link(world, "sara")
    async with browser(world) as client, browser(world) as other:
        await come(world, client, "sara")
        plan = world.plan.replace("  sara: {name: Sigma lead, slack: USARA}\n", "  nina: {name: Nina, slack: UNINA}\n")
        world.apply(plan.replace("lead: sara", "lead: nina"))
        gone = await client.get("/board/release")
        assert gone.status_code == 403
        assert "Only people of the plan see its board" in gone.text
        late = await other.post(path)
        assert "The person this link was for is not in the plan any more." in late.text
    assert lines(world)[-1] == ("link refused", "callboard", "left the plan")


async def test_the_entry_ends_after_twelve_hours_without_use_and_when_somebody_leaves(world):
    async with browser(world) as client:
        await come(world, client)
        for _ in range(3):
            world.clock.advance(timedelta(hours=11))
            assert (await client.get("/board/release")).status_code == 200
        kept = dict(client.cookies)
        assert (await client.get("/board/release/rows?of=x")).status_code == 404
        assert "You left the board." in (await client.post("/board/release/leave")).text
        assert not dict(client.cookies)
        assert (await client.get("/board/release", headers={"Cookie": str(kept)})).status_code == 403
        await come(world, client)
        world.clock.advance(timedelta(hours=12))
        assert (await client.get("/board/release")).status_code == 403


async def test_the_entry_is_not_offered_where_nobody_knows_the_address(world):
    assert links((await world.says("amp", "/plan")).messages[-1])
    world.app.db.registry.put(PUBLIC_URL, "")
    assert not links((await world.says("amp", "/plan")).messages[-1])
    refused = await world.says("amp", "/plan board")
    assert "`CALLBOARD_PUBLIC_URL`" in refused.text
    assert "You are not in the plan Release" in (await world.says("stranger", "/plan board")).text


async def test_the_entry_lets_those_who_only_follow_see_the_board_without_what_to_type(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    async with browser(world) as client, browser(world) as other:
        acts = (await come(world, client, "pa")).text
        follows = (await come(world, other, "obs")).text
    assert "/blocker ack 1" in acts
    assert "/blocker ack 1" not in follows
    assert "mongo refuses TLS" in follows
    assert "+4930123456" not in acts + follows


class Running(ManualClock):
    """A clock that goes on with each look, as those of machines do."""

    def now(self):
        self.advance(timedelta(microseconds=1))
        return super().now()


async def test_the_entry_leads_to_the_board_as_it_is_and_not_as_it_was_a_moment_ago(world):
    await world.advance(minutes=5)
    async with browser(world) as phone:
        await come(world, phone)
        world.app.db.clock = Running(world.clock.now())
        assert "data-at" not in (await phone.get("/board/release")).text
        assert 'data-at="2025-11-13T09:02:00Z"' in (await phone.get("/board/release?at=2025-11-13T09:02")).text


async def test_the_entry_leads_back_to_the_board_from_a_time_or_a_number_that_it_does_not_have(world):
    async with browser(world) as client:
        await come(world, client)
        for address in ("?at=yesterday", "?at=2020-01-01T00:00", "/rows?of=nothing"):
            answer = await client.get(f"/board/release{address}")
            assert answer.status_code == 404, address
            assert '<a href="/board/release">Back to the board</a>' in answer.text, address
