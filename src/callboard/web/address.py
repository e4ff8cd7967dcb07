"""Where the web application is reached from outside, for addresses that people are given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Address:
    """Asked by a capability that gives somebody an address; who knows where Callboard is reached completes it."""

    path: str
    found: str = ""

    def answer(self, public_url: str) -> None:
        """Complete it, where that is known."""
        self.found = f"{public_url.rstrip('/')}{self.path}" if public_url else ""
