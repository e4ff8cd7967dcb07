"""What the automation API answers when it refuses: problem details as in RFC 9457."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TypeVar

from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callboard.core.errors import Refused

T = TypeVar("T")

KIND = "application/problem+json"
TYPE = "urn:callboard:problem:"
OF_OURS = "Value error, "
API = "/api/"
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


async def answered(request: Request, error: Exception) -> Response:
    """What was raised, as a problem; outside the API as FastAPI puts it."""
    of_api = request.scope["path"].startswith(API)
    match error:
        case Problem():
            return error.answer()
        case HTTPException() if of_api:
            kind, sentence = KINDS.get(error.status_code, "invalid"), f"{error.detail}: {API}docs shows what there is."
            return Problem(error.status_code, kind, sentence, error.headers).answer()
        case HTTPException():
            return await http_exception_handler(request, error)
        case RequestValidationError() if of_api:
            return _of_validation(error)
        case RequestValidationError():
            return await request_validation_exception_handler(request, error)
    raise error


def _of_validation(error: RequestValidationError) -> Response:
    faults = [
        WrongField(at=_readable(".".join(map(str, fault["loc"]))), says=_readable(fault["msg"].removeprefix(OF_OURS)))
        for fault in error.errors()
    ]
    sentence = "; ".join(f"{fault.at}: {fault.says}" for fault in faults[:3])
    problem = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", f"The request cannot be used: {sentence}.")
    return problem.answer(faults)


def _readable(text: str) -> str:
    """Text that can be sent, whatever was in the request."""
    return text.encode(errors="replace").decode()[:300]
