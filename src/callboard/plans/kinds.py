"""What kind a task is of: as it says, else by the prefix of its id, else by whether one team does it or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ATOM, MOLECULE, TISSUE = "atom", "molecule", "tissue"
GIVEN_KINDS = {"ATOM": ATOM, "MOLECULE": MOLECULE, "TISSUE": TISSUE}
"""The kinds that every plan has, by prefix; `task_kinds` adds to these."""


def prefixes(body: Mapping[str, Any]) -> dict[str, str]:
    """The kind that each prefix stands for in a plan."""
    written = body.get("task_kinds")
    own = written if isinstance(written, Mapping) else {}
    return GIVEN_KINDS | {str(prefix): kind for prefix, kind in own.items() if isinstance(kind, str)}


def kind(key: str, task: Mapping[str, Any], by_prefix: Mapping[str, str]) -> str:
    """The kind of a task as it is written."""
    if isinstance(task.get("kind"), str):
        return str(task["kind"])
    several = MOLECULE if task.get("lead_team") or task.get("support_teams") else ATOM
    return of_prefix(key, by_prefix) or several


def of_prefix(key: str, by_prefix: Mapping[str, str]) -> str:
    """The kind that an id stands for: `ATOM` is the prefix of ATOM-001 and of ATOM1, and not of ATOMIC-1."""
    fitting = [prefix for prefix in by_prefix if key.startswith(prefix) and _ends(prefix, key)]
    return by_prefix[max(fitting, key=len)] if fitting else ""


def _ends(prefix: str, key: str) -> bool:
    return not (prefix[-1:].isalpha() and key[len(prefix) :][:1].isalpha())
