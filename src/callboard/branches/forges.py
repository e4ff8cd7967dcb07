"""The outbox's media for GitHub and GitLab: a message is the status of a commit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import aiohttp

from callboard.core.courier.medium import Accepted, Final, Later, Passing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callboard.core.outbox import Delivery, Message

CONTEXT = "callboard"
WITHIN = aiohttp.ClientTimeout(total=8)
MADE, MANY, FAULT = (200, 201), (403, 429), 500
STATES: dict[str, dict[str, str]] = {"github": {}, "gitlab": {"failure": "failed", "error": "failed"}}
LONGEST = {"github": 140, "gitlab": 255}


class Call(NamedTuple):
    """A request to a forge."""

    url: str
    headers: Mapping[str, str]
    body: Mapping[str, str]


class Forge:
    """A forge, as `core.courier` wants a medium to be. An address is `PROJECT@COMMIT`; a title is the status.

    A status replaces the one before it, so that to send it twice does no harm.
    """

    def __init__(self, name: str, api: str, token: str) -> None:
        self.name = name
        self._api = api.rstrip("/")
        self._token = token

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:  # noqa: ARG002
        """Set the status. Raises Later, Passing or Final."""
        call = self.call(delivery.address, message)
        try:
            async with (
                aiohttp.ClientSession(timeout=WITHIN) as session,
                session.post(call.url, headers=call.headers, json=call.body) as answer,
            ):
                said = (await answer.text())[:300]
                self._judge(answer.status, answer.headers, said)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Passing(f"{self.name} does not answer: {type(error).__name__}") from error
        return Accepted()

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Set it anew."""
        return await self.post(delivery, message, None)

    async def find(self, delivery: Delivery) -> Accepted | None:  # noqa: ARG002
        """Nothing is ever lost: it is set again."""
        return None

    def call(self, address: str, message: Message) -> Call:
        """What is asked of the forge."""
        project, _, commit = address.rpartition("@")
        state = STATES[self.name].get(message.title, message.title)
        description = message.text[: LONGEST[self.name]]
        if self.name == "github":
            return Call(
                f"{self._api}/repos/{quote(project)}/statuses/{quote(commit)}",
                {
                    "Authorization": f"Bearer {self._token}", "Accept": "application/vnd.github+json",
                    "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "callboard",
                },
                {"state": state, "context": CONTEXT, "description": description},
            )  # fmt: skip
        return Call(
            f"{self._api}/projects/{quote(project, safe='')}/statuses/{quote(commit)}",
            {"PRIVATE-TOKEN": self._token},
            {"state": state, "name": CONTEXT, "description": description},
        )

    def _judge(self, status: int, headers: Mapping[str, str], said: str) -> None:
        if status in MADE or (self.name == "gitlab" and "Cannot transition status" in said):
            return  # GitLab says so of a status that is as it should be already
        if status in MANY and headers.get("Retry-After", "").isdigit():
            raise Later(float(headers["Retry-After"]))
        if status >= FAULT or status == MANY[-1]:
            raise Passing(f"{self.name} answers {status}")
        raise Final(f"{self.name} answers {status}: {_reason(said)}")


def _reason(said: str) -> str:
    try:
        return str(json.loads(said)["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return said[:200]
