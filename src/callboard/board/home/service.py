"""The verbs of a Home: it is opened, another plan is chosen in it, and it is shown anew while somebody looks."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.board.home import notices, store
from callboard.board.home.models import SOMETIME, SOON, Visit
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.teams import several_plans


def open_home(tx: Tx, workspace: str, slack_id: str) -> None:
    """Somebody looks; a plan that is over makes way for one that is not."""
    visit, own = store.open_visit(tx, workspace, slack_id), several_plans.own(tx, workspace, slack_id)
    if visit.plan_id not in {plan.plan_id for plan in several_plans.present(own, tx.now)}:
        visit.plan_id = 0
    _show(tx, [visit])


def stay(tx: Tx, workspace: str, slack_id: str) -> None:
    """Somebody clicked at home: they look, and see what came of it."""
    if visit := store.stays(tx, workspace, slack_id):
        _show(tx, [visit])


def choose(tx: Tx, workspace: str, slack_id: str, plan: str) -> None:
    """Look at another plan of one's own. Raises Refused for any other."""
    known = {each.plan_key: each.plan_id for each in several_plans.own(tx, workspace, slack_id)}
    if plan not in known:
        raise Refused("You are not in that plan any more. Open your Home again to see those you are in.")
    visit = store.stays(tx, workspace, slack_id) or store.open_visit(tx, workspace, slack_id)
    visit.plan_id = known[plan]
    _show(tx, [visit])


def attend(tx: Tx, numbers: Sequence[int]) -> None:
    """Show anew what has news, or was not looked at for a while."""
    _show(tx, store.held(tx, numbers), by_itself=True)


def _show(tx: Tx, some: Sequence[Visit], *, by_itself: bool = False) -> None:
    """Write them anew, and look again: soon after news, since a replica may have committed some late."""
    every = [several_plans.own(tx, visit.workspace, visit.slack_id) for visit in some]  # before any is changed
    for visit, own in zip(some, every, strict=True):
        if visit.plan_id not in {each.plan_id for each in own}:
            visit.plan_id = own[0].plan_id if own else 0
        is_quiet = by_itself and visit.look_at <= tx.now
        visit.look_at = tx.now + (SOMETIME if is_quiet else SOON)
    store.note_shown(tx, some)
    notices.show(tx, some)
