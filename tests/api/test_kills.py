"""Workers share jobs while they and `callboard serve` are killed: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import httpx
import pytest
from sqlmodel import select

from callboard.cli import tokens
from callboard.core.timeline import Entry
from callboard.jobs.models import Job
from tests.serving.house import House, plan

JOBS, WORKERS = 36, 12
NAME = "Release.Import.Run"
PLAN = (
    plan("level: Lead, notify: [lead]")
    + f"task_types: {{{NAME}: {{version: '1', params: {{type: object}}, lease: 2s}}}}\n"
)


@pytest.fixture
async def house(database_url, tmp_path):
    async with House(database_url, tmp_path, PLAN) as house:
        await house.begins()
        yield house


class Crew:
    """Workers on any of the processes; a request that nobody answers is sent again, the same."""

    def __init__(self, house, token):
        self.house = house
        self.done: Counter[int] = Counter()
        self._http = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False)

    async def asks(self, path, body, key):
        for turn in range(600):
            process = self.house.processes[turn % len(self.house.processes)]
            try:
                url = f"{process.url}/api/v1/plans/release{path}"
                return await self._http.post(url, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                await asyncio.sleep(0.1)  # it is dead, or starting
        raise AssertionError(path)

    async def creates(self):
        for number in range(JOBS):
            answer = await self.asks("/jobs", {"type": NAME, "params": {"n": number}}, f"create-{number}")
            assert answer.status_code == 201, answer.text

    async def works(self, name, chance):
        """Claim and complete until all is done; now and then die right after a claim, and be replaced."""
        for turn in range(10_000):
            if len(self.done) == JOBS:
                return
            answer = await self.asks("/jobs/claims", {"worker": name}, f"{name}-claim-{turn}")
            if answer.status_code == 204:
                await asyncio.sleep(0.1)  # what a dead one holds comes back by itself
            elif chance.random() > 0.15:
                job = answer.json()
                body = {"attempt": job["attempt"], "result": {"n": job["params"]["n"]}}
                ended = await self.asks(f"/jobs/{job['id']}/complete", body, f"{name}-end-{turn}")
                assert ended.status_code in {200, 409}, ended.text
                # Where its lease had ended the job is not done, and a count of 0 would be one more that is.
                self.done.update([job["params"]["n"]] if ended.status_code == 200 else [])

    async def leaves(self):
        await self._http.aclose()


async def share(house, processes):
    """All of it, with one process after the other killed and started meanwhile."""
    token = house.db.transact(tokens.create, "release", "pa", "jobs", "1d", "", "test")
    for _ in range(processes):
        await house.process(ready=False)
    for process in house.processes:
        await process.ready()
    crew, chance = Crew(house, token), random.Random("kills")
    working = [asyncio.create_task(crew.works(f"worker-{number}", chance)) for number in range(WORKERS)]
    working.append(asyncio.create_task(crew.creates()))
    for turn in range(2):
        await asyncio.sleep(chance.uniform(0.3, 1.0))  # the moment is what chance decides
        unlucky = house.processes[turn % processes]
        await unlucky.kill()
        await unlucky.start()
        await unlucky.ready()
    async with asyncio.timeout(120):
        await asyncio.gather(*working)
    await crew.leaves()
    return crew


async def each_is_done_once(house, crew):
    assert crew.done == dict.fromkeys(range(JOBS), 1)
    jobs = await house.db.read(lambda tx: list(tx.session.exec(select(Job))))
    assert sorted(job.params["n"] for job in jobs) == list(range(JOBS))
    assert {job.state for job in jobs} == {"completed"}
    assert all(job.result == job.params for job in jobs)
    ended = select(Entry.subject_id).where(Entry.subject_kind == "job", Entry.verb == "completed")
    assert sorted(await house.db.read(lambda tx: list(tx.session.exec(ended)))) == sorted(job.id for job in jobs)


async def test_each_job_is_done_once_although_the_server_is_killed_while_twelve_workers_work(house):
    await each_is_done_once(house, await share(house, 1))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_each_job_is_done_once_although_replicas_are_killed_while_twelve_workers_work(house):
    await each_is_done_once(house, await share(house, 2))
