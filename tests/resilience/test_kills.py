"""`callboard serve` is killed, again and again, while people type and climbs are due: every page arrives once."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.serving.house import House, plan
from tests.world import keys

LADDER = plan(
    "level: Lead, notify: [lead]",
    "level: Coordinator, notify: [coordinator], after: 1s",
    "level: Executive, notify: [executive], after: 2s",
    "level: Stakeholder, notify: [stakeholder], after: 3s",
)
PAGED = ("olga", "amp", "exec", "stan")
OTHERS: tuple[dict[str, Any], ...] = (
    {},
    {"status": 403},
    {"body": '{"ok": false}', "content_type": "application/json"},
)
"""What answers in Slack's place."""
SHARE = 0.1
QUIET_WITHIN = 60.0


@pytest.fixture
async def house(database_url, tmp_path):
    async with House(database_url, tmp_path, LADDER) as house:
        await house.begins()
        yield house
        print(f"{sum(process.kills for process in house.processes)} kills, {len(await house.climbs())} blockers")  # noqa: T201


@pytest.fixture
def chance(request):
    """Chance that is the same every time."""
    print(f"seed {request.node.name}")  # noqa: T201
    return random.Random(request.node.name)


class Slack:
    """Slack's side of it: a request that nobody answered is sent again, the same, to whoever listens."""

    def __init__(self, house):
        self.house = house
        self.answers = {}

    async def typed(self, number):
        sandbox = self.house.slack
        sent = asyncio.create_task(sandbox.command("pa", "omega", f"/blocker mongo {number} refuses TLS"))
        outcome = await sent
        (delivery,) = {
            one.id for one in sandbox.courier.deliveries if f"mongo {number} refuses" in one.payload.get("text", "")
        }
        if outcome.ok:
            self.answers[number] = outcome.text
        while number not in self.answers:
            await asyncio.sleep(0.1)
            self.aim()
            again = await sandbox.courier.again(delivery)
            if again.ok:
                self.answers[number] = again.payload["text"]

    def aim(self):
        """Send to the first that is alive."""
        alive = [process for process in self.house.processes if process.alive]
        if alive:
            self.house.slack.courier.request_url = f"{alive[0].url}/slack/events"


async def nothing_is_lost_or_repeated(house, blockers):
    """Each step of each ladder was paged once, or passed by while nobody ran, and the next one says so."""
    sent, climbs = keys(house.slack), await house.climbs()
    assert len(climbs) == blockers
    assert {key: count for key, count in sent.items() if count != 1} == {}
    assert {row.key: row.state for row in await house.deliveries()} == dict.fromkeys(sent, "sent")
    pages = 0
    for number, climb in climbs.items():
        paged = [move["step"] for move in climb.trail]
        missed = [step for move in climb.trail for step in move["missed"]]
        assert sorted(paged + missed) == [0, 1, 2, 3], (number, climb.trail)
        assert paged[-1] == 3
        for step, person in enumerate(PAGED):
            told = [
                m for m in house.slack.dm(person) if f"blocker {number}:" in m.text or f"Blocker {number} " in m.text
            ]
            assert len(told) == (step in paged), (number, person, climb.trail)
        assert f"blocker:{number}:card" in sent
        pages += len(paged)
    await house.expect_an_unbroken_seal()
    print(f"{pages} pages, each once")  # noqa: T201


@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "not_accepted"])
async def test_the_claims_of_the_courier_send_a_page_once_though_it_is_killed_as_slack_receives_it(house, accepted):
    for person in PAGED:
        house.slack.fault("chat.postMessage", "slow" if accepted else "dropped", channel=person, delay=0.5)
    serve = await house.process()
    await Slack(house).typed(1)
    for received in ({"olga"}, {"amp", "exec", "stan"}):
        await house.until(
            lambda who=received: any(house.at("chat.postMessage", f"U{p.upper()}") for p in who), within=40
        )
        await serve.kill()
        serve = await house.process()
    await house.until_quiet(QUIET_WITHIN)
    await nothing_is_lost_or_repeated(house, 1)


async def test_the_claims_of_the_courier_send_every_page_once_though_it_is_killed_at_random(house, chance):
    serve = await house.process()
    slack = Slack(house)
    typing = []
    for number in range(1, 6):
        typing.append(asyncio.create_task(slack.typed(number)))
        await asyncio.sleep(chance.uniform(0.0, 1.5))  # the moment is what chance decides
        if number % 2:
            await serve.kill()
            await serve.start()
            await serve.ready()
    await asyncio.gather(*typing)
    await house.until_quiet(QUIET_WITHIN)
    assert all("is open for Omega" in answer for answer in slack.answers.values()), slack.answers
    await nothing_is_lost_or_repeated(house, 5)


async def test_the_claims_of_couriers_send_every_page_once_while_others_answer_for_slack(house, chance, request):
    """With `--blockers 200` it takes longer."""
    blockers, replicas = request.config.getoption("--blockers"), 1 if house.db.on_sqlite else 2
    for _ in range(replicas):
        await house.process(ready=False)
    for process in house.processes:
        await process.ready()
    faults = [
        house.slack.fault("*", "foreign", share=SHARE, times=blockers, carried=carried, **how)
        for how in OTHERS for carried in (False, True)
    ]  # fmt: skip
    slack = Slack(house)
    typing = []
    for number in range(1, blockers + 1):
        slack.aim()
        typing.append(asyncio.create_task(slack.typed(number)))
        await asyncio.sleep(chance.uniform(0.0, 1.5))  # the moment is what chance decides
        unlucky = chance.choice(house.processes)
        await (unlucky.stop() if number % 2 else unlucky.kill())
        await unlucky.start()
    await asyncio.gather(*typing)
    await house.until_quiet(QUIET_WITHIN + 10 * blockers)  # a channel takes one message a second
    hit = [entry for entry in house.slack.record.of("fault") if entry["arguments"].get("kind") == "foreign"]
    print(f"{len(hit)} answers by others, {len(faults)} kinds")  # noqa: T201
    assert hit
    await nothing_is_lost_or_repeated(house, blockers)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_claims_of_three_couriers_that_are_killed_at_random_send_every_page_once(house, chance):
    for _ in range(3):
        await house.process(ready=False)
    for process in house.processes:
        await process.ready()
    slack = Slack(house)
    typing = []
    for number in range(1, 7):
        slack.aim()
        typing.append(asyncio.create_task(slack.typed(number)))
        await asyncio.sleep(chance.uniform(0.0, 1.5))  # the moment is what chance decides
        unlucky = chance.choice(house.processes)
        await unlucky.kill()
        await unlucky.start()
    await asyncio.gather(*typing)
    await house.until_quiet(QUIET_WITHIN)
    await nothing_is_lost_or_repeated(house, 6)
