"""What came due, kept failing and was given up is shown and counted, and the coordinator is paged."""

from __future__ import annotations

from callboard.core.ticks import Trouble
from callboard.web.health import Health


async def test_a_planning_notice_pages_coordinators_once_about_due_work_that_was_given_up(world):
    given_up = Trouble(work="climbs", row_id=7, failures=5, error="ValueError: no such <step>")
    world.app.db.transact(lambda tx: tx.session.add(given_up))
    await world.settled()
    page = world.dm("amp").expect("I gave up after 5 tries", "escalation 7: ValueError: no such &lt;step&gt;")
    assert "tick.row_failed" in page.shown
    assert "escalation 7: ValueError" in (await world.says("pa", "/plan")).text
    counts = await Health(world.app.db, world.app.ticker.age).counts()
    assert counts is not None
    assert counts.given_up == 1
    await world.advance(hours=1)
    assert len(world.dm("amp")) == 1


async def test_no_planning_notice_pages_coordinators_about_due_work_that_is_tried_again(world):
    later = Trouble(work="climbs", row_id=7, failures=1, retry_at=world.clock.now(), error="ValueError")
    world.app.db.transact(lambda tx: tx.session.add(later))
    await world.settled()
    assert len(world.dm("amp")) == 0
    assert "gave up" not in (await world.says("pa", "/plan")).text
