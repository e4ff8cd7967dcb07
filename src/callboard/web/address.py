"""Where the web application is reached from outside, for addresses that people are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.registry import Key

if TYPE_CHECKING:
    from callboard.core.db import Tx

PUBLIC_URL: Key[str] = Key("where the web application is reached from outside", "")


def address(tx: Tx, path: str) -> str:
    """The address of a path; empty where nobody knows where Callboard is reached."""
    url = tx.of(PUBLIC_URL)
    return f"{url.rstrip('/')}{path}" if url else ""
