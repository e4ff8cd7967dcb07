"""Entries that may have one of several forms, told apart by the key they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from callboard.core.errors import did_you_mean
from callboard.planfile.types import Part


class Form(Part):
    """One of several forms; its key, where it has one, is what it keeps when it is reworded."""

    key: str = ""


@dataclass(frozen=True)
class Forms:
    """The forms of an entry by their leading keys, and how to speak of it: `a criterion`."""

    one: str
    text: str
    leading: Mapping[str, str]

    def read(self, written: Any) -> Any:
        """Take a text for the form that is about `text`. Raises ValueError where no form is meant, or several are."""
        if isinstance(written, str | int | float) and not isinstance(written, bool):
            return {self.text: written}
        if isinstance(written, BaseModel):
            return written
        if not isinstance(written, Mapping):
            raise ValueError(f"{self.one} is a text, or a mapping with {self._choice}")  # noqa: TRY004 - for pydantic
        found = [key for key in self.leading if key in written]
        if not found:
            raise ValueError(f"{self.one} is about one of {self._choice}{self._near(written)}")
        if len(found) > 1:
            both = " and ".join(f"`{key}`" for key in found)
            raise ValueError(f"{self.one} is about one thing, and this has {both}: write an entry for each")
        return written

    def tag(self, written: Any) -> str:
        """The name of the form that is meant, once it was read."""
        if isinstance(written, BaseModel):
            return type(written).__name__
        return next((self.leading[key] for key in self.leading if key in written), "")

    @property
    def _choice(self) -> str:
        *others, last = (f"`{key}`" for key in self.leading)
        return f"{', '.join(others)} or {last}"

    def _near(self, written: Mapping[Any, Any]) -> str:
        for key in map(str, written):
            hint = did_you_mean(key, self.leading)
            if hint.startswith("did"):
                return f", and this has `{key}`; {hint}"
        return f", and this has {', '.join(f'`{key}`' for key in list(written)[:4]) or 'nothing'}"
