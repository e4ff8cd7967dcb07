"""The section `noise` of the plan file: how much one person takes from this plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from callboard.planfile.sections import Document, Problem, Section
from callboard.planfile.types import Part

MOST_PER_HOUR, MOST_PER_DAY = 60, 500


class NoisePart(Part):
    """From so many messages on within an hour or a day, repeats and questions become one live message."""

    pages_per_hour: Annotated[int, Field(ge=1, le=MOST_PER_HOUR)] = 6
    messages_per_day: Annotated[int, Field(ge=1, le=MOST_PER_DAY)] = 40


def _check(document: Document, part: NoisePart) -> Iterator[Problem]:
    if part.messages_per_day < part.pages_per_hour:
        sentence = (
            f"{part.messages_per_day} a day is less than {part.pages_per_hour} an hour: raise `messages_per_day`, "
            "or lower `pages_per_hour`"
        )
        yield document.error(("noise", "messages_per_day"), sentence)


NOISE: Section[NoisePart] = Section(name="noise", model=NoisePart, check=_check)
