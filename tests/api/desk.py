"""A program at its desk: tokens for people of the company, and requests as they go over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from tests.gates.company import PLAN_WITH_GATES
from tests.world import World

PLAN = (
    PLAN_WITH_GATES
    + """\
task_types:
  Release.Import.Run:
    version: 1.0.0
    params: {type: object, properties: {file: {type: string}}, required: [file], additionalProperties: false}
    lease: 60s
"""
)
REPORT = {"measure": "tests_passed", "amount": 68}
IMPORT = {"type": "Release.Import.Run", "params": {"file": "a.csv"}}


class Desk:
    """Sends requests by the token of a person."""

    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self.world = world
        self.http = http
        self.tokens: dict[Any, str] = {}

    async def asks(
        self, person: str, method: str, path: str, body: Any = None, *, token: str = "", plan: str = "release",
        key: str = "",
    ) -> httpx.Response:  # fmt: skip
        """Send a request, and let everything that follows from it at this instant happen."""
        token = token or self.tokens.get(person) or self.tokens.setdefault(person, self.world.token(person))
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        url = f"/api/v1/plans/{plan}{path}"
        answer = await self.http.request(method, url, json=body, headers=headers)
        await self.world.settled()
        return answer

    async def gets(self, person: str, path: str) -> Any:
        """What is read; all is well."""
        answer = await self.asks(person, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def posts(self, person: str, path: str, body: Any = None, *, status: int = 200, **how: Any) -> Any:
        """What a verb answers; all is well."""
        answer = await self.asks(person, "POST", path, body, **how)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


def refusal(answer: httpx.Response, status: int) -> str:
    """The sentence of a problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    return str(problem["detail"])
