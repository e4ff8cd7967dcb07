"""Whoever left the plan, and teams that did, keep their names in what is told of them: nobody reads their keys."""

from __future__ import annotations

import re

from tests.runbooks.shipping import RUNBOOK, shipping
from tests.world import PLAN

DATABASES = ("sqlite",)
KEYS = {"sigma:": "s2:", "sara": "p-sara", "lead: sc": "lead: p-sc", "sc:": "p-sc:", "[sc]": "[p-sc]"}
RAW = re.compile(r"\b(s2|p-sara|p-sc)\b")


def keyed(text):
    """The same plan with keys that nobody could take for a name."""
    for key, other in KEYS.items():
        text = text.replace(key, other)
    return text.replace("[sigma]", "[s2]").replace("lead: sigma", "lead: s2")


BEFORE = keyed(PLAN + RUNBOOK)
LEFT = {"with: [s2], ": "", ", meanwhile: {s2: Prepare the smoke tests}": "", "lead: s2,": "lead: omega,",
        "lead: p-sc,": "lead: omega,"}  # fmt: skip
TYPED = ("/run show", "/blocker show 1", "/plan lessons", "/plan", "/standup stats", "/plan kpi", "/lock list")


def left():
    """The plan without the team and its people."""
    text = BEFORE
    for words, other in LEFT.items():
        text = text.replace(words, other)
    return "\n".join(line for line in text.split("\n") if not line.strip().startswith(("s2:", "p-sara:", "p-sc:")))


async def test_the_directory_keeps_the_names_of_a_team_and_people_who_left_while_a_run_and_a_blocker_are_theirs(
    database_url,
):
    async with shipping(database_url, BEFORE) as world:
        await world.says("sc", "/blocker mongo refuses TLS", "release")
        await world.says("sara", "/blocker ack 1", "release")
        await world.says("sc", "/plan lesson Ask the vendor first", "release")
        await world.passes()
        await world.advance(minutes=40)
        world.apply(left())
        await world.advance(minutes=5)
        for typed in TYPED:
            shown = str((await world.says("amp", typed, "release")).text)
            assert not RAW.search(shown), (typed, shown)
        shown = str((await world.says("amp", "/run show", "release")).text)
        assert "Sigma" in shown
        assert "Person C" in shown
        assert "Person C" in str((await world.says("amp", "/plan lessons", "release")).text)
        for name in ("release", "urgent", "omega"):
            for message in world.channel(name).messages:
                assert not RAW.search(message.shown), message.shown
