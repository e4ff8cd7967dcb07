"""The ladders of real coordination plans, climbed in Slack with their real figures."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources

import pytest

from callboard.core.timeline import Subject
from callboard.escalation import service
from tests.steps import steps
from tests.world import PLAN, World

HEAD, _, REST = PLAN.partition("  default:\n")
BLOCKERS = REST[REST.index("blockers:") :]

FOUR_LEVELS = """\
  default:
    steps:
      - {level: Team internal, notify: [lead], respond_within: 15m}
      - {level: Cross-team, notify: [all leads], respond_within: 15m}
      - {level: All teams, notify: [coordinator], respond_within: 30m}
      - {level: Management, notify: [executive, stakeholder], respond_within: 1h}
"""
OF_THE_PAIR = """\
  default:
    steps:
      - {level: Team internal, notify: [lead], respond_within: 15m}
      - {level: Cross-team, notify: [leads, members], respond_within: 15m}
      - {level: All teams, notify: [all leads, coordinator]}
"""
MEETING = """\
task_kinds: {MOLECULE: molecule}
tasks:
  - MOLECULE-1: {title: Web meets API, lead_team: omega, support_teams: [sigma], status: in progress}
    O-1: {title: Mongo, team: omega, status: in progress}
"""
HOURS = """\
  default:
    steps:
      - {level: Developer to developer, notify: [member], respond_within: 4h}
      - {level: Scrum master, notify: [coordinator], respond_within: 20h}
      - {level: Stakeholder, notify: [stakeholder], respond_within: 24h}
"""
WORKING_HOURS = """\
  default:
    clock: working
    idle_after: 4h
    resolve_within: 9h
    steps:
      - {level: Team lead, notify: [lead], respond_within: 4h}
      - {level: Coordinator, notify: [coordinator], respond_within: 4h}
"""


@pytest.fixture
async def release(request, database_url):
    async with World(database_url, plan=HEAD + request.param + BLOCKERS + MEETING) as world:
        yield world


@pytest.mark.parametrize("release", [FOUR_LEVELS], indirect=True, ids=["15, 30, 60 minutes, 2 hours"])
async def test_a_climb_pages_four_levels_of_its_policy_in_two_hours(release):
    world = release
    await world.says("pa", "/blocker the merge breaks login")
    world.dm("olga").expect("step 1: Team internal")
    await world.advance(minutes=14, seconds=59)
    assert len(world.dm("sara")) == 0
    await world.advance(seconds=1)
    world.dm("sara").expect("step 2: Cross-team", "you are lead of Sigma")
    await world.advance(minutes=14, seconds=59)
    assert len(world.dm("amp")) == 0
    await world.advance(seconds=1)
    world.dm("amp").expect("step 3: All teams")
    await world.advance(minutes=29, seconds=59)
    assert len(world.dm("exec")) == len(world.dm("stan")) == 0
    await world.advance(seconds=1)
    world.dm("exec").expect("step 4: Management")
    world.dm("stan").expect("step 4: Management")
    await world.advance(minutes=59, seconds=59)
    assert world.dm("amp").count("everybody was paged") == 0
    await world.advance(seconds=1)
    world.dm("amp").expect("everybody was paged")


@pytest.mark.parametrize("release", [OF_THE_PAIR], indirect=True, ids=["pair"])
async def test_a_ladder_pages_the_leads_and_members_of_every_team_that_a_blocker_concerns(release):
    world = release
    shown = (await world.says("pa", "/plan show omega")).text
    assert "the leads of other teams concerned" in shown, shown
    await world.says("pa", "/task block O-1 mongo is down")
    await world.advance(minutes=15)
    assert (len(world.dm("sara")), world.dm("pb").count("step 2: Cross-team")) == (0, 1)
    await world.says("pa", "/task block MOLECULE-1 the API answers 500")
    await world.advance(minutes=14, seconds=59)
    assert world.dm("sara").count("API answers 500") == 0
    await world.advance(seconds=1)
    world.dm("sara").expect("step 2: Cross-team", "the API answers 500", "you are lead of Sigma")
    world.dm("sc").expect("step 2: Cross-team", "you are a member of Sigma")


@pytest.mark.parametrize("release", [HOURS], indirect=True, ids=["4 hours, 24 hours"])
async def test_a_climb_pages_peers_then_the_scrum_master_and_the_stakeholder_after_a_day(release):
    world = release
    await world.says("pa", "/blocker module 3 waits for module 2")
    world.dm("pb").expect("Developer to developer")
    assert len(world.dm("pa")) == 0
    await world.advance(hours=3, minutes=59)
    assert len(world.dm("amp")) == 0
    await world.advance(minutes=1)
    world.dm("amp").expect("step 2: Scrum master")
    await world.advance(hours=19, minutes=59)
    assert len(world.dm("stan")) == 0
    await world.advance(minutes=1)
    world.dm("stan").expect("step 3")


@pytest.mark.parametrize("release", [WORKING_HOURS], indirect=True, ids=["working hours"])
async def test_pages_of_an_escalation_policy_that_counts_working_hours_wait_overnight(release):
    world = release
    await world.advance(hours=6)
    await world.says("pa", "/blocker nobody knows the password")
    world.dm("olga").expect("step 1")
    await world.advance(hours=17, minutes=59)
    assert len(world.dm("amp")) == 0
    await world.advance(hours=2, minutes=1)
    world.dm("amp").expect("step 2")


@pytest.mark.parametrize("release", [WORKING_HOURS], indirect=True, ids=["working hours"])
async def test_a_holder_who_is_silent_overnight_pages_nobody_where_working_hours_count(release):
    world = release
    await world.advance(hours=6)
    await world.says("pa", "/blocker nobody knows the password")
    await world.clicks("olga", "Take it", world.dm("olga").expect("step 1"))
    await world.advance(hours=17, minutes=59)
    assert (world.dm("olga").count("have said nothing"), len(world.dm("amp"))) == (1, 0)
    await world.advance(hours=2, minutes=1)
    world.dm("amp").expect("step 2", "has said nothing")
    await world.says("olga", "/blocker note 1 asked the vendor")
    await world.advance(hours=4, minutes=59)
    assert world.dm("amp").count("it is still unresolved") == 0
    await world.advance(minutes=1)
    world.dm("amp").expect("it is still unresolved")


async def test_a_ladder_that_reaches_nobody_is_not_asked_at_every_instant_who_may_be_there(database_url):
    plan = resources.files("callboard.examples").joinpath("deployment.yml").read_text()
    at = datetime(2025, 11, 13, 15, 0, tzinfo=UTC)
    async with World(database_url, plan=plan, at=at, people=("0omegaa",)) as world:
        for number in (1, 2):  # by the second one it is known that nobody else takes anything
            await world.says("0omegaa", f"/blocker mongo is down again {number}", "omega")
        work = world.app.db.transact(lambda tx: steps(service.ladder, tx, Subject("blocker", 2)))
        assert work < 110_000  # asked at every instant it is 217,000
