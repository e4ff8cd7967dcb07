"""The command line: serve, demo, sandbox, check, apply, manifest, doctor, audit, token, guard."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import yaml
from sqlalchemy.exc import OperationalError

from callboard.cli import answers
from callboard.core.errors import Refused
from callboard.core.words import counted

REFUSED = 1
LOOKED_OVER_WITHIN = 10.0

main = typer.Typer(
    name="callboard", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Callboard runs a multi-team release from a plan file, in Slack.",
)  # fmt: skip
audit = typer.Typer(no_args_is_help=True, help="The sealed timeline.")
main.add_typer(audit, name="audit")
token = typer.Typer(no_args_is_help=True, help="Tokens of the automation API and of git-lfs.")
main.add_typer(token, name="token")

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.")]


@main.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "0.0.0.0",  # noqa: S104 - a server in a container
) -> None:
    """Run the bot: Socket Mode when SLACK_APP_TOKEN is set, HTTP on $PORT always."""
    from callboard.cli import server as hosting

    _saying(lambda: hosting.serve(_settings(), host))


@main.command()
def demo(
    port: Annotated[int, typer.Option(help="The port of the page; 0 takes any free one.")] = 8044,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its state.")] = Path(".demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was done before.")] = False,
) -> None:
    """Try everything: the bot, a small Slack to talk to, and a plan on its first morning. No account needed."""
    from callboard import demo as stage

    _saying(lambda: asyncio.run(stage.run(port, folder, fresh=fresh)))


@main.command()
def sandbox(
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8044,
    spec: Annotated[Path | None, typer.Option(help="The workspace as JSON; a small one is made up without.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="The bot's app manifest, JSON or YAML.")] = None,
    url: Annotated[
        str, typer.Option(help="Where the bot takes requests over HTTP; Socket Mode without.", metavar="URL")
    ] = "",
    state: Annotated[Path | None, typer.Option(help="Keep what happens in this file.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what the state file keeps.")] = False,
) -> None:
    """Run only the stand-in for Slack, for any bot to be tried on."""
    from callboard import demo as stage

    _saying(lambda: asyncio.run(stage.sandbox(port, spec, state, manifest, url, fresh=fresh)))


@main.command()
def check(
    file: Annotated[Path | None, typer.Argument(metavar="PLAN", help="The plan file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="For code review, as SARIF 2.1.0.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the format as JSON Schema, for editors.")] = False,
) -> None:
    """Say everything that is wrong with a plan file, each as `file:line: what, and what to write instead`."""
    if sum((as_json, as_sarif, schema)) > 1:
        raise typer.BadParameter("choose one of --json, --sarif and --schema")
    if schema:
        _say_schema()
    elif file is None:
        raise typer.BadParameter("say which plan file to check", param_hint="PLAN")
    else:
        _saying(lambda: _report(file, as_json=as_json, as_sarif=as_sarif))


@main.command(cls=answers.Command)
def apply(
    file: PlanFile,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    author: Annotated[str, typer.Option(help="Who applies it.")] = "",
    theirs: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[PATH]", help="Where people changed the same, what they did stays; at PATH, or everywhere."
        ),
    ] = None,
    ours: Annotated[
        list[str] | None,
        typer.Option(metavar="[PATH]", help="Where people changed the same, the file counts; at PATH, or everywhere."),
    ] = None,
) -> None:
    """Make the plan what the file says: shows the difference, asks, and does all of it or nothing.

    What people changed since then stays. Where the file changes the same, --theirs and --ours say which counts.
    """
    chosen = (theirs or [], ours or [])
    _saying(lambda: _apply(file, chosen, yes=yes, reason=reason, author=author or getpass.getuser()))


@main.command()
def export(
    key: Annotated[str, typer.Option("--plan", help="The key of the plan.")],
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write it there.")] = None,
    codeowners: Annotated[bool, typer.Option("--codeowners", help="Its zones, as a CODEOWNERS file.")] = False,
    org: Annotated[str, typer.Option(help="With --codeowners: whose teams they are, as in @acme/backend.")] = "",
) -> None:
    """Write a plan as it stands as a plan file: the one last applied, with what people changed since."""
    _saying(lambda: _export_codeowners(key, to, org) if codeowners else _export(key, to))


@main.command()
def zones(
    file: Annotated[Path, typer.Argument(metavar="CODEOWNERS", help="The CODEOWNERS file.")],
    plan: Annotated[Path, typer.Option("--plan-file", metavar="PLAN", help="The plan file with the teams.")],
    team: Annotated[
        list[str] | None, typer.Option(metavar="OWNER=TEAM", help="Which team an owner is: @acme/api=backend.")
    ] = None,
) -> None:
    """Print the `zones:` of a plan file from a CODEOWNERS file; exit 1 where something has no place there."""
    _saying(lambda: _zones(file, plan, team or []))


@main.command(context_settings={"ignore_unknown_options": True})
def shift(
    span: Annotated[str, typer.Argument(metavar="DAYS", help="How far: 1d, 2w, -1d.")],
    key: Annotated[str, typer.Option("--plan", help="The key of the plan.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    author: Annotated[str, typer.Option(help="Who shifts it.")] = "",
) -> None:
    """Move all of a plan that has not happened yet by whole days: shows what moves, asks, does all of it or nothing."""
    _saying(lambda: _shift(span, key, yes=yes, reason=reason, author=author or getpass.getuser()))


@main.command()
def calendar(
    file: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="The plan file.")] = None,
    key: Annotated[str, typer.Option("--plan", help="The key of a plan that runs, instead of a file.")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day; the plan's without.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day; the plan's without.")] = "",
    person: Annotated[str, typer.Option(metavar="ID", help="Only what this person takes part in.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write it for programs.")] = False,
) -> None:
    """Say what happens when: everything in a plan that has a time, in order."""
    if (file is None) != bool(key):
        raise typer.BadParameter("name a plan file, or with --plan a plan that runs: one of the two.")
    days = (_day(first, "--from"), _day(last, "--to"))
    _saying(lambda: _calendar(file, key, days, person, as_json=as_json))


@main.command()
def manifest(
    prefix: Annotated[str, typer.Option(help="Stands before every slash word, where another app owns them.")] = "",
    url: Annotated[str, typer.Option(help="Make it for HTTP: where Slack reaches /slack/events.")] = "",
    check: Annotated[Path | None, typer.Option(help="Only say whether this file is up to date.")] = None,
) -> None:
    """Print the Slack app manifest for what this version can do."""
    from callboard.app import routes
    from callboard.slack import manifest as manifests

    text = as_yaml(manifests.build(routes(), prefix=prefix, socket_mode=not url, url=url))
    if check is None:
        typer.echo(text, nl=False)
    elif not check.exists() or check.read_text() != text:
        _refuse(f"{check} is not what `callboard manifest` prints; write it anew: callboard manifest > {check}")


@main.command()
def gallery() -> None:
    """Print every message, form and Home as JSON, made from the example plan; the demo shows them at /gallery."""
    from callboard.core import logs
    from callboard.gallery import gallery as galleries

    logs.configure(as_json=False, level="WARNING")
    typer.echo(json.dumps(galleries.records(), indent=2, ensure_ascii=False))


@main.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Have Slack check every message and form too.")] = False,
) -> None:
    """Look over the installation: settings, database, Slack, plans; each finding with its mend. Changes nothing."""
    _saying(lambda: _examined(as_json=as_json, live=live))


@main.command()
def guard(  # noqa: PLR0913, PLR0917 - typer's options are parameters
    key: Annotated[str, typer.Option("--plan", envvar="CALLBOARD_PLAN", help="The key of the plan.")] = "",
    repository: Annotated[str, typer.Option(envvar="CALLBOARD_REPOSITORY", help="As the plan calls it.")] = "",
    url: Annotated[str, typer.Option(envvar="CALLBOARD_URL", help="Where Callboard is.")] = "",
    base: Annotated[str, typer.Option(metavar="REF", help="In CI: what the branch is to be merged into.")] = "",
    head: Annotated[str, typer.Option(metavar="REF", help="In CI: what is checked.")] = "",
    branch: Annotated[str, typer.Option(help="In CI: the branch's name, by which its team is known.")] = "",
    person: Annotated[str, typer.Option(metavar="HANDLE", help="Who pushes; what the server or CI says without.")] = "",
    when_unreachable: Annotated[
        str, typer.Option(metavar="refuse|allow", help="What to do when Callboard does not answer.")
    ] = "refuse",
    patience: Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for an answer.")] = 10.0,
) -> None:
    """Refuse a push that changes what others have locked or own: a pre-receive hook, or with --base a check in CI.

    The token comes from CALLBOARD_TOKEN: `callboard token create --scope locks`. Exit 0: may be, 1: may not.
    """
    if when_unreachable not in ("refuse", "allow"):
        raise typer.BadParameter("write refuse or allow", param_hint="--when-unreachable")
    if bool(base) != bool(head):
        raise typer.BadParameter("name both --base and --head, or neither: then it is a pre-receive hook")
    where = (url, key, repository)
    _saying(lambda: _guard(where, (base, head, branch), person, patience, lets_through=when_unreachable == "allow"))


@main.command()
def gates(key: Annotated[str, typer.Option("--plan", help="The key of the plan.")]) -> None:
    """Write a plan's gates as JSON: how each stands, every signature and what was signed, and all that happened."""
    _saying(lambda: _gates(key))


@audit.command()
def verify(
    plan: Annotated[str, typer.Option("--plan", help="The plan's key; all of them without.")] = "",
    head: Annotated[list[str] | None, typer.Option("--head", help="A published head, ENTRY:HASH.")] = None,
) -> None:
    """Find any entry of the timeline that was edited, deleted, reordered or cut off after it was sealed."""
    _saying(lambda: _verify(plan, head or []))


@token.command("create")
def create_token(
    key: Annotated[str, typer.Option("--plan", help="The key of the plan.")],
    person: Annotated[str, typer.Option(metavar="HANDLE", help="For whom it acts: their id in the plan.")],
    scope: Annotated[
        str, typer.Option(help="What it is for: tasks,gates,blockers,plan,jobs,locks, or gates:report alone.")
    ],
    expires: Annotated[str, typer.Option(help="How long it lasts.")] = "90d",
    name: Annotated[str, typer.Option(help="What it is called in the list.")] = "",
    author: Annotated[str, typer.Option(help="Who issues it.")] = "",
) -> None:
    """Issue a token and print it, once and alone; only its digest is kept."""
    _saying(lambda: _create_token((key, person, scope, expires, name, author or getpass.getuser())))


@token.command("list")
def list_tokens(
    key: Annotated[str, typer.Option("--plan", help="The key of a plan; all of them without.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List tokens: whose they are, what for, until when. The tokens themselves are nowhere."""
    _saying(lambda: _list_tokens(key, as_json=as_json))


@token.command("revoke")
def revoke_token(
    number: Annotated[int, typer.Argument(metavar="ID", help="As it is listed.")],
    author: Annotated[str, typer.Option(help="Who revokes it.")] = "",
) -> None:
    """End a token now."""
    _saying(lambda: _revoke_token(number, author or getpass.getuser()))


def as_yaml(value: Any) -> str:
    """YAML as a person would lay it out."""
    return yaml.dump(value, Dumper=_Indented, sort_keys=False, allow_unicode=True, width=120)


class _Indented(yaml.SafeDumper):
    """Sets lists in from their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _report(file: Path, *, as_json: bool, as_sarif: bool) -> None:
    from callboard.app import sections
    from callboard.planfile import check
    from callboard.plans import service as plans

    checked = plans.check(_read(file), str(file), sections())
    if as_json or as_sarif:
        told = check.as_json if as_json else check.as_sarif
        typer.echo(told(str(file), checked.problems))
    else:
        for line in (*checked.report(), check.summary(str(file), checked.problems)):
            typer.echo(line)
    if checked.errors:
        raise typer.Exit(REFUSED)


def _say_schema() -> None:
    from callboard.app import sections
    from callboard.planfile import json_schema as formats

    typer.echo(formats.as_text(sections()))


def _checked(file: Path) -> Any:
    from callboard.app import sections
    from callboard.plans import service as plans

    checked = plans.check(_read(file), str(file), sections())
    for line in checked.report():
        typer.echo(line, err=True)
    if checked.errors:
        count = len(checked.errors)
        _refuse(f"{file}: {counted(count, 'error')}; nothing was applied.")
    typer.echo(f"{file}: good.")
    return checked


def _apply(file: Path, chosen: tuple[list[str], list[str]], *, yes: bool, reason: str, author: str) -> None:
    from callboard.plans import service as plans
    from callboard.slack.connection import team_of

    choices, settings, checked = plans.answers(*chosen), _settings(), _checked(file)
    workspace = team_of(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    with _database() as db:
        found = db.transact(plans.preview, checked, workspace, choices)
        _show(found.changes, found.notes())
        if found.conflicts:
            raise Refused(f"{found.question()}\nNothing was applied.")
        if found.changes and not yes and not typer.confirm("Apply this?"):
            raise Refused("Nothing was applied.")
        done = db.transact(plans.apply, checked, author=author, reason=reason, workspace=workspace, choices=choices)
        closed = asyncio.run(_looked_over(db, settings, workspace, done.plan_id)) if workspace else []
    typer.echo(f"{done.key} is at version {done.version}." if done.changes else f"{done.key}: nothing changes.")
    for sentence in closed:
        typer.echo(f"  {sentence}")


async def _looked_over(db: Any, settings: Any, workspace: str, plan_id: int) -> list[str]:
    """Into which channels the bot is yet to be invited, as far as Slack says so in time; the bot looks again itself."""
    from callboard.planning import store
    from callboard.planning.messages import how_to_invite
    from callboard.slack.lookup import Lookup
    from callboard.slack.web_api import WebApi
    from callboard.teams.links import Linker

    api = WebApi(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    await api.open()
    try:
        async with asyncio.timeout(LOOKED_OVER_WITHIN):
            await Linker(db, Lookup(api)).link(workspace)
    except TimeoutError:
        return []
    finally:
        await api.close()
    rows = await db.read(store.closed_channels, plan_id)
    return how_to_invite(rows)


def _export(key: str, to: Path | None) -> None:
    from callboard.plans import service as plans

    with _database() as db:
        text = db.transact(lambda tx: plans.export(tx, plans.called(tx, key).id or 0))
    _write(text, to, key)


def _write(text: str, to: Path | None, key: str) -> None:
    if to is None:
        sys.stdout.buffer.write(text.encode())
        return
    try:
        to.write_bytes(text.encode())
    except OSError as error:
        raise Refused(f"{to}: {error.strerror or error}") from error
    typer.echo(f"{key} is in {to}.")


def _export_codeowners(key: str, to: Path | None, org: str) -> None:
    from callboard.zones import codeowners

    prefix = f"@{org.removeprefix('@')}/" if org else "@"
    _write(codeowners.written(_standing(key).values.get("zones") or (), lambda team: f"{prefix}{team}"), to, key)


def _zones(file: Path, plan: Path, named: list[str]) -> None:
    from callboard.teams.plan.directory import drafted
    from callboard.zones import codeowners

    directory = drafted(_sound(plan))
    teams: dict[str, list[str]] = {}
    for one in directory.teams.values() if directory else ():
        people = directory.named((*one.leads, *one.members)) if directory else ()
        teams[one.key] = [way for person in people for way in (person.key, person.email) if way]
    owners = codeowners.owners(teams) | dict(_owner(one, teams) for one in named)
    made, wrong = codeowners.section(codeowners.read(_read(file).decode(errors="replace")), owners)
    typer.echo("\n".join(made))
    if wrong:
        raise Refused("\n".join(f"{file}: {sentence}" for sentence in wrong))


def _owner(text: str, teams: Any) -> tuple[str, str]:
    owner, _, team = text.rpartition("=")
    if not owner or team not in teams:
        raise Refused(f"`{text}`: write an owner and a team of the plan, as in @acme/api=backend; {', '.join(teams)}.")
    return owner.lower().removeprefix("@"), team


def _shift(span: str, key: str, *, yes: bool, reason: str, author: str) -> None:
    from callboard.plans import service as plans

    days = plans.days(span)
    with _database() as db:
        plan_id = db.transact(plans.called, key).id or 0
        found = db.transact(lambda tx: plans.shift_preview(tx, plan_id, days, tx.now))
        _show(found.changes, found.notes)
        if not yes and not typer.confirm("Shift this?"):
            raise Refused("Nothing was shifted.")
        db.transact(lambda tx: plans.shift(tx, plan_id, days, tx.now, author=author, reason=reason))
    typer.echo(f"{key} is shifted by {span.strip()}.")


def _show(changes: list[str], notes: list[str]) -> None:
    for line in changes:
        typer.echo(f"  {line}")
    for line in notes:
        typer.echo(f"  note: {line}")


@contextmanager
def _database() -> Iterator[Any]:
    """The database at its present schema, closed behind whoever uses it."""
    from callboard.app import database
    from callboard.core import logs, schema

    logs.configure(as_json=False, level="WARNING")  # what is printed may be read by a program
    db = database(_settings())
    try:
        schema.upgrade(db)
        yield db
    finally:
        db.close()


def _create_token(asked: tuple[str, str, str, str, str, str]) -> None:
    from callboard.cli import tokens as issuing

    with _database() as db:
        typer.echo(db.transact(issuing.create, *asked))


def _list_tokens(key: str, *, as_json: bool) -> None:
    from callboard.cli import tokens as issuing

    with _database() as db:
        found = db.transact(issuing.listed, key)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        typer.echo("\n".join(map(issuing.line, found)) or "There is no token yet: callboard token create.")


def _revoke_token(number: int, author: str) -> None:
    from callboard.web import tokens

    with _database() as db:
        revoked = db.transact(tokens.revoke, number, author)
    typer.echo(f"Token {number}, of {revoked.person} in {revoked.plan}, is revoked.")


def _examined(*, as_json: bool, live: bool) -> None:
    from callboard import doctor as surgery
    from callboard.core import logs

    logs.configure(as_json=False, level="WARNING")  # what is printed is the findings alone
    found = asyncio.run(surgery.examine(_settings(), live=live))
    wrong = sum(one.state is surgery.State.BAD for one in found)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            typer.echo(one.line())
        typer.echo(f"{wrong or 'Nothing'} to mend.")
    if wrong:
        raise typer.Exit(REFUSED)


def _calendar(file: Path | None, key: str, days: tuple[Any, Any], person: str, *, as_json: bool) -> None:
    from callboard.planfile import calendar as happening

    document = _standing(key) if file is None else _sound(file)
    zone, window = happening.asked_window(document, *days, person)
    found = happening.happenings(document, window, person)
    if as_json:
        typer.echo(json.dumps([happening.as_values(one) for one in found], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(happening.as_text(found, zone)))


def _sound(file: Path) -> Any:
    """The document of a plan file without errors."""
    from callboard.app import sections
    from callboard.plans import service as plans

    checked = plans.check(_read(file), str(file), sections())
    if checked.errors:
        raise Refused("\n".join([*(error.at(str(file)) for error in checked.errors), f"{file}: mend this first."]))
    return checked.document


def _standing(key: str) -> Any:
    """The document of a plan that runs, as it is now."""
    from callboard.app import database
    from callboard.core import schema
    from callboard.plans import service as plans

    db = database(_settings())
    try:
        schema.upgrade(db)
        return db.transact(lambda tx: plans.live(tx, plans.called(tx, key).id or 0))
    finally:
        db.close()


def _verify(key: str, heads: list[str]) -> None:
    from callboard.app import database
    from callboard.core import schema, seal
    from callboard.plans import service as plans

    published = dict(map(_head, heads))
    if published and not key:
        raise Refused("Say with --plan whose head that is.")
    db = database(_settings())
    try:
        schema.upgrade(db)
        found = 0
        for plan in db.transact(plans.every, key):
            sealed, wrong = db.transact(seal.verify, plan.id or 0, published)
            found += len(wrong)
            typer.echo(f"{plan.key}: {sealed} sealed entries, {len(wrong) or 'none'} not as they were sealed.")
            for sentence in wrong:
                typer.echo(f"  {sentence}")
    finally:
        db.close()
    if found:
        raise typer.Exit(REFUSED)


def _guard(
    where: tuple[str, str, str], refs: tuple[str, str, str], person: str, patience: float, *, lets_through: bool
) -> None:
    from callboard.branches.git import Git
    from callboard.cli import guard as guarding

    server = guarding.server(*where, os.environ.get("CALLBOARD_TOKEN", "").strip(), patience)
    names = guarding.pushers(person, os.environ)
    guard = guarding.Guard(Git(Path.cwd()), server, names, lets_through)
    lines = [] if any(refs[:2]) else sys.stdin.buffer.read().decode(errors="replace").splitlines()
    try:
        good = guarding.run(guard, lines, *refs)
    finally:
        typer.echo("\n".join(guard.said), err=True)
    if not good:
        raise typer.Exit(REFUSED)


def _gates(key: str) -> None:
    from callboard.app import database
    from callboard.core import schema
    from callboard.gates import web

    db = database(_settings())
    try:
        schema.upgrade(db)
        typer.echo(json.dumps(db.transact(web.export, key), indent=2, ensure_ascii=False))
    finally:
        db.close()


def _day(text: str, option: str) -> Any:
    from callboard.planfile.times import parse_wall

    try:
        return parse_wall(text) if text else None
    except ValueError as wrong:
        raise typer.BadParameter(f"{wrong}.", param_hint=option) from None


def _head(text: str) -> tuple[int, str]:
    seq, _, mark = text.partition(":")
    if not seq.isdigit() or not mark:
        raise Refused(f"`{text}` is no head: write it as it was published, like 12:ab34cd56")
    return int(seq), mark


def _settings() -> Any:
    from callboard.settings import load

    return load()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}") from error


def _saying(work: Any) -> None:
    """Run it; what is refused is said in its sentence, with exit code 1."""
    try:
        work()
    except Refused as refused:
        _refuse(refused.sentence)
    except OperationalError as error:
        _refuse(f"The database cannot be used: {error.orig}")
    except KeyboardInterrupt:
        sys.exit(130)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(REFUSED)
