"""Classes of blockers: as what one is proposed, how that stands, and who voted how."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEW = (("class_name", sa.String()), ("class_state", sa.String()), ("class_by", sa.String()),
       ("class_change", sa.Integer()), ("votes", sa.JSON()))  # fmt: skip


def upgrade() -> None:
    for name, kind in NEW:
        op.add_column("blockers", sa.Column(name, kind, nullable=True))
