"""`callboard doctor`, `manifest` and `gallery`: what an installation is, and all that it can show."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from callboard.cli.installation import AsJson
from callboard.core.errors import Refused

commands = typer.Typer()


@commands.command()
def doctor(
    as_json: AsJson = False,
    live: Annotated[bool, typer.Option("--live", help="Have Slack check every message and form too.")] = False,
) -> None:
    """Check the installation: settings, database, Slack, plans. Says how to fix what is wrong; changes nothing."""
    from callboard.core import logs
    from callboard.doctor import State
    from callboard.doctor.round import examine
    from callboard.settings import load

    logs.configure(as_json=False, level="WARNING")  # only the findings are printed
    findings = asyncio.run(examine(load(), live=live))
    wrong = sum(finding.state is State.BAD for finding in findings)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        typer.echo("\n".join([*(finding.line() for finding in findings), f"{wrong or 'Nothing'} to fix."]))
    if wrong:
        raise typer.Exit(1)


@commands.command()
def manifest(
    prefix: Annotated[str, typer.Option(help="Goes before every slash word, when another app owns them.")] = "",
    url: Annotated[str, typer.Option(help="Use HTTP: where Slack reaches /slack/events.")] = "",
    check: Annotated[Path | None, typer.Option(help="Only say whether this file is up to date.")] = None,
) -> None:
    """Print the Slack app manifest for this version."""
    from callboard.app import routes
    from callboard.settings import load
    from callboard.slack import manifest as manifests

    settings = None if check else load()
    public = settings.public_url if settings and settings.several else None
    text = _yaml(manifests.build(routes(), prefix=prefix, url=url, public=public or ""))
    if check is None:
        typer.echo(text, nl=False)
    elif not check.exists() or check.read_text("utf-8") != text:
        raise Refused(f"{check} is out of date. Write it again: callboard manifest > {check}")


@commands.command()
def gallery() -> None:
    """Print every message, form and Home as JSON, made from the example plan. The demo shows them at /gallery."""
    from callboard import gallery as galleries
    from callboard.core import logs

    logs.configure(as_json=False, level="WARNING")
    typer.echo(json.dumps(galleries.records(), indent=2, ensure_ascii=False))


def _yaml(value: Any) -> str:
    """YAML as a person would lay it out: lists are set in from their key."""
    import yaml

    class Indented(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
            super().increase_indent(flow, indentless=False)

    return yaml.dump(value, Dumper=Indented, sort_keys=False, allow_unicode=True, width=120)
