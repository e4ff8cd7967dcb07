"""`callboard serve` is killed while it asks some and another answers: each is asked once and counts once."""

from __future__ import annotations

import asyncio
from datetime import UTC

from sqlmodel import select

from callboard.core.clock import SystemClock
from callboard.standups.models import CheckIn, State
from tests.serving.house import PEOPLE, House, plan
from tests.world import keys

QUIET_WITHIN = 60.0
ROUND = """\
working_hours: {{days: mon-sun, hours: "00:00-24:00"}}
standups:
  - {{name: Daily, days: mon-sun, at: "00:00", from: {day}, to: {day}, window: 30h, remind_after: 29h,
     who: [omega, amp, exec, stan], channel: "#release"}}
"""


def a_round_of_today():
    return plan("level: Lead, notify: [lead]") + ROUND.format(day=SystemClock().now().astimezone(UTC).date())


async def delivered_again(house):
    """Slack was not answered, or did not hear it: it sends the form once more."""
    submissions = [one.id for one in house.slack.courier.deliveries if one.payload.get("type") == "view_submission"]
    return await house.slack.courier.again(submissions[-1])


async def check_ins(house):
    found = await house.db.read(lambda tx: tx.session.exec(select(CheckIn)).all())
    return {one.person: (one.state, one.changes) for one in found}


async def test_a_standup_comes_due_once_though_the_bot_is_killed_as_it_asks_and_is_answered(database_url, tmp_path):
    async with House(database_url, tmp_path, a_round_of_today()) as house:
        await house.begins()
        house.slack.fault("chat.postMessage", "slow", channel="amp", delay=5)
        house.slack.fault("chat.postMessage", "dropped", channel="exec", delay=5)
        serve = await house.process()
        await house.until(lambda: all(map(house.slack.dm, ("olga", "pa", "stan"))), 60)
        await house.slack.command("pa", "omega", "/standup")
        await house.until(lambda: house.slack.views("pa"))
        answering = asyncio.create_task(house.slack.submit("pa", {"Today": "Indexes"}))
        await house.until(lambda: any(one.kind == "interactive" for one in house.slack.courier.deliveries))
        await serve.kill()
        await answering
        await house.process()
        for _ in range(2):
            assert (await delivered_again(house)).ok
        await house.until(lambda: all(map(house.slack.dm, PEOPLE)), 60)
        await house.until(lambda: "Indexes" in house.slack.dm("pa")[0].shown)
        await house.until_quiet(QUIET_WITHIN)

        assert {person: len(house.slack.dm(person)) for person in PEOPLE} == dict.fromkeys(PEOPLE, 1)
        asked = dict.fromkeys(PEOPLE, (State.WAITING, 0))
        assert await check_ins(house) == asked | {"pa": (State.SUBMITTED, 1)}
        sent = keys(house.slack)
        assert {row.key: row.state for row in await house.deliveries()} == dict.fromkeys(sent, "sent")
        assert set(sent.values()) == {1}
        await house.expect_an_unbroken_seal()
