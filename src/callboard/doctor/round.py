"""The doctor's round: settings, database, Slack, then each plan."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from callboard.app import database, fallback, hosts
from callboard.app.lifesign import attempt
from callboard.board.workspace import store as canvases
from callboard.board.workspace.canvas import messages
from callboard.core import file, schema, ticks
from callboard.core.clock import Clock
from callboard.core.db import Database, Tx
from callboard.core.engine import is_pooled
from callboard.core.errors import Refused
from callboard.core.outbox import addresses
from callboard.core.words import counted, few
from callboard.doctor import Finding, bad, good, installations, note, workspace
from callboard.doctor.installations import Wanted
from callboard.doctor.workspace import Seen
from callboard.escalation import service as escalation
from callboard.escalation import store as policies
from callboard.plans import service as plans
from callboard.settings import Settings, overruled
from callboard.teams import hindrances
from callboard.teams import service as teams
from callboard.teams.service import Concern, Directory
from callboard.web.health import refusal

MOST = 6
Sees = Callable[[str], Seen | None]
"""What Slack shows of a workspace, by its id."""
SHAPES = {
    "slack_bot_token": (r"xox[be][-.].+", "xoxb-..., under OAuth & Permissions"),
    "slack_app_token": (r"xapp-.+", "xapp-..., under Basic Information, App-Level Tokens"),
    "slack_signing_secret": (r"(?!xox|xapp-)\S{16,}", "32 digits and letters, under Basic Information"),
}


async def examine(settings: Settings, clock: Clock | None = None, *, live: bool = False) -> list[Finding]:
    """Check everything and change nothing. With `live`, Slack checks every screen too."""
    findings = [*_settings(settings), *_overruled(), *_reachable(settings), *await _watched(settings)]
    db = database(settings, clock)
    try:
        findings += _database(db)
        usable = not any(finding.about == "database" and finding.mend for finding in findings)
        found, sees = await _slack(db, settings, usable=usable, live=live)
        findings += found
        findings += db.transact(lambda tx: [*_plans(tx, settings, sees)]) if usable else []
    finally:
        db.close()
    return findings


async def _slack(
    db: Database, settings: Settings, *, usable: bool, live: bool
) -> tuple[list[Finding], Sees]:  # fmt: skip
    """What Slack says of the app, and how to see what it shows of a workspace."""
    if settings.several:
        wanted = db.transact(_wanted) if usable else {}
        findings, seen = await installations.examine(db, settings, wanted, live=live) if usable else ([], {})
        return findings, seen.get
    every = list(db.transact(_wanted).values()) if usable else []
    names, accounts = ({word for each in every for word in each[part]} for part in (0, 1))
    answer = await workspace.look(settings, names, accounts)
    findings = list(workspace.findings(settings, answer, db.clock))
    shown = answer if isinstance(answer, Seen) else None
    if live and shown:
        findings += await workspace.screens(settings)
    return findings, lambda _workspace: shown


def _settings(settings: Settings) -> Iterator[Finding]:
    for name, (shape, where) in SHAPES.items():
        value = getattr(settings, name).get_secret_value()
        if value and not re.fullmatch(shape, value):
            yield bad("settings", f"{name.upper()} does not look right.", f"On your Slack app's page: {where}.")
    if settings.several or settings.slack_client_secret.get_secret_value():
        yield installations.settings_of_several(settings)
    elif not settings.slack_bot_token.get_secret_value():
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


def _overruled() -> Iterator[Finding]:
    for name in overruled():
        said = f"{name} is not what the folder of secrets says: the environment has another value, and counts."
        yield note("settings", said, "Take one of the two away.")


def _reachable(settings: Settings) -> Iterator[Finding]:
    if not settings.public_url:
        yield note(
            "settings", "CALLBOARD_PUBLIC_URL is not set: no board, no links by mail, no whole calendar addresses.",
            "Set it to where people reach this server, such as https://callboard.example.com.",
        )  # fmt: skip


async def _watched(settings: Settings) -> list[Finding]:
    """Whether somebody else notices when Callboard is gone."""
    url = settings.heartbeat_url.get_secret_value()
    if not url:
        return [note(
            "settings", "CALLBOARD_HEARTBEAT_URL is not set: nobody notices when Callboard itself is gone.",
            "Set it to an address of a service that pages you when it is not asked for some minutes.",
        )]  # fmt: skip
    if why := await attempt(url, hosts(settings)):
        return [bad("settings", f"the sign of life is not taken: {why}", "Correct CALLBOARD_HEARTBEAT_URL.")]
    return [good("settings", "the sign of life was taken: somebody else notices when Callboard is gone.")]


def _database(db: Database) -> Iterator[Finding]:
    kind = "SQLite" if db.on_sqlite else "PostgreSQL"
    if db.on_sqlite and not Path(db.url.database or "").exists():
        yield bad("database", f"there is no file {db.url.database} yet.", "`callboard apply plan.yml` makes it.")
        return
    try:
        with db.engine.connect() as connection:
            present, newest = schema.current(connection), schema.head()
            pooled = not db.on_sqlite and is_pooled(connection.connection.driver_connection)
    except (SQLAlchemyError, Refused) as error:
        reason = error.sentence if isinstance(error, Refused) else getattr(error, "orig", error)
        yield bad("database", f"{kind} does not work: {reason}", "Check DATABASE_URL.")
        return
    if present is None:
        yield bad("database", f"{kind} is empty.", "`callboard apply plan.yml` makes the tables.")
    elif present > newest:
        yield _newer(db, f"{kind} has schema {present}, of a newer version. This one can serve it too.")
    elif present != newest:
        yield bad("database", f"{kind} has schema {present}, not {newest}.", "`callboard serve` updates it.")
    elif why := refusal(db):
        yield bad("database", f"{kind} takes no changes: {why}.", "`callboard serve` is ready again once it does.")
    else:
        yield good("database", f"{kind} has schema {present}, the newest.")
    if pooled:
        yield note(
            "database", "a pooler stands before PostgreSQL: what a killed process was sending waits up to 15 s longer.",
            "Take backups from the server itself, and set idle_in_transaction_session_timeout = '30s' for the role.",
        )  # fmt: skip
    if db.on_sqlite:
        yield _version(sqlite3.sqlite_version_info)
        yield note("database", "SQLite serves one process. Several processes, or a standby, need PostgreSQL.")


def _newer(db: Database, served: str) -> Finding:
    try:
        schema.is_served(db)
    except Refused as refused:
        return bad("database", refused.sentence, "Start the newer version.")
    return note("database", served)


def _version(version: tuple[int, ...]) -> Finding:
    number = ".".join(map(str, version))
    if file.is_sound(version):
        return good("sqlite", f"SQLite {number} lets several programs write.")
    return note(
        "sqlite", f"SQLite {number} may damage a database that two programs write to at once: Callboard takes turns.",
        "Let no other program write to it, such as the `sqlite3` shell; or use a Python with SQLite 3.51.3.",
    )  # fmt: skip


def _wanted(tx: Tx) -> dict[str, Wanted]:
    """The channels and accounts that the plans of each workspace name."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for plan in plans.every(tx):
        channels, accounts = found.setdefault(plan.workspace, (set(), set()))
        directory = teams.directory(tx, plan.id or 0)
        channels |= {channel.slack_id or channel.name for channel in directory.channels}
        accounts |= {person.slack_id for person in directory.people.values() if person.slack_id}
    return {workspace: Wanted(*words) for workspace, words in found.items()}


def _plans(tx: Tx, settings: Settings, sees: Sees) -> Iterator[Finding]:
    known = plans.every(tx)
    if not known:
        yield bad(
            "plans", "there is no plan yet.", "`callboard apply plan.yml`; docs/plan-file.md says how to write it."
        )
    for plan in known:
        directory = teams.directory(tx, plan.id or 0)
        about, seen = f"plan {plan.key}", sees(plan.workspace)
        wrong = [
            *_workspace(about, plan.workspace, seen), *_channels(about, directory, seen),
            *_accounts(about, directory, seen), *_people(about, directory, settings),
            *_steps(tx, about, directory), *_parked(tx, about, plan.id or 0), *_canvases(tx, about, plan.id or 0),
        ]  # fmt: skip
        yield from wrong or [good(about, "every channel, person and step can be reached.")]
    stuck = ticks.parked(tx)
    if stuck:
        yield bad(
            "clockwork", f"{len(stuck)} due rows keep failing; the first: {stuck[0].work}, {stuck[0].error}",
            "Report this. To try again, delete their rows in the table `troubles`.",
        )  # fmt: skip


def _workspace(about: str, workspace: str, seen: Seen | None) -> Iterator[Finding]:
    if not workspace:
        yield note(about, "it has no workspace yet. It joins the first that Callboard connects to.")
    elif seen and workspace != seen.team_id:
        yield bad(
            about, f"it is in the workspace {workspace}, the token in {seen.team_id}.", f"Set the token of {workspace}."
        )


def _channels(about: str, directory: Directory, seen: Seen | None) -> Iterator[Finding]:
    if seen is None:
        return
    for channel in directory.channels:
        place = seen.channels.get(channel.slack_id or channel.name)
        name = f"#{channel.name or channel.slack_id}"
        if place is None:
            yield bad(about, f"{name} is not visible.", f"Create or unarchive it, or /invite @Callboard in {name}.")
        elif not place.has_bot:
            yield bad(
                about, f"the bot is not in {name}, so it hears no replies there.", f"/invite @Callboard in {name}."
            )
        if place and place.is_shared:
            yield note(
                about, f"{name} is shared with another organisation. Its people read what Callboard posts there.",
                "If they should not, name another channel in the plan file.",
            )  # fmt: skip


def _accounts(about: str, directory: Directory, seen: Seen | None) -> Iterator[Finding]:
    for person in directory.people.values():
        if seen and (doubt := seen.doubts.get(person.slack_id)):
            made = note if doubt == "is_restricted" else bad
            sentence = f"{person.name} ({person.slack_id}) {hindrances.of_account(doubt)}."
            yield made(about, sentence, hindrances.remedy(doubt))


def _people(about: str, directory: Directory, settings: Settings) -> Iterator[Finding]:
    unlinked = [person.name for person in directory.unlinked]
    if unlinked:
        people = f"{counted(len(unlinked), 'person', 'people')} without a known Slack account"
        yield bad(about, f"{people}: {few(unlinked, MOST)}.", "Write `slack:` or the right `email:` in the plan file.")
    vacant = [person.name for person in directory.people.values() if person.vacant]
    if vacant:
        yield note(about, f"{counted(len(vacant), 'vacant seat')}: {few(vacant, MOST)}.")
    ways = fallback(settings)
    deaf = [
        person.name
        for person in directory.people.values()
        if (reach := directory.fall_back(person)) and not ways.usable(reach.address)
    ]
    if deaf:
        yield note(
            about, f"the fallback of {few(deaf, MOST)} does not work.",
            "Set CALLBOARD_MAIL_URL or CALLBOARD_PHONE_URL, and every variable after `env:` in the plan. "
            "Addresses in the plan itself are held to CALLBOARD_FALLBACK_SCHEMES and CALLBOARD_HOSTS.",
        )  # fmt: skip


def _steps(tx: Tx, about: str, directory: Directory) -> Iterator[Finding]:
    for name, digest in policies.digests(tx, directory.plan_id).items():
        for step in escalation.policy_of(tx, digest).steps:
            empty = [team for team in directory.teams if not _reaches(tx, directory, step.notify, team)]
            if len(empty) == len(directory.teams):
                yield bad(
                    about, f"step {step.level} of the policy {name} reaches nobody.", "Name somebody in its `notify`."
                )
            elif empty:
                whom = few(empty, MOST)
                yield bad(about, f"step {step.level} of the policy {name} reaches nobody for {whom}.", "Fill seats.")


def _reaches(tx: Tx, directory: Directory, notify: Collection[str], team: str) -> bool:
    readers = teams.who(directory, notify, Concern(team=team), tx.now)
    return bool(readers.channels) or any(directory.reach(reader.person) for reader in readers.people)


def _canvases(tx: Tx, about: str, plan_id: int) -> Iterator[Finding]:
    refused = canvases.refused(tx, plan_id)
    if refused:
        why, remedy = messages.refusal(refused[0].error or "")
        yield note(about, f"{counted(len(refused), 'canvas', 'canvases')} cannot be written: {why}.", remedy)


def _parked(tx: Tx, about: str, plan_id: int) -> Iterator[Finding]:
    stuck = addresses.in_trouble(tx, plan_id)
    if stuck:
        first = stuck[0]
        yield bad(
            about, f"{len(stuck)} messages cannot be sent; the last: {first.kind} to {first.address}, {first.error}.",
            "Fix what it says. Messages to a channel go out once the bot is invited.",
        )  # fmt: skip
