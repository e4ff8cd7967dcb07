"""`callboard sandbox`, as somebody with another bot types it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx
from typer.testing import CliRunner

from callboard.cli.main import main

CALLBOARD = Path(sys.executable).parent / "callboard"
MANIFEST = {
    "display_information": {"name": "Notes"},
    "features": {
        "bot_user": {"display_name": "notes"},
        "slash_commands": [{"command": "/note", "description": "Note something", "usage_hint": "what"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
}


def refused(*arguments):
    """How the command ends, and what it says."""
    result = CliRunner().invoke(main, ["sandbox", *map(str, arguments)])
    return result.exit_code, result.output


async def test_the_sandbox_command_starts_the_stand_in_with_the_app_of_a_manifest(tmp_path):
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST))
    process = await asyncio.create_subprocess_exec(
        CALLBOARD, "sandbox", "--port", "0", "--manifest", manifest, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    settings = {}
    while "SLACK_SIGNING_SECRET" not in settings:
        name, _, value = (await process.stdout.readline()).decode().strip().partition("=")
        settings[name] = value
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {settings['SLACK_BOT_TOKEN']}"}) as http:
        base = settings["SLACK_API_URL"]
        assert (await http.post(f"{base}auth.test")).json()["user"] == "notes"
        assert (await http.post(f"{base}users.list")).json()["error"] == "missing_scope"
        body = {"user": "ada", "channel": "general", "text": "/nothing"}
        outcome = (await http.post(f"{base.removesuffix('api/')}sandbox/act/command", json=body)).json()
    process.terminate()
    assert await process.wait() == 0
    assert "not a valid command" in outcome["failure"]


def test_the_sandbox_command_refuses_an_unreadable_manifest_or_workspace(tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("features: [1, 2]")
    code, said = refused("--manifest", wrong)
    assert (code, "is not an app manifest" in said, "Traceback" in said) == (1, True, False)
    code, said = refused("--spec", wrong)
    assert (code, "is not a workspace" in said, "Traceback" in said) == (1, True, False)
    code, said = refused("--manifest", tmp_path / "nowhere")
    assert (code, "No such file" in said) == (1, True)
