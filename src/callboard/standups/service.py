"""Standups as everybody above knows them: the verbs, and how rounds stand."""

from callboard.standups.attending import wake
from callboard.standups.choosing import open_round
from callboard.standups.raising import raise_line
from callboard.standups.reporting import Report, current, skip, submit
from callboard.standups.statistics import Figures, figures

__all__ = ["Figures", "Report", "current", "figures", "open_round", "raise_line", "skip", "submit", "wake"]
