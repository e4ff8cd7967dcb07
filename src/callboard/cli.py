"""The command line: serve, demo, sandbox, check, apply, manifest, audit."""

from __future__ import annotations

import asyncio
import getpass
import io
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from ruamel.yaml import YAML
from sqlalchemy.exc import OperationalError

from callboard.core.errors import Refused

REFUSED = 1

main = typer.Typer(
    name="callboard", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Callboard runs a multi-team release from a plan file, in Slack.",
)  # fmt: skip
audit = typer.Typer(no_args_is_help=True, help="The sealed timeline.")
main.add_typer(audit, name="audit")

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.")]


@main.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "0.0.0.0",  # noqa: S104 - a server in a container
) -> None:
    """Run the bot: Socket Mode when SLACK_APP_TOKEN is set, HTTP on $PORT always."""
    from callboard import hosting

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
    state: Annotated[Path | None, typer.Option(help="Keep what happens in this file.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what the state file keeps.")] = False,
) -> None:
    """Run only the stand-in for Slack, for any bot to be tried on."""
    from callboard import demo as stage

    _saying(lambda: asyncio.run(stage.sandbox(port, spec, state, fresh=fresh)))


@main.command()
def check(file: PlanFile) -> None:
    """Say everything that is wrong with a plan file, each as `file:line: what, and what to write instead`."""
    _saying(lambda: _checked(file))


@main.command()
def apply(
    file: PlanFile,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    author: Annotated[str, typer.Option(help="Who applies it.")] = "",
) -> None:
    """Make the plan what the file says: shows the difference, asks, and does all of it or nothing."""
    _saying(lambda: _apply(file, yes=yes, reason=reason, author=author or getpass.getuser()))


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


@audit.command()
def verify(
    plan: Annotated[str, typer.Option("--plan", help="The plan's key; all of them without.")] = "",
    head: Annotated[list[str] | None, typer.Option("--head", help="A published head, ENTRY:HASH.")] = None,
) -> None:
    """Find any entry of the timeline that was edited, deleted, reordered or cut off after it was sealed."""
    _saying(lambda: _verify(plan, head or []))


def as_yaml(value: Any) -> str:
    """YAML as a person would lay it out."""
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = io.StringIO()
    yaml.dump(value, written)
    return written.getvalue()


def _checked(file: Path) -> Any:
    from callboard.app import sections
    from callboard.plans import service as plans

    checked = plans.check(_read(file), str(file), sections())
    for line in checked.report():
        typer.echo(line, err=True)
    if checked.errors:
        count = len(checked.errors)
        _refuse(f"{file}: {count} error{'s' if count > 1 else ''}; nothing was applied.")
    typer.echo(f"{file}: good.")
    return checked


def _apply(file: Path, *, yes: bool, reason: str, author: str) -> None:
    from callboard.app import database, sections
    from callboard.core import schema
    from callboard.plans import service as plans
    from callboard.slack.workspace import team_of

    checked, settings = _checked(file), _settings()
    workspace = team_of(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    db = database(settings)
    try:
        schema.upgrade(db)
        said = db.transact(plans.difference, checked.document, workspace)
        for line in said:
            typer.echo(f"  {line}")
        if said and not yes and not typer.confirm("Apply this?"):
            _refuse("Nothing was applied.")
        done = db.transact(plans.apply, checked, sections(), author=author, reason=reason, workspace=workspace)
    finally:
        db.close()
    typer.echo(f"{done.key} is at version {done.version}." if done.changes else f"{done.key}: nothing changes.")


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
