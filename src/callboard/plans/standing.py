"""Plans as they stand, for those who do not know every section of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.core.sections import Document, Section
from callboard.plans import service, store

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass
class AsItStands:
    """Asked by a capability below those that make up a plan; whoever knows all sections answers."""

    plan_id: int
    document: Document = field(default_factory=lambda: Document("", ""))
    sections: Sequence[Section[Any]] = ()

    def answer(self, tx: Tx, sections: Sequence[Section[Any]]) -> None:
        """Give the plan as it stands, and what it is made of."""
        self.document, self.sections = document(tx, self.plan_id, sections), sections


def document(tx: Tx, plan_id: int, sections: Sequence[Section[Any]]) -> Document:
    """The document of a plan. Raises Refused for none that there is."""
    plan = service.plan(tx, plan_id)
    version = store.version(tx, plan_id, plan.version)
    if version is None:
        raise Refused(f"{plan.name} was never applied.")
    key = ("standing", plan_id)
    if key not in tx.memo or tx.memo[key][0] != plan.revision:
        tx.memo[key] = plan.revision, service.check(version.source, version.file, sections).document
    found: Document = tx.memo[key][1]
    return found


def one(tx: Tx, key: str, sections: Sequence[Section[Any]]) -> Document:
    """The document of the plan with a key. Raises Refused for none, and for several workspaces that have it."""
    plans = service.every(tx, key)
    if len(plans) != 1:
        known = ", ".join(f"`{plan.key}`" for plan in service.every(tx)) or "none yet"
        several = f"the plan `{key}` runs in {len(plans)} workspaces: name its file instead"
        raise Refused(several if plans else f"There is no plan `{key}`; there is {known}.")
    return document(tx, plans[0].id or 0, sections)
