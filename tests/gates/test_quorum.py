"""Whether signatures can be given: against trying every way to hand them out."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from callboard.gates.quorum import Ask, shortage

PEOPLE, TEAMS = "abcde", "xyz"
ASKS = st.builds(
    Ask,
    count=st.integers(1, 3),
    people=st.dictionaries(
        st.sampled_from(PEOPLE), st.lists(st.sampled_from(TEAMS), max_size=2, unique=True), max_size=5
    ),
    by_team=st.booleans(),
)


def possible(asks, taken=frozenset()):
    """Try everything: each ask takes so many of the people who are left."""
    if not asks:
        return True
    ask, *others = asks
    free = [person for person in ask.people if person not in taken]
    return any(
        (not ask.by_team or different(ask, group, frozenset())) and possible(others, taken | set(group))
        for group in combinations(free, ask.count)
    )


def different(ask, group, used):
    """Whether each of a group can stand for a team of their own."""
    return not group or any(
        team not in used and different(ask, group[1:], used | {team}) for team in ask.people[group[0]]
    )


@given(asks=st.lists(ASKS, max_size=4))
def test_a_shortage_is_found_where_trying_everything_fails(asks):
    assert (shortage(asks) is None) == possible(asks)


@given(asks=st.lists(ASKS, min_size=1, max_size=4))
def test_what_is_said_to_be_short_is_short_by_itself(asks):
    short = shortage(asks)
    if short:
        these = [asks[number] for number in short.asks]
        assert not possible(these)
        only = [
            Ask(ask.count, {p: ask.people[p] for p in ask.people if p in short.people}, ask.by_team) for ask in these
        ]
        assert not possible(only)


def test_one_person_gives_one_signature():
    chief = Ask(1, {"chief": ()})
    short = shortage([chief, Ask(1, {"other": ()}), chief])
    assert short
    assert (short.asks, short.people) == ((0, 2), ("chief",))


def test_somebody_makes_room_for_another():
    assert shortage([Ask(1, {"a": (), "b": ()}), Ask(1, {"a": ()}), Ask(1, {"b": (), "c": ()})]) is None


def test_two_hundred_people_may_be_asked():
    everybody = {f"p{n}": (f"t{n % 50}",) for n in range(200)}
    assert shortage([Ask(150, everybody), Ask(50, everybody, by_team=True)]) is None
    assert shortage([Ask(150, everybody), Ask(51, everybody)])
