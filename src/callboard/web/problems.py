"""What the automation API answers when it refuses: problem details as in RFC 9457."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from callboard.core.errors import Refused

T = TypeVar("T")

KIND = "application/problem+json"
TYPE = "urn:callboard:problem:"
KINDS = {
    404: "not-found", 405: "no-such-method", 413: "too-long", 415: "encoded", 429: "limited", 500: "fault", 503: "busy",
}  # fmt: skip


class WrongField(BaseModel):
    """One part of a request that cannot be used."""

    model_config = ConfigDict(extra="forbid")

    at: str = Field(examples=["body.percent"])
    says: str = Field(examples=["Input should be less than or equal to 100"])


class ProblemDetails(BaseModel):
    """Why a request was not done, and what to do instead. `type` is for programs, `detail` for people."""

    model_config = ConfigDict(extra="forbid", title="Problem")

    type: str = Field(examples=[f"{TYPE}refused"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["O-2 waits for O-1 (Database validated), which is in progress, 50%: with Person A."])
    errors: list[WrongField] = Field(default_factory=list)


class Problem(Exception):
    """Nothing was done, and this is why. `kind` names the problem for programs."""

    def __init__(self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})

    def answer(self, errors: Sequence[WrongField] = ()) -> Response:
        title = HTTPStatus(self.status).phrase
        details = ProblemDetails(
            type=f"{TYPE}{self.kind}", title=title, status=self.status, detail=self.detail, errors=list(errors)
        )
        return Response(details.model_dump_json(), self.status, self.headers, KIND)


def say(status: int, sentence: str) -> Response:
    """Put a refusal that is the same for every protocol."""
    return Problem(status, KINDS.get(status, "invalid"), sentence).answer()


class Missing(Problem):
    def __init__(self, detail: str) -> None:
        super().__init__(HTTPStatus.NOT_FOUND, "not-found", detail)


def found(look: Callable[[], T]) -> T:
    """What the address names. Raises Missing with the sentence of whoever looked."""
    try:
        return look()
    except Refused as refused:
        raise Missing(refused.sentence) from refused
