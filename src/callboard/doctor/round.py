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
from callboard.doctor import live as screens
from callboard.doctor import plans, workspace
from callboard.doctor.findings import Finding, bad, good, note
from callboard.doctor.workspace import Seen

if TYPE_CHECKING:
    from callboard.core.clock import Clock
    from callboard.settings import Settings

SHAPES = (
    ("SLACK_BOT_TOKEN", "slack_bot_token", r"xox[be][-.].+", "xoxb-..., under OAuth & Permissions"),
    ("SLACK_APP_TOKEN", "slack_app_token", r"xapp-.+", "xapp-..., under Basic Information, App-Level Tokens"),
    (
        "SLACK_SIGNING_SECRET",
        "slack_signing_secret",
        r"(?!xox|xapp-)\S{16,}",
        "32 digits and letters, under Basic Information",
    ),
)


async def examine(settings: Settings, clock: Clock | None = None, *, live: bool = False) -> list[Finding]:
    """Look at everything; nothing is changed. `live` has Slack check all that can be shown in it."""
    found = [*_settings(settings)]
    db = database(settings, clock)
    try:
        found += _database(db)
        usable = not any(one.about == "database" and one.mend for one in found)
        seen = await workspace.look(settings, plans.channel_names(db) if usable else ())
        found += workspace.findings(settings, seen, db.clock)
        if live and isinstance(seen, Seen):
            found += await screens.findings(settings)
        found += plans.findings(db, settings, seen if isinstance(seen, Seen) else None) if usable else []
    finally:
        db.close()
    return found


def _settings(settings: Settings) -> Iterator[Finding]:
    for variable, name, shape, where in SHAPES:
        value = getattr(settings, name).get_secret_value()
        if value and not re.fullmatch(shape, value):
            yield bad("settings", f"{variable} does not look like one.", f"On your Slack app's page: {where}.")
    if not settings.slack_bot_token.get_secret_value():
        yield bad("settings", "SLACK_BOT_TOKEN is not set.", "Install the app, then copy xoxb-... from its page.")
    elif settings.slack_app_token.get_secret_value():
        yield good("settings", "Socket Mode: Callboard connects to Slack; no address of its own is needed.")
    elif settings.slack_signing_secret.get_secret_value():
        yield good("settings", f"HTTP: Slack sends to port {settings.port}, POST /slack/events.")
    else:
        yield bad(
            "settings",
            "neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set, so nothing said in Slack "
            "reaches Callboard.",
            "Set the first; the second, where Slack can reach this machine.",
        )


def _database(db: Database) -> Iterator[Finding]:
    kind = "SQLite" if db.on_sqlite else "PostgreSQL"
    if db.on_sqlite and not Path(db.url.database or "").exists():
        yield bad("database", f"there is no file {db.url.database} yet.", "`callboard apply plan.yml` makes it.")
        return
    try:
        with db.engine.connect() as connection:
            here, newest = schema.current(connection), schema.head()
    except SQLAlchemyError as error:
        yield bad("database", f"{kind} cannot be used: {getattr(error, 'orig', error)}", "Check DATABASE_URL.")
        return
    except Refused as refused:
        yield bad("database", refused.sentence, "Check DATABASE_URL.")
        return
    if here is None:
        yield bad("database", f"{kind} is there, and empty.", "`callboard apply plan.yml` makes the tables.")
    elif here != newest:
        yield bad(
            "database", f"{kind} is at schema {here}; this version's is {newest}.", "`callboard serve` brings it there."
        )
    else:
        yield good("database", f"{kind} is at schema {here}, which is the newest.")
    if db.on_sqlite:
        yield note("database", "SQLite serves one process; several, or a standby, need PostgreSQL.")
