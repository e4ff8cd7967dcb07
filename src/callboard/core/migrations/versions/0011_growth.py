"""Indexes of what still matters, so that nothing that is asked takes longer as history grows."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPEN, ENDED = "closed_at IS NULL", "ended_at IS NULL"
DROPPED = (
    ("blockers", "blockers_open"), ("standup_rounds", "standup_rounds_digest"), ("gate_waivers", "gate_waivers_of"),
    ("locks", "locks_live"), ("lock_targets", "lock_targets_live"), ("conflicts", "conflicts_plan"),
    ("status_requests", "status_requests_open"), ("branches", "branches_plan"), ("holds", "holds_target"),
    ("absences", "absences_person"), ("calendar_feeds", "calendar_feeds_whose"),
    ("inquiries", "inquiries_open"), ("watches", "ix_watches_wake_at"),
)  # fmt: skip


def upgrade() -> None:
    for table, name in DROPPED:
        op.drop_index(name, table_name=table)
    _partial("absences", "absences_noted", "called_off_at IS NULL", "plan_id", "first_day")
    _partial("blockers", "blockers_open", OPEN, "plan_id", "opened_at", "id")
    _partial("blockers", "blockers_closed", "closed_at IS NOT NULL", "plan_id", "closed_at")
    op.create_index("blockers_state", "blockers", ["plan_id", "state", "id"])
    _partial("branches", "branches_live", "gone_at IS NULL", "plan_id", "repository", "name")
    _partial("calendar_feeds", "calendar_feeds_whose", ENDED, "plan_id", "person", "team")
    op.create_index("check_ins_day", "check_ins", ["plan_id", "day", "id"])
    op.create_index("check_ins_person", "check_ins", ["plan_id", "person", "day", "at"])
    _partial("climbs", "climbs_running", "state <> 'ended'", "plan_id", "id")
    op.create_index("conflicts_plan", "conflicts", ["plan_id", "id"])
    _partial("conflicts", "conflicts_standing", ENDED, "plan_id", "id")
    _partial("deliveries", "deliveries_summaries", "kind = 'noise.summary'", "address", "id")
    _partial("gate_signatures", "gate_signatures_standing", ENDED, "gate_id", "id")
    _partial("gate_waivers", "gate_waivers_standing", ENDED, "gate_id", "id")
    op.create_index("holds_by", "holds", ["plan_id", "by", "id"])
    _partial("holds", "holds_due", "lifted_at IS NULL AND due_at IS NOT NULL", "due_at")
    op.create_index("hooks_received_at", "hooks_received", ["at"])
    op.create_index("jobs_state", "jobs", ["plan_id", "state", "id"])
    op.create_index("jobs_type", "jobs", ["plan_id", "type", "state", "id"])
    _partial("inquiries", "inquiries_open", "state IN ('waiting', 'silent')", "plan_id", "id")
    _partial("lock_targets", "lock_targets_live", "live", "plan_id", "stem", on_sqlite="live = 1")
    _partial("locks", "locks_live", ENDED, "plan_id", "id")
    op.create_index("meetings_at", "meetings", ["plan_id", "at"])
    _partial("pulls", "pulls_open", "open", "plan_id", "repository", "id", on_sqlite="open = 1")
    _partial("standup_rounds", "standup_rounds_digest", "posted_at IS NULL", "digest_at")
    op.create_index("status_requests_open", "status_requests", ["plan_id", "closes_at"])
    op.create_index("status_requests_state", "status_requests", ["plan_id", "state", "at"])
    op.create_index("watches_wake", "watches", ["name", "wake_at"])


def _partial(table: str, name: str, condition: str, *columns: str, on_sqlite: str = "") -> None:
    op.create_index(
        name, table, list(columns), sqlite_where=sa.text(on_sqlite or condition), postgresql_where=sa.text(condition)
    )
