"""A client made from the description as generators make them: a class for each title, a method for each operation."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest

from tests.api.desk import IMPORT, PLAN, Desk
from tests.gates.company import company

DATABASES = ("sqlite",)  # a description


TICKED = PLAN.replace(
    "needs: [validated]}\nmeasures", "needs: [validated]}\n    S-2: {title: Tried, criteria: [Tried]}\nmeasures"
)


@pytest.fixture
async def desk(database_url):
    async with company(database_url, TICKED) as world:
        asgi = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            yield Desk(world, http)


class Client:
    """Methods by `operationId`, models by `title`. What has the name of another one is dropped, as generators do."""

    def __init__(self, description, http, token):
        self._http, self._schemas = http, description["components"]["schemas"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self.models: dict[str, type] = {}
        self.dropped: list[str] = []
        for name, schema in self._schemas.items():
            title = schema.get("title", name)
            if title in self.models:
                self.dropped.append(f"{name} is a second {title}")
            self.models[title] = type(title, (), {"__slots__": tuple(schema.get("properties", ()))})
        for path, operations in description["paths"].items():
            for method, operation in operations.items():
                self._add(method, path, operation)

    def _add(self, method, path, operation):
        name = operation["operationId"]
        if not name.isidentifier() or hasattr(self, name):
            self.dropped.append(f"{name} of {method} {path}")
        answer = next(one for status, one in operation["responses"].items() if status.startswith("2"))
        schema = next(iter(answer["content"].values())).get("schema", {})
        query = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}

        async def call(body: Any = None, **given: Any) -> Any:
            url = path.format(**given)
            asked = {name: value for name, value in given.items() if name in query}
            answer = await self._http.request(method, url, params=asked, json=body, headers=self._headers)
            assert answer.is_success, answer.text
            return self._made(schema, answer.json())

        setattr(self, name, call)

    def _made(self, schema, value):
        """An object of the class that the schema names, of only what the class knows."""
        if "anyOf" in schema:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null") if value is not None else {}
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if schema.get("type") == "array":
            return [self._made(schema["items"], one) for one in value]
        if "properties" not in schema:
            return value
        made = self.models[schema["title"]]()
        for name, part in schema["properties"].items():
            setattr(made, name, self._made(part, value[name]))
        return made


async def test_the_openapi_description_makes_a_client_that_lists_tasks_ticks_one_and_completes_a_job(desk):
    description = (await desk.http.get("/api/openapi.json")).json()
    client: Any = Client(description, desk.http, desk.world.token("sc"))
    assert client.dropped == []
    assert {"TaskOut", "TaskPage", "TaskCriterionOut", "GateCriterionOut", "JobState"} <= set(client.models)
    page = await client.list_tasks(plan="release", limit=2)
    assert [type(page).__name__, *(type(one).__name__ for one in page.items)] == ["TaskPage", "TaskOut", "TaskOut"]
    assert [task.key for task in page.items] == ["O-1", "O-2"]
    task = await client.get_task(plan="release", key="S-2")
    assert [(type(one).__name__, one.text, one.done) for one in task.criteria] == [("TaskCriterionOut", "Tried", False)]
    ticked = await client.tick_task({"criterion": "1"}, plan="release", key="S-2")
    assert [one.done for one in ticked.criteria] == [True]
    await client.create_job(IMPORT, plan="release")
    job = await client.claim_job({"worker": "w", "types": ["Release.Import.Run"]}, plan="release")
    done = await client.complete_job({"attempt": 1.0, "result": {"rows": 3}}, plan="release", number=job.id)
    assert (done.state, done.result) == ("completed", {"rows": 3})


async def test_the_openapi_description_has_no_title_twice_and_no_title_inside_a_schema(desk):
    description = (await desk.http.get("/api/openapi.json")).json()
    titles: Counter[str] = Counter(_titles([description["paths"], description["components"]]))
    assert [title for title, count in titles.items() if count > 1] == []
    assert set(titles) == set(description["components"]["schemas"])


def _titles(part):
    if isinstance(part, dict) and isinstance(part.get("title"), str):
        yield part["title"]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _titles(inner)


async def test_the_fields_of_the_web_api_take_a_whole_number_however_json_writes_it(desk):
    kind = "application/json; charset=utf-8"
    headers = {"Authorization": f"Bearer {desk.world.token('sc')}", "Content-Type": kind}
    asks = {"version": "1.0.0", "params": {"type": "object"}, "lease": "$"}
    for number, written in ((300, "300.0"), (100, "1e2"), (90, "9.0E1"), (60, "60")):
        raw = str(asks).replace("'", '"').replace('"$"', written)
        headers = {
            "Authorization": f"Bearer {desk.world.token('sc')}",
            "Content-Type": "application/json; charset=utf-8",
        }
        answer = await desk.http.put("/api/v1/plans/release/task-types/Release.X", content=raw, headers=headers)
        assert answer.json()["lease"] == number, written
        asks["version"] = f"{number}.{number}"
    for written in ("300.5", "1e400", '"300"', "true", "1e9"):
        raw = str(asks).replace("'", '"').replace('"$"', written)
        answer = await desk.http.put("/api/v1/plans/release/task-types/Release.X", content=raw, headers=headers)
        assert answer.status_code == 422, written
