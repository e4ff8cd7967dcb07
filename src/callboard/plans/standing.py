"""Plans as they stand, for those who do not know every section of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from callboard.core.sections import Document, Section
from callboard.plans import service

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
    service.plan(tx, plan_id)
    return service.live(tx, plan_id, sections)


def one(tx: Tx, key: str, sections: Sequence[Section[Any]]) -> Document:
    """The document of the plan with a key. Raises Refused for none, and for several workspaces that have it."""
    return document(tx, service.called(tx, key).id or 0, sections)
