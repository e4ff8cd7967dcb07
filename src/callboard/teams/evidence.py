"""What the plan says of people, teams and roles, and the timeline of accounts and absences, against their rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from callboard.core.db import Tx
from callboard.plans import evidence
from callboard.plans import service as plans
from callboard.teams import store
from callboard.teams.models import Item, PersonRow, RoleRow, TeamRow
from callboard.teams.plan.people import PEOPLE, ROLES, TEAMS


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """People, teams and roles that are not as the plan has them, in sentences."""
    if not plans.plan(tx, plan_id).version:
        return
    document = plans.live(tx, plan_id)
    present: dict[str, Sequence[Item]] = {
        PEOPLE.name: store.present(tx, PersonRow, plan_id), TEAMS.name: store.present(tx, TeamRow, plan_id),
        ROLES.name: store.present(tx, RoleRow, plan_id),
    }  # fmt: skip
    for section, items in present.items():
        written = document.body.get(section) or {}
        rows = {row.key: row for row in items}
        for key in sorted(document.values.get(section, {}).keys() | rows.keys()):
            word = "gone" if key not in rows else "here" if key not in written else "different"
            if word == "different" and (section == ROLES.name or _plain(rows[key].written) == _plain(written[key])):
                continue
            yield f"{section}: `{key}` is {word}, and the plan does not say so"
    yield from _accounts(tx, plan_id)


def _accounts(tx: Tx, plan_id: int) -> Iterator[str]:
    linked: dict[int, set[str]] = defaultdict(set)
    for entry in evidence.entries(tx, plan_id, "person"):
        if entry.verb == "linked":
            linked[entry.subject_id].add(entry.facts["slack_id"])
    for row in store.present(tx, PersonRow, plan_id):
        written = str(row.written.get("slack") or "")
        if row.slack_id != written and row.slack_id not in ({""} if written else {"", *linked[row.id or 0]}):
            yield f"people: `{row.key}` has the Slack account {row.slack_id}, and neither plan nor timeline says so"


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
