"""Whether signatures can be given, and whether they are enough: against trying every way to hand them out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from callboard.gates.plan.types import PersonSignOff
from callboard.gates.quorum import Ask, met_together, shortage

NOW = datetime(2026, 3, 26, 12, tzinfo=UTC)
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
def test_a_quorum_is_short_of_signers_exactly_where_trying_every_way_fails(asks):
    assert (shortage(asks) is None) == possible(asks)


@given(asks=st.lists(ASKS, min_size=1, max_size=4))
def test_a_quorum_that_names_sign_offs_as_short_is_short_by_these_alone(asks):
    short = shortage(asks)
    if short:
        these = [asks[number] for number in short.asks]
        assert not possible(these)
        only = [
            Ask(ask.count, {p: ask.people[p] for p in ask.people if p in short.people}, ask.by_team) for ask in these
        ]
        assert not possible(only)


def test_a_quorum_takes_one_signature_of_each_person():
    chief = Ask(1, {"chief": ()})
    short = shortage([chief, Ask(1, {"other": ()}), chief])
    assert short
    assert (short.asks, short.people) == ((0, 2), ("chief",))


def test_a_quorum_is_met_where_one_signer_makes_room_for_another():
    assert shortage([Ask(1, {"a": (), "b": ()}), Ask(1, {"a": ()}), Ask(1, {"b": (), "c": ()})]) is None


def test_a_quorum_may_ask_two_hundred_people():
    everybody = {f"p{n}": (f"t{n % 50}",) for n in range(200)}
    assert shortage([Ask(150, everybody), Ask(50, everybody, by_team=True)]) is None
    assert shortage([Ask(150, everybody), Ask(51, everybody)])


FEW_ASKS = st.builds(
    Ask,
    count=st.integers(1, 2),
    people=st.dictionaries(
        st.sampled_from(PEOPLE), st.lists(st.sampled_from(TEAMS), max_size=2, unique=True), max_size=4
    ),
    by_team=st.booleans(),
)


def ways(asks):
    """Every way to give each signer to at most one ask that they are asked by."""
    signers = sorted({person for ask in asks for person in ask.people})
    choices = [[None, *(number for number, ask in enumerate(asks) if person in ask.people)] for person in signers]
    for chosen in product(*choices):
        yield {
            number: [p for p, place in zip(signers, chosen, strict=True) if place == number]
            for number in range(len(asks))
        }


def enough(ask, people):
    """Whether these signatures will do for one ask, by trying every team that each can stand for."""
    if not ask.by_team:
        return len(people) >= ask.count
    options = [[None, *ask.people[person]] for person in people]
    return any(len({team for team in chosen if team}) >= ask.count for chosen in product(*options))


def all_met(asks):
    return any(all(enough(ask, way[number]) for number, ask in enumerate(asks)) for way in ways(asks))


@given(st.lists(FEW_ASKS, max_size=3))
def test_a_quorum_is_met_exactly_where_counting_everybody_once_can_meet_it(asks):
    assert (len(met_together(asks)) == len(asks)) == all_met(asks)


@given(st.lists(FEW_ASKS, max_size=3))
def test_a_quorum_calls_met_only_what_can_be_met_together(asks):
    assert all_met([asks[number] for number in met_together(asks)])


def test_a_quorum_stops_counting_whoever_signed_too_long_ago():
    part = PersonSignOff(person="a", fresh=timedelta(hours=24))
    assert not part.stale(NOW, NOW + timedelta(hours=23, minutes=59))
    assert part.stale(NOW, NOW + timedelta(hours=24))
    assert not PersonSignOff(person="a").stale(NOW, NOW + timedelta(days=9))
