"""Which workspace a token belongs to, for the command line."""

from __future__ import annotations

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from callboard.core.errors import Refused


def team_of(token: str, api_url: str) -> str:
    """The workspace's id; empty without a token and while Slack is unreachable: the bot finds out when it starts."""
    if not token:
        return ""
    base_url = api_url if api_url.endswith("/") else f"{api_url}/"
    try:
        return str(WebClient(token, base_url=base_url, timeout=5).auth_test()["team_id"])
    except SlackApiError as error:
        raise Refused(f"Slack does not accept SLACK_BOT_TOKEN: {error.response.get('error')}.") from error
    except OSError:
        return ""
