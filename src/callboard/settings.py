"""The environment, read once into one frozen object."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

Secret = Annotated[SecretStr, BeforeValidator(lambda given: given.strip() if isinstance(given, str) else given)]


NAME = re.compile(r"(?:\*\.)?[a-z0-9][a-z0-9.-]{0,250}", re.IGNORECASE)
SCHEME = re.compile(r"[a-z0-9][a-z0-9+.-]*")
PORT = 3000
# Ways to page that have one address of their own, and mail.
SERVICES = (
    "46elks", "brevo", "bulksms", "clickatell", "clicksend", "d7sms", "discord", "firehydrant", "gchat", "ilert",
    "incidentio", "mailto", "mailtos", "msgbird", "nexmo", "o365", "opsgenie", "pagerduty", "pagertree", "pbul",
    "plivo", "postmark", "pover", "prowl", "resend", "sendgrid", "ses", "seven", "signl4", "sinch", "slack", "sns",
    "spike", "splunk", "squadcast", "telnyx", "tgram", "threema", "twilio", "victorops", "voipms", "vonage",
    "webex", "whatsapp", "wxteams",
)  # fmt: skip


def _words(given: Any) -> Any:
    return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given


def _host(word: str) -> str:
    try:
        return str(ipaddress.ip_network(word, strict=False))
    except ValueError:
        if not NAME.fullmatch(word):
            raise ValueError(f"{word} is no host: write public, git.example.com, *.example.com or 10.0.0.0/8") from None
        return word.lower()


def _scheme(word: str) -> str:
    bare = word.lower().removesuffix("://").removesuffix(":")
    if not SCHEME.fullmatch(bare):
        raise ValueError(f"{word} is no scheme: write words such as https ssh")
    return bare


Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], BeforeValidator(_words)]
Schemes = Annotated[tuple[Annotated[str, AfterValidator(_scheme)], ...], BeforeValidator(_words)]


def _port(given: Any) -> Any:
    """Beside a Service named callboard Kubernetes sets CALLBOARD_PORT=tcp://10.0.0.1:3000 in each pod."""
    return PORT if str(given).startswith("tcp://") else given


def _address(given: str) -> str:
    if not given.startswith(("https://", "http://")):
        raise ValueError("it must begin with https:// or http://")
    return given.rstrip("/") + "/"


def _web(given: SecretStr) -> SecretStr:
    if given.get_secret_value():
        _address(given.get_secret_value())
    return given


def _unless_off(given: Any) -> Any:
    return None if str(given).strip().lower() in ("off", "none") else given


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
"""Words with spaces or commas between them."""


def _starters(given: tuple[str, ...]) -> tuple[str, ...]:
    for word in given:
        if word not in ("admins", "anybody") and not re.fullmatch(r"[UW][A-Z0-9]{2,20}", word):
            raise ValueError(f"`{word}` is none of admins, anybody and Slack ids like U0123ABCD")
    return given


def _team_ids(given: tuple[str, ...]) -> tuple[str, ...]:
    for word in given:
        if not re.fullmatch(r"T[A-Z0-9]{2,20}", word):
            raise ValueError(f"`{word}` is no workspace's id like T0123ABCD")
    return given


def _variable(field: str) -> str:
    return f"CALLBOARD_{field.upper()}"


class Settings(BaseModel):
    """What whoever runs Callboard decides. Secrets are never shown.

    `mirrors` is the folder for clones of the plans' repositories; with `off` there is no conflict radar.
    `plan_starters` may begin plans in Slack; in `shared_channels` several plans may post.
    `hosts` are those to which plans may make Callboard connect, `repository_schemes` and `fallback_schemes` the ways.
    `mail_url` and `phone_url` are Apprise URLs with `{to}` for an address or number, for people without Slack.
    What is over is kept for `retention_days`, with `off` for ever (see `core.retention`).
    `heartbeat_url` is asked every minute while Callboard is ready. Those of `workspaces` may install it, where it
    serves several; all where none is named.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, alias_generator=_variable)

    slack_bot_token: Secret = Field(SecretStr(""), alias="SLACK_BOT_TOKEN")
    slack_app_token: Secret = Field(SecretStr(""), alias="SLACK_APP_TOKEN")
    slack_signing_secret: Secret = Field(SecretStr(""), alias="SLACK_SIGNING_SECRET")
    slack_client_id: str = Field("", alias="SLACK_CLIENT_ID")
    slack_client_secret: Secret = Field(SecretStr(""), alias="SLACK_CLIENT_SECRET")
    slack_api_url: Annotated[str, AfterValidator(_address)] = Field("https://slack.com/api/", alias="SLACK_API_URL")
    database_url: str = Field("sqlite:///callboard.db", alias="DATABASE_URL")
    otlp_endpoint: Annotated[str, AfterValidator(_address)] | None = Field(None, alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    port: Annotated[int, BeforeValidator(_port)] = Field(PORT, alias="PORT", ge=0, le=65535)
    command_prefix: str = Field("", pattern=r"^[a-z0-9_-]{0,20}$")
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda given: str(given).upper())
    ] = "INFO"
    api_rate: int = Field(6000, ge=1, le=10_000_000)
    mirrors: Annotated[Path | None, BeforeValidator(_unless_off)] = Path("callboard-mirrors")
    plan_starters: Annotated[Words, AfterValidator(_starters)] = ("admins",)
    shared_channels: Words = ()
    workspaces: Annotated[Words, AfterValidator(_team_ids)] = ()
    public_url: Annotated[str, AfterValidator(_address)] | None = None
    github_secret: Secret = SecretStr("")
    github_token: Secret = SecretStr("")
    github_api_url: Annotated[str, AfterValidator(_address)] = "https://api.github.com/"
    gitlab_secret: Secret = SecretStr("")
    gitlab_token: Secret = SecretStr("")
    gitlab_api_url: Annotated[str, AfterValidator(_address)] = "https://gitlab.com/api/v4/"
    sentry_secret: Secret = SecretStr("")
    hosts: Hosts = ("public",)
    repository_schemes: Schemes = ("https", "ssh")
    fallback_schemes: Schemes = SERVICES
    mail_url: Secret = SecretStr("")
    phone_url: Secret = SecretStr("")
    retention_days: Annotated[Annotated[int, Field(ge=30, le=36_500)] | None, BeforeValidator(_unless_off)] = 180
    heartbeat_url: Annotated[Secret, AfterValidator(_web)] = SecretStr("")

    @property
    def several(self) -> bool:
        """Whether workspaces are installed by OAuth, each with a token of its own."""
        return bool(self.slack_client_id)

    def unconnected(self) -> str:
        """Why these settings connect no Slack, and what to set; empty where they do."""
        token, secret = self.slack_bot_token.get_secret_value(), self.slack_client_secret.get_secret_value()
        if bool(self.slack_client_id) != bool(secret):
            missing = "SLACK_CLIENT_ID" if secret else "SLACK_CLIENT_SECRET"
            return f"Set {missing} too: several workspaces need both, from your Slack app's page, Basic Information."
        if self.several and token:
            return "Unset SLACK_BOT_TOKEN to serve several workspaces, or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET."
        if self.several and not self.public_url:
            return "Set CALLBOARD_PUBLIC_URL: Slack sends whoever installs Callboard back to it."
        if not token and not self.several:
            return "Set SLACK_BOT_TOKEN (xoxb-...): it is on your Slack app's page, under OAuth & Permissions."
        if not self.slack_app_token.get_secret_value() and not self.slack_signing_secret.get_secret_value():
            return "Set SLACK_APP_TOKEN (xapp-..., Socket Mode) or SLACK_SIGNING_SECRET (HTTP)."
        return ""

    def secrets(self) -> list[str]:
        """Every secret, to be kept out of the logs."""
        return [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]


def load() -> Settings:
    """Read the environment, and the files of the folder that `CALLBOARD_SECRETS` or systemd names.

    Ends the program, with a sentence for each variable that cannot be used.
    """
    try:
        return Settings.model_validate(_files() | {name.upper(): given for name, given in os.environ.items() if given})
    except ValidationError as wrong:
        sys.exit("\n".join(_sentence(error) for error in wrong.errors()))


def overruled() -> list[str]:
    """Variables that the environment, which goes first, gives otherwise than a file of the folder does."""
    given = ((name, said, os.environ.get(name)) for name, said in _files().items())
    return [name for name, said, otherwise in given if otherwise and otherwise.strip() != said]


def _files() -> dict[str, str]:
    """What the files of the folder say, by the variables that they are named after."""
    named = os.environ.get("CALLBOARD_SECRETS") or os.environ.get("CREDENTIALS_DIRECTORY")
    if not named:
        return {}
    folder = Path(named)
    if not folder.is_dir():
        sys.exit(f"CALLBOARD_SECRETS names {folder}, which is no folder.")
    variables = {field.alias for field in Settings.model_fields.values()}
    try:
        files = {file.name.upper(): file for file in folder.iterdir()}
        said = {name: _text(file) for name, file in files.items() if name in variables and file.is_file()}
    except PermissionError as error:
        sys.exit(f"CALLBOARD_SECRETS: {error.filename} can't be read by user {os.geteuid()}: let this user read it.")
    return {name: text for name, text in said.items() if text}


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except UnicodeDecodeError:
        sys.exit(f"CALLBOARD_SECRETS: {file} is no text in UTF-8.")


WRONG = {
    "int_parsing": "it must be a whole number",
    "greater_than_equal": "it must be {ge} or more",
    "less_than_equal": "it must be {le} or less",
    "literal_error": "it must be {expected}",
    "string_pattern_mismatch": "it takes only small letters, digits, _ and -, at most 20",
}
"""What is wrong with a value that fails a check of pydantic's."""


def _sentence(error: Any) -> str:
    wrong = WRONG.get(error["type"])
    why = wrong.format_map(error.get("ctx", {})) if wrong else error["msg"].removeprefix("Value error, ")
    return f"{error['loc'][0]} cannot be used: {why}."
