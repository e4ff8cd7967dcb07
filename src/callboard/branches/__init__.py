"""Repositories and the branches of teams in them."""

from callboard.branches.plan import REPOSITORIES
from callboard.capability import Capability

capability = Capability(name="branches", sections=(REPOSITORIES,))
