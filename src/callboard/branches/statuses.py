"""The statuses that commits are given on GitHub and GitLab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

import aiohttp

from callboard.core.courier.carrier import Accepted, Final, Later, Passing
from callboard.core.outbox import Delivery, Message
from callboard.core.resolver import proxy_of

CONTEXT = "callboard"
LONGEST = {"github": 140, "gitlab": 255}
STATES: dict[str, dict[str, str]] = {"github": {}, "gitlab": {"failure": "failed", "error": "failed"}}
WITHIN = aiohttp.ClientTimeout(total=8)
MADE, MOVED, MANY, FAULT = (200, 201), (301, 302, 303, 307, 308), (403, 429), 500


class Forge:
    """A forge as a medium of the outbox. An address is `PROJECT@COMMIT`; a message's title is the status.

    A status replaces the one before it, so sending it twice does no harm.
    """

    def __init__(self, name: str, api: str, token: str) -> None:
        self.name = name
        self._api = api.rstrip("/")
        self._token = token

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:  # noqa: ARG002
        url, headers, body = self._call(delivery.address, message)
        try:
            async with (
                aiohttp.ClientSession(timeout=WITHIN, proxy=proxy_of(url)) as session,
                session.post(url, headers=headers, json=body, allow_redirects=False) as answer,
            ):
                self._judge(answer.status, answer.headers, (await answer.text())[:300])
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Passing(f"{self.name} does not answer: {type(error).__name__}") from error
        return Accepted()

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        return await self.post(delivery, message, None)

    async def find(self, delivery: Delivery) -> Accepted | None:  # noqa: ARG002
        """A status whose answer was lost is set again."""
        return None

    def _call(self, address: str, message: Message) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
        project, _, commit = address.rpartition("@")
        body = {
            "state": STATES[self.name].get(message.title, message.title),
            "context" if self.name == "github" else "name": CONTEXT,
            "description": message.text[: LONGEST[self.name]],
        }
        if self.name == "gitlab":
            url = f"{self._api}/projects/{quote(project, safe='')}/statuses/{quote(commit)}"
            return url, {"PRIVATE-TOKEN": self._token}, body
        headers = {
            "Authorization": f"Bearer {self._token}", "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "callboard",
        }  # fmt: skip
        return f"{self._api}/repos/{quote(project)}/statuses/{quote(commit)}", headers, body

    def _judge(self, status: int, headers: Mapping[str, str], answer: str) -> None:
        if status in MADE or (self.name == "gitlab" and "Cannot transition status" in answer):
            return  # GitLab refuses a status that is set already
        if status in MANY and headers.get("Retry-After", "").isdecimal():
            raise Later(float(headers["Retry-After"]))
        if status in MOVED:  # the token goes nowhere else
            raise Final(f"{self.name} has moved to another address: set CALLBOARD_{self.name.upper()}_API_URL")
        if status >= FAULT or status == MANY[-1]:
            raise Passing(f"{self.name} answers {status}")
        raise Final(f"{self.name} answers {status}: {_reason(answer)}")


def _reason(answer: str) -> str:
    try:
        return str(json.loads(answer)["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return answer[:200]
