"""The first schema: every table, by capability. A column without `_OR_NULL` is NOT NULL."""

# A table reads best as one paragraph.
# fmt: off

from typing import Any

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID, BIG_ID_OR_NULL = (BigId, False), (BigId, True)
BIG = (sa.BigInteger(), False)
DAY = (sa.Date(), False)
FLAG, FLAG_OR_NULL = (sa.Boolean(), False), (sa.Boolean(), True)
INSTANT, INSTANT_OR_NULL = (Instant(), False), (Instant(), True)
INTEGER, INTEGER_OR_NULL = (sa.Integer(), False), (sa.Integer(), True)
JSON, JSON_OR_NULL = (sa.JSON(), False), (sa.JSON(), True)
NUMBER = (sa.Float(), False)
TEXT, TEXT_OR_NULL = (sa.String(), False), (sa.String(), True)


def _table(
    name: str, /, *, primary: tuple[str, ...] = (), unique: tuple[str, ...] = (), **columns: tuple[Any, bool]
) -> None:
    """Create a table; one for which no primary key is named has an `id`."""
    kinds = columns if primary else {"id": BIG_ID, **columns}
    op.create_table(
        name,
        *(sa.Column(column, kind, nullable=nullable) for column, (kind, nullable) in kinds.items()),
        sa.PrimaryKeyConstraint(*(primary or ("id",))),
        *([sa.UniqueConstraint(*unique)] if unique else []),
    )


def _index(table: str, name: str, *columns: str, unique: bool = False, where: str = "") -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:  # noqa: PLR0915 - a statement for each table
    # core
    _table("chains", plan_id=INTEGER, seq=INTEGER, hash=TEXT, publish_at=INSTANT, primary=("plan_id",))
    _index("chains", "ix_chains_publish_at", "publish_at")
    _table("deliveries", key=TEXT, plan_id=INTEGER, workspace=TEXT, medium=TEXT, address=TEXT, lane=TEXT,
           priority=INTEGER, kind=TEXT, subject_kind=TEXT, subject_id=BIG, args=JSON, recipient=TEXT_OR_NULL,
           parent_key=TEXT_OR_NULL, editable=FLAG, superseded=FLAG, state=TEXT, revision=INTEGER,
           created_at=INSTANT, due_at=INSTANT, fallback_at=INSTANT_OR_NULL, attempts=INTEGER, fence=INTEGER,
           leased_until=INSTANT_OR_NULL, doubtful_since=INSTANT_OR_NULL, delayed_until=INSTANT_OR_NULL,
           posted_in=TEXT_OR_NULL, posted_as=TEXT_OR_NULL, posted_at=INSTANT_OR_NULL, shown=TEXT_OR_NULL,
           error=TEXT_OR_NULL, trace=TEXT, unique=("key",))
    _index("deliveries", "deliveries_fallback", "fallback_at", where="fallback_at IS NOT NULL")
    _index("deliveries", "deliveries_in_lanes", "lane", "priority", "due_at", "id", where="state = 'waiting'")
    _index("deliveries", "deliveries_parked", "plan_id", "id", where="state = 'parked'")
    _index("deliveries", "deliveries_posted", "posted_in", "posted_as")
    _index("deliveries", "deliveries_sending", "leased_until", where="state = 'sending'")
    _index("deliveries", "deliveries_subject", "subject_kind", "subject_id")
    _index("deliveries", "deliveries_waiting", "priority", "due_at", "id", where="state = 'waiting'")
    _table("lanes", lane=TEXT, leased_until=INSTANT, free_at=INSTANT, primary=("lane",))
    _table("timeline", plan_id=INTEGER, at=INSTANT, subject_kind=TEXT, subject_id=BIG, verb=TEXT, actor=TEXT,
           on_behalf_of=TEXT_OR_NULL, facts=JSON, said=TEXT_OR_NULL, salt=TEXT_OR_NULL, commitment=TEXT_OR_NULL,
           trace=TEXT, seq=INTEGER_OR_NULL, hash=TEXT_OR_NULL)
    _index("timeline", "timeline_chain", "plan_id", "seq", unique=True)
    _index("timeline", "timeline_subject", "subject_kind", "subject_id", "id")
    _index("timeline", "timeline_unsealed", "id", where="seq IS NULL")
    _table("troubles", work=TEXT, row_id=BIG, failures=INTEGER, retry_at=INSTANT_OR_NULL, error=TEXT,
           primary=("work", "row_id"))
    _table("watches", plan_id=INTEGER, name=TEXT, seen_until=INSTANT, wake_at=INSTANT_OR_NULL,
           unique=("plan_id", "name"))
    _index("watches", "ix_watches_wake_at", "wake_at")
    # slack
    _table("receipts", key=TEXT, at=INSTANT, answer=JSON, primary=("key",))
    _index("receipts", "ix_receipts_at", "at")
    # web
    _table("api_replies", token_id=BIG, key=TEXT, fingerprint=TEXT, status=INTEGER, body=TEXT, at=INSTANT,
           primary=("token_id", "key"))
    _index("api_replies", "api_replies_at", "at")
    _table("api_tokens", plan_id=INTEGER, plan=TEXT, person=TEXT, name=TEXT, scopes=JSON, digest=TEXT, made_by=TEXT,
           made_at=INSTANT, expires_at=INSTANT, revoked_at=INSTANT_OR_NULL, revoked_by=TEXT, unique=("digest",))
    _index("api_tokens", "api_tokens_plan", "plan_id")
    # plans
    _table("channels", plan_id=INTEGER, name=TEXT, slack_id=TEXT, gone=FLAG, member=FLAG_OR_NULL,
           unique=("plan_id", "name"))
    _index("channels", "channels_slack", "slack_id")
    _table("holds", plan_id=INTEGER, kind=TEXT, target=TEXT, by=TEXT, reason=TEXT, source=TEXT, placed_at=INSTANT,
           due_at=INSTANT_OR_NULL, lifted_at=INSTANT_OR_NULL, lifted_by=TEXT)
    _index("holds", "holds_once", "plan_id", "target", "by", unique=True, where="lifted_at IS NULL")
    _index("holds", "holds_target", "plan_id", "target")
    _table("plan_edits", plan_id=INTEGER, path=JSON, added=FLAG, removed=FLAG, base=JSON_OR_NULL, value=JSON_OR_NULL,
           author=TEXT, reason=TEXT, at=INSTANT)
    _index("plan_edits", "plan_edits_plan", "plan_id")
    _table("plan_versions", plan_id=BIG_ID, number=INTEGER, file=TEXT, source=TEXT, body=JSON, author=TEXT, reason=TEXT,
           changes=JSON, at=INSTANT, primary=("plan_id", "number"))
    _table("plans", workspace=TEXT, key=TEXT, name=TEXT, timezone=TEXT, from_at=INSTANT, to_at=INSTANT, header=JSON,
           version=INTEGER, revision=TEXT, state=TEXT, unique=("workspace", "key"))
    # teams
    _table("absences", plan_id=INTEGER, person=TEXT, first_day=DAY, last_day=DAY, source=TEXT,
           called_off_at=INSTANT_OR_NULL)
    _index("absences", "absences_person", "plan_id", "person")
    _table("people", plan_id=INTEGER, key=TEXT, position=INTEGER, name=TEXT, slack_id=TEXT, email=TEXT, written=JSON,
           gone=FLAG, unique=("plan_id", "key"))
    _index("people", "people_slack", "slack_id")
    _table("roles", plan_id=INTEGER, key=TEXT, position=INTEGER, name=TEXT, written=JSON, gone=FLAG,
           unique=("plan_id", "key"))
    _table("teams", plan_id=INTEGER, key=TEXT, position=INTEGER, name=TEXT, written=JSON, gone=FLAG,
           unique=("plan_id", "key"))
    # planning
    _table("briefings", plan_id=INTEGER, kind=TEXT, key=TEXT, said=JSON, turns=INTEGER,
           unique=("plan_id", "kind", "key"))
    _table("calendar_feeds", plan_id=INTEGER, person=TEXT, team=TEXT, digest=TEXT,
           ended_at=INSTANT_OR_NULL, unique=("digest",))
    _index("calendar_feeds", "calendar_feeds_whose", "plan_id", "person", "team")
    _table("plan_drafts", workspace=TEXT, by=TEXT, file=TEXT, source=TEXT, reason=TEXT, at=INSTANT)
    _table("trouble_notices", work=TEXT, row_id=BIG, primary=("work", "row_id"))
    # escalation
    _table("climbs", plan_id=INTEGER, subject_kind=TEXT, subject_id=BIG, policy=TEXT, team=TEXT_OR_NULL,
           reporter=TEXT_OR_NULL, assignees=JSON, state=TEXT, opened_at=INSTANT, response_from=INSTANT, reached=INTEGER,
           stepped_at=INSTANT, repetition=INTEGER, held_at=INSTANT_OR_NULL, idle_from=INSTANT_OR_NULL,
           snoozed_at=INSTANT_OR_NULL, snoozed_until=INSTANT_OR_NULL, resolve_at=INSTANT_OR_NULL,
           exhausted_at=INSTANT_OR_NULL, due_at=INSTANT_OR_NULL, trail=JSON)
    _index("climbs", "climbs_due", "due_at", where="due_at IS NOT NULL")
    _index("climbs", "climbs_subject", "subject_kind", "subject_id")
    _table("plan_policies", plan_id=INTEGER, name=TEXT, digest=TEXT, primary=("plan_id", "name"))
    _table("policies", digest=TEXT, body=JSON, primary=("digest",))
    # blockers
    _table("blocker_settings", plan_id=INTEGER, severities=JSON, categories=JSON, checklist=JSON, primary=("plan_id",))
    _table("blockers", plan_id=INTEGER, team=TEXT_OR_NULL, reporter=TEXT, what=TEXT, category=TEXT_OR_NULL,
           severity=TEXT, waits_for=TEXT_OR_NULL, blocks=TEXT_OR_NULL, state=TEXT, owner=TEXT_OR_NULL,
           owner_at=INSTANT_OR_NULL, handed_to=TEXT_OR_NULL, channel=TEXT, opened_at=INSTANT, closed_at=INSTANT_OR_NULL,
           closed_by=TEXT_OR_NULL, outcome=TEXT_OR_NULL, ticked=JSON, changes=INTEGER)
    _index("blockers", "blockers_open", "plan_id", "state")
    # tasks
    _table("tasks", plan_id=INTEGER, key=TEXT, title=TEXT, position=INTEGER, gone=FLAG, team=TEXT, kind=TEXT,
           priority=TEXT, phase=TEXT, area=TEXT, complexity=TEXT, status=TEXT, note=TEXT, why=TEXT, freed_by=TEXT,
           teams=JSON, assignees=JSON, needs=JSON, wants=JSON, components=JSON, criteria=JSON, points=JSON, files=JSON,
           deliverable=JSON, brief=JSON, written=JSON, overridden=JSON, from_at=INSTANT_OR_NULL, due_at=INSTANT_OR_NULL,
           started_at=INSTANT_OR_NULL, completed_at=INSTANT_OR_NULL, moved_at=INSTANT_OR_NULL,
           freed_at=INSTANT_OR_NULL, next_at=INSTANT_OR_NULL, told_due=INSTANT_OR_NULL, told_stuck=INSTANT_OR_NULL,
           least=INTEGER_OR_NULL, most=INTEGER_OR_NULL, spent=INTEGER_OR_NULL,
           percent=INTEGER, blocker=BIG_ID_OR_NULL, completed_by=TEXT_OR_NULL, changes=INTEGER,
           unique=("plan_id", "key"))
    _index("tasks", "tasks_blocker", "blocker")
    _index("tasks", "tasks_next", "next_at")
    # gates
    _table("gate_signatures", gate_id=INTEGER, person=TEXT, seat=TEXT, verdict=TEXT, reason=TEXT, digest=TEXT,
           signed=JSON, at=INSTANT, state=TEXT, ended_at=INSTANT_OR_NULL, why=JSON)
    _index("gate_signatures", "gate_signatures_of", "gate_id", "id")
    _table("gate_ticks", gate_id=INTEGER, criterion=TEXT, by=TEXT, at=INSTANT, evidence=TEXT,
           unique=("gate_id", "criterion"))
    _table("gate_waivers", gate_id=INTEGER, by=TEXT, at=INSTANT, why=TEXT, risk_of_adding=TEXT, risk_of_cutting=TEXT,
           until_at=INSTANT_OR_NULL, ended_at=INSTANT_OR_NULL)
    _index("gate_waivers", "gate_waivers_of", "gate_id", "id")
    _table("gates", plan_id=INTEGER, key=TEXT, name=TEXT, state=TEXT, decision=FLAG, rule=TEXT, due_at=INSTANT_OR_NULL,
           seen_until=INSTANT, wake_at=INSTANT_OR_NULL, missed_at=INSTANT_OR_NULL, settled_at=INSTANT_OR_NULL,
           settled_by=TEXT, passed_on=JSON, doubt=JSON, outcome=JSON, owner=TEXT_OR_NULL, attempt=INTEGER,
           changes=INTEGER, shown=FLAG, gone=FLAG, unique=("plan_id", "key"))
    _index("gates", "gates_wake", "wake_at")
    _table("measurements", plan_id=INTEGER, measure=TEXT, value=NUMBER, unit=TEXT, link=TEXT, by=TEXT, at=INSTANT)
    _index("measurements", "measurements_of", "plan_id", "measure", "id")
    # freezes
    _table("freeze_exceptions", plan_id=INTEGER, freeze_id=INTEGER, item=TEXT, by=TEXT, at=INSTANT, answers=JSON,
           state=TEXT, votes=JSON, settled_at=INSTANT_OR_NULL, reason=TEXT, changes=INTEGER)
    _index("freeze_exceptions", "freeze_exceptions_of", "freeze_id", "id")
    _table("freezes", plan_id=INTEGER, key=TEXT, name=TEXT, from_at=INSTANT, to_at=INSTANT, told=TEXT,
           wake_at=INSTANT_OR_NULL, gone=FLAG, unique=("plan_id", "key"))
    _index("freezes", "freezes_wake", "wake_at")
    # standups
    _table("check_ins", plan_id=INTEGER, standup=TEXT, person=TEXT, state=TEXT, why=TEXT, day=DAY,
           round_id=BIG_ID, at=INSTANT, asked_at=INSTANT, closes_at=INSTANT, remind_at=INSTANT_OR_NULL,
           next_at=INSTANT_OR_NULL, prompted_at=INSTANT_OR_NULL, reminded_at=INSTANT_OR_NULL,
           answered_at=INSTANT_OR_NULL, changed_at=INSTANT_OR_NULL, answers=JSON, raised=JSON, waits_for=TEXT,
           changes=INTEGER, unique=("plan_id", "standup", "person", "day"))
    _index("check_ins", "check_ins_next", "next_at")
    _index("check_ins", "check_ins_round", "round_id")
    _table("standup_rounds", plan_id=INTEGER, standup=TEXT, day=DAY, name=TEXT, digest_at=INSTANT_OR_NULL,
           posted_at=INSTANT_OR_NULL, unique=("plan_id", "standup", "day"))
    _index("standup_rounds", "standup_rounds_digest", "digest_at")
    _table("standups", plan_id=INTEGER, key=TEXT, gone=FLAG, seen_until=INSTANT, wake_at=INSTANT_OR_NULL,
           unique=("plan_id", "key"))
    _index("standups", "standups_wake", "wake_at")
    # checkpoints
    _table("checkpoints", plan_id=INTEGER, key=TEXT, name=TEXT, by=TEXT, at=INSTANT, looked_at=INSTANT, missed=FLAG,
           teams=JSON, on_hold=JSON, items=JSON, percents=JSON, progress=JSON, unique=("plan_id", "key", "at"))
    _table("inquiries", plan_id=INTEGER, checkpoint_id=BIG_ID, seat=TEXT, state=TEXT, how=TEXT, by=TEXT, people=JSON,
           teams=JSON, places=JSON, questions=JSON, answers=JSON, blockers=JSON, asked_at=INSTANT, closes_at=INSTANT,
           next_at=INSTANT_OR_NULL, answered_at=INSTANT_OR_NULL, changes=INTEGER, unique=("checkpoint_id", "seat"))
    _index("inquiries", "inquiries_next", "next_at")
    _index("inquiries", "inquiries_open", "plan_id", "state")
    # cadences
    _table("status_requests", plan_id=INTEGER, person=TEXT, state=TEXT, at=INSTANT, closes_at=INSTANT,
           next_at=INSTANT_OR_NULL, answered_at=INSTANT_OR_NULL, items=JSON, replies=JSON,
           unique=("plan_id", "person", "at"))
    _index("status_requests", "status_requests_next", "next_at")
    _index("status_requests", "status_requests_open", "plan_id", "state")
    # meetings
    _table("meetings", plan_id=INTEGER, key=TEXT, name=TEXT, state=TEXT, notes=TEXT, by=TEXT, at=INSTANT,
           ends_at=INSTANT, next_at=INSTANT_OR_NULL, people=JSON, leads=JSON,
           decisions=JSON, lessons=JSON, actions=JSON, changes=INTEGER, unique=("plan_id", "key", "at"))
    _index("meetings", "meetings_next", "next_at")
    # board
    _table("reports", plan_id=INTEGER, name=TEXT, day=DAY, at=INSTANT, since=INSTANT, figures=JSON,
           unique=("plan_id", "name", "day"))
    # jobs
    _table("jobs", plan_id=INTEGER, type=TEXT, version=TEXT, params=JSON, priority=INTEGER, lease=INTEGER, state=TEXT,
           attempt=INTEGER, worker=TEXT, person=TEXT, made_by=TEXT, made_at=INSTANT, claimed_at=INSTANT_OR_NULL,
           leased_until=INSTANT_OR_NULL, ended_at=INSTANT_OR_NULL, result=JSON_OR_NULL, error=TEXT)
    _index("jobs", "jobs_leased", "leased_until", where="state = 'claimed'")
    _index("jobs", "jobs_plan", "plan_id", "id")
    _index("jobs", "jobs_waiting", "plan_id", "priority", "id", where="state = 'waiting'")
    _table("task_types", plan_id=INTEGER, name=TEXT, version=TEXT, params=JSON, lease=INTEGER, by=TEXT, at=INSTANT,
           unique=("plan_id", "name"))
    # branches
    _table("branches", plan_id=INTEGER, mirror_id=BIG_ID, repository=TEXT, name=TEXT, head=TEXT, base=TEXT, team=TEXT,
           person=TEXT, author=TEXT, protected=FLAG, files=INTEGER, touched=JSON,
           gone_at=INSTANT_OR_NULL, unique=("mirror_id", "name"))
    _index("branches", "branches_plan", "plan_id", "gone_at")
    _table("ci_reports", plan_id=INTEGER, repository=TEXT, commit=TEXT, name=TEXT, state=TEXT,
           unique=("plan_id", "repository", "commit", "name"))
    _table("hooks_received", digest=TEXT, at=INSTANT, primary=("digest",))
    _table("mirror_files", mirror_id=BIG_ID, paths=JSON, primary=("mirror_id",))
    _table("mirrors", plan_id=INTEGER, repository=TEXT, clone=TEXT, trouble=TEXT, main_head=TEXT,
           next_at=INSTANT_OR_NULL, leased_until=INSTANT_OR_NULL, pushed_at=INSTANT_OR_NULL, fetched_at=INSTANT_OR_NULL,
           told_at=INSTANT_OR_NULL, fence=INTEGER, failures=INTEGER, unique=("plan_id", "repository"))
    _index("mirrors", "mirrors_next", "next_at")
    _table("pulls", plan_id=INTEGER, number=BIG, repository=TEXT, forge=TEXT, project=TEXT, head=TEXT, branch=TEXT,
           author=TEXT, said=TEXT, fork=FLAG, open=FLAG, unique=("plan_id", "repository", "number"))
    # conflicts
    _table("conflicts", plan_id=INTEGER, repository=TEXT, one=TEXT, other=TEXT, kind=TEXT, degree=TEXT, state=TEXT,
           why=JSON, files=JSON, hunks=JSON, teams=JSON, people=JSON, verdicts=JSON,
           answered_by=TEXT_OR_NULL, ended_how=TEXT_OR_NULL, ended_by=TEXT_OR_NULL, ended_why=TEXT_OR_NULL,
           pushed_at=INSTANT, found_at=INSTANT, answered_at=INSTANT_OR_NULL, resolve_at=INSTANT_OR_NULL,
           validate_at=INSTANT_OR_NULL, next_at=INSTANT_OR_NULL, ended_at=INSTANT_OR_NULL, changes=INTEGER)
    _index("conflicts", "conflicts_next", "next_at")
    _index("conflicts", "conflicts_plan", "plan_id", "state")
    # locks
    _table("lock_allowances", plan_id=INTEGER, person=TEXT, by=TEXT, reason=TEXT, targets=JSON, until=INSTANT)
    _index("lock_allowances", "lock_allowances_plan", "plan_id", "until")
    _table("lock_books", plan_id=INTEGER, primary=("plan_id",))
    _table("lock_targets", lock_id=BIG_ID, plan_id=INTEGER, live=FLAG, kind=TEXT, repository=TEXT, text=TEXT,
           section=TEXT, stem=TEXT)
    _index("lock_targets", "lock_targets_live", "plan_id", "live", "stem")
    _index("lock_targets", "lock_targets_lock", "lock_id")
    _table("locks", plan_id=INTEGER, state=TEXT, holder=TEXT, reason=TEXT, source=TEXT, team=TEXT_OR_NULL, targets=JSON,
           homes=JSON, consents=JSON, span=INTEGER, fixed=FLAG, asked_at=INSTANT, held_at=INSTANT_OR_NULL,
           expires_at=INSTANT_OR_NULL, offered_until=INSTANT_OR_NULL, remind_at=INSTANT_OR_NULL,
           next_at=INSTANT_OR_NULL, ended_at=INSTANT_OR_NULL, ended_by=TEXT_OR_NULL, ended_how=TEXT_OR_NULL,
           ended_why=TEXT_OR_NULL, changes=INTEGER, points=JSON)
    _index("locks", "locks_live", "plan_id", "state", "id")
    _index("locks", "locks_next", "next_at")
