"""The description of the API is complete and true: whatever is sent, the answer is a documented one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from slack_standin.server import Server
from tests.api.desk import IMPORT, REPORT

EXAMPLES = 6
"""Of each operation, well made and ill made, on each database."""
SKIPPED = [positive_data_acceptance]  # what is well made may still be refused, by how things stand
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]
"""The statuses that refuse what is ill made: those expected anyway, and 413 for a body that is too long."""


@asynccontextmanager
async def served(app):
    """The bot's web application on a port of its own; the bot itself runs already."""
    server = Server(app.web)
    yield await server.start("127.0.0.1", 0)
    await server.stop()


def tried(url, token):
    """Send what the description allows and what it does not; every answer is held against it."""
    config = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", config=config)
    found = []
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr] # what is no operation fails here
        if operation.path.startswith("/api/"):
            found.append(f"{operation.method.upper()} {operation.path.removeprefix('/api/v1/plans/{plan}')}")
            for mode in GenerationMode:
                _send(operation, mode, token)
    return found


def _send(operation, mode, token):
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def send(case):
        case.path_parameters = _there(case.path_parameters) if mode == GenerationMode.POSITIVE else case.path_parameters
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=SKIPPED)

    send()


def _there(path):
    """Mostly what there is, so that more is tried than whether things are missing."""
    there = {"plan": "release", "number": 1}
    return {name: there.get(name, value) for name, value in path.items()}


@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_answer_of_the_web_api_is_one_that_its_openapi_description_has(desk):
    await desk.world.completes("pb", "O-1")
    await desk.posts("pa", "/jobs", IMPORT, status=201)
    await desk.posts("pa", "/blockers", {"what": "mongo refuses TLS"}, status=201)
    await desk.posts("sc", "/gates/tested/reports", REPORT)
    limits = desk.world.app.limits
    limits.rate = limits.most = 1e6
    async with served(desk.world.app) as url:
        found = await asyncio.to_thread(tried, url, desk.world.token("amp"))
    described = (await desk.http.get("/api/openapi.json")).json()
    assert len(found) == sum(len(one) for path, one in described["paths"].items() if path.startswith("/api/"))
    assert len(found) > 24


async def test_every_operation_of_the_web_api_says_in_openapi_what_it_does_and_answers(desk):
    described = (await desk.http.get("/api/openapi.json")).json()
    for path, operations in described["paths"].items():
        for method, one in operations.items():
            assert one["description"], (method, path)
            assert one["tags"], (method, path)
            if path.startswith("/api/"):
                assert one["security"], (method, path)
                assert {"401", "403", "404", "422", "429"} <= set(one["responses"]), (method, path)
    assert [name for name in described["components"]["schemas"] if "__" in name] == []
