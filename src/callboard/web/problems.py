"""What is answered to what is refused: problem details as in RFC 9457, and a page where a browser asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from callboard.core.errors import Refused
from callboard.web import page
from callboard.web.page import Sheet

if TYPE_CHECKING:
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

T = TypeVar("T")

KIND = "application/problem+json"
TYPE = "urn:callboard:problem:"
KINDS = {
    404: "not-found", 405: "no-such-method", 413: "too-long", 415: "encoded", 429: "limited", 500: "fault", 503: "busy",
}  # fmt: skip

OF_OURS = "Value error, "
BODY = ("body",)
NOTHING, DOCS = "There is nothing at this address", "/api/docs"
REFUSED = "That was not possible"
TITLES = {
    404: "Nothing here", 405: "Nothing to read here", 429: "Wait a moment", 500: "Something went wrong",
    503: "Wait a moment",
}  # fmt: skip
"""How the page of a refusal begins; else with `REFUSED`."""
WAYS = (
    "To open the board, type /plan board in Slack. To get your calendar, type /plan calendar.",
    f"What programs can ask is at {DOCS}.",
)
"""What a page says besides where there is nothing to read."""


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


class Refusal(Response):
    """A problem, as whoever asks can read it."""

    def __init__(self, details: ProblemDetails, headers: Mapping[str, str]) -> None:
        super().__init__(details.model_dump_json(), details.status, headers, KIND)
        self._details = details

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if not page.is_wanted(scope):
            await super().__call__(scope, receive, send)
            return
        await page.rendered(_sheet(self._details), self.headers)(scope, receive, send)


def _sheet(details: ProblemDetails) -> Sheet:
    """The page of a problem. What an address has not, a person finds in Slack."""
    nothing = details.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
    title = TITLES.get(details.status, REFUSED)
    return Sheet(title, details.detail, lines=WAYS if nothing else (), status=HTTPStatus(details.status))


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
        return Refusal(details, self.headers)

    def page(self) -> Response:
        """Answer with a page, whoever asks."""
        title = TITLES.get(self.status, REFUSED)
        return page.rendered(Sheet(title, self.detail, status=HTTPStatus(self.status)), self.headers)


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


def of_exception(error: HTTPException, other_methods: Callable[[], str]) -> Problem:
    """What was refused before anybody looked at the fields; FastAPI answers 400 to bytes that are no text."""
    said = {400: "Send the body as JSON in UTF-8.", 404: f"{NOTHING}: {DOCS} shows what there is."}
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        said[405] = other_methods()
    kind = KINDS.get(error.status_code, "invalid")
    return Problem(error.status_code, kind, said.get(error.status_code, error.detail), error.headers)


def of_validation(error: RequestValidationError, content_type: str) -> Response:
    """Each part of a request that cannot be used; of a body that is no object, how to send one."""
    faults = [_wrong(fault, content_type) for fault in error.errors()]
    sentence = "; ".join(f"{fault.at}: {fault.says}" for fault in faults[:3])
    problem = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", f"The request cannot be used: {sentence}.")
    return problem.answer(faults)


def _wrong(fault: Mapping[str, Any], content_type: str) -> WrongField:
    at, says = fault["loc"], str(fault["msg"])
    if fault["type"] == "json_invalid":
        at, says = BODY, f"it is no JSON at character {at[-1]}: {fault['ctx']['error']}"
    elif at == BODY and fault["type"] == "missing":
        says = "it is missing: send a JSON object"
    elif at == BODY and fault["type"] == "model_attributes_type":
        is_json = "json" in content_type.lower()
        says = "it is no JSON object" if is_json else "send it with the header `Content-Type: application/json`"
    return WrongField(at=_readable(".".join(map(str, at))), says=_readable(says.removeprefix(OF_OURS)))


def _readable(text: str) -> str:
    """Text that can be sent, whatever was in the request."""
    return text.encode(errors="replace").decode()[:300]
