"""`callboard serve` is killed while five people click through a run-book, twice each: no step begins twice."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest
from sqlmodel import col, select

from callboard.core.timeline import Entry
from callboard.gates.models import Gate
from callboard.runbooks.models import Run, RunStep
from slack_standin.state import NotPossibleError
from tests.serving.house import PEOPLE, House, plan
from tests.world import keys

DEEP, KILLS = 4, 3
GATED = 3
"""The step of each lane that waits for the second gate."""
GATES = """\
gates:
  first: {name: First, due: 2025-11-15 12:00, criteria: [Looked at]}
  second: {name: Second, due: 2025-11-15 12:00, criteria: [Looked at]}
runbooks:
  day:
    starts: {at: 2099-11-14 12:00}
    needs: [first]
    steps:
"""


def lanes():
    """For each person steps of their own, one after the other; all lanes at once."""
    for person in PEOPLE:
        for number in range(1, DEEP + 1):
            waits = f"[{person}-{number - 1}]" if number > 1 else "[]"
            gate = ", gate: second" if number == GATED else ""
            key = f"{person}-{number}"
            yield f"      - {{id: {key}, title: Part {key}, lead: {person}, takes: 5m, needs: {waits}{gate}}}\n"


@pytest.fixture
async def house(database_url, tmp_path):
    written = plan("level: Lead, notify: [lead]") + GATES
    async with House(database_url, tmp_path, written + "".join(lanes())) as house:
        await house.begins()
        yield house


class Clicks:
    """What people do in Slack while nobody may be there to answer: they try again."""

    def __init__(self, house, chance):
        self.house = house
        self.chance = chance

    def aim(self):
        """Send to one that is alive."""
        alive = [process for process in self.house.processes if process.alive]
        if alive:
            self.house.slack.courier.request_url = f"{self.chance.choice(alive).url}/slack/events"

    async def says(self, person, text):
        """Type a command until somebody answers."""
        while True:
            self.aim()
            said = await self.house.slack.command(person, "release", text)
            if said.ok:
                return said.text
            await asyncio.sleep(0.1)

    async def lane(self, person):
        """Click each button twice at once, on whatever message still has one, until the lane is done."""
        while not await self.is_done(person):
            clicks = [
                self.house.slack.click(person, message.channel, message.ts, "Done")
                for message in self.house.slack.dm(person) if "You lead *Part" in message.text for _ in range(2)
            ]  # fmt: skip
            self.aim()
            with suppress(NotPossibleError):
                await asyncio.gather(*clicks, return_exceptions=True)
            await asyncio.sleep(self.chance.uniform(0.05, 0.3))

    async def is_done(self, person):
        steps = select(RunStep).where(col(RunStep.key).startswith(person))
        rows = await self.house.db.read(lambda tx: tx.session.exec(steps).all())
        return bool(rows) and all(step.state == "done" for step in rows)


async def entries(house):
    """What happened to steps and gates, in order."""
    wanted = select(Entry).where(col(Entry.subject_kind).in_(("step", "gate", "run"))).order_by(col(Entry.id))
    return await house.db.read(lambda tx: tx.session.exec(wanted).all())


async def verify(house):
    """Each step began once, after what it waits for, and its people heard of it once."""
    steps = await house.db.read(lambda tx: tx.session.exec(select(RunStep)).all())
    gates = await house.db.read(lambda tx: tx.session.exec(select(Gate)).all())
    (second,) = (gate.number for gate in gates if gate.key == "second")
    happened = await entries(house)
    started = [one for one in happened if (one.subject_kind, one.verb) == ("step", "started")]
    ended = {one.subject_id: one for one in happened if (one.subject_kind, one.verb) == ("step", "confirmed")}
    passed = max(one.at for one in happened if one.subject_kind == "gate" and one.subject_id == second)
    by_place = {step.place: step for step in steps}
    assert sorted(one.subject_id for one in started) == sorted(step.number for step in steps)
    assert len([one for one in happened if one.verb == "confirmed"]) == len(steps) == len(PEOPLE) * DEEP
    for one in started:
        step = next(step for step in steps if step.number == one.subject_id)
        assert all(ended[by_place[place].number].id < one.id for place in step.needs), step.key
        if step.plan.get("gate"):
            assert one.at >= passed, step.key
    sent = keys(house.slack)
    assert {key: count for key, count in sent.items() if count != 1} == {}
    assert [sum(key.startswith(f"step:{step.number}:now:") for key in sent) for step in steps] == [1] * len(steps)
    (run,) = await house.db.read(lambda tx: tx.session.exec(select(Run)).all())
    assert run.state == "done"
    await house.expect_an_unbroken_seal()


async def test_the_course_of_a_run_starts_no_step_twice_or_without_its_gate_though_the_bot_is_killed(house, request):
    chance = random.Random(request.node.name)
    for _ in range(1 if house.db.on_sqlite else 2):
        await house.process(ready=False)
    for process in house.processes:
        await process.ready()
    clicks = Clicks(house, chance)
    assert "can't begin: First" in await clicks.says("amp", "/run start day")
    await clicks.says("amp", "/gate tick first 1")
    await clicks.says("amp", "/run start day")
    house.slack.disturb("duplicated", times=10_000, only="interactive")
    lanes = [asyncio.create_task(clicks.lane(person)) for person in PEOPLE]
    for number in range(KILLS):
        await asyncio.sleep(chance.uniform(0.5, 1.5))  # the moment is what chance decides
        unlucky = chance.choice(house.processes)
        await unlucky.kill()
        await unlucky.start()
        await unlucky.ready()
        if number == 1:
            held = await house.db.read(lambda tx: tx.session.exec(select(RunStep)).all())
            assert {step.state for step in held if step.plan.get("gate")} == {"waiting"}
            await clicks.says("amp", "/gate tick second 1")
    async with asyncio.timeout(60):
        await asyncio.gather(*lanes)
    await house.until_quiet(60)
    await verify(house)
