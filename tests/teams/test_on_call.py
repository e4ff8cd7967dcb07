"""Who is on call: turns by the wall clock, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.planfile import calendar
from callboard.teams.plan.on_call import Rotation, on_call
from tests.planfile.sample import GOOD, check

ZONES = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
    "Australia/Sydney", "America/Sao_Paulo", "Pacific/Honolulu", "Pacific/Auckland",
)  # fmt: skip
ON_CALL = "on_call: {backend: {rotation: [be-lead, one], every: 1w, from: 2026-03-26 09:00}}\n"
PEOPLE = ("anna", "bob", "carl")


def problems(written):
    found = check(GOOD + written).problems
    return [(str(p.degree), p.sentence) for p in found if p.sentence.startswith("on_call")]


def test_on_call_turns_begin_at_the_same_time_when_clocks_change():
    found = calendar.happenings(check(GOOD + ON_CALL).document)
    turns = [h for h in found if h.kind == "on call"]
    assert [(f"{h.at:%m-%d %H:%M}", h.who, h.name, h.team) for h in turns] == [
        ("03-26 08:00", ("be-lead",), "On call for Backend", "backend"),
        ("04-02 07:00", ("one",), "On call for Backend", "backend"),
    ]


def test_an_on_call_rotation_may_begin_before_the_plan():
    written = ON_CALL.replace("2026-03-26 09:00", "2026-03-18 09:00").replace("1w", "1d")
    found = calendar.happenings(check(GOOD + written).document)
    assert [" ".join(h.who) for h in found if h.kind == "on call"][:3] == ["one", "be-lead", "one"]


@pytest.mark.parametrize(
    ("old", "new", "degree", "said"),
    [
        ("backend:", "backnd:", "error", "on_call.backnd: there is no team `backnd`; did you mean `backend`?"),
        ("one]", "onne]", "error", "rotation[2]: there is no person `onne`; did you mean `one`?"),
        ("one]", "backend]", "error", "`backend` is a team: name its people"),
        ("[be-lead, one]", "[]", "error", "at least one is needed"),
        ("1w", "5m", "error", "nobody hands over that often"),
        ("every: 1w, ", "evry: 1w, ", "error", "did you mean `every`?"),
        (", from: 2026-03-26 09:00", "", "error", "`from` is missing: write `from: 2026-03-30 09:00`"),
        ("2026-03-26 09:00", "nowhere", "", ""),
    ],
)
def test_errors_in_the_on_call_section_are_explained(old, new, degree, said):
    assert ON_CALL.count(old) == 1
    found = problems(ON_CALL.replace(old, new))
    assert any(given == degree and said in sentence for given, sentence in found) or not degree, found


def test_a_vacant_seat_on_call_is_listed():
    plan = GOOD.replace("name: Backend one, slack: U0BE1", "name: Backend one, vacant: true")
    assert any("has turns on call" in p.sentence and p.degree == "vacant" for p in check(plan + ON_CALL).problems)


starts = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))  # noqa: DTZ001 - wall time
spans = st.sampled_from(
    [timedelta(hours=8), timedelta(hours=12), timedelta(days=1), timedelta(weeks=1), timedelta(weeks=2)]
)


@settings(max_examples=300)
@given(st.sampled_from(ZONES), starts, spans, st.integers(-100, 4_000))
def test_on_call_is_whoever_has_the_turn_that_began_last(zone, start, every, hours):
    found = Rotation(PEOPLE, every, start, ZoneInfo(zone))
    now = found.begins(0) + timedelta(hours=hours)
    begun = (
        [n for n in range(hours // (every // timedelta(hours=1)) + 3) if n >= 0 and found.begins(n) <= now]
        if hours >= 0
        else []
    )
    turn = on_call(found, now)
    assert (turn is None) == (not begun)
    if turn:
        assert turn.person == PEOPLE[begun[-1] % 3]
        assert turn.at <= now < turn.until
        assert turn.at == found.begins(begun[-1])


@settings(max_examples=100)
@given(st.sampled_from(ZONES), starts, spans, st.lists(st.integers(0, 2_000), min_size=2, max_size=2, unique=True))
def test_on_call_turns_have_no_gaps(zone, start, every, hours):
    found = Rotation(PEOPLE, every, start, ZoneInfo(zone))
    first, last = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in sorted(hours))
    turns = list(found.turns((first, last)))
    assert all(one.until == other.at for one, other in pairwise(turns))
    assert all(turn.at < last and turn.until > first for turn in turns)


def test_weekly_on_call_turns_begin_at_nine_in_every_zone():
    for name in ZONES:
        zone = ZoneInfo(name)
        found = Rotation(PEOPLE, timedelta(weeks=1), datetime(2026, 1, 5, 9), zone)  # noqa: DTZ001 - wall time
        turns = list(found.turns((found.begins(0), found.begins(104))))
        assert len(turns) == 104
        assert {(turn.at.astimezone(zone).weekday(), turn.at.astimezone(zone).hour) for turn in turns} == {(0, 9)}
