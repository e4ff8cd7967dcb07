"""Settings of one workspace, of several, and half of both; and `callboard apply` that asks which is meant."""

from __future__ import annotations

import pytest
import yaml
from pydantic import SecretStr
from typer.testing import CliRunner

from callboard.cli.main import main as commands
from callboard.installations import service
from callboard.installations.models import Installation
from callboard.installations.vault import Vault
from callboard.plans import service as plans
from callboard.settings import Settings
from tests.world import PLAN

DATABASES = ("sqlite",)
BOTH = {"slack_client_id": "1.2", "slack_client_secret": SecretStr("s"), "public_url": "https://callboard.example.com/"}
SIGNED = {"slack_signing_secret": SecretStr("s" * 32)}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({**BOTH, **SIGNED}, ""),
        ({**BOTH, "slack_app_token": SecretStr("xapp-1")}, ""),
        ({"slack_bot_token": SecretStr("xoxb-1"), **SIGNED}, ""),
        ({**BOTH, **SIGNED, "slack_client_secret": SecretStr("")}, "Set SLACK_CLIENT_SECRET too"),
        ({**BOTH, **SIGNED, "slack_client_id": ""}, "Set SLACK_CLIENT_ID too"),
        ({**BOTH, **SIGNED, "slack_bot_token": SecretStr("xoxb-1")}, "Unset SLACK_BOT_TOKEN"),
        ({**BOTH, **SIGNED, "public_url": None}, "Set CALLBOARD_PUBLIC_URL"),
        (BOTH, "Set SLACK_APP_TOKEN"),
        (SIGNED, "Set SLACK_BOT_TOKEN"),
    ],
)
def test_settings_for_one_or_several_workspaces_are_whole_or_say_what_is_missing(given, says):
    sentence = Settings().model_copy(update=given).unconnected()
    assert sentence.startswith(says)
    assert bool(sentence) == bool(says)


def test_a_vault_opens_only_what_it_sealed_for_the_same_workspace():
    vault = Vault("one")
    sealed = vault.sealed("T1", "xoxb-1")
    assert "xoxb" not in sealed
    assert vault.opened("T1", sealed) == "xoxb-1"
    assert vault.opened("T2", sealed) == ""
    assert Vault("other").opened("T1", sealed) == ""


@pytest.fixture
def cli(database_url, tmp_path):
    """The command line, with several workspaces; Slack is nowhere."""
    file = tmp_path / "plan.yml"
    file.write_text(PLAN)
    env = {
        "DATABASE_URL": database_url, "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "SLACK_SIGNING_SECRET": "s",
        "CALLBOARD_PUBLIC_URL": "https://callboard.example.com", "SLACK_API_URL": "http://127.0.0.1:9/",
    }  # fmt: skip
    return lambda *args: CliRunner().invoke(commands, [each or str(file) for each in args], env=env)


def test_apply_asks_which_of_several_workspaces_is_meant(cli, db):
    assert cli("apply", "", "--yes").exit_code == 0  # none yet: it waits for the first
    for team, name in (("T0EAST", "East"), ("T0WEST", "West")):
        sealed = Vault("s").sealed(team, "xoxb-1")
        made = Installation(team_id=team, name=name, sealed=sealed, installed_at=db.clock.now())
        db.transact(service.install, made)
    refused = cli("apply", "", "--yes")
    assert refused.exit_code == 1
    assert "Which workspace? Name one with --workspace: East (T0EAST), West (T0WEST)." in refused.output
    for named in ("T0EAST", "West"):
        done = cli("apply", "", "--yes", "--workspace", named)
        assert done.exit_code == 0, done.output
    found = db.transact(lambda tx: [plan.workspace for plan in plans.every(tx, "release")])
    assert sorted(found) == ["T0EAST", "T0WEST"]  # what waited for a workspace went to the first that was named
    wrong = cli("apply", "", "--yes", "--workspace", "South")
    assert "installed in no workspace `South`" in wrong.output


def test_the_manifest_has_the_redirect_address_where_several_workspaces_are_served(cli):
    manifest = yaml.safe_load(cli("manifest").output)
    assert manifest["oauth_config"]["redirect_urls"] == ["https://callboard.example.com/slack/oauth_redirect"]
