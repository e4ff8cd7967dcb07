"""Risks with their owners, mitigations and watched indicators."""

from callboard.capability import Capability

capability = Capability(name="risks", sections=())
