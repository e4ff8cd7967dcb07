"""What comes due in escalation: climbs whose instant has come."""

from callboard.core.ticks import DueWork
from callboard.escalation import service, store

climbs = DueWork(store.WORK, claim=store.due, handle=service.recheck, next_at=store.next_at)
