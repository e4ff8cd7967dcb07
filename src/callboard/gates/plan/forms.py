"""Entries of a plan file that have one of several forms, each told by its leading key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from callboard.core.errors import did_you_mean
from callboard.planfile.type_errors import split_by_colon
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
        """A text alone is the form `text`. Raises ValueError where no form is meant, or several are."""
        if isinstance(written, str | int | float) and not isinstance(written, bool):
            return {self.text: written}
        if isinstance(written, BaseModel):
            return written
        *others, last = (f"`{key}`" for key in self.leading)
        choice = f"{', '.join(others)} or {last}"
        if not isinstance(written, Mapping):
            raise ValueError(f"{self.one} is a text, or a mapping with {choice}")  # noqa: TRY004 - for pydantic
        keys = [f"`{key}`" for key in self.leading if key in written]
        if not keys:
            raise ValueError(f"{self.one} needs one of {choice}, and this has {self._instead(written)}")
        if len(keys) > 1:
            both = " and ".join(keys)
            raise ValueError(f"{self.one} needs one of these only, and this has {both}: write an entry for each")
        return written

    def tag(self, written: Any) -> str:
        """The name of the form that is meant, once it was read."""
        if isinstance(written, BaseModel):
            return type(written).__name__
        return next((self.leading[key] for key in self.leading if key in written), "")

    def _instead(self, written: Mapping[Any, Any]) -> str:
        hints = ((key, did_you_mean(str(key), self.leading)) for key in written)
        if sentence := split_by_colon(written):
            return f"`{next(iter(written))}`; {sentence}"
        some = ", ".join(f"`{key}`" for key in list(written)[:4]) or "nothing"
        return next((f"`{key}`; {hint}" for key, hint in hints if hint.startswith("did")), some)
