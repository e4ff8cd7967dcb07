"""A stand-in for Slack: Web API, Socket Mode, signed HTTP, and a page to type into. Knows nothing of Callboard."""

from callboard.sandbox.clock import SandboxClock
from callboard.sandbox.errors import NotPossibleError, SlackError
from callboard.sandbox.limits import RateLimits
from callboard.sandbox.outcome import Outcome
from callboard.sandbox.run import run, start
from callboard.sandbox.sandbox import Sandbox
from callboard.sandbox.spec import ChannelSpec, CommandSpec, ShortcutSpec, UserSpec, WorkspaceSpec
from callboard.sandbox.state import Message, View

__all__ = [
    "ChannelSpec",
    "CommandSpec",
    "Message",
    "NotPossibleError",
    "Outcome",
    "RateLimits",
    "Sandbox",
    "SandboxClock",
    "ShortcutSpec",
    "SlackError",
    "UserSpec",
    "View",
    "WorkspaceSpec",
    "run",
    "start",
]
