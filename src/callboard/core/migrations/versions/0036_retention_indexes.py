"""What is not kept for ever is found by its age; made while others write."""

from callboard.core.schema import add_index

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

FINAL = "state IN ('sent', 'dropped', 'folded')"
NO_CARD = "recipient IS NOT NULL OR NOT editable OR superseded"


def upgrade() -> None:
    add_index("alerts_over", "alerts", ["received_at"], only="state <> 'firing'")
    add_index("branches_gone", "branches", ["gone_at"], only="gone_at IS NOT NULL")
    add_index("ci_reports_at", "ci_reports", ["at"])
    add_index("deliveries_final", "deliveries", ["plan_id", "created_at"], only=FINAL)
    add_index("deliveries_no_card", "deliveries", ["created_at"], only=f"{FINAL} AND ({NO_CARD})")
    add_index("forecasts_over", "forecasts", ["over_at"], only="over_at IS NOT NULL AND counted_at IS NULL")
    add_index("jobs_over", "jobs", ["ended_at"], only="ended_at IS NOT NULL")
