"""Commands about plans and their files: `check`, `apply`, `export`, `shift`, `calendar` and `zones`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from callboard.cli import installation
from callboard.cli.installation import AsJson, Author, PlanFile, PlanKey, Reason, Yes, database, of_plan, sound
from callboard.core.errors import Refused

if TYPE_CHECKING:
    from callboard.core.db import Database
    from callboard.settings import Settings

CHOICES = ("--theirs", "--ours")
LOOKED_OVER_WITHIN = 10.0
commands = typer.Typer()


class WithChoices(typer.core.TyperCommand):
    """A command whose choices may stand alone or take a path: `--theirs`, `--theirs tasks.ATOM-001.due`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give a choice that stands alone the empty path, which means everything."""
        return super().parse_args(ctx, list(_with_paths(args)))


def _with_paths(args: list[str]) -> Iterator[str]:
    """What comes after a choice is its path, unless it is another option, or the plan file."""
    words = iter(args)
    for word in words:
        while word in CHOICES:
            path = next(words, "")
            if path and not path.startswith("-") and not Path(path).exists():
                yield f"{word}={path}"
                break
            yield f"{word}="
            word = path  # noqa: PLW2901 - it is looked at like any other word
        else:
            if word:
                yield word


@commands.command()
def check(
    file: Annotated[Path | None, typer.Argument(metavar="PLAN", help="The plan file.")] = None,
    as_json: AsJson = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for code review.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the format as JSON Schema, for editors.")] = False,
) -> None:
    """Check a plan file: every problem as `file:line: what is wrong, and what to write instead`."""
    from callboard.app import sections
    from callboard.core.clock import SystemClock
    from callboard.planfile import calendar as planned
    from callboard.planfile import json_schema, report

    if sum((as_json, as_sarif, schema)) > 1:
        raise typer.BadParameter("choose one of --json, --sarif and --schema")
    if schema:
        typer.echo(json_schema.as_text(sections()))
        return
    if file is None:
        raise typer.BadParameter("name the plan file", param_hint="PLAN")
    checked = installation.check(file)
    # On the other stream: what depends on the day is no part of a report that a program compares.
    if over := planned.over(checked.document, SystemClock().now()):
        typer.echo(f"{file}: note: {over}", err=True)
    if as_json or as_sarif:
        typer.echo((report.as_json if as_json else report.as_sarif)(str(file), checked.problems))
    else:
        typer.echo("\n".join([*checked.report(), report.summary(str(file), checked.problems)]))
    if checked.errors:
        raise typer.Exit(1)


@commands.command(cls=WithChoices)
def apply(
    file: PlanFile,
    author: Author,
    yes: Yes = False,
    reason: Reason = "",
    team: Annotated[
        str, typer.Option("--workspace", metavar="TEAM", help="Where several are installed: which, by id or name.")
    ] = "",
    theirs: Annotated[
        list[str] | None,
        typer.Option(metavar="[PATH]", help="Where people changed the same value, keep theirs: at PATH, or always."),
    ] = None,
    ours: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[PATH]", help="Where people changed the same value, take the file's: at PATH, or always."
        ),
    ] = None,
) -> None:
    """Make the plan what the file says: shows the difference, asks, then does all of it or nothing.

    People's changes since the last apply stay. Where the file changes the same value, choose --theirs or --ours.
    """
    from callboard.plans import service as plans
    from callboard.settings import load

    choices, settings, checked = plans.answers(theirs or [], ours or []), load(), sound(file)
    for warning in checked.report():
        typer.echo(warning, err=True)
    typer.echo(f"{file}: good.")
    with database() as db:
        workspace, token = _workspace(db, settings, team)
        preview = db.transact(plans.preview, checked, workspace, choices)
        _show(preview.changes, preview.notes())
        if preview.conflicts:
            raise Refused(f"{preview.question()}\nNothing was applied.")
        if preview.changes and not yes and not typer.confirm("Apply this?"):
            raise Refused("Nothing was applied.")
        done = db.transact(plans.apply, checked, author=author, reason=reason, workspace=workspace, choices=choices)
        hints = asyncio.run(_hints(db, token, settings.slack_api_url, workspace, done.plan_id)) if workspace else []
    typer.echo(f"{done.key} is at version {done.version}." if done.changes else f"{done.key}: nothing changes.")
    for sentence in hints:
        typer.echo(f"  {sentence}")


@commands.command(context_settings={"ignore_unknown_options": True})
def shift(
    span: Annotated[str, typer.Argument(metavar="DAYS", help="How far: 1d, 2w, -1d.")],
    key: PlanKey,
    author: Author,
    yes: Yes = False,
    reason: Reason = "",
) -> None:
    """Move everything still ahead in a plan by whole days: shows what moves, asks, then does all of it or nothing."""
    from callboard.plans import service as plans

    days = plans.days(span)
    with database() as db:
        plan_id = db.transact(plans.called, key).id or 0
        preview = db.transact(lambda tx: plans.shift_preview(tx, plan_id, days, tx.now))
        _show(preview.changes, preview.notes)
        if not yes and not typer.confirm("Shift this?"):
            raise Refused("Nothing was shifted.")
        db.transact(lambda tx: plans.shift(tx, plan_id, days, tx.now, author=author, reason=reason))
    typer.echo(f"{key} is shifted by {span.strip()}.")


@commands.command()
def calendar(
    file: Annotated[Path | None, typer.Argument(metavar="PLAN", help="The plan file.")] = None,
    key: Annotated[str, typer.Option("--plan", help="The key of a running plan, instead of a file.")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day; else the plan's.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day; else the plan's.")] = "",
    person: Annotated[str, typer.Option(metavar="ID", help="Only what this person takes part in.")] = "",
    as_json: AsJson = False,
) -> None:
    """List what happens when: everything in a plan that has a time, in order."""
    if (file is None) != bool(key):
        raise typer.BadParameter("name a plan file, or a running plan with --plan: one of the two.")
    from callboard.planfile import calendar
    from callboard.plans import service as plans

    days = (_day(first, "--from"), _day(last, "--to"))
    document = of_plan(key, plans.live) if file is None else sound(file).document
    zone, window = calendar.asked_window(document, *days, person)
    events = calendar.happenings(document, window, person)
    if as_json:
        typer.echo(json.dumps([calendar.as_values(event) for event in events], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(calendar.as_text(events, zone)))


@commands.command()
def zones(
    file: Annotated[Path, typer.Argument(metavar="CODEOWNERS", help="The CODEOWNERS file.")],
    plan: Annotated[Path, typer.Option("--plan-file", metavar="PLAN", help="The plan file with the teams.")],
    team: Annotated[
        list[str] | None, typer.Option(metavar="OWNER=TEAM", help="The team of an owner: @acme/api=backend.")
    ] = None,
    gitlab: Annotated[
        bool | None, typer.Option("--gitlab/--github", help="Whose rules it follows; sections mean GitLab's.")
    ] = None,
) -> None:
    """Print the `zones:` of a plan file from a CODEOWNERS file. Exit 1: part of it does not fit."""
    from callboard.teams.plan.directory import drafted
    from callboard.zones import codeowners

    directory = drafted(sound(plan).document)
    teams: dict[str, list[str]] = {}
    for row in directory.teams.values() if directory else ():
        people = directory.named((*row.leads, *row.members)) if directory else ()
        teams[row.key] = [way for person in people for way in (person.key, person.email) if way]
    owners = codeowners.owners(teams) | dict(_owner(text, teams) for text in team or [])
    written = codeowners.read(installation.read(file).decode(errors="replace"), gitlab=gitlab)
    lines, wrong = codeowners.section(written, owners)
    typer.echo("\n".join(lines))
    if wrong:
        raise Refused("\n".join(f"{file}: {sentence}" for sentence in wrong))


def _workspace(db: Database, settings: Settings, team: str) -> tuple[str, str]:
    """The id of the workspace that is meant, empty where nobody knows it yet, and its token."""
    from callboard.slack.identity import team_of

    if settings.several:
        from callboard.installations import store
        from callboard.installations.vault import Vault

        if not team and not db.transact(store.standing):
            return "", ""  # the plan joins the first workspace that is installed
        meant = db.transact(store.called, team)
        vault = Vault(settings.slack_client_secret.get_secret_value())
        return meant.team_id, vault.opened(meant.team_id, meant.sealed)
    token = settings.slack_bot_token.get_secret_value()
    workspace = team_of(token, settings.slack_api_url)
    if team not in ("", workspace):
        raise Refused(f"SLACK_BOT_TOKEN is of the workspace {workspace or 'that Slack does not name now'}: leave out "
                      "--workspace, or set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for several.")  # fmt: skip
    return workspace, token


async def _hints(db: Database, token: str, api_url: str, workspace: str, plan_id: int) -> list[str]:
    """Accounts that are not right, and channels that the bot must be invited to, if Slack answers in time."""
    from callboard.planning import store
    from callboard.planning.messages import how_to_invite
    from callboard.slack.web_api import Lookup, WebApi
    from callboard.teams import hindrances, service
    from callboard.teams.links import Linker

    api = WebApi(token, api_url)
    await api.open()
    doubts: dict[str, str] = {}
    try:
        async with asyncio.timeout(LOOKED_OVER_WITHIN):
            await Linker(db, Lookup(api)).link(workspace)
            people = (await db.read(service.directory, plan_id)).people.values()
            doubts = await Lookup(api).doubts([each.slack_id for each in people if each.slack_id], workspace)
    except (TimeoutError, OSError):
        return []
    finally:
        await api.close()
    wrong = [
        f"{each.name} ({each.slack_id}) {hindrances.of_account(doubts[each.slack_id])}. "
        f"{hindrances.remedy(doubts[each.slack_id])}"
        for each in people if each.slack_id in doubts
    ]  # fmt: skip
    return [*wrong, *how_to_invite(await db.read(store.closed_channels, plan_id))]


def _show(changes: Iterable[str], notes: Iterable[str]) -> None:
    for line in (*changes, *(f"note: {note}" for note in notes)):
        typer.echo(f"  {line}")


def _owner(text: str, teams: Mapping[str, Any]) -> tuple[str, str]:
    owner, _, team = text.rpartition("=")
    if not owner or team not in teams:
        raise Refused(f"`{text}`: write an owner and a team of the plan, as in @acme/api=backend; {', '.join(teams)}.")
    return owner.lower().removeprefix("@"), team


def _day(text: str, option: str) -> Any:
    from callboard.planfile.times import parse_wall

    try:
        return parse_wall(text) if text else None
    except ValueError as wrong:
        raise typer.BadParameter(f"{wrong}.", param_hint=option) from None
