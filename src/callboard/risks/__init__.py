"""Risks: owners, mitigations, and indicators to watch."""

from callboard.capability import Capability
from callboard.risks.plan import RISKS

capability = Capability(name="risks", sections=(RISKS,))
