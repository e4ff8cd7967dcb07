"""What a plan file says about zones."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.sections import Many, Part, several
from callboard.zones.patterns import Pattern


def _pattern(written: Any) -> Any:
    return written if isinstance(written, Pattern) else Pattern.parse(str(written))


PatternText = Annotated[
    Pattern,
    BeforeValidator(_pattern),
    WithJsonSchema({"type": "string", "examples": ["/src/api/**", "*.css", "/deploy/"]}),
]
"""A path pattern."""
Patterns = Annotated[tuple[PatternText, ...], BeforeValidator(several, json_schema_input_type=str | tuple[str, ...])]
"""One path pattern or a list of them."""


class ZonePart(Part):
    """Paths that belong to a team, to several jointly, or to a team by section of the file."""

    name: str = ""
    key: str = ""
    about: str = ""
    team: str = ""
    joint: Many = ()
    paths: Patterns = Field(min_length=1, examples=["[/src/api/**]"])
    sections: dict[str, str] = Field(default_factory=dict)

    @property
    def owners(self) -> tuple[str, ...]:
        """The teams that it belongs to."""
        return tuple(dict.fromkeys(filter(None, (self.team, *self.joint, *self.sections.values()))))

    @property
    def called(self) -> str:
        """Whose it is, in words."""
        if self.sections:
            return f"{', '.join(self.owners)} by section"
        return " and ".join(self.owners)
