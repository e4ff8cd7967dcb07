"""What happened in a rehearsal, as people did it and read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Line:
    """One thing that somebody did, or that Callboard told somebody."""

    at: datetime
    """In UTC."""
    who: str
    """Key of the person who acts; empty for Callboard."""
    to: str
    """Where it is read: `@olga` (a direct message), `#release`, `mail:...`, `home:@olga`."""
    did: str
    """typed, clicked, submitted, answered, posted or edited."""
    text: str
    """As it is read."""
    kind: str = ""
    """The kind of the notice, for what Callboard posts."""
    page: bool = False
    """Whether somebody is called."""
