"""What comes due in escalation: climbs whose instant has come."""

from callboard.core.ticks import rows_due
from callboard.escalation import service
from callboard.escalation.models import Climb

climbs = rows_due("climbs", service.recheck, Climb.id, Climb.due_at)
