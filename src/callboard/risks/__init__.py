"""Risks with their owners, mitigations and watched indicators."""

from callboard.capability import Capability
from callboard.risks.plan import RISKS

capability = Capability(name="risks", sections=(RISKS,))
