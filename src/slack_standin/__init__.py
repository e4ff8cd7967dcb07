"""A stand-in for Slack: Web API, Socket Mode, signed HTTP, and a page to type into. Knows nothing of Callboard."""

from slack_standin.clock import SandboxClock
from slack_standin.people import Outcome
from slack_standin.sandbox import Sandbox, run, start
from slack_standin.spec import ChannelSpec, CommandSpec, ShortcutSpec, UserSpec, WorkspaceSpec
from slack_standin.state import Message, NotPossibleError, SlackError, View
from slack_standin.web_api import RateLimits

__all__ = [
    "ChannelSpec", "CommandSpec", "Message", "NotPossibleError", "Outcome", "RateLimits", "Sandbox", "SandboxClock",
    "ShortcutSpec", "SlackError", "UserSpec", "View", "WorkspaceSpec", "run", "start",
]  # fmt: skip
