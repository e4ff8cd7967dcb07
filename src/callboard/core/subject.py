"""What a timeline entry, a climb or a delivery is about."""

from typing import NamedTuple


class Subject(NamedTuple):
    """One row of one capability, named without importing it: ("blocker", 12)."""

    kind: str
    id: int
