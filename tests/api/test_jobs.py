"""Jobs that programs share: each goes to one worker, comes back when its lease lapses, and ends once."""

from __future__ import annotations

import asyncio

import pytest

from callboard.jobs.examiner import DEADLINE, EXAMINER
from tests.api.desk import IMPORT, refusal

SCRAPE = {
    "version": "1.0.0",
    "params": {
        "type": "object",
        "properties": {"video_id": {"type": "string"}, "quality": {"enum": ["low", "medium", "high"]}},
        "required": ["video_id"],
    },
    "lease": 30,
}
NAME = "PrismQ.Video.YouTube.Video.Scrape"


async def test_the_job_api_routes_register_a_task_type_and_create_claim_and_complete_a_job(desk):
    assert (await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE)).status_code == 200
    assert [one["name"] for one in (await desk.gets("pa", "/task-types"))["items"]] == [NAME, "Release.Import.Run"]
    made = await desk.posts("pa", "/jobs", {"type": NAME, "params": {"video_id": "x1"}}, status=201)
    job = await desk.posts("sc", "/jobs/claims", {"worker": "video-worker-01", "types": [NAME]})
    assert (job["id"], job["worker"], job["attempt"], job["params"]) == (
        made["id"],
        "video-worker-01",
        1,
        {"video_id": "x1"},
    )
    assert job["leased_until"] == "2025-11-13T09:00:30Z"
    ended = await desk.posts("sc", f"/jobs/{job['id']}/complete", {"attempt": 1, "result": {"views": 12}})
    assert (ended["state"], ended["result"]) == ("completed", {"views": 12})
    again = await desk.posts("sc", f"/jobs/{job['id']}/complete", {"attempt": 1, "result": {"views": 12}})
    assert again == ended
    assert len(desk.world.entries("job", "completed")) == 1
    assert await desk.posts("sc", "/jobs/claims", {"worker": "video-worker-01"}, status=204) is None
    assert desk.world.verified() == []


async def test_schemas_of_job_types_refuse_parameters_that_they_do_not_take(desk):
    said = refusal(await desk.asks("pa", "POST", "/jobs", {"type": "Release.Import.Run", "params": {"fil": 1}}), 409)
    assert "'file' is a required property" in said
    said = refusal(await desk.asks("pa", "POST", "/jobs", {"type": "Release.Import.Ran", "params": {}}), 409)
    assert "did you mean `Release.Import.Run`" in said


DOUBLED = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": {}}


def pattern(text):
    return {"type": "object", "properties": {"file": {"pattern": text}}}


async def test_schemas_of_job_types_that_take_for_ever_are_refused_at_once(desk):
    for params, why in (
        (pattern("^(a+)+$"), "can take for ever"),
        ({"type": "object", "allOf": [{"not": {"items": [pattern("([a-z]+)*!")]}}]}, "can take for ever"),
        ({"type": "object", "patternProperties": {"(x+x+)+y": {}}}, "can take for ever"),
        ({"type": "object", "patternProperties": {"(": {}}}, "not a regular expression"),
        ({"type": "object", "allOf": [{"$ref": "#/$defs/d0"}], "$defs": DOUBLED}, "more than 10,000 times"),
        ({"type": "object", "properties": {"deep": {"$dynamicRef": "https://example.com/x"}}}, "outside this schema"),
    ):
        answer = await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE | {"params": params})
        assert why in refusal(answer, 409), params
    assert [one["name"] for one in (await desk.gets("pa", "/task-types"))["items"]] == ["Release.Import.Run"]


async def test_schemas_of_job_types_meet_numbers_that_nobody_can_reckon_with(desk):
    steps = {
        "n": {"multipleOf": 1e-308},
        "m": {"maximum": 10**400, "type": "integer"},
        "deep": {"contains": {"const": 1}},
    }
    params = {"type": "object", "properties": steps}
    assert (await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE | {"params": params})).status_code == 200
    said = refusal(await desk.asks("pa", "POST", "/jobs", {"type": NAME, "params": {"n": 10**400}}), 409)
    assert "too large" in said
    assert (await desk.asks("pa", "POST", "/jobs", {"type": NAME, "params": {"m": 10**399}})).status_code == 201
    huge = await desk.asks("pa", "POST", "/jobs", {"type": NAME, "params": {"deep": ["x" * 60] * 500}})
    assert "does not contain" in refusal(huge, 409)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_examiner_ends_what_takes_too_long_and_the_bot_answers_meanwhile(desk):
    params = {"type": "object", "properties": {"files": {"uniqueItems": True}}}
    assert (await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE | {"params": params})).status_code == 200
    files = [{"n": number} for number in range(5_000)]
    EXAMINER.deadline = 8.0  # of work: the bot needs a thirtieth of that, however busy the machine is
    slow = asyncio.create_task(desk.asks("pa", "POST", "/jobs", {"type": NAME, "params": {"files": files}}))
    answer = await desk.world.says("pa", "/blocker mongo refuses TLS from staging")
    assert "Blocker 1" in answer.text
    assert not slow.done()
    assert f"{NAME} takes too long to check" in refusal(await slow, 409)
    EXAMINER.deadline = DEADLINE
    await desk.posts("pa", "/jobs", {"type": NAME, "params": {"files": files[:9]}}, status=201)


async def test_schemas_of_job_types_that_are_invalid_or_point_outside_are_refused(desk):
    for params, why in (
        ({"type": "array"}, "type: object"),
        ({"type": "object", "properties": 3}, "not a JSON Schema"),
        ({"type": "object", "$ref": "https://example.com/x.json"}, "outside this schema"),
        ({"type": "object", "$ref": "file:///etc/passwd"}, "outside this schema"),
        ({"type": "object", "$ref": "#/$defs/none"}, "not in this schema"),
        ({"type": "object", "$ref": "#"}, "may refer to itself"),
    ):
        answer = await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE | {"params": params})
        assert why in refusal(answer, 409), params
    answer = await desk.asks("pa", "PUT", "/task-types/Release.Import.Run", SCRAPE)
    assert "in the plan file" in refusal(answer, 409)


async def test_the_job_service_takes_a_changed_type_only_with_a_new_version(desk):
    for _ in range(2):
        assert (await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE)).status_code == 200
    answer = await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE | {"lease": 60})
    assert "Give it a new version" in refusal(answer, 409)
    assert (await desk.asks("pa", "PUT", f"/task-types/{NAME}", SCRAPE | {"version": "2"})).json()["version"] == "2"


async def test_claims_of_jobs_by_twelve_workers_at_once_never_get_the_same_one(desk):
    for _ in range(30):
        await desk.posts("pa", "/jobs", IMPORT, status=201)
    got = []

    async def works(worker):
        while True:
            answer = await desk.http.post(
                "/api/v1/plans/release/jobs/claims", json={"worker": worker},
                headers={"Authorization": f"Bearer {desk.tokens['pa']}"},
            )  # fmt: skip
            if answer.status_code == 204:
                return
            got.append((answer.json()["id"], worker))

    await asyncio.gather(*(works(f"worker-{number}") for number in range(12)))
    assert sorted(number for number, _ in got) == list(range(1, 31))
    assert len({worker for _, worker in got}) > 1


async def test_the_job_service_gives_a_job_with_a_lapsed_lease_to_the_next_worker(desk):
    await desk.posts("pa", "/jobs", IMPORT, status=201)
    job = await desk.posts("pa", "/jobs/claims", {"worker": "one"})
    await desk.world.advance(seconds=50)
    await desk.posts("pa", "/jobs/1/heartbeat", {"attempt": 1})
    await desk.world.advance(seconds=50)
    assert (await desk.gets("pa", "/jobs/1"))["worker"] == "one"
    await desk.world.advance(seconds=10)
    assert (await desk.gets("pa", "/jobs/1"))["state"] == "waiting"
    assert "back in the queue" in refusal(await desk.asks("pa", "POST", "/jobs/1/complete", {"attempt": 1}), 409)
    taken = await desk.posts("pa", "/jobs/claims", {"worker": "two"})
    assert (taken["id"], taken["attempt"]) == (job["id"], 2)
    said = refusal(await desk.asks("pa", "POST", "/jobs/1/complete", {"attempt": 1}), 409)
    assert "no longer yours" in said
    assert "two claimed it" in said
    refusal(await desk.asks("pa", "POST", "/jobs/1/heartbeat", {"attempt": 1}), 409)
    assert (await desk.posts("pa", "/jobs/1/complete", {"attempt": 2}))["state"] == "completed"
    assert [one.actor for one in desk.world.entries("job", "lapsed")] == ["callboard"]


async def test_the_job_service_puts_a_failed_job_back_and_gives_it_up_after_ten_lapses(desk):
    await desk.posts("pa", "/jobs", IMPORT, status=201)
    await desk.posts("pa", "/jobs/claims", {"worker": "one"})
    back = await desk.posts("pa", "/jobs/1/fail", {"attempt": 1, "error": "no network", "again": True})
    assert (back["state"], back["error"], back["ended_at"]) == ("waiting", "no network", None)
    for _ in range(9):
        await desk.posts("pa", "/jobs/claims", {"worker": "one"})
        await desk.world.advance(seconds=61)
    assert (await desk.gets("pa", "/jobs/1"))["state"] == "failed"
    assert "lapsed 10 times" in (await desk.gets("pa", "/jobs/1"))["error"]


async def test_claims_of_jobs_take_the_one_of_the_highest_priority_first(desk):
    for priority in (0, 5, -5, 5):
        await desk.posts("pa", "/jobs", IMPORT | {"priority": priority}, status=201)
    order = [(await desk.posts("pa", "/jobs/claims", {"worker": "w"}))["id"] for _ in range(3)]
    assert order == [2, 4, 1]


async def test_the_job_api_route_lists_jobs_page_by_page_and_by_state(desk):
    for _ in range(4):
        await desk.posts("pa", "/jobs", IMPORT, status=201)
    await desk.posts("pa", "/jobs/claims", {"worker": "w"})
    assert [one["id"] for one in (await desk.gets("pa", "/jobs?state=waiting"))["items"]] == [2, 3, 4]
    page = await desk.gets("pa", "/jobs?limit=3")
    assert [one["id"] for one in (await desk.gets("pa", f"/jobs?limit=3&cursor={page['next']}"))["items"]] == [4]


async def test_the_job_service_lets_no_observer_create_or_claim_a_job(desk):
    assert "can create a job" in refusal(await desk.asks("obi", "POST", "/jobs", IMPORT), 409)
    assert "can claim a job" in refusal(await desk.asks("obi", "POST", "/jobs/claims", {"worker": "w"}), 409)


async def test_the_job_service_lets_only_whoever_claimed_a_job_end_it(desk):
    await desk.posts("pa", "/jobs", IMPORT, status=201)
    await desk.posts("pa", "/jobs/claims", {"worker": "w"})
    for route, sent in (("heartbeat", {}), ("complete", {}), ("fail", {"error": "no"})):
        answer = await desk.asks("sc", "POST", f"/jobs/1/{route}", {"attempt": 1} | sent)
        assert "has job 1, so only their token can" in refusal(answer, 409), route
    await desk.posts("pa", "/jobs/1/complete", {"attempt": 1})


async def test_the_job_service_knows_no_job_of_another_plan(desk):
    refusal(await desk.asks("pa", "GET", "/jobs/1"), 404)
    refusal(await desk.asks("pa", "POST", "/jobs/1/complete", {"attempt": 1}), 404)
