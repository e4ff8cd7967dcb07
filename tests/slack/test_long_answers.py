"""What is longer than one message of Slack: all of it comes in a few, or it says how much more there is and where."""

from __future__ import annotations

import re
from typing import Any

import pytest

from callboard import blocks
from callboard.slack.answers import Say, told_directly
from tests.world import PEOPLE, PLAN, World

DATABASES = ("sqlite",)
CROWD = [f"z{number}" for number in range(150)]
NAMES = "".join(
    f"  {key}: {{name: Person {key} of the second office in the north of the town, slack: U{key.upper()}}}\n"
    for key in CROWD
)
TASKS = "".join(f"  T-{n}: {{title: Task {n} of a release, team: omega, assignees: [pa]}}\n" for n in range(300))
CRITERIA = "".join(f"      - Criterion {n} is met by whoever works on it\n" for n in range(1, 81))
SIGN_OFF = ", ".join(f"{{person: {key}}}" for key in CROWD[:40])
STEPS = "".join(f"      - {{id: s{n}, title: Step {n}, lead: omega, takes: 1m}}\n" for n in range(1, 121))
LARGE = (
    PLAN.replace("  amp: {", f"{NAMES}  amp: {{").replace("members: [pa, pb]", f"members: [pa, pb, {', '.join(CROWD)}]")
    + f"""
tasks:
{TASKS}gates:
  big:
    name: Everything is ready
    due: 2025-11-13 09:20
    criteria:
{CRITERIA}    sign_off: [{SIGN_OFF}]
runbooks:
  day:
    starts: {{at: 2025-11-14 17:00}}
    steps:
{STEPS}"""
)


@pytest.fixture
async def world(database_url):
    async with World(database_url, LARGE, people=(*PEOPLE, *CROWD)) as world:
        yield world


async def reads(world, person, text):
    """What somebody reads of an answer, all its messages together, and how many those are."""
    before = len(world.slack.ephemerals(person, "omega"))
    await world.says(person, text)
    said = await world.slack.until(lambda: world.slack.ephemerals(person, "omega")[before:])
    await world.settled()
    said = world.slack.ephemerals(person, "omega")[before:]
    return "\n".join(message.shown for message in said), len(said)


async def test_an_answer_that_is_too_long_for_one_message_comes_in_several(world):
    people, messages = await reads(world, "pa", "/plan people")
    assert set(re.findall(r"<@U(Z\d+)>", people)) == {key.upper() for key in CROWD}
    assert messages > 1
    gate, messages = await reads(world, "pa", "/gate show big")
    assert [n for n in range(1, 81) if f"Criterion {n} is met" not in gate] == []
    assert all(f"<@{key.upper()}>" in gate for key in ("UZ0", "UZ39"))
    assert messages > 1
    steps, _ = await reads(world, "pa", "/run show day")
    assert [n for n in range(1, 121) if f"Step {n} " not in steps] == []


async def test_what_a_long_list_leaves_out_is_counted_and_it_says_where_it_is(world):
    tasks, _ = await reads(world, "pa", "/task list")
    shown = len(re.findall(r"\*T-\d+\*", tasks))
    assert f"and {300 - shown} more: `/task list WORD` shows those of a person, team, phase or state" in tasks
    mine, _ = await reads(world, "pa", "/task mine")
    assert re.search(r"More: T-12, .* and 248 more", mine)
    assert (await world.says("pa", "/gate tick big everything")).text.endswith(
        "12 Criterion 12 is met by whoever works on it and 68 more."
    )
    await world.until("2025-11-13 09:21")
    gate = world.channel("release").expect("Everything is ready")
    assert re.search(r"and \d+ more lines: `/gate show big`", gate.shown)
    await world.says("olga", "/run start day")
    card = world.channel("release").expect("Day", "0 of 120 steps")
    assert "and 109 more: `/run show day`" in card.shown
    steps, _ = await reads(world, "pa", "/run show day")
    assert "Step 120*" in steps


class Picky:
    """Takes words, and refuses blocks."""

    def __init__(self):
        self.took = []

    async def post(self, **message):
        self.took += [] if "blocks" in message else [message]
        return "blocks" not in message


async def test_an_answer_whose_blocks_slack_refuses_is_told_in_words_alone():
    api: Any = Picky()
    await told_directly(api, "UPA", Say("O-1 was already completed.", [blocks.section("a card")]))
    assert api.took == [{"channel": "UPA", "text": "O-1 was already completed."}]
