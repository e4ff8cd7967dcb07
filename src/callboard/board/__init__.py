"""What the board reports, and the velocity it is measured against."""

from callboard.board.plan import REPORTS, VELOCITY
from callboard.capability import Capability

capability = Capability(name="board", sections=(REPORTS, VELOCITY))
