"""What comes due on the board: reports."""

from callboard.board import reporting
from callboard.core import watches

reports = watches.work(reporting.REPORTS, reporting.attend)
