"""Risks: owners, mitigations, and indicators to watch.

measures: how many are not among the worst
"""

from callboard.capability import Capability
from callboard.risks import measures
from callboard.risks.plan import RISKS

capability = Capability(name="risks", measures={"calm_risks": measures.calm}, sections=(RISKS,))
