"""What bodies and addresses of the API are made of: text that every database can keep, and plain JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from starlette.requests import Request

from callboard.core.errors import did_you_mean

DEEPEST = 50
LONGEST = 65_000
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Body(BaseModel):
    """What a client sends. Unknown names and `"50"` for 50 are refused, so that no slip goes unseen."""

    model_config = ConfigDict(extra="forbid", strict=True)


def storable(text: str) -> str:
    """Text that every database can keep. Raises ValueError for half a character and for U+0000."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("this text holds half a character") from None
    if "\x00" in text:
        raise ValueError("it holds the character U+0000, which no database can store")
    return text


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    if depth(value) > DEEPEST:
        raise ValueError(f"this is more than {DEEPEST} levels deep")
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise ValueError("it holds a number or a character that JSON cannot hold") from None
    if b"\\u0000" in written:
        raise ValueError("it holds the character U+0000, which no database can store")
    if len(written) > LONGEST:
        raise ValueError(f"this is longer than {LONGEST:,} bytes: keep it elsewhere, and send its address")
    return value


def depth(value: Any) -> int:
    """How deep it is nested, as far as it matters."""
    level, found = [value], 0
    while level and found <= DEEPEST:
        found += 1
        inner = [node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list)]
        level = [node for nodes in inner for node in nodes]
    return found


def check_query(request: Request) -> None:
    """Raises RequestValidationError for a name that this address does not take, and for one that is there twice."""
    if not request.query_params:
        return
    known = sorted(_asked_for(request.scope["route"].dependant))
    count = Counter(name for name, _ in request.query_params.multi_items())
    says = {name: _unknown(name, known) for name in count if name not in known}
    says |= {name: "this is there twice: send one value" for name in known if count[name] > 1}
    _refuse(says)


def check_filters(filters: Mapping[str, tuple[str | None, Iterable[str]]]) -> None:
    """Raises RequestValidationError for a word by which nothing was found, if nothing is called so."""
    _refuse({
        name: f"`{word}` is unknown; {did_you_mean(word, known)}"
        for name, (word, known) in filters.items() if word is not None and word not in known
    })  # fmt: skip


def _refuse(says: Mapping[str, str]) -> None:
    if says:
        raise RequestValidationError(
            [{"type": "unknown", "loc": ("query", name), "msg": sentence} for name, sentence in says.items()]
        )


def _asked_for(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for each in dependant.dependencies:
        yield from _asked_for(each)


def _unknown(name: str, known: list[str]) -> str:
    return f"this is unknown here; {did_you_mean(name, known)}" if known else "this address takes nothing after the `?`"


def _text(longest: int, least: int = 0) -> StringConstraints:
    return StringConstraints(min_length=least, max_length=longest, pattern="^[^\\x00]*$")


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _near(at: datetime) -> datetime:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not FIRST_YEAR <= aware.year <= LAST_YEAR:
        raise ValueError(f"this is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return aware.astimezone(UTC)


def instant(written: Any) -> datetime | None:
    """An instant as RFC 3339 has it, or GitLab; None for none, and for one far from now, as the year 1 for never."""
    try:
        at = datetime.fromisoformat(written.replace(" UTC", "Z")) if isinstance(written, str) else None
        return _near(at) if at else None
    except ValueError:
        return None


Moment = Annotated[datetime, Field(strict=False), AfterValidator(_near)]
"""An instant in UTC. It is near enough for calendars to reckon with it."""
WHOLE = BeforeValidator(_whole)
"""Takes an integer as JSON has it, where 300, 300.0 and 3e2 are the same."""
Sayable = Annotated[str, _text(5000), AfterValidator(storable)]
Word = Annotated[str, _text(100, 1), AfterValidator(storable)]
"""A name, as the plan has it."""
Line = Annotated[str, _text(500), AfterValidator(storable)]
Text = Annotated[str, _text(3000), AfterValidator(storable)]
Said = Annotated[str, _text(3000, 1), AfterValidator(storable)]
"""Text that cannot be left out."""
Plain = Annotated[dict[str, Any], AfterValidator(_plain)]
"""A JSON object."""
InPath = Annotated[str, Path(pattern=r"^[^\x00/]{1,100}$", examples=["O-1"])]
Number = Annotated[int, Path(ge=1, le=2**53 - 1, examples=[12])]
