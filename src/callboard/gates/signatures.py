"""What a plan file says about who must sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from callboard.gates.forms import Form, Forms
from callboard.planfile.sections import several
from callboard.planfile.types import Many, Moment, Span

FORMS = Forms(
    "a sign-off",
    "who",
    {
        "lead_of": "LeadSignOff",
        "role": "RoleSignOff",
        "of": "QuorumSignOff",
        "person": "PersonSignOff",
        "who": "AnybodySignOff",
    },
)
ALL = "all"


def _count(written: Any) -> Any:
    if written == ALL or (isinstance(written, int) and not isinstance(written, bool) and written > 0):
        return written
    raise ValueError(f"`{written}` is no number of signatures: write 1 or more, or `all`")


Count = Annotated[
    int | Literal["all"],
    BeforeValidator(_count),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": ALL}]}),
]


class SignaturePart(Form):
    """What every sign-off may say: when it is due, how fresh it must be, and who may not give it."""

    due: Moment | None = None
    fresh: Span | None = None
    not_: Many = Field((), alias="not")
    count: Count = 1
    distinct: Literal["people", "teams"] = "people"


class LeadSignOff(SignaturePart):
    """The lead of a team signs."""

    lead_of: str = Field(examples=["backend"])


class RoleSignOff(SignaturePart):
    """So many of those who have a role sign."""

    role: str = Field(examples=["coordinator"])


class QuorumSignOff(SignaturePart):
    """So many of those meant sign."""

    of: Many = Field(min_length=1, examples=["[all leads]"])


class PersonSignOff(SignaturePart):
    """One person signs, whoever else could."""

    person: str = Field(examples=["be-lead"])


class AnybodySignOff(SignaturePart):
    """One of those meant signs."""

    who: Many = Field(min_length=1, examples=["[be-lead]"])


SignOff = Annotated[
    Annotated[LeadSignOff, Tag("LeadSignOff")]
    | Annotated[RoleSignOff, Tag("RoleSignOff")]
    | Annotated[QuorumSignOff, Tag("QuorumSignOff")]
    | Annotated[PersonSignOff, Tag("PersonSignOff")]
    | Annotated[AnybodySignOff, Tag("AnybodySignOff")],
    Discriminator(FORMS.tag),
    BeforeValidator(FORMS.read),
]
"""One sign-off; a text alone is who signs."""


SignOffs = Annotated[tuple[SignOff, ...], BeforeValidator(several)]


def shown(part: SignOff, called: Callable[[str], str] = str) -> str:
    """How a sign-off is spoken of; `called` says how teams, roles and people are, who go by their ids without."""
    if isinstance(part, LeadSignOff):
        return f"the lead of {called(part.lead_of)}"
    return ", ".join(called(one) for one in expressions(part))


def expressions(part: SignOff) -> tuple[str, ...]:
    """Who is asked, as who-expressions; the lead of a team is `lead`, for that team."""
    if isinstance(part, LeadSignOff):
        return ("lead",)
    if isinstance(part, RoleSignOff):
        return (part.role,)
    if isinstance(part, PersonSignOff):
        return (part.person,)
    return part.of if isinstance(part, QuorumSignOff) else part.who
