"""What a signature is bound to: what held when it was given, by content. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from callboard.gates.readings import Reading, digest

Signed = dict[str, Any]


def signed(found: Iterable[Reading]) -> Signed:
    """What somebody vouches for who signs now: every criterion that holds, with all that it looked at.

    What does not hold yet is named under "open": the signature says nothing about it.
    """
    every = list(found)
    return {
        "held": {one.key: {"says": one.says, "stands": one.stands, "digest": one.digest} for one in every if one.holds},
        "open": [one.says for one in every if not one.holds],
    }


def content(rule: str, found: Iterable[Reading]) -> str:
    """The hash of all that a confirmation showed: rule, criteria and what each looked at."""
    return digest([rule, [(one.key, one.holds, one.digest) for one in found]])


def changed(was: Mapping[str, Any], found: Sequence[Reading]) -> list[str]:
    """What is different now from what was signed, one sentence for each criterion; empty where all is as it was."""
    now = {one.key: one for one in found}
    sentences = []
    for key, then in (was.get("held") or {}).items():
        one = now.get(key)
        if one is None:
            sentences.append(f"{then['says']}: this is asked for no more")
        elif one.digest != then["digest"]:
            sentences.append(f"{one.says}: was {then['stands']}; is {one.stands}")
    return sentences
