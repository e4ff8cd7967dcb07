"""The link in a page: for one person and one page, for a day; scanners open it, only the button answers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from callboard.answers import links
from callboard.answers.links import Token
from callboard.app import page_notices
from callboard.web import PUBLIC_URL
from tests.answers.conftest import link, mails
from tests.world import MORNING

DATABASES = ("sqlite",)  # tests/answers/test_slack_away.py presses links on both
KEY = bytes(32)


async def mailed(outside, what="mongo refuses TLS"):
    """Raise a blocker while Slack takes no page of its lead; where the link in her mail leads."""
    outside.world.slack.fault("*", "dropped", seconds=70)
    await outside.world.says("pa", f"/blocker {what}")
    await outside.world.advance(seconds=75)
    return link(mails(outside, "olga")[0])


async def presses(outside, path, changes=0):
    answer = await outside.http.post(path, data={"changes": str(changes)})
    await outside.world.settled()
    return answer


def tries(outside):
    """What the timeline has of links that were refused: whose, about what, and why."""
    found = [(entry.actor, entry.facts) for entry in outside.world.entries("page")]
    return [(actor, facts["about"], facts["number"], facts["reason"]) for actor, facts in found]


def test_links_read_what_they_signed_and_nothing_else():
    token = Token(2**40, MORNING.replace(microsecond=0))
    written = links.signed(KEY, token)
    assert links.read(KEY, written) == token
    assert links.read(bytes(31) + b"1", written) is None
    for wrong in ("", "x" * 40, written[:-1], f"{written}=", f"A{written[1:]}", written.swapcase(), "ü" * 40):
        assert wrong == written or links.read(KEY, wrong) is None


async def test_the_web_page_of_a_link_shows_the_matter_and_opening_it_changes_nothing(outside):
    path = await mailed(outside)
    before = outside.world.verbs("blocker", 1)
    for ask in (outside.http.get, outside.http.head, outside.http.options):
        answer = await ask(path)
        assert answer.status_code in (200, 204)
    shown = await outside.http.get(path)
    assert outside.world.verbs("blocker", 1) == before
    assert "This link is for Omega lead only." in shown.text
    assert "<script" not in shown.text
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    kept = [shown.headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
    assert kept == ["no-store", "no-referrer", "noindex, nofollow"]
    said = await presses(outside, path)
    assert "You have blocker 1." in said.text
    assert outside.world.row("blocker", 1).owner == "olga"
    assert outside.world.entries("blocker", "acknowledged", 1)[0].actor == "olga"
    await outside.world.advance(minutes=2)
    assert "<@UOLGA> has it" in outside.world.card().shown


async def test_the_web_page_of_a_used_link_says_when_it_was_used_and_does_nothing(outside):
    path = await mailed(outside)
    await presses(outside, path)
    await outside.world.says("olga", "/blocker unack 1")
    again = await presses(outside, path)
    assert again.status_code == 409
    assert "You answered with this link at 09:01 UTC on 13 Nov. Nothing was changed now." in again.text
    assert outside.world.row("blocker", 1).owner is None
    assert "<button" not in (await outside.http.get(path)).text
    await presses(outside, path)
    assert tries(outside) == [("olga", "blocker", 1, "used already")]


async def test_the_web_page_of_a_link_has_no_button_once_somebody_else_has_it(outside):
    path = await mailed(outside)
    changes = outside.world.row("blocker", 1).changes
    await outside.world.says("amp", "/blocker ack 1")
    shown = await outside.http.get(path)
    assert "Nothing waits for your answer any more." in shown.text
    assert "Amp has it" in shown.text
    late = await presses(outside, path, changes)
    assert late.status_code == 409
    assert "Blocker 1 was already acknowledged by Amp" in late.text
    assert tries(outside) == [("olga", "blocker", 1, "refused")]
    await outside.world.says("amp", "/blocker resolve 1 restarted")
    assert "resolved" in (await presses(outside, path, changes)).text


async def test_the_web_page_refuses_links_that_are_old_or_wrong_each_with_a_sentence(outside):
    path = await mailed(outside)
    for wrong in (f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}", "/answer/x", f"{path}x"):
        for ask in (outside.http.get, outside.http.post):
            answer = await ask(wrong)
            assert answer.status_code == 404
            assert "This link is not mine, or a part of it is missing." in answer.text
    outside.world.clock.advance(timedelta(hours=24))
    assert tries(outside) == []
    for answer in (await outside.http.get(path), await presses(outside, path), await presses(outside, path)):
        assert answer.status_code == 410
        assert "This link was good until 14 Nov, 09:01 UTC. Answer in Slack: /blocker ack 1" in answer.text
    assert outside.world.row("blocker", 1).owner is None
    assert tries(outside) == [("olga", "blocker", 1, "too old")]


async def test_the_web_page_does_nothing_for_whoever_left_the_plan(outside):
    path, world = await mailed(outside), outside.world
    plan = world.plan.replace("  olga: {name: Omega lead,", "  nina: {name: Omega lead,").replace(
        "lead: olga", "lead: nina"
    )
    world.apply(plan)
    answer = await presses(outside, path)
    assert answer.status_code == 410
    assert "The person this link was for is not in Release any more." in answer.text
    assert tries(outside) == [("olga", "blocker", 1, "not in the plan any more")]


async def test_the_web_page_does_nothing_for_whoever_left_slack(outside):
    path, world = await mailed(outside), outside.world
    world.slack.deactivate("olga")
    await world.heard("user_change")
    answer = await presses(outside, path)
    assert answer.status_code == 410
    assert "Omega lead has a deactivated Slack account, so this link answers nothing any more." in answer.text
    assert world.row("blocker", 1).owner is None
    assert tries(outside) == [("olga", "blocker", 1, "has left")]


async def test_the_web_page_takes_only_a_small_form_and_bars_whoever_guesses(outside):
    path = await mailed(outside)
    assert (await outside.http.post(path, content="x" * 300)).status_code == 413
    for changes in ("-1", "1e9", "9" * 99, "%00"):
        assert (await outside.http.post(path, content=f"changes={changes}")).status_code in (200, 409)
    for _ in range(300):  # more than a slow machine is forgiven meanwhile
        await outside.http.get(f"/answer/{'x' * 40}")
        barred = await outside.http.get(path)
        if barred.status_code == 429:
            break
    assert barred.status_code == 429
    assert "Too many wrong credentials came from this address" in barred.text


async def test_links_are_left_out_where_nobody_knows_where_the_web_is(outside):
    outside.world.app.db.registry.put(PUBLIC_URL, "")
    outside.world.slack.fault("*", "dropped", seconds=70)
    await outside.world.says("pa", "/blocker mongo refuses TLS")
    await outside.world.advance(seconds=75)
    (mail,) = mails(outside, "olga")
    assert "/answer/" not in mail
    assert mail.count("/blocker ack 1") == 1


async def test_links_that_are_pressed_twice_at_once_have_one_effect(outside):
    path = await mailed(outside)
    answers = await asyncio.gather(*(outside.http.post(path, data={"changes": "0"}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(outside.world.entries("blocker", "acknowledged", 1)) == 1


async def test_links_answer_gates_conflicts_and_checkpoints_as_their_buttons_do(outside):
    """Whatever climbs is answered by one registry: a kind that pages and is not in it gets no link."""
    assert set(page_notices()) <= set(outside.world.app.db.registry.of(links.ANSWERS))


async def test_the_subject_of_a_mailed_page_says_on_a_lock_screen_what_it_is_about(outside):
    await mailed(outside, f"mongo refuses TLS{' after the restart' * 8}")
    subject = outside.mailbox.received[0][1]["Subject"]
    assert subject.startswith("Blocker 1 in Release: mongo refuses TLS after the restart")
    assert len(subject) <= 120
