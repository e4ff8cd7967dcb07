"""Repositories and the branches of teams in them."""

from callboard.capability import Capability

capability = Capability(name="branches", sections=())
