"""The doctor's round: settings, database, Slack, then each plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from callboard.app import database
from callboard.core import schema
from callboard.core.db import Database
from callboard.core.errors import Refused
from callboard.doctor import Finding, bad, good, note, plans, workspace
from callboard.doctor.workspace import Seen

if TYPE_CHECKING:
    from callboard.core.clock import Clock
    from callboard.settings import Settings

SHAPES = {
    "slack_bot_token": (r"xox[be][-.].+", "xoxb-..., under OAuth & Permissions"),
    "slack_app_token": (r"xapp-.+", "xapp-..., under Basic Information, App-Level Tokens"),
    "slack_signing_secret": (r"(?!xox|xapp-)\S{16,}", "32 digits and letters, under Basic Information"),
}


async def examine(settings: Settings, clock: Clock | None = None, *, live: bool = False) -> list[Finding]:
    """Check everything and change nothing. With `live`, Slack checks every screen too."""
    findings = [*_settings(settings)]
    db = database(settings, clock)
    try:
        findings += _database(db)
        usable = not any(finding.about == "database" and finding.mend for finding in findings)
        answer = await workspace.look(settings, plans.channel_names(db) if usable else ())
        findings += workspace.findings(settings, answer, db.clock)
        seen = answer if isinstance(answer, Seen) else None
        if live and seen:
            findings += await workspace.screens(settings)
        findings += plans.findings(db, settings, seen) if usable else []
    finally:
        db.close()
    return findings


def _settings(settings: Settings) -> Iterator[Finding]:
    for name, (shape, where) in SHAPES.items():
        value = getattr(settings, name).get_secret_value()
        if value and not re.fullmatch(shape, value):
            yield bad("settings", f"{name.upper()} does not look right.", f"On your Slack app's page: {where}.")
    if not settings.slack_bot_token.get_secret_value():
        yield bad("settings", "SLACK_BOT_TOKEN is not set.", "Install the app, then copy xoxb-... from its page.")
    elif settings.slack_app_token.get_secret_value():
        yield good("settings", "Socket Mode: Callboard connects to Slack and needs no address of its own.")
    elif settings.slack_signing_secret.get_secret_value():
        yield good("settings", f"HTTP: Slack sends to port {settings.port}, POST /slack/events.")
    else:
        yield bad(
            "settings",
            "neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set: Callboard hears nothing.",
            "Set the first, or the second if Slack can reach this machine.",
        )


def _database(db: Database) -> Iterator[Finding]:
    kind = "SQLite" if db.on_sqlite else "PostgreSQL"
    if db.on_sqlite and not Path(db.url.database or "").exists():
        yield bad("database", f"there is no file {db.url.database} yet.", "`callboard apply plan.yml` makes it.")
        return
    try:
        with db.engine.connect() as connection:
            present, newest = schema.current(connection), schema.head()
    except (SQLAlchemyError, Refused) as error:
        reason = error.sentence if isinstance(error, Refused) else getattr(error, "orig", error)
        yield bad("database", f"{kind} does not work: {reason}", "Check DATABASE_URL.")
        return
    if present is None:
        yield bad("database", f"{kind} is empty.", "`callboard apply plan.yml` makes the tables.")
    elif present != newest:
        yield bad("database", f"{kind} has schema {present}, not {newest}.", "`callboard serve` updates it.")
    else:
        yield good("database", f"{kind} has schema {present}, the newest.")
    if db.on_sqlite:
        yield note("database", "SQLite serves one process. Several processes, or a standby, need PostgreSQL.")
