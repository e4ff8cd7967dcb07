"""The environment is read once, completely, and never shows a secret."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from pydantic import SecretStr

from callboard.doctor.round import examine
from callboard.settings import Settings, load, overruled


@pytest.fixture
def environment(monkeypatch):
    """An environment in which nothing of ours is set yet."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "DATABASE_URL", "PORT",
                 "CALLBOARD_SECRETS"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


def test_settings_default_to_slack_itself_and_a_file(environment):
    settings = load()
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url == "sqlite:///callboard.db"
    assert settings.slack_bot_token.get_secret_value() == ""


def test_every_setting_can_be_set_in_the_environment(environment):
    environment("SLACK_BOT_TOKEN", " xoxb-secret\n")
    environment("SLACK_API_URL", "http://127.0.0.1:8044/api")
    environment("PORT", "8080")
    environment("CALLBOARD_COMMAND_PREFIX", "cb-")
    environment("CALLBOARD_LOG_LEVEL", "debug")
    settings = load()
    assert settings.slack_bot_token.get_secret_value() == "xoxb-secret"
    assert settings.slack_api_url == "http://127.0.0.1:8044/api/"
    assert (settings.port, settings.command_prefix, settings.log_level) == (8080, "cb-", "DEBUG")


def test_settings_show_no_secrets_and_are_frozen(environment):
    settings = Settings(slack_bot_token=SecretStr("xoxb-secret"))
    assert "xoxb" not in repr(settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_each_setting_of_the_environment_that_cannot_be_used_is_named(environment):
    environment("PORT", "http")
    environment("SLACK_API_URL", "slack.com")
    environment("CALLBOARD_COMMAND_PREFIX", "CB ")
    with pytest.raises(SystemExit) as ended:
        load()
    for name in ("PORT", "SLACK_API_URL", "CALLBOARD_COMMAND_PREFIX"):
        assert f"{name} cannot be used" in str(ended.value)


def test_a_setting_that_cannot_be_used_is_told_what_it_must_be(environment):
    for name, given, why in (
        ("PORT", "http", "it must be a whole number"),
        ("PORT", "70000", "it must be 65535 or less"),
        ("CALLBOARD_RETENTION_DAYS", "3", "it must be 30 or more"),
        ("CALLBOARD_LOG_LEVEL", "loud", "it must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("CALLBOARD_COMMAND_PREFIX", "CB ", "it takes only small letters, digits, _ and -, at most 20"),
        ("CALLBOARD_HOSTS", "a{b}", "a{b} is no host: write public, git.example.com, *.example.com or 10.0.0.0/8"),
    ):
        environment(name, given)
        with pytest.raises(SystemExit) as ended:
            load()
        assert f"{name} cannot be used: {why}." in str(ended.value)


def test_what_kubernetes_says_of_a_service_of_our_name_is_no_setting(environment):
    environment("CALLBOARD_PORT", "tcp://10.96.0.7:3000")
    environment("CALLBOARD_PORT_3000_TCP", "tcp://10.96.0.7:3000")
    environment("CALLBOARD_SERVICE_HOST", "10.96.0.7")
    assert load().port == 3000


def test_settings_are_read_from_files_of_a_folder_too_and_the_environment_goes_first(environment, tmp_path):
    environment("CALLBOARD_SECRETS", str(tmp_path))
    (tmp_path / "slack_bot_token").write_text("xoxb-of-the-file\n")
    (tmp_path / "DATABASE_URL").write_text("sqlite:///file.db\n")
    (tmp_path / "callboard_github_secret").write_text("0123456789abcdef")
    environment("DATABASE_URL", "sqlite:///environment.db")
    settings = load()
    assert settings.slack_bot_token.get_secret_value() == "xoxb-of-the-file"
    assert settings.github_secret.get_secret_value() == "0123456789abcdef"
    assert settings.database_url == "sqlite:///environment.db"


def test_a_folder_of_settings_that_is_not_there_is_named(environment, tmp_path):
    environment("CALLBOARD_SECRETS", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match=r"none, which is no folder\."):
        load()


@pytest.fixture
def user():
    """Not root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield os.geteuid()
    os.seteuid(before)


def test_a_file_of_settings_that_this_user_may_not_read_is_named(environment, user):
    with tempfile.TemporaryDirectory() as folder:
        environment("CALLBOARD_SECRETS", folder)
        secret = Path(folder) / "slack_bot_token"
        secret.write_text("xoxb-secret")
        secret.chmod(0)
        with pytest.raises(SystemExit) as ended:
            load()
        assert str(ended.value) == f"CALLBOARD_SECRETS: {secret} can't be read by user {user}: let this user read it."


def test_a_file_of_settings_that_is_no_text_is_named(environment, tmp_path):
    environment("CALLBOARD_SECRETS", str(tmp_path))
    (tmp_path / "slack_bot_token").write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit, match=r"slack_bot_token is no text in UTF-8\."):
        load()


def test_secrets_are_read_where_kubernetes_mounts_them_as_links(environment, tmp_path):
    environment("CALLBOARD_SECRETS", str(tmp_path))
    (tmp_path / "..2026_11_29").mkdir()
    (tmp_path / "..2026_11_29" / "database_url").write_text("postgresql://callboard@db/callboard")
    (tmp_path / "..data").symlink_to("..2026_11_29")
    (tmp_path / "database_url").symlink_to("..data/database_url")
    assert load().database_url == "postgresql://callboard@db/callboard"


async def test_a_setting_that_the_environment_gives_otherwise_than_the_folder_is_named(environment, tmp_path):
    assert overruled() == []
    environment("CALLBOARD_SECRETS", str(tmp_path))
    for name, said in (
        ("database_url", "postgresql://db/x"),
        ("SLACK_BOT_TOKEN", "xoxb-1\n"),
        ("callboard_hosts", "x"),
    ):
        (tmp_path / name).write_text(said)
    environment("DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    environment("SLACK_BOT_TOKEN", "xoxb-1")
    environment("SLACK_API_URL", "http://127.0.0.1:9/api/")
    environment("CALLBOARD_HOSTS", "")
    assert overruled() == ["DATABASE_URL"]
    lines = [finding.line() for finding in await examine(load())]
    assert sum("DATABASE_URL is not what the folder of secrets says" in line for line in lines) == 1
