"""A round from the first prompt to the digest: by everybody's own clock, early, late, changed, skipped, missed."""

from __future__ import annotations

from tests.standups.story import clicks, fills_in, until


async def test_everybody_is_asked_at_nine_of_their_own_and_observers_never(daily):
    daily.dm("pb").expect("*Daily*: what is new?", "Yesterday · Today · Blockers")
    daily.dm("pa").expect_nothing("Daily")
    await until(daily, "2025-11-13 08:59")
    daily.dm("olga").expect_nothing("Daily")
    await until(daily, "2025-11-13 09:00")
    for person in ("olga", "pa", "pb"):
        assert daily.dm(person).count("what is new?") == 1
    for person in ("obi", "sara", "amp"):
        daily.dm(person).expect_nothing("Daily")


async def test_the_digest_comes_when_the_first_window_closes_and_is_edited_as_others_report(daily):
    await fills_in(daily, "pb", {"Yesterday": "Mongo", "Today": "Indexes"})
    await until(daily, "2025-11-13 09:59")
    daily.channel("release").expect_nothing("Daily")
    await until(daily, "2025-11-13 10:00")
    assert daily.channel("release").count("*Daily*") == 0
    await until(daily, "2025-11-13 11:00")
    card = daily.channel("release").expect("*Daily*", "Thursday, 13 November", "1 of 3 have reported")
    assert "no answer: <@UOLGA>, <@UPA>" in card.shown
    daily.thread(card).expect("<@UPB>", "Mongo", "Indexes")
    await fills_in(daily, "pa", {"Today": "Schema"})
    card = daily.channel("release").expect("2 of 3 have reported", "late: <@UPA>")
    assert daily.channel("release").count("*Daily*") == 1
    daily.thread(card).expect("<@UPA>", "late", "Schema")
    daily.dm("pa").expect("late, and it counts", "Schema")
