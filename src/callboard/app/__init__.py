"""The composition root: the one list of capabilities, and what they are together.

bot: everything built from the settings, started and stopped
telemetry: spans for whoever collects traces
metronome: what beats several times a second
lifesign: what is sent outward every minute, so that somebody else notices when Callboard is gone
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from callboard import rights
from callboard.alerts import pages as alerts
from callboard.answers.links import ANSWERS, with_answer
from callboard.blockers.messages import BACKGROUND
from callboard.board import slack as board
from callboard.board.figures import success
from callboard.board.home import duties
from callboard.branches.service import FROZEN
from callboard.conflicts.notices import BECAME, FORGES
from callboard.core import notices, seal
from callboard.core.clock import Clock
from callboard.core.courier import outcomes
from callboard.core.db import Database, Tx
from callboard.core.deliveries import Medium
from callboard.core.hosts import Hosts
from callboard.core.measures import COMPUTED, PREFLIGHT
from callboard.core.outbox import BUDGET, BUDGETS, NAMED, OUTSIDE
from callboard.core.registry import Bus
from callboard.core.resolver import look_up
from callboard.core.retention import RETENTION, Sweep, sweeper
from callboard.core.ticks import DueWork, rows_due
from callboard.core.timeline import CALLED
from callboard.emergencies import service as emergencies
from callboard.escalation.pages import PAGES, WEIGHTS
from callboard.escalation.service import StepsDue
from callboard.forecast import store as forecasts
from callboard.freezes import service as freezes
from callboard.gates.service import gate_states
from callboard.meetings.retrospectives.service import FIGURES
from callboard.noise import budget
from callboard.planfile.sections import SECTIONS
from callboard.planning.rights import SHARED, STARTERS
from callboard.planning.service import HOLDERS
from callboard.planning.slack import BOARD
from callboard.plans.evidence import EVIDENCE
from callboard.plans.service import UNMOVED
from callboard.preflight import service as preflight
from callboard.risks.indicators import FORECAST, Forecast
from callboard.rota.notices import KNOW
from callboard.runbooks.messages.news import unmoved
from callboard.runbooks.notices import steps as step_notices
from callboard.slack.asked_plan import OWN_PLAN
from callboard.slack.grammar import joined
from callboard.slack.idempotency import OLD_RECEIPTS
from callboard.slack.routes import Routes
from callboard.slack.sender import PEOPLE
from callboard.tasks.dependencies import GATES
from callboard.tasks.service import holders
from callboard.teams import service as teams
from callboard.teams import several_plans
from callboard.teams.fallback import Fallback
from callboard.teams.notices import LEFT
from callboard.web import PUBLIC_URL
from callboard.web.idempotency import OLD_REPLIES
from callboard.web.sessions import OLD_SESSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callboard.branches.statuses import Forge
    from callboard.capability import Capability
    from callboard.core.notices import Notice
    from callboard.core.outbox import Renderer
    from callboard.planfile.sections import Section
    from callboard.settings import Settings
    from callboard.slack.routes import Hears

CAPABILITIES: tuple[Capability, ...] = tuple(
    import_module(f"callboard.{name}").capability for name in (
        "plans", "teams", "noise", "answers", "planning", "rota", "escalation", "zones", "branches", "blockers",
        "tasks", "jobs", "locks", "conflicts", "gates", "freezes", "standups", "checkpoints", "cadences", "meetings",
        "emergencies", "alerts", "runbooks", "preflight", "risks", "forecast", "board",
    )
)  # fmt: skip

API = (
    "planning", "tasks", "jobs", "blockers", "locks", "gates", "emergencies", "runbooks", "board.picture",
    "board.figures",
)  # fmt: skip
"""Who has a part in the automation API, in the order of its description."""

SWEEPS: tuple[Sweep, ...] = (
    OLD_RECEIPTS, OLD_REPLIES, OLD_SESSIONS,
    *itertools.chain.from_iterable(capability.sweeps for capability in CAPABILITIES),
)  # fmt: skip
"""Everything that is not kept for ever."""

SEALING = DueWork("seal", seal.unsealed, seal.seal, seal.WAITING)
CORE_WORK = (
    outcomes.UNACCEPTED, outcomes.PARKED, sweeper(SWEEPS), SEALING,
    rows_due("heads", seal.publish, seal.Chain.plan_id, seal.Chain.publish_at),
)  # fmt: skip


def sections() -> tuple[Section[Any], ...]:
    """Every section of the plan file that a capability declares."""
    return tuple(itertools.chain.from_iterable(capability.sections for capability in CAPABILITIES))


def routes(more: Iterable[Hears] = ()) -> Routes:
    """Everything that Slack may ask for, and what `more` is heard. LookupError for what `rights` does not know."""
    found = Routes(
        joined(itertools.chain.from_iterable(capability.commands for capability in CAPABILITIES)),
        itertools.chain.from_iterable(capability.interactions for capability in CAPABILITIES),
        itertools.chain(more, *(capability.hears for capability in CAPABILITIES)),
    )
    if missing := rights.missing(found.names()):
        raise LookupError(f"rights.py does not say who may do this: {', '.join(missing)}")
    return found


def scopes() -> list[str]:
    """Every scope that a token may have."""
    from callboard.alerts import web as alerts
    from callboard.locks import lfs

    return [scope for each in (*apis(), lfs, alerts) for scope in each.SCOPES]


def apis() -> list[Any]:
    return [import_module(f"callboard.{name}.web") for name in API]


def renderers() -> dict[str, Renderer]:
    """Who writes each kind of message."""
    return notices.renderers(every_notice())


def every_notice() -> tuple[Notice, ...]:
    """Every kind of message that a capability sends."""
    return tuple(itertools.chain.from_iterable(capability.notices for capability in CAPABILITIES))


def page_notices(capabilities: Iterable[Capability] = CAPABILITIES) -> dict[str, Notice]:
    """By which notice each kind of subject pages. LookupError for a capability that climbs and declares none."""
    found: dict[str, Notice] = {}
    for capability in capabilities:
        if StepsDue in dict(capability.subscriptions) and not capability.pages:
            sentence = f"{capability.name} hears how its climbs move, and declares no notice for their pages"
            raise LookupError(sentence)
        found |= capability.pages
    return found


def database(settings: Settings, clock: Clock | None = None) -> Database:
    """The database, with every subscription, and what lower layers must know from above."""
    bus = Bus()
    for capability in CAPABILITIES:
        for kind, handler in capability.subscriptions:
            bus.subscribe(kind, handler)
    db = Database(settings.database_url, clock, bus)
    db.registry.put(SECTIONS, sections())
    db.registry.put(PUBLIC_URL, settings.public_url or "")
    days = settings.retention_days
    db.registry.put(RETENTION, timedelta(days=days) if days else None)
    db.registry.put(STARTERS, settings.plan_starters)
    db.registry.put(PEOPLE, teams.slack_ids)
    db.registry.put(SHARED, settings.shared_channels)
    db.registry.put(FORGES, frozenset(forges(settings)))
    db.registry.put(GATES, gate_states)
    db.registry.put(FROZEN, freezes.barred)
    db.registry.put(HOLDERS, holders)
    db.registry.put(PAGES, page_notices())
    db.registry.put(ANSWERS, dict(itertools.chain.from_iterable(each.answers.items() for each in CAPABILITIES)))
    db.registry.put(WEIGHTS, dict(itertools.chain.from_iterable(each.weights.items() for each in CAPABILITIES)))
    db.registry.put(CALLED, dict(itertools.chain.from_iterable(each.called.items() for each in CAPABILITIES)))
    db.registry.put(OUTSIDE, with_answer)
    db.registry.put(NAMED, several_plans.named)
    db.registry.put(OWN_PLAN, several_plans.own_plan)
    db.registry.put(BOARD, board.button)
    db.registry.put(LEFT, duties.left)
    db.registry.put(BACKGROUND, alerts.BACKGROUND)
    db.registry.put(KNOW, step_notices.to_know)
    db.registry.put(UNMOVED, unmoved)
    db.registry.put(BECAME, emergencies.told_of)
    db.registry.put(COMPUTED, dict(itertools.chain.from_iterable(each.measures.items() for each in CAPABILITIES)))
    db.registry.put(FIGURES, success.of_phases)
    db.registry.put(PREFLIGHT, preflight.reached)
    db.registry.put(FORECAST, _expected)
    db.registry.put(notices.NOTICES, {notice.kind: notice for notice in every_notice()})
    db.registry.put(BUDGET, budget.folded)
    db.registry.put(BUDGETS, budget.read_ahead)
    db.registry.put(EVIDENCE, tuple(each.evidence for each in CAPABILITIES if each.evidence))
    return db


def _expected(tx: Tx, plan_id: int, kind: str, key: str) -> Forecast | None:
    """When half of all runs have reached a gate or phase that is not over, for the risks that watch it."""
    row = forecasts.of(tx, plan_id, kind, key)
    return Forecast(row.middle_at, row.due_at) if row and row.middle_at and row.due_at and not row.over_at else None


def forges(settings: Settings) -> dict[str, Forge]:
    """The forges with a token."""
    if not settings.github_token.get_secret_value() and not settings.gitlab_token.get_secret_value():
        return {}
    from callboard.branches.statuses import Forge

    named = {
        Medium.GITHUB: (settings.github_api_url, settings.github_token),
        Medium.GITLAB: (settings.gitlab_api_url, settings.gitlab_token),
    }
    return {
        name: Forge(name, api, token.get_secret_value()) for name, (api, token) in named.items()
        if token.get_secret_value()
    }  # fmt: skip


def hosts(settings: Settings) -> Hosts:
    """Where plans may make Callboard connect."""
    return Hosts(settings.hosts, look_up)


def fallback(settings: Settings) -> Fallback:
    """How those are reached whom Slack does not reach."""
    return Fallback(
        settings.mail_url.get_secret_value(), settings.phone_url.get_secret_value(),
        schemes=settings.fallback_schemes, hosts=hosts(settings),
    )  # fmt: skip
